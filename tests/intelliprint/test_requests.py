from __future__ import annotations

import datetime
from typing import Any

import pytest

from airflow_provider_print.core.errors import InputError
from airflow_provider_print.intelliprint.requests import (
    PrintJobRequest,
    PrintJobUpdate,
    RecipientRequest,
    build_recipients,
)
from airflow_provider_print.intelliprint.texts import COUNTRIES

ADA = {
    "address": {"name": "Ada Reader", "line": "7 Any Road\nANYTOWN", "postcode": "AB1 2CD", "country": "GB"}
}


def refused(**raw: Any) -> InputError:
    with pytest.raises(InputError) as caught:
        PrintJobRequest.build(**raw)
    return caught.value


def test_a_job_is_built_from_plain_values() -> None:
    job = PrintJobRequest.build(
        content="Dear Ada",
        testmode="False",
        confidential=True,
        recipients=[ADA],
        printing={
            "double_sided": "mixed",
            "double_sided_specific_pages": [0, "2"],
            "premium_quality": "true",
        },
        postage={"service": "uk_first_class", "mail_date": "1796040000"},
        metadata={"order": "77"},
        nudge={"x": "-1.5", "y": 2},
    )
    assert job.testmode is False
    assert isinstance(job.recipients[0], RecipientRequest)  # type: ignore[index]
    assert job.printing is not None
    assert job.printing.double_sided_specific_pages == [0, 2]
    assert job.printing.premium_quality is True
    assert job.postage is not None
    assert job.postage.mail_date == 1796040000
    assert job.nudge is not None
    assert (job.nudge.x, job.nudge.y) == (-1.5, 2.0)


def test_exactly_one_source_is_needed() -> None:
    assert refused().param == "file"
    assert refused(content="a", template="tmpl_1").param == "file"
    assert "content and template were given" in str(refused(content="a", template="tmpl_1"))
    assert refused(file="").param == "file"
    assert refused(content="  ").param == "content"


@pytest.mark.parametrize("value", ["yes", "1", 1, 0, "", "False ish", None, []])
def test_a_switch_is_true_or_false_and_nothing_that_looks_like_it(value: object) -> None:
    if value is None:
        assert PrintJobRequest.build(content="a", testmode=None).testmode is None
    else:
        assert refused(content="a", testmode=value).param == "testmode"


@pytest.mark.parametrize("field", ["content", "reference"])
@pytest.mark.parametrize("character", ["\0", "\x1b", "\x85", "\ud800", "\x7f"])
def test_a_control_character_is_refused_anywhere(field: str, character: str) -> None:
    raw = {"content": "hello", field: f"a{character}b"}
    error = refused(**raw)
    assert error.param == field
    assert "control character" in str(error)


def test_a_control_character_is_refused_in_addresses_variables_and_metadata() -> None:
    line = {"address": {"line": "a\0b"}}
    assert refused(content="a", recipients=[line]).param == "recipients[0].address.line"
    variables = {**ADA, "variables": {"x": "a\0b"}}
    assert refused(content="a", recipients=[variables]).param == "recipients[0].variables.x"
    assert refused(content="a", metadata={"x": "a\0b"}).param == "metadata.x"


@pytest.mark.parametrize(
    ("raw", "param"),
    [
        ({"bogus": 1}, "bogus"),
        ({"add_address_sheet": True}, "add_address_sheet"),
        ({"type": "parcel"}, "type"),
        ({"postage": {"service": "pigeon"}}, "postage.service"),
        ({"postage": {"colour": "red"}}, "postage.colour"),
        ({"postage": {"mail_date": "soon"}}, "postage.mail_date"),
        ({"postage": {"mail_date": "2026-11-30T08:00:00"}}, "postage.mail_date"),
        ({"postage": {"service": "tracked_24", "ideal_envelope": "c5"}}, "postage.ideal_envelope"),
        ({"postage": {"ideal_envelope": "postcard_a6"}}, "postage.ideal_envelope"),
        ({"printing": {"double_sided": "mixed"}}, "printing.double_sided_specific_pages"),
        ({"printing": {"double_sided_specific_pages": "1-3"}}, "printing.double_sided_specific_pages"),
        ({"printing": {"matt_finish": True}}, "printing.matt_finish"),
        ({"background": {"first_page": "../x"}}, "background.first_page"),
        ({"address_window": "top"}, "address_window"),
        ({"nudge": {"x": "nan"}}, "nudge.x"),
        ({"metadata": {"a": 1}}, "metadata.a"),
        ({"metadata": {"a[b]": "c"}}, "metadata"),
        ({"extra_documents": [{"document": ""}]}, "extra_documents[0].document"),
        ({"splitting": {"method": "split_on_phrase"}}, "splitting.phrase"),
        ({"splitting": {"phrase": "Dear"}}, "splitting.phrase"),
        ({"splitting": {"method": "split_on_pages"}}, "splitting.pages"),
        ({"splitting": {"method": "split_on_pages", "pages": 0}}, "splitting.pages"),
        ({"splitting": {"method": "mailing_list"}}, "splitting.method"),
        ({"splitting": {"method": "split_on_pages", "pages": 2}, "recipients": [ADA]}, "splitting"),
        ({"splitting": {"method": "split_on_pages", "pages": 2}, "mailing_list": "mal_1"}, "splitting"),
        ({"mailing_list": "mal_1", "recipients": [ADA]}, "recipients"),
        ({"recipients": []}, "recipients"),
        ({"recipients": "[{...}]"}, "recipients"),
        ({"recipients": [{}]}, "recipients[0].address"),
        (
            {"recipients": [{"address": {"line": "x", "postal_code": "y"}}]},
            "recipients[0].address.postal_code",
        ),
        ({"recipients": [{**ADA, "variables": {"a": [1]}}]}, "recipients[0].variables.a"),
    ],
)
def test_a_mistake_is_found_before_any_call_and_named(raw: dict[str, Any], param: str) -> None:
    assert refused(content="hello", **raw).param == param


