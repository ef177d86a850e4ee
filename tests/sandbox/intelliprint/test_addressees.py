"""To whom letters go: recipients, mailing lists and addresses in the file."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest

from airflow_provider_print.sandbox.intelliprint import fields
from tests.sandbox.calls import ADDRESSED

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow_provider_print.sandbox import PrintSandbox
    from tests.sandbox.calls import Api


@pytest.mark.behaviour("intelliprint.create.recipients", "intelliprint.create.mailing-list")
def test_each_recipient_gets_a_letter_of_the_same_pages(
    api: Api, statements: Callable[[int, int], bytes]
) -> None:
    people = [{"address": {"line": f"{number} Any Road"}} for number in range(3)]
    listed = api.post("/mailing_lists", json={"recipients": people}).json()["id"]
    file = {"content": base64.b64encode(statements(1, 2)).decode(), "name": "a.pdf"}
    for addressees in ({"recipients": people}, {"mailing_list": listed}):
        job = api.make(file=file, **addressees)
        assert [letter["address"]["line"] for letter in job["letters"]] == [
            "0 Any Road",
            "1 Any Road",
            "2 Any Road",
        ]
        assert [letter["pages"] for letter in job["letters"]] == [2] * 3
        assert job["pages"] == 6
        assert job["mailing_list"] == addressees.get("mailing_list")
    assert api.refused(content="x", mailing_list="mal_none") == (400, "parameter_invalid", "mailing_list")


@pytest.mark.behaviour("intelliprint.create.one-addressing")
def test_recipients_and_a_mailing_list_exclude_each_other(api: Api) -> None:
    listed = api.post("/mailing_lists", json={"recipients": [ADDRESSED]}).json()["id"]
    assert api.refused(content="x", recipients=[ADDRESSED], mailing_list=listed) == (
        400,
        "parameter_invalid",
        "recipients",
    )


@pytest.mark.behaviour("intelliprint.create.addresses-in-the-file", "intelliprint.create.recipients-replace")
def test_addresses_of_the_file_are_read_unless_there_are_recipients(
    api: Api, statements: Callable[[int, int], bytes]
) -> None:
    file = {"content": base64.b64encode(statements(1, 2)).decode(), "name": "a.pdf"}
    (read,) = api.make(file=file)["letters"]
    assert (read["address"]["name"], read["pages"]) == ("Person 0", 2)
    (told,) = api.make(file=file, recipients=[ADDRESSED])["letters"]
    assert (told["address"]["name"], told["pages"]) == ("A Reader", 2)


@pytest.mark.behaviour(
    "intelliprint.create.recipient-name",
    "intelliprint.create.recipient-line",
    "intelliprint.create.recipient-postcode",
    "intelliprint.create.recipient-country",
)
def test_an_address_needs_its_line_only(api: Api) -> None:
    (letter,) = api.make(recipients=[{"address": {"line": "1 High St, TOWN\nCOUNTY"}}])["letters"]
    assert letter["address"] == {
        "name": None,
        "line": "1 High St, TOWN\nCOUNTY",
        "postcode": None,
        "country": "GB",
    }
    assert api.refused(content="x", recipients=[{"address": {"name": "A", "postcode": "AB1"}}]) == (
        400,
        "parameter_missing",
        "recipients[0].address.line",
    )
    status, code, param = api.refused(
        content="x", recipients=[{"address": {"line": "l", "postal_code": "AB1"}}]
    )
    assert (status, code, param) == (400, "parameter_unknown", "recipients[0].address.postal_code")


@pytest.mark.behaviour("intelliprint.create.recipient-country")
def test_a_country_is_one_of_the_codes_of_iso_3166(api: Api) -> None:
    assert len(set(fields.COUNTRIES)) == len(fields.COUNTRIES) == 249
    people = [{"address": {"line": "l", "country": code}} for code in (*fields.COUNTRIES, "fr", "", None)]
    letters = api.make(recipients=people, content="x")["letters"]
    assert [letter["address"]["country"] for letter in letters] == [*fields.COUNTRIES, "FR", "GB", "GB"]
    for wrong in ("UK", "XX", "GBR", "Fr", "826", 8):
        refused = api.refused(content="x", recipients=[{"address": {"line": "l", "country": wrong}}])
        assert refused == (400, "parameter_invalid", "recipients[0].address.country"), wrong


@pytest.mark.behaviour("intelliprint.create.recipient-variables")
def test_a_recipient_may_have_fields_of_its_own(api: Api) -> None:
    people = [{**ADDRESSED, "variables": {"nick": "Al", "debt": 5}}, {**ADDRESSED, "variables": None}]
    assert len(api.make(content="x", recipients=people)["letters"]) == 2
    assert api.refused(content="x", recipients=[{**ADDRESSED, "variables": "nick"}]) == (
        400,
        "parameter_invalid",
        "recipients[0].variables",
    )
    listed = api.post("/mailing_lists", json={"recipients": people}).json()
    assert listed["variables"] == [{"name": "nick"}, {"name": "debt"}]


@pytest.mark.behaviour(
    "intelliprint.create.splitting-mailing-list", "intelliprint.create.splitting-of-recipients"
)
def test_a_job_to_a_list_is_not_split(print_sandbox: PrintSandbox, api: Api) -> None:
    listed = api.post("/mailing_lists", json={"recipients": [ADDRESSED]}).json()["id"]
    assert api.make(content="x", mailing_list=listed)["splitting"]["method"] == "none"
    assert api.refused(content="x", mailing_list=listed, splitting={"method": "mailing_list"}) == (
        400,
        "parameter_invalid",
        "splitting.method",
    )
    split = {"method": "split_on_pages", "pages": 1}
    for addressees in ({"mailing_list": listed}, {"recipients": [ADDRESSED]}):
        assert api.refused(content="x", splitting=split, **addressees) == (
            400,
            "parameter_invalid",
            "splitting",
        )
    print_sandbox.world(split_recipients="ignored")
    pages = "<p>1</p><p style='page-break-before: always'>2</p>"
    for method in ({"method": "split_on_pages", "pages": 1}, {"method": "split_on_phrase", "phrase": "2"}):
        job = api.make(content=pages, recipients=[ADDRESSED] * 2, splitting=method)
        assert [letter["pages"] for letter in job["letters"]] == [2, 2]
        assert job["splitting"]["method"] == method["method"]
