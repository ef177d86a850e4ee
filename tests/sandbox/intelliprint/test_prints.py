"""Creating, reading, updating, confirming, deleting and cancelling print jobs."""

from __future__ import annotations

import base64
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
import requests

from tests.sandbox.calls import ADDRESSED, fault, plain_job

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow_provider_print.sandbox import PrintSandbox
    from tests.sandbox.calls import Api

DAY = 86_400


def test_a_job_of_plain_text_has_every_field_and_its_default(print_sandbox: PrintSandbox, api: Api) -> None:
    job = api.post("/prints", json={"content": "Hello", "recipients": [ADDRESSED]}).json()
    (letter,) = job.pop("letters")
    assert job.pop("id").startswith("print_")
    assert job == plain_job(print_sandbox, testmode=False) | {
        "cost": {"amount": 84_000_000, "tax": 16_800_000, "after_tax": 100_800_000, "currency": "GBP"},
    }
    assert letter.pop("id").startswith("ltr_")
    assert isinstance(letter.pop("print_stream"), str)
    assert letter.pop("pdf").startswith(print_sandbox.url + "/intelliprint/files/letters/ltr_")
    assert letter == {
        "object": "letter",
        "status": "draft",
        "address": {
            "name": "A Reader",
            "line": "7 Any Road\nANYTOWN",
            "postcode": "AB1 2CD",
            "country": "GB",
        },
        "pages": 1,
        "sheets": 1,
        "envelope": "c5",
        "postage_service": "uk_second_class",
        "cost": job["cost"],
        "pdf_status": "built",
        "tracking_number": None,
        "shipped_date": None,
        "returned": None,
    }


@pytest.mark.behaviour("intelliprint.errors.parameter-invalid", "intelliprint.errors.parameter-missing")
@pytest.mark.parametrize(
    ("params", "code", "param"),
    [
        ({"testmode": True}, "parameter_missing", "file"),
        ({"content": "x", "template": "t"}, "parameter_invalid", "template"),
        ({"template": "tmpl_1"}, "parameter_invalid", "template"),
        ({"content": "x", "type": "parcel"}, "parameter_invalid", "type"),
        ({"content": "x", "testmode": "yes"}, "parameter_invalid", "testmode"),
        ({"content": 5}, "parameter_invalid", "content"),
        ({"content": "x", "postage": {"service": "pigeon"}}, "parameter_invalid", "postage.service"),
        ({"content": "x", "postage": {"mail_date": "soon"}}, "parameter_invalid", "postage.mail_date"),
        ({"content": "x", "postage": "x"}, "parameter_invalid", "postage"),
        ({"content": "x", "splitting": {"method": "mailing_list"}}, "parameter_invalid", "splitting.method"),
        (
            {"content": "x", "splitting": {"method": "split_on_phrase"}},
            "parameter_missing",
            "splitting.phrase",
        ),
        ({"content": "x", "splitting": {"method": "split_on_pages"}}, "parameter_missing", "splitting.pages"),
        (
            {"content": "x", "splitting": {"method": "split_on_pages", "pages": 0}},
            "parameter_invalid",
            "splitting.pages",
        ),
        (
            {"content": "x", "splitting": {"method": "split_on_pages", "pages": 1.5}},
            "parameter_invalid",
            "splitting.pages",
        ),
        (
            {
                "content": "x",
                "recipients": [ADDRESSED],
                "splitting": {"method": "split_on_pages", "pages": 1},
            },
            "parameter_invalid",
            "splitting",
        ),
        ({"content": "x", "recipients": [ADDRESSED], "mailing_list": "m"}, "parameter_invalid", "recipients"),
        ({"content": "x", "mailing_list": "mal_none"}, "parameter_invalid", "mailing_list"),
        ({"content": "x", "recipients": [{}]}, "parameter_missing", "recipients[0].address"),
        ({"content": "x", "recipients": [{"address": None}]}, "parameter_missing", "recipients[0].address"),
        (
            {"content": "x", "recipients": [{"address": {}}]},
            "parameter_missing",
            "recipients[0].address.line",
        ),
        (
            {"content": "x", "recipients": [ADDRESSED, {"address": {"name": "n"}}]},
            "parameter_missing",
            "recipients[1].address.line",
        ),
        (
            {"content": "x", "recipients": [{"address": {"line": "l", "country": "Britain"}}]},
            "parameter_invalid",
            "recipients[0].address.country",
        ),
        (
            {"content": "x", "recipients": [{"address": {"line": "a\x00b"}}]},
            "parameter_invalid",
            "recipients[0].address.line",
        ),
        ({"content": "x", "recipients": "x"}, "parameter_invalid", "recipients[0]"),
        (
            {"content": "x", "background": {"first_page": "bg_no"}},
            "parameter_invalid",
            "background.first_page",
        ),
        (
            {"content": "x", "background": {"other_pages": "bg_no"}},
            "parameter_invalid",
            "background.other_pages",
        ),
        (
            {"content": "x", "printing": {"double_sided": "mixed"}},
            "parameter_missing",
            "printing.double_sided_specific_pages",
        ),
        ({"content": "x", "printing": {"matt_finish": True}}, "parameter_invalid", "printing.matt_finish"),
        (
            {"content": "x", "postage": {"ideal_envelope": "postcard_a6"}},
            "parameter_invalid",
            "postage.ideal_envelope",
        ),
        ({"content": "x", "nudge": {"x": "left"}}, "parameter_invalid", "nudge.x"),
        ({"content": "x", "metadata": "x"}, "parameter_invalid", "metadata"),
        ({"content": "x", "extra_documents": [{}]}, "parameter_missing", "extra_documents[0].document"),
        (
            {"content": "x", "extra_documents": [{"document": {"url": "http://x.test/a"}}]},
            "parameter_invalid",
            "extra_documents[0].document.url",
        ),
        ({"file": {"content": "%%%"}}, "parameter_invalid", "file.content"),
        ({"file": {"content": ""}}, "parameter_invalid", "file"),
        ({"file": {"content": "aGVsbG8="}}, "parameter_invalid", "file"),
        ({"file": {"name": "x"}}, "parameter_missing", "file.content"),
        ({"file": {"content": "QQ==", "url": "http://x.test/a"}}, "parameter_invalid", "file.url"),
        ({"file": {"url": "http://nowhere.test/a.pdf"}}, "parameter_invalid", "file.url"),
        ({"file": 5}, "parameter_invalid", "file"),
    ],
)
def test_what_makes_no_sense_is_refused_with_the_parameter(
    api: Api, params: dict[str, Any], code: str, param: str
) -> None:
    assert fault(api.post("/prints", json=params)) == (400, code, param)
    assert api.get("/prints?testmode=true").json()["total_available"] == 0


