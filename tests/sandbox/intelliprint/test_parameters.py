"""Every parameter of a print job: its default, what it takes, what it refuses, and what an update may."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox.calls import ADDRESSED, fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow_provider_print.sandbox import PrintSandbox
    from tests.sandbox.calls import Api


def case(name: str, *values: Any) -> Any:
    return pytest.param(*values, marks=pytest.mark.behaviour(f"intelliprint.create.{name}"))


def at(job: dict[str, Any], path: str) -> Any:
    value: Any = job
    for step in path.split("."):
        value = value[step]
    return value


def nested(path: str, value: Any) -> dict[str, Any]:
    for step in reversed(path.split(".")):
        value = {step: value}
    return value  # type: ignore[no-any-return]


@pytest.fixture
def card(api: Api) -> Callable[..., dict[str, Any]]:
    def make(**params: Any) -> dict[str, Any]:
        return api.make(type="postcard", content="x", recipients=[ADDRESSED], **params)

    return make


SIMPLE = [
    case("testmode", "testmode", False, [True], ["yes", 1, {}]),
    case("reference", "reference", None, ["any text", "x" * 1000], [{}, True]),
    case("double-sided", "printing.double_sided", "no", ["yes"], ["both", True]),
    case("premium-quality", "printing.premium_quality", False, [True], ["x", 0]),
    case("black-and-white", "printing.black_and_white", False, [True], ["x", 0]),
    case("postage-service", "postage.service", "uk_second_class", ["uk_first_class"], ["pigeon", 1]),
    case("ideal-envelope", "postage.ideal_envelope", "c5", ["c4", "c4_plus", "a4_box"], ["c6", 5]),
    case("mail-date", "postage.mail_date", None, [1_899_936_000], ["soon", -1, 1.5, True]),
    case("confidential", "confidential", False, [True], ["x", 0]),
    case("remove-with-phrase", "remove_letters.with_phrase", None, ["no such text"], [{}, ["a"]]),
    case("nudge", "nudge.x", None, [1.5, -2, 0], ["left", True, 301]),
    case("nudge", "nudge.y", None, [1.5, -2, 0], ["up", [], -301]),
    case("address-window", "address_window", "left", ["right"], ["middle", 1]),
    case("confirmation-email", "confirmation_email", False, [True], ["x", 0]),
    case("metadata", "metadata", None, [{"a": "b", "": "c"}, {}], ["x", {"a": {"b": "c"}}, [1]]),
]


@pytest.mark.parametrize(("path", "default", "good", "bad"), SIMPLE)
def test_a_parameter_has_its_default_keeps_what_it_is_given_and_refuses_the_rest(
    api: Api, path: str, default: Any, good: list[Any], bad: list[Any]
) -> None:
    unset = api.post("/prints", json={"content": "x", "recipients": [ADDRESSED]}).json()
    assert at(unset, path) == default
    for value in good:
        made = api.make(**nested(path, value))
        assert at(made, path) == value
        assert at(api.get(f"/prints/{made['id']}").json(), path) == value
        updated = api.post(f"/prints/{unset['id']}", json=nested(path, value))
        assert at(updated.json(), path) == value
    for value in bad:
        status, code, param = api.refused(content="x", recipients=[ADDRESSED], **nested(path, value))
        assert (status, code) == (400, "parameter_invalid"), value
        assert param is not None
        assert param.startswith(path)


@pytest.mark.behaviour("intelliprint.create.type", "intelliprint.create.ideal-envelope")
def test_a_job_is_a_letter_unless_it_is_a_postcard(api: Api) -> None:
    made = [api.make(**kind) for kind in ({}, {"type": "letter"}, {"type": "postcard"}, {"type": None})]
    assert [job["type"] for job in made] == ["letter", "letter", "postcard", "letter"]
    assert [job["postage"]["ideal_envelope"] for job in made] == ["c5", "c5", "postcard_a6", "c5"]
    assert api.refused(content="x", type="parcel") == (400, "parameter_invalid", "type")


@pytest.mark.behaviour("intelliprint.create.confirmed")
@pytest.mark.parametrize("testmode", [True, False])
def test_a_job_is_a_draft_unless_it_is_confirmed_at_once(
    print_sandbox: PrintSandbox, api: Api, testmode: bool
) -> None:
    draft, confirmed = api.make(testmode=testmode), api.make(testmode=testmode, confirmed=True)
    assert (draft["confirmed"], draft["confirmed_at"]) == (False, None)
    assert (confirmed["testmode"], confirmed["confirmed"]) == (testmode, True)
    assert confirmed["confirmed_at"] == int(print_sandbox.now())
    assert [job["letters"][0]["status"] for job in (draft, confirmed)] == ["draft", "waiting_to_print"]
    assert fault(api.post("/prints", json={"content": "x", "confirmed": "perhaps"}))[2] == "confirmed"


@pytest.mark.behaviour("intelliprint.create.testmode")
def test_a_test_job_is_not_charged_when_it_is_confirmed(print_sandbox: PrintSandbox, api: Api) -> None:
    job = api.make(confirmed=True)
    assert job["cost"]["after_tax"] > 0
    assert print_sandbox.invariants()["charges"]["after_tax"] == 0
    assert print_sandbox.invariants()["letters_mailed"] == {}
    api.make(confirmed=True, testmode=False)
    assert print_sandbox.invariants()["charges"]["after_tax"] == job["cost"]["after_tax"]


@pytest.mark.behaviour("intelliprint.create.one-content", "intelliprint.create.content-missing")
def test_a_job_is_made_of_exactly_one_thing(api: Api, make_pdf: Callable[..., bytes]) -> None:
    file = {"content": base64.b64encode(make_pdf("x")).decode(), "name": "a.pdf"}
    status, code, _param = api.refused(recipients=[ADDRESSED])
    assert (status, code) == (400, "parameter_missing")
    assert api.refused(content="", file=None, template=None)[1] == "parameter_missing"
    assert api.refused(file=file, content="x")[1] == "parameter_invalid"
    assert api.refused(content="x", template="tmpl_1")[1] == "parameter_invalid"
    assert api.refused(file=file, template="tmpl_1")[1] == "parameter_invalid"
    assert api.make(file=file)["file"]["pages"] == 1
    assert api.make(content="x")["file"] is None


@pytest.mark.behaviour("intelliprint.create.content")
def test_content_is_text_or_html(api: Api) -> None:
    long_text = "\n".join(["A line of a long letter"] * 120)
    html = "<h1>One</h1><div style='page-break-before: always'>Two</div>"
    assert api.make(content="short", recipients=[ADDRESSED])["pages"] == 1
    assert api.make(content=long_text, recipients=[ADDRESSED])["pages"] >= 2
    assert api.make(content=html, recipients=[ADDRESSED])["pages"] == 2
    for wrong in (5, {"html": "x"}, ["x"], True):
        assert api.refused(content=wrong) == (400, "parameter_invalid", "content")


@pytest.mark.behaviour(
    "intelliprint.create.splitting-method",
    "intelliprint.create.splitting-phrase",
    "intelliprint.create.splitting-pages",
)
def test_a_file_is_split_by_one_of_three_methods(api: Api, statements: Callable[[int, int], bytes]) -> None:
    run = statements(3, 2)
    methods: list[tuple[dict[str, str], int]] = [
        ({}, 1),
        ({"splitting[method]": "none"}, 1),
        ({"splitting[method]": "split_on_phrase", "splitting[phrase]": "Dear"}, 3),
        ({"splitting[method]": "split_on_pages", "splitting[pages]": "1"}, 6),
    ]
    for rule, letters in methods:
        job = api.upload(run, **rule).json()
        assert len(job["letters"]) == letters
        assert job["splitting"]["method"] == rule.get("splitting[method]", "none")
    for wrong, code, param in (
        ({"splitting[method]": "split_on_page"}, "parameter_invalid", "splitting.method"),
        ({"splitting[method]": "split_on_phrase"}, "parameter_missing", "splitting.phrase"),
        ({"splitting[method]": "split_on_pages"}, "parameter_missing", "splitting.pages"),
        (
            {"splitting[method]": "split_on_pages", "splitting[pages]": "1.5"},
            "parameter_invalid",
            "splitting.pages",
        ),
    ):
        assert fault(api.upload(run, **wrong)) == (400, code, param)


@pytest.mark.behaviour(
    "intelliprint.create.double-sided",
    "intelliprint.create.double-sided-pages",
    "intelliprint.create.double-sided-pages-form",
)
def test_mixed_printing_names_its_pages_as_a_list_or_as_ranges(
    api: Api, make_pdf: Callable[..., bytes]
) -> None:
    file = {"content": base64.b64encode(make_pdf("1", "2", "3", "4")).decode(), "name": "a.pdf"}
    for pages in ([0, 1], ["0", "1"], "0-1", "0,1", "0, 1", ["0-1"]):
        job = api.make(file=file, printing={"double_sided": "mixed", "double_sided_specific_pages": pages})
        assert (job["printing"]["double_sided_specific_pages"], job["sheets"]) == ([0, 1], 3), pages
    printing = {"double_sided": "mixed", "double_sided_specific_pages": "0,3-1"}
    assert api.refused(file=file, printing=printing)[1] == "parameter_invalid"
    for nothing in (None, [], ""):
        printing = {"double_sided": "mixed", "double_sided_specific_pages": nothing}
        assert api.refused(file=file, printing=printing)[1:] == (
            "parameter_missing",
            "printing.double_sided_specific_pages",
        )
    for wrong in ("1-", "a", [-1], [1.5], {"x": 1}):
        printing = {"double_sided": "mixed", "double_sided_specific_pages": wrong}
        status, code, param = api.refused(file=file, printing=printing)
        assert (status, code) == (400, "parameter_invalid"), wrong
        assert (param or "").startswith("printing.double_sided_specific_pages")


@pytest.mark.parametrize(
    ("wanted", "day"),
    [
        ("2030-03-17T16:02:03+00:00", "2030-03-17"),
        ("2030-07-10T00:00:00+01:00", "2030-07-10"),  # midnight of a summer's day in London is 23:00 in UTC
        ("2030-07-10T00:00:00+00:00", "2030-07-10"),
        ("2030-07-10T23:59:59+01:00", "2030-07-10"),
        ("2030-01-10T23:59:59+00:00", "2030-01-10"),
    ],
)
@pytest.mark.behaviour("intelliprint.create.mail-date")
def test_a_mail_date_is_adjusted_to_its_day_in_london(api: Api, wanted: str, day: str) -> None:
    job = api.make(postage={"mail_date": int(datetime.fromisoformat(wanted).timestamp())})
    assert job["postage"]["mail_date"] == datetime.fromisoformat(f"{day}T00:00:00+00:00").timestamp()


@pytest.mark.parametrize(
    ("params", "param"),
    [
        case("splitting-method", {"splitting": {"method": "split_on_pages", "pages": 1}}, "splitting"),
        case("black-and-white-letters", {"printing": {"black_and_white": True}}, "printing.black_and_white"),
        case("background-first", {"background": {"first_page": "bg_1"}}, "background.first_page"),
        case("background-other", {"background": {"other_pages": "bg_1"}}, "background.other_pages"),
        case("address-window", {"address_window": "right"}, "address_window"),
        case(
            "extra-documents",
            {"extra_documents": [{"document": {"content": "PDF", "name": "a.pdf"}}]},
            "extra_documents",
        ),
    ],
)
def test_what_is_for_letters_only_is_refused_on_postcards(
    api: Api, make_pdf: Callable[..., bytes], params: dict[str, Any], param: str
) -> None:
    for extra in params.get("extra_documents", []):
        extra["document"]["content"] = base64.b64encode(make_pdf("x")).decode()
    for side in params.get("background", {}):
        made = api.post("/backgrounds", files={"file": ("h.pdf", make_pdf("HEAD"))}).json()
        params["background"][side] = made["id"]
    assert api.refused(type="postcard", content="x", **params) == (400, "parameter_invalid", param)
    if "splitting" not in params:
        assert api.make(content="x", recipients=[ADDRESSED], **params)["type"] == "letter"


@pytest.mark.behaviour("intelliprint.create.matt-finish")
def test_a_matt_finish_is_for_postcards(api: Api, card: Callable[..., dict[str, Any]]) -> None:
    assert card()["printing"]["matt_finish"] is False
    assert card(printing={"matt_finish": True})["printing"]["matt_finish"] is True
    assert api.refused(content="x", printing={"matt_finish": True}) == (
        400,
        "parameter_invalid",
        "printing.matt_finish",
    )


@pytest.mark.behaviour("intelliprint.create.background-first", "intelliprint.create.background-other")
@pytest.mark.parametrize("side", ["first_page", "other_pages"])
def test_a_background_is_named_by_its_id(api: Api, make_pdf: Callable[..., bytes], side: str) -> None:
    made = api.post("/backgrounds", files={"file": ("h.pdf", make_pdf("HEAD"))}).json()["id"]
    assert api.make()["background"] == {"first_page": None, "other_pages": None}
    job = api.make(background={side: made})
    assert job["background"] == {"first_page": None, "other_pages": None, side: made}
    cleared = api.post(f"/prints/{job['id']}", json={"background": {side: None}}).json()
    assert cleared["background"][side] is None
    assert api.refused(content="x", background={side: "bg_none"}) == (
        400,
        "parameter_invalid",
        f"background.{side}",
    )


@pytest.mark.behaviour(
    "intelliprint.create.extra-documents",
    "intelliprint.create.extra-documents-pages",
    "intelliprint.create.extra-document",
    "intelliprint.create.extra-apply-background",
)
def test_extra_documents_go_to_every_letter(api: Api, make_pdf: Callable[..., bytes]) -> None:
    def document(*pages: str) -> dict[str, str]:
        return {"content": base64.b64encode(make_pdf(*pages)).decode(), "name": f"{pages[0]}.pdf"}

    extras = [{"document": document("a", "b")}, {"document": document("c"), "apply_background": True}]
    assert api.make()["extra_documents"] == []
    job = api.make(content="x", recipients=[ADDRESSED] * 2, extra_documents=extras)
    assert [(extra["name"], extra["apply_background"]) for extra in job["extra_documents"]] == [
        ("a.pdf", False),
        ("c.pdf", True),
    ]
    assert ([letter["pages"] for letter in job["letters"]], job["pages"]) == ([4, 4], 8)
    for wrong, code, param in (
        ([{}], "parameter_missing", "extra_documents[0].document"),
        ([{"apply_background": True}], "parameter_missing", "extra_documents[0].document"),
        ([extras[0], {"document": "x"}], "parameter_invalid", "extra_documents[1].document"),
        (
            [{**extras[0], "apply_background": "x"}],
            "parameter_invalid",
            "extra_documents[0].apply_background",
        ),
        ("x", "parameter_invalid", "extra_documents[0]"),
    ):
        assert api.refused(content="x", extra_documents=wrong) == (400, code, param)


@pytest.mark.behaviour("intelliprint.create.remove-series")
def test_a_series_of_removed_letters_is_taken_without_effect(
    api: Api, statements: Callable[[int, int], bytes]
) -> None:
    job = api.upload(
        statements(3, 1),
        **{
            "splitting[method]": "split_on_pages",
            "splitting[pages]": "1",
            "remove_letters[series][0]": "1",
        },
    ).json()
    assert (len(job["letters"]), job["remove_letters"]) == (3, {"with_phrase": None, "series": []})


@pytest.mark.behaviour("intelliprint.create.insert")
@pytest.mark.parametrize("value", ["ins_1", None, {"a": 1}, [1], True])
def test_insert_is_taken_and_ignored(api: Api, value: Any) -> None:
    job = api.make(insert=value)
    assert "insert" not in job
    assert api.post(f"/prints/{job['id']}", json={"insert": value}).status_code == 200


@pytest.mark.behaviour("intelliprint.create.metadata")
def test_values_of_metadata_are_kept_as_text(api: Api) -> None:
    assert api.make(metadata={"number": 5, "yes": True, "none": None})["metadata"] == {
        "number": "5",
        "yes": "true",
        "none": None,
    }


@pytest.mark.behaviour("intelliprint.create.complete")
def test_a_long_run_is_split_and_priced_when_its_create_answers(
    api: Api, statements: Callable[[int, int], bytes]
) -> None:
    job = api.upload(
        statements(93, 3), **{"splitting[method]": "split_on_phrase", "splitting[phrase]": "Dear customer"}
    ).json()
    assert (len(job["letters"]), job["pages"], job["sheets"]) == (93, 279, 279)
    assert job["cost"]["amount"] == sum(letter["cost"]["amount"] for letter in job["letters"]) > 0
    assert all(letter["address"]["name"] for letter in job["letters"])
