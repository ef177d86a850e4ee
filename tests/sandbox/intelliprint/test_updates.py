"""What an update of a draft may change, and what not."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest

from airflow_provider_print.sandbox.intelliprint import fields
from tests.sandbox.calls import ADDRESSED, fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow_provider_print.sandbox import PrintSandbox
    from tests.sandbox.calls import Api


@pytest.mark.behaviour("intelliprint.update.parameters")
def test_an_update_knows_what_a_create_knows_and_what_the_job_is_made_of_it_does_not() -> None:
    made_of = {"type", "file", "content", "template", "mailing_list", "recipients"}
    assert fields.CREATE.keys() - fields.UPDATE.keys() == made_of
    assert fields.UPDATE.keys() <= fields.CREATE.keys()
    assert fields.UPDATE.keys() == {
        "testmode",
        "confirmed",
        "reference",
        "splitting",
        "printing",
        "postage",
        "background",
        "confidential",
        "extra_documents",
        "remove_letters",
        "nudge",
        "address_window",
        "insert",
        "confirmation_email",
        "metadata",
    }


@pytest.mark.behaviour("intelliprint.update.parameters", "intelliprint.update.whole-object")
def test_an_update_changes_every_one_of_its_parameters_and_answers_with_the_whole_job(
    api: Api, make_pdf: Callable[..., bytes]
) -> None:
    extra = {"content": base64.b64encode(make_pdf("x")).decode(), "name": "e.pdf"}
    background = api.post("/backgrounds", files={"file": ("h.pdf", make_pdf("HEAD"))}).json()["id"]
    job = api.upload(make_pdf("1", "2", "3", "4")).json()
    changes: dict[str, Any] = {
        "testmode": False,
        "reference": "R",
        "splitting": {"method": "split_on_pages", "phrase": None, "pages": 2},
        "printing": {
            "double_sided": "yes",
            "double_sided_specific_pages": None,
            "premium_quality": True,
            "black_and_white": True,
            "matt_finish": False,
        },
        "postage": {"service": "uk_first_class", "ideal_envelope": "c4", "mail_date": 1_899_936_000},
        "background": {"first_page": background, "other_pages": background},
        "confidential": True,
        "remove_letters": {"with_phrase": "nothing has this", "series": []},
        "nudge": {"x": 1.0, "y": -1.0},
        "address_window": "right",
        "confirmation_email": True,
        "metadata": {"a": "b"},
    }
    answer = api.post(f"/prints/{job['id']}", json={**changes, "extra_documents": [{"document": extra}]})
    changed = answer.json()
    assert {name: changed[name] for name in changes} == changes
    assert changed["extra_documents"][0]["name"] == "e.pdf"
    assert changed.keys() == job.keys()
    assert (changed["id"], len(changed["letters"]), changed["pages"]) == (job["id"], 2, 6)
    (again,) = api.get("/prints").json()["data"]
    for shown in (changed, again):
        for letter in shown["letters"]:
            del letter["pdf"]
    assert again == changed


@pytest.mark.behaviour("intelliprint.update.content")
def test_the_content_of_a_draft_is_updated_only_where_the_world_says_so(
    print_sandbox: PrintSandbox, api: Api
) -> None:
    job = api.make(content="short", recipients=[ADDRESSED] * 2)
    change = {"content": "<p>1</p><p style='page-break-before: always'>2</p>"}
    path = f"/prints/{job['id']}"
    assert fault(api.post(path, json=change)) == (400, "parameter_unknown", "content")
    print_sandbox.world(update_content=True)
    changed = api.post(path, json=change).json()
    assert (job["pages"], changed["pages"]) == (2, 4)
    assert [letter["address"]["name"] for letter in changed["letters"]] == ["A Reader"] * 2
    assert api.post(path, json={"content": None}).json()["pages"] == 4
    assert fault(api.post(path, json={"file": "http://x.test/a.pdf"}))[1:] == ("parameter_unknown", "file")


def test_an_update_changes_what_it_names_and_prices_anew(api: Api, make_pdf: Callable[..., bytes]) -> None:
    job = api.upload(make_pdf("one", "two", "three")).json()
    changed = api.post(
        f"/prints/{job['id']}",
        json={
            "reference": "R",
            "printing": {"double_sided": "yes"},
            "postage": {"service": "uk_first_class"},
        },
    ).json()
    assert (changed["reference"], changed["sheets"], changed["pages"]) == ("R", 2, 3)
    assert changed["cost"]["amount"] == 206_000_000
    assert changed["letters"][0]["id"] == job["letters"][0]["id"]
    split = api.post(
        f"/prints/{job['id']}", json={"splitting": {"method": "split_on_pages", "pages": 2}}
    ).json()
    assert [letter["pages"] for letter in split["letters"]] == [2, 1]
    assert api.get(f"/prints/{job['id']}").json()["splitting"]["pages"] == 2


@pytest.mark.behaviour("intelliprint.update.not-of-these")
@pytest.mark.parametrize("name", ["type", "file", "content", "template", "mailing_list", "recipients"])
def test_what_a_job_is_made_of_cannot_be_updated(api: Api, name: str) -> None:
    job = api.make()
    for value in ("x", None, [ADDRESSED]):
        refused = api.post(f"/prints/{job['id']}", json={name: value, "reference": "R"})
        assert fault(refused) == (400, "parameter_unknown", name)
    assert api.get(f"/prints/{job['id']}").json()["reference"] is None


@pytest.mark.behaviour("intelliprint.update.testmode")
def test_a_draft_may_be_made_a_live_job_and_a_test_again(print_sandbox: PrintSandbox, api: Api) -> None:
    job = api.make(testmode=True)
    for testmode in (False, True, False):
        assert api.post(f"/prints/{job['id']}", json={"testmode": testmode}).json()["testmode"] is testmode
        listed = api.get(f"/prints?testmode={str(testmode).lower()}").json()["data"]
        assert [row["id"] for row in listed] == [job["id"]]
    api.post(f"/prints/{job['id']}", json={"testmode": True, "confirmed": True})
    assert print_sandbox.invariants()["charges"]["after_tax"] == 0


@pytest.mark.behaviour("intelliprint.body.null-clears")
def test_a_null_in_an_update_goes_back_to_the_default(api: Api) -> None:
    job = api.make(reference="R", postage={"service": "uk_first_class", "mail_date": 1_900_000_000})
    changed = api.post(
        f"/prints/{job['id']}", json={"reference": None, "postage": {"service": None, "mail_date": None}}
    ).json()
    assert changed["reference"] is None
    assert changed["postage"] == {"service": "uk_second_class", "ideal_envelope": "c5", "mail_date": None}


@pytest.mark.behaviour(
    "intelliprint.update.confirm",
    "intelliprint.update.confirmed-is-final",
    "intelliprint.update.confirmed-error",
)
def test_confirming_is_one_way(print_sandbox: PrintSandbox, api: Api) -> None:
    job = api.make(reference="R")
    confirmed = api.post(f"/prints/{job['id']}", data={"confirmed": "true"}).json()
    assert (confirmed["confirmed"], confirmed["confirmed_at"]) == (True, int(print_sandbox.now()))
    assert [letter["status"] for letter in confirmed["letters"]] == ["waiting_to_print"]
    assert fault(api.post(f"/prints/{job['id']}", json={"confirmed": True})) == (
        400,
        "parameter_invalid",
        "confirmed",
    )
    assert fault(api.post(f"/prints/{job['id']}", json={"reference": "S"})) == (
        400,
        "parameter_invalid",
        "reference",
    )


@pytest.mark.behaviour("intelliprint.update.confirmed-error")
def test_confirming_again_can_be_answered_with_the_job(print_sandbox: PrintSandbox, api: Api) -> None:
    print_sandbox.world(reconfirm=200)
    job = api.make(confirmed=True)
    assert api.post(f"/prints/{job['id']}", json={"confirmed": True}).json()["confirmed"] is True
    assert api.post(f"/prints/{job['id']}", json={"confirmed": True, "reference": "S"}).status_code == 400


@pytest.mark.behaviour("intelliprint.update.confirm")
def test_an_update_may_change_and_confirm_at_once(api: Api, make_pdf: Callable[..., bytes]) -> None:
    job = api.make()
    both = api.post(
        f"/prints/{job['id']}", json={"confirmed": True, "postage": {"service": "uk_first_class"}}
    ).json()
    assert both["confirmed"] is True
    assert both["cost"]["amount"] == 194_000_000


@pytest.mark.behaviour("intelliprint.update.thirty-days")
def test_drafts_expire_after_thirty_days(print_sandbox: PrintSandbox, api: Api) -> None:
    job, early = api.make(), api.make()
    print_sandbox.advance(30 * 86_400)
    assert api.get(f"/prints/{job['id']}").status_code == 200
    confirmed = api.post(f"/prints/{early['id']}", json={"confirmed": True, "testmode": False})
    assert confirmed.json()["confirmed"] is True
    print_sandbox.advance(1)
    assert api.get("/prints?testmode=true").json()["data"] == []
    assert fault(api.post(f"/prints/{job['id']}", json={"confirmed": True})) == (404, "not_found", None)


@pytest.mark.behaviour("intelliprint.object.print.splitting")
def test_what_another_way_of_splitting_needed_is_null_again(
    api: Api, statements: Callable[[int, int], bytes]
) -> None:
    file = {"content": base64.b64encode(statements(2, 2)).decode(), "name": "a.pdf"}
    job = api.make(file=file, splitting={"method": "split_on_pages", "pages": 1})
    for change, shown in (
        ({"method": "split_on_phrase", "phrase": "Dear"}, ("split_on_phrase", "Dear", None)),
        ({"method": "split_on_pages", "pages": 3}, ("split_on_pages", None, 3)),
        ({"method": "none"}, ("none", None, None)),
    ):
        splitting = api.post(f"/prints/{job['id']}", json={"splitting": change}).json()["splitting"]
        assert (splitting["method"], splitting["phrase"], splitting["pages"]) == shown
    unused = api.make(splitting={"phrase": "Dear", "pages": 2})["splitting"]
    assert unused == {"method": "none", "phrase": None, "pages": None}