@pytest.mark.behaviour(
    "intelliprint.parameters.did-you-mean",
    "intelliprint.parameters.unknown",
    "intelliprint.errors.parameter-unknown",
)
@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"refrence": "x"}, "Received unknown parameter: refrence (Did you mean reference?)"),
        (
            {"postage": {"servise": "x"}},
            "Received unknown parameter: postage.servise (Did you mean postage.service?)",
        ),
        pytest.param(
            {"add_address_sheet": True},
            "Received unknown parameter: add_address_sheet",
            marks=pytest.mark.behaviour("intelliprint.parameters.answer-only"),
        ),
        ({"x" * 50: True}, "Received unknown parameter: " + "x" * 50),
    ],
)
def test_an_unknown_parameter_is_refused_with_the_closest_known(
    api: Api, params: dict[str, Any], message: str
) -> None:
    answer = api.post("/prints", json={"content": "x", **params})
    assert answer.json()["error"]["message"] == message
    assert fault(answer)[:2] == (400, "parameter_unknown")


def test_errors_repeat_neither_recipients_nor_content(api: Api) -> None:
    marker = "Zaphod"
    bad = [
        {"recipients": [{"address": {"line": marker, "country": marker}}], "content": marker},
        {"recipients": [{"address": {"line": marker + "\x00"}}], "content": marker},
        {"file": {"content": marker + "%"}},
        {"content": marker, "type": marker},
        {"content": marker, "metadata": {"x": {"y": marker}}},
        {"content": marker, "splitting": {"method": "split_on_pages", "pages": marker}},
        {"content": {"x": marker}},
    ]
    for params in bad:
        answer = api.post("/prints", json=params)
        assert answer.status_code == 400
        assert marker not in answer.text


def test_a_mailing_list_makes_a_letter_for_each_recipient(api: Api) -> None:
    listed = api.post("/mailing_lists", json={"name": "m", "recipients": [ADDRESSED, ADDRESSED]}).json()
    job = api.make(content="x", mailing_list=listed["id"])
    assert len(job["letters"]) == 2
    assert job["mailing_list"] == listed["id"]
    empty = api.post("/mailing_lists", json={}).json()
    assert api.refused(content="x", mailing_list=empty["id"]) == (400, "parameter_invalid", "mailing_list")


@pytest.mark.behaviour("intelliprint.parameters.old-names")
@pytest.mark.parametrize(
    ("params", "code", "param"),
    [
        ({"split_by_content": "Dear"}, "parameter_unknown", "split_by_content"),
        ({"splitting_word": "Dear"}, "parameter_unknown", "splitting_word"),
        ({"remove_letters": {"containing": "x"}}, "parameter_unknown", "remove_letters.containing"),
        ({"splitting": {"method": "split_on_page"}}, "parameter_invalid", "splitting.method"),
        (
            {"recipients": [{"address": {"line": "l", "postal_code": "AB1"}}]},
            "parameter_unknown",
            "recipients[0].address.postal_code",
        ),
    ],
)
def test_old_and_mistaken_names_are_unknown(api: Api, params: dict[str, Any], code: str, param: str) -> None:
    assert api.refused(content="x", **params) == (400, code, param)


