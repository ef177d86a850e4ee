"""Letters move by the sandbox's clock, and by the tester's hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests

from airflow_provider_print.sandbox.intelliprint import lifecycle
from airflow_provider_print.sandbox.world import World
from tests.sandbox.calls import ADDRESSED, fault

if TYPE_CHECKING:
    from airflow_provider_print.sandbox import PrintSandbox
    from tests.sandbox.calls import Api

MINUTE = 60


def letters(api: Api, job: dict[str, Any]) -> list[dict[str, Any]]:
    return api.get(f"/prints/{job['id']}").json()["letters"]


def move(box: PrintSandbox, letter: dict[str, Any], **what: Any) -> requests.Response:
    return requests.post(f"{box.url}/_sandbox/letters/{letter['id']}", json=what)


@pytest.mark.behaviour(
    "intelliprint.life.waiting",
    "intelliprint.life.printing",
    "intelliprint.life.enclosing",
    "intelliprint.life.shipping",
    "intelliprint.life.sent",
    "intelliprint.life.no-delivered",
    "intelliprint.life.first-status",
    "intelliprint.object.letter.tracking-services",
    "intelliprint.object.letter.shipped-date",
)
def test_letters_go_through_every_status_to_sent(print_sandbox: PrintSandbox, api: Api) -> None:
    job = api.make(testmode=False, confirmed=True, postage={"service": "uk_special_delivery"})
    seen = []
    for _ in range(14):
        (letter,) = letters(api, job)
        if letter["status"] not in seen:
            seen.append(letter["status"])
        print_sandbox.advance(5 * MINUTE)
    assert seen == ["waiting_to_print", "printing", "enclosing", "shipping", "sent"]
    print_sandbox.advance(30 * 86_400)
    assert letters(api, job)[0]["status"] == "sent"
    assert letter["tracking_number"].startswith("SX")
    assert letter["shipped_date"] == job["confirmed_at"] + 40 * MINUTE


@pytest.mark.behaviour("intelliprint.object.letter.tracking-services")
def test_a_service_without_tracking_gives_no_number(print_sandbox: PrintSandbox, api: Api) -> None:
    job = api.make(testmode=False, confirmed=True)
    print_sandbox.advance(3600)
    (letter,) = letters(api, job)
    assert (letter["status"], letter["tracking_number"]) == ("sent", None)


@pytest.mark.behaviour("intelliprint.life.one-by-one")
def test_letters_of_one_job_move_one_after_the_other(print_sandbox: PrintSandbox, api: Api) -> None:
    job = api.make(testmode=False, confirmed=True, content="x", recipients=[ADDRESSED] * 4)
    print_sandbox.advance(11 * MINUTE)
    assert [letter["status"] for letter in letters(api, job)] == ["printing"] * 3 + ["waiting_to_print"]


@pytest.mark.behaviour("intelliprint.test.letters-stay")
def test_test_letters_stay_unless_the_world_moves_them(print_sandbox: PrintSandbox, api: Api) -> None:
    job = api.make(confirmed=True)
    print_sandbox.advance(2 * 3600)
    assert letters(api, job)[0]["status"] == "waiting_to_print"
    print_sandbox.world(test_letters_move=True)
    assert letters(api, job)[0]["status"] == "sent"


@pytest.mark.behaviour("intelliprint.life.mail-date")
def test_nothing_is_printed_before_its_mail_date(print_sandbox: PrintSandbox, api: Api) -> None:
    day = int(print_sandbox.now()) + 5 * 86_400
    job = api.make(testmode=False, confirmed=True, postage={"mail_date": day})
    print_sandbox.advance(86_400)
    assert letters(api, job)[0]["status"] == "waiting_to_print"
    print_sandbox.advance(5 * 86_400)
    assert letters(api, job)[0]["status"] == "sent"


@pytest.mark.behaviour(
    "intelliprint.life.returned", "intelliprint.life.returned-later", "intelliprint.object.letter.returned"
)
def test_a_letter_can_come_back_weeks_after_it_was_sent(print_sandbox: PrintSandbox, api: Api) -> None:
    job = api.make(testmode=False, confirmed=True)
    weeks = 21 * 86_400
    assert (
        move(print_sandbox, job["letters"][0], status="returned", reason="Refused", after=weeks).status_code
        == 200
    )
    print_sandbox.advance(3600)
    assert letters(api, job)[0]["status"] == "sent"
    print_sandbox.advance(weeks)
    (letter,) = letters(api, job)
    assert letter["status"] == "returned"
    assert letter["returned"] == {
        "acknowledged": False,
        "date": int(job["confirmed_at"]) + weeks,
        "reason": "Refused",
    }
    assert letter["shipped_date"] < letter["returned"]["date"]


@pytest.mark.parametrize(
    "status",
    [
        pytest.param(
            "failed_wrong_address", marks=pytest.mark.behaviour("intelliprint.life.failed-wrong-address")
        ),
        pytest.param("invalid_address", marks=pytest.mark.behaviour("intelliprint.life.invalid-address")),
        "cancelled",
        "shipping",
    ],
)
@pytest.mark.behaviour("intelliprint.test.letters-stay")
def test_a_test_letter_can_be_moved_by_hand(print_sandbox: PrintSandbox, api: Api, status: str) -> None:
    job = api.make(confirmed=True)
    assert move(print_sandbox, job["letters"][0], status=status).json()["status"] == status
    assert letters(api, job)[0]["status"] == status
    print_sandbox.advance(6 * 86_400)
    assert letters(api, job)[0]["status"] == status


def test_a_draft_or_unknown_letter_cannot_be_moved(print_sandbox: PrintSandbox, api: Api) -> None:
    job = api.make()
    assert move(print_sandbox, job["letters"][0], status="sent").status_code == 400
    assert move(print_sandbox, {"id": "ltr_none"}, status="sent").status_code == 404
    assert move(print_sandbox, job["letters"][0], status="sent", after="soon").status_code == 400
    assert move(print_sandbox, job["letters"][0], status="sent", when=1).status_code == 400


@pytest.mark.parametrize("status", ["failed_wrong_address", "invalid_address"])
@pytest.mark.behaviour("intelliprint.life.failed-wrong-address", "intelliprint.life.invalid-address")
def test_a_refused_letter_is_not_posted_and_cannot_be_cancelled(
    print_sandbox: PrintSandbox, api: Api, status: str
) -> None:
    job = api.make(testmode=False, confirmed=True, reference="r")
    assert print_sandbox.invariants()["letters_mailed"] == {"r": 1}
    move(print_sandbox, job["letters"][0], status=status)
    assert print_sandbox.invariants()["letters_mailed"] == {}
    (letter,) = letters(api, job)
    assert (letter["status"], letter["shipped_date"], letter["returned"]) == (status, None, None)
    assert api.delete(f"/prints/{job['id']}").status_code == 400


@pytest.mark.behaviour("intelliprint.life.draft", "intelliprint.life.waiting", "intelliprint.life.final")
def test_a_draft_waits_for_confirming_and_never_comes_back_to_it(
    print_sandbox: PrintSandbox, api: Api
) -> None:
    job = api.make(testmode=False)
    print_sandbox.advance(86_400)
    assert letters(api, job)[0]["status"] == "draft"
    confirmed = api.post(f"/prints/{job['id']}", json={"confirmed": True}).json()
    assert confirmed["letters"][0]["status"] == "waiting_to_print"
    assert api.post(f"/prints/{job['id']}", json={"confirmed": False}).status_code == 400
    assert move(print_sandbox, job["letters"][0], status="draft").status_code == 400


@pytest.mark.behaviour(
    "intelliprint.life.waiting",
    "intelliprint.life.printing",
    "intelliprint.life.cancelled",
    "intelliprint.life.one-by-one",
)
def test_only_letters_that_wait_can_be_cancelled(print_sandbox: PrintSandbox, api: Api) -> None:
    job = api.make(testmode=False, confirmed=True, content="x", recipients=[ADDRESSED] * 4)
    print_sandbox.advance(11 * MINUTE)
    left = api.delete(f"/prints/{job['id']}").json()["letters"]
    assert [letter["status"] for letter in left] == ["printing"] * 3 + ["cancelled"]
    assert api.delete(f"/prints/{job['id']}").status_code == 400
    print_sandbox.advance(86_400)
    assert [letter["status"] for letter in letters(api, job)] == ["sent"] * 3 + ["cancelled"]


@pytest.mark.behaviour("intelliprint.life.first-status")
def test_letters_may_be_printing_at_once_and_then_nothing_can_be_cancelled(
    print_sandbox: PrintSandbox, api: Api
) -> None:
    print_sandbox.world(first_status="printing")
    job = api.make(testmode=False, confirmed=True)
    assert job["letters"][0]["status"] == "printing"
    assert api.delete(f"/prints/{job['id']}").status_code == 400
    print_sandbox.advance(3600)
    assert letters(api, job)[0]["status"] == "sent"


@pytest.mark.parametrize(
    ("service", "days"), [("uk_first_class_signed_for", 1), ("uk_second_class_signed_for", 3)]
)
@pytest.mark.behaviour(
    "intelliprint.object.letter.tracking-after-delivery", "intelliprint.object.letter.tracking-late"
)
def test_a_signature_gives_the_tracking_number_days_after_sending(
    print_sandbox: PrintSandbox, api: Api, service: str, days: int
) -> None:
    job = api.make(testmode=False, confirmed=True, postage={"service": service})
    print_sandbox.advance(3600)
    (letter,) = letters(api, job)
    assert (letter["status"], letter["tracking_number"]) == ("sent", None)
    print_sandbox.advance(days * 86_400 - 60)
    assert letters(api, job)[0]["tracking_number"] is None
    print_sandbox.advance(120)
    (letter,) = letters(api, job)
    assert letter["status"] == "sent"
    assert letter["tracking_number"].startswith("SX")
    assert letter["tracking_number"] == letters(api, job)[0]["tracking_number"]


@pytest.mark.parametrize(
    "service", ["uk_special_delivery", "uk_special_delivery_9am", "tracked_24", "tracked_48"]
)
@pytest.mark.behaviour(
    "intelliprint.object.letter.tracking-services", "intelliprint.object.letter.tracking-late"
)
def test_a_tracked_letter_has_its_number_once_it_is_sent_and_not_before(
    print_sandbox: PrintSandbox, api: Api, service: str
) -> None:
    job = api.make(testmode=False, confirmed=True, postage={"service": service})
    print_sandbox.advance(45 * MINUTE)
    (letter,) = letters(api, job)
    assert (letter["status"], letter["tracking_number"]) == ("shipping", None)
    print_sandbox.advance(20 * MINUTE)
    assert letters(api, job)[0]["tracking_number"] is not None


@pytest.mark.behaviour("intelliprint.life.returned-share", "intelliprint.life.returned-later")
def test_a_share_of_the_letters_comes_back_drawn_by_id_and_not_by_looking(
    print_sandbox: PrintSandbox, api: Api
) -> None:
    print_sandbox.world(returned_share=0.3, returned_after_days=14)
    job = api.make(testmode=False, confirmed=True, content="x", recipients=[ADDRESSED] * 200)
    print_sandbox.advance(14 * 86_400)
    assert {letter["status"] for letter in letters(api, job)} == {"sent"}
    print_sandbox.advance(3 * 3600)
    back = [letter for letter in letters(api, job) if letter["status"] == "returned"]
    assert 35 < len(back) < 85
    again = [letter for letter in letters(api, job) if letter["status"] == "returned"]
    assert [letter["returned"] for letter in again] == [letter["returned"] for letter in back]
    assert [letter["id"] for letter in again] == [letter["id"] for letter in back]
    assert all(
        letter["returned"]["date"] - letter["shipped_date"] == 14 * 86_400 + 20 * MINUTE for letter in back
    )
    assert {letter["returned"]["reason"] for letter in back} > {"Addressee gone away"}
    print_sandbox.world(returned_share=0)
    assert {letter["status"] for letter in letters(api, job)} == {"sent"}


@pytest.mark.behaviour("intelliprint.object.letter.returned")
def test_a_letter_that_came_back_is_found_by_whether_it_was_acknowledged(
    print_sandbox: PrintSandbox, api: Api
) -> None:
    job = api.make(testmode=False, confirmed=True)
    letter = job["letters"][0]
    assert move(print_sandbox, letter, acknowledged=True).status_code == 400
    move(print_sandbox, letter, status="returned")

    def found(acknowledged: str) -> int:
        query = {"letters.returned.acknowledged": acknowledged}
        return api.get("/prints", params=query).json()["total_available"]

    assert (found("true"), found("false")) == (0, 1)
    assert move(print_sandbox, letter, acknowledged=True).json()["acknowledged"] is True
    assert (found("true"), found("false")) == (1, 0)
    assert letters(api, job)[0]["returned"]["acknowledged"] is True
    assert move(print_sandbox, letter, acknowledged="yes").status_code == 400
    assert move(print_sandbox, letter, acknowledged=True, status="returned").status_code == 400


@pytest.mark.behaviour("intelliprint.life.draft-expiry")
def test_a_draft_is_gone_after_thirty_days_or_stays_for_good_but_is_too_old(
    print_sandbox: PrintSandbox, api: Api
) -> None:
    print_sandbox.freeze()
    path = f"/prints/{api.make()['id']}"
    print_sandbox.advance(30 * 86_400)
    assert api.get(path).status_code == 200
    print_sandbox.advance(1)
    print_sandbox.world(drafts_expire=False)
    assert fault(api.post(path, json={"confirmed": True})) == (400, "parameter_invalid", "confirmed")
    assert api.get(path).json()["confirmed"] is False
    print_sandbox.world(drafts_expire=True)
    assert fault(api.get(path)) == (404, "not_found", None)


@pytest.mark.behaviour("intelliprint.life.draft-expiry")
def test_a_draft_can_be_confirmed_on_its_thirtieth_day(print_sandbox: PrintSandbox, api: Api) -> None:
    path = f"/prints/{api.make()['id']}"
    print_sandbox.advance(30 * 86_400 - 3600)
    assert api.post(path, json={"confirmed": True}).status_code == 200


@pytest.mark.behaviour(
    "intelliprint.test.never-charged",
    "intelliprint.test.never-sent",
    "intelliprint.test.confirmed-on-create",
    "intelliprint.test.hidden",
    "intelliprint.test.deleted",
)
def test_a_test_job_costs_nothing_goes_nowhere_and_is_deleted_a_week_later(
    print_sandbox: PrintSandbox, api: Api
) -> None:
    print_sandbox.freeze()
    print_sandbox.world(test_letters_move=True, balance=0)
    live = api.make(testmode=False)
    job = api.make(testmode=True, confirmed=True, reference="t")
    assert (job["testmode"], job["confirmed"]) == (True, True)

    def listed(query: str) -> list[str]:
        return [row["id"] for row in api.get(f"/prints{query}").json()["data"]]

    assert listed("") == listed("?testmode=false") == [live["id"]]
    assert listed("?testmode=true") == [job["id"]]
    print_sandbox.advance(7 * 86_400)
    assert letters(api, job)[0]["status"] == "sent"
    found = print_sandbox.invariants()
    assert (found["letters_mailed"], found["paid_jobs"], found["charges"]["amount"]) == ({}, {}, 0)
    print_sandbox.advance(1)
    assert fault(api.get(f"/prints/{job['id']}")) == (404, "not_found", None)
    assert listed("?testmode=true") == []


@pytest.mark.behaviour("intelliprint.test.pipeline", "intelliprint.money.test-jobs")
def test_a_test_job_is_checked_and_priced_like_a_live_one(api: Api) -> None:
    test, live = api.make(testmode=True), api.make(testmode=False)
    assert test["cost"] == live["cost"]
    assert test["cost"]["amount"] > 0
    wrong = {"content": "x", "recipients": [ADDRESSED], "postage": {"service": "pigeon"}}
    assert api.refused(**wrong) == api.refused(**wrong, testmode=False)
    assert api.refused(**wrong)[0] == 400


def test_the_future_of_a_letter_is_told_before_it_comes() -> None:
    world = World(returned_share=1.0, returned_after_days=7)
    letter = {"id": "ltr_1", "events": []}
    job = {
        "confirmed": True,
        "confirmed_exact": 1000.0,
        "first_status": "waiting_to_print",
        "printing_from": 1000.0,
        "created_exact": 0.0,
        "testmode": False,
        "postage": {"mail_date": None, "service": "uk_first_class"},
        "letters": [letter],
    }
    assert lifecycle.moments(job, 0, world) == [
        (1000.0, "waiting_to_print"),
        (1600.0, "printing"),
        (2800.0, "enclosing"),
        (3400.0, "shipping"),
        (4600.0, "sent"),
        (4600.0 + 7 * 86_400, "returned"),
    ]
    for at, status in lifecycle.moments(job, 0, world):
        assert lifecycle.position(job, 0, at, world).status == status
        assert lifecycle.position(job, 0, at - 0.001, world).status != status or at == 1000.0
    letter["events"] = [
        {"at": 2000.0, "status": "invalid_address", "reason": None},
        {"at": 9000.0, "status": "sent", "reason": None},
    ]
    assert lifecycle.moments(job, 0, world) == [
        (1000.0, "waiting_to_print"),
        (1600.0, "printing"),
        (2000.0, "invalid_address"),
        (9000.0, "sent"),
    ]
    assert lifecycle.moments({**job, "testmode": True}, 0, World())[:1] == [(1000.0, "waiting_to_print")]
    assert lifecycle.moments({**job, "confirmed": False}, 0, world) == [(0.0, "draft")]


@pytest.mark.behaviour("intelliprint.life.cancelled")
def test_what_was_planned_for_a_letter_does_not_happen_once_it_is_cancelled(
    print_sandbox: PrintSandbox, api: Api
) -> None:
    job = api.make(testmode=False, confirmed=True)
    move(print_sandbox, job["letters"][0], status="returned", after=7 * 86_400)
    assert api.delete(f"/prints/{job['id']}").status_code == 200
    kept = print_sandbox.sandbox.store.get("print", job["id"])
    coming = lifecycle.moments(kept, 0, print_sandbox.sandbox.world)
    assert [status for _, status in coming] == ["waiting_to_print", "cancelled"]
    print_sandbox.advance(8 * 86_400)
    assert letters(api, job)[0]["status"] == "cancelled"