@pytest.mark.parametrize(
    ("raw", "param"),
    [
        ({"background": {"first_page": "bg_1"}}, "background"),
        ({"extra_documents": [{"document": b"x"}]}, "extra_documents"),
        ({"address_window": "right"}, "address_window"),
        ({"splitting": {"method": "split_on_pages", "pages": 2}}, "splitting"),
        ({"printing": {"black_and_white": True}}, "printing.black_and_white"),
        ({"postage": {"service": "international"}}, "postage.service"),
        ({"postage": {"ideal_envelope": "c4"}}, "postage.ideal_envelope"),
    ],
)
def test_a_postcard_has_nothing_that_only_letters_have(raw: dict[str, Any], param: str) -> None:
    assert refused(file=b"x", type="postcard", **raw).param == param
    allowed = PrintJobRequest.build(file=b"x", type="postcard", printing={"matt_finish": True})
    assert allowed.type == "postcard"


@pytest.mark.parametrize("country", ["UK", "gb", "England", "XX", "G", "GBR"])
def test_a_country_is_an_official_code(country: str) -> None:
    error = refused(content="a", recipients=[{"address": {"line": "x", "country": country}}])
    assert error.param == "recipients[0].address.country"
    assert "Britain is GB" in str(error)


def test_all_249_countries_are_known() -> None:
    assert len(COUNTRIES) == 249
    assert {"GB", "IE", "DE", "SS", "CW"} <= COUNTRIES


@pytest.mark.parametrize("line", ["", "   ", "\n", "7 Any Road\n\nANYTOWN", "7 Any Road\n  \nANYTOWN"])
def test_an_empty_line_in_an_address_is_refused(line: str) -> None:
    assert (
        refused(content="a", recipients=[{"address": {"line": line}}]).param == "recipients[0].address.line"
    )


def test_line_ends_are_made_one_kind_and_blank_cells_count_as_missing() -> None:
    row = {"address": {"name": "", "line": "7 Any Road\r\nANYTOWN\r\n", "postcode": " ", "country": ""}}
    address = build_recipients([row])[0].address
    assert (address.name, address.line, address.postcode, address.country) == (
        None,
        "7 Any Road\nANYTOWN",
        None,
        None,
    )


def test_many_faulty_rows_are_summed_up_without_what_is_in_them() -> None:
    rows: list[dict[str, Any]] = [dict(ADA) for _ in range(30)]
    for index in (2, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18):
        rows[index] = {"address": {"name": "Bob Secret", "line": "Hidden Lane", "country": "UK"}}
    rows[4] = {"address": {"name": "Bob Secret", "line": " "}}
    error = refused(content="a", recipients=rows)
    assert error.param == "recipients"
    assert "rows 3, 7, 8, 9, 10 and 9 more: address.country is not a country" in str(error)
    assert "row 5: address.line is empty" in str(error)
    for private in ("Bob", "Secret", "Hidden", "UK"):
        assert private not in str(error)


def test_very_many_kinds_of_fault_are_cut_short() -> None:
    rows = [{f"column{n}": "x"} for n in range(50)]
    text = str(refused(content="a", recipients=rows))
    assert "more kinds of fault" in text
    assert len(text) < 1500


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("2026-11-30", 1796040000),
        (datetime.date(2026, 11, 30), 1796040000),
        ("2026-11-30T12:00:00+00:00", 1796040000),
        (datetime.datetime(2026, 11, 30, 12, tzinfo=datetime.UTC), 1796040000),
        (1796040000, 1796040000),
    ],
)
def test_a_day_is_its_noon_which_is_the_same_day_in_london(value: object, seconds: int) -> None:
    job = PrintJobRequest.build(content="a", postage={"mail_date": value})
    assert job.postage is not None
    assert job.postage.mail_date == seconds


def test_yaml_makes_no_of_false_and_we_make_it_no_again() -> None:
    job = PrintJobRequest.build(content="a", printing={"double_sided": False})
    assert job.printing is not None
    assert job.printing.double_sided == "no"


def test_the_text_of_a_request_has_no_values() -> None:
    job = PrintJobRequest.build(content="Dear Ada", recipients=[ADA])
    for text in (repr(job), str(job), repr(job.recipients)):
        assert "Ada" not in text
        assert "Any Road" not in text


def test_an_update_knows_no_content_and_no_addressees() -> None:
    for name in ("type", "file", "content", "template", "mailing_list", "recipients"):
        with pytest.raises(InputError) as caught:
            PrintJobUpdate.build(**{name: "x"})
        assert caught.value.param == name
