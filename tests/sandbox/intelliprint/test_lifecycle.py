"""Letters move by the sandbox's clock, and by the tester's hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests

from tests.sandbox.calls import ADDRESSED

if TYPE_CHECKING:
    from airflow_provider_print.sandbox import PrintSandbox
    from tests.sandbox.calls import Api

MINUTE = 60


def letters(api: Api, job: dict[str, Any]) -> list[dict[str, Any]]:
    return api.get(f"/prints/{job['id']}").json()["letters"]


def move(box: PrintSandbox, letter: dict[str, Any], **what: Any) -> requests.Response:
    return requests.post(f"{box.url}/_sandbox/letters/{letter['id']}", json=what)


def test_letters_go_through_every_status_to_sent(print_sandbox: PrintSandbox, api: Api) -> None:
    job = api.make(testmode=False, confirmed=True, postage={"service": "uk_special_delivery"})
    seen = []
    for _ in range(14):
        (letter,) = letters(api, job)
        if letter["status"] not in seen:
            seen.append(letter["status"])
        print_sandbox.advance(5 * MINUTE)
    assert seen == ["waiting_to_print", "printing", "enclosing", "shipping", "sent"]
    assert letter["tracking_number"].startswith("SX")
    assert letter["shipped_date"] == job["confirmed_at"] + 40 * MINUTE


def test_a_service_without_tracking_gives_no_number(print_sandbox: PrintSandbox, api: Api) -> None:
    job = api.make(testmode=False, confirmed=True)
    print_sandbox.advance(3600)
    (letter,) = letters(api, job)
    assert (letter["status"], letter["tracking_number"]) == ("sent", None)


def test_letters_of_one_job_move_one_after_the_other(print_sandbox: PrintSandbox, api: Api) -> None:
    job = api.make(testmode=False, confirmed=True, content="x", recipients=[ADDRESSED] * 4)
    print_sandbox.advance(11 * MINUTE)
    assert [letter["status"] for letter in letters(api, job)] == ["printing"] * 3 + ["waiting_to_print"]


def test_test_letters_stay_unless_the_world_moves_them(print_sandbox: PrintSandbox, api: Api) -> None:
    job = api.make(confirmed=True)
    print_sandbox.advance(2 * 3600)
    assert letters(api, job)[0]["status"] == "waiting_to_print"
    print_sandbox.world(test_letters_move=True)
    assert letters(api, job)[0]["status"] == "sent"


def test_nothing_is_printed_before_its_mail_date(print_sandbox: PrintSandbox, api: Api) -> None:
    day = int(print_sandbox.now()) + 5 * 86_400
    job = api.make(testmode=False, confirmed=True, postage={"mail_date": day})
    print_sandbox.advance(86_400)
    assert letters(api, job)[0]["status"] == "waiting_to_print"
    print_sandbox.advance(5 * 86_400)
    assert letters(api, job)[0]["status"] == "sent"


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


@pytest.mark.parametrize("status", ["failed_wrong_address", "invalid_address", "cancelled", "shipping"])
def test_a_test_letter_can_be_moved_by_hand(print_sandbox: PrintSandbox, api: Api, status: str) -> None:
    job = api.make(confirmed=True)
    assert move(print_sandbox, job["letters"][0], status=status).json()["status"] == status
    assert letters(api, job)[0]["status"] == status


def test_a_draft_or_unknown_letter_cannot_be_moved(print_sandbox: PrintSandbox, api: Api) -> None:
    job = api.make()
    assert move(print_sandbox, job["letters"][0], status="sent").status_code == 400
    assert move(print_sandbox, {"id": "ltr_none"}, status="sent").status_code == 404
    assert move(print_sandbox, job["letters"][0], status="sent", after="soon").status_code == 400
    assert move(print_sandbox, job["letters"][0], status="sent", when=1).status_code == 400