def test_a_letter_without_an_address_can_be_drafted_but_not_confirmed(
    api: Api, make_pdf: Callable[..., bytes]
) -> None:
    job = api.upload(make_pdf("no address")).json()
    assert set(job["letters"][0]["address"].values()) == {None}
    assert fault(api.post(f"/prints/{job['id']}", json={"confirmed": True})) == (
        400,
        "parameter_invalid",
        "recipients",
    )
    assert api.get(f"/prints/{job['id']}").json()["confirmed"] is False


@pytest.mark.behaviour("intelliprint.delete.draft")
def test_a_draft_is_deleted_with_202(api: Api) -> None:
    job = api.make()
    answer = api.delete(f"/prints/{job['id']}")
    assert answer.status_code == 202
    assert answer.json() == {"id": job["id"], "object": "print", "deleted": True}
    assert fault(api.get(f"/prints/{job['id']}")) == (404, "not_found", None)


@pytest.mark.behaviour(
    "intelliprint.delete.cancels", "intelliprint.delete.nothing-left", "intelliprint.delete.old-flag"
)
def test_cancelling_takes_the_letters_that_still_wait(print_sandbox: PrintSandbox, api: Api) -> None:
    job = api.make(recipients=[ADDRESSED, ADDRESSED], content="x", testmode=False, confirmed=True)
    requests.post(
        f"{print_sandbox.url}/_sandbox/letters/{job['letters'][0]['id']}", json={"status": "printing"}
    ).raise_for_status()
    answer = api.delete(f"/prints/{job['id']}")
    assert answer.status_code == 200
    assert [letter["status"] for letter in answer.json()["letters"]] == ["printing", "cancelled"]
    assert answer.json()["cost"]["amount"] == 84_000_000
    assert "deleted" not in answer.json()
    assert answer.json().keys() == job.keys()
    assert fault(api.delete(f"/prints/{job['id']}")) == (400, "parameter_invalid", None)
    assert print_sandbox.invariants()["charges"]["after_tax"] == 100_800_000
    print_sandbox.world(cancel_says_deleted=True)
    other = api.make(confirmed=True)
    flagged = api.delete(f"/prints/{other['id']}").json()
    assert (flagged.pop("deleted"), flagged.keys()) == (True, other.keys())
    assert api.get(f"/prints/{other['id']}").json().keys() == other.keys()


def test_test_jobs_are_deleted_a_week_after_confirming_and_live_ones_stay(
    print_sandbox: PrintSandbox, api: Api
) -> None:
    test, live = api.make(confirmed=True), api.make(confirmed=True, testmode=False)
    print_sandbox.advance(7 * DAY + 1)
    assert api.get(f"/prints/{test['id']}").status_code == 404
    assert api.get(f"/prints/{live['id']}").status_code == 200


@pytest.mark.behaviour("intelliprint.create.unpaid-draft")
@pytest.mark.parametrize(("keep", "left"), [(True, 1), (False, 0)])
def test_an_unpaid_confirmed_create_may_leave_its_draft(
    print_sandbox: PrintSandbox, api: Api, keep: bool, left: int
) -> None:
    print_sandbox.world(balance=0, keep_unpaid_draft=keep)
    body = {"content": "x", "recipients": [ADDRESSED], "confirmed": True, "reference": "R"}
    assert fault(api.post("/prints", json=body)) == (402, "payment_error", None)
    found = api.get("/prints?reference=R").json()["data"]
    assert [job["confirmed"] for job in found] == [False] * left


@pytest.mark.parametrize("resolution", [1, 60])
def test_created_is_rounded_down(print_sandbox: PrintSandbox, api: Api, resolution: int) -> None:
    print_sandbox.world(created_resolution_s=resolution)
    now = int(print_sandbox.now())
    assert api.make()["created"] == now - now % resolution


def test_postcards_have_their_own_sizes_and_prices(api: Api, make_pdf: Callable[..., bytes]) -> None:
    data = base64.b64encode(make_pdf("front", "back")).decode()
    card = api.make(
        type="postcard", file={"content": data}, recipients=[ADDRESSED], printing={"matt_finish": True}
    )
    assert card["postage"]["ideal_envelope"] == "postcard_a6"
    assert card["address_window"] is None
    (letter,) = card["letters"]
    assert (letter["pages"], letter["sheets"], letter["envelope"]) == (2, 1, "postcard_a6")


def test_of_many_confirmations_at_once_one_succeeds_and_pays(print_sandbox: PrintSandbox, api: Api) -> None:
    job = api.make(testmode=False, reference="R")
    url = f"{print_sandbox.intelliprint_url}/prints/{job['id']}"
    headers = {"Authorization": "Bearer key_sandbox"}

    def confirm(_number: int) -> int:
        return requests.post(url, json={"confirmed": True}, headers=headers, timeout=20).status_code

    with ThreadPoolExecutor(16) as pool:
        statuses = list(pool.map(confirm, range(16)))
    assert sorted(statuses) == [200] + [400] * 15
    assert print_sandbox.invariants()["charges"]["after_tax"] == job["cost"]["after_tax"]
