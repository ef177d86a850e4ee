"""Which changes of letters are told, and in which words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox.calls import ADDRESSED

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow_provider_print.sandbox import PrintSandbox
    from tests.sandbox.calls import Api
    from tests.sandbox.webhooks.receiver import Receiver

    Confirmed = Callable[..., dict[str, Any]]
    Tell = Callable[..., None]

HOUR, DAY = 3600.0, 86_400.0
ALL = ["waiting_to_print", "printing", "enclosing", "shipping", "sent"]


def move(box: PrintSandbox, api: Api, letter: dict[str, Any], **what: object) -> None:
    answer = api.post(f"{box.url}/_sandbox/letters/{letter['id']}", json=what)
    assert answer.status_code == 200, answer.text


@pytest.mark.behaviour("intelliprint.webhook.letter-updated", "intelliprint.webhook.after-confirming")
def test_every_status_of_a_confirmed_letter_is_told_in_order(
    print_sandbox: PrintSandbox, api: Api, receiver: Receiver, tell: Tell
) -> None:
    print_sandbox.add_webhook(receiver.url)
    draft = api.make(testmode=False)
    tell(HOUR)
    assert receiver.got == []
    api.post(f"/prints/{draft['id']}", json={"confirmed": True})
    tell()
    assert receiver.statuses == ALL[:1]
    for seconds, told in ((599, 1), (1, 2), (1800, 4), (HOUR, 5), (30 * DAY, 5)):
        tell(seconds)
        assert receiver.statuses == ALL[:told]


@pytest.mark.behaviour("intelliprint.webhook.flat-payload")
def test_the_payload_is_flat_and_says_what_the_letter_was_at_the_time(
    print_sandbox: PrintSandbox, api: Api, receiver: Receiver, tell: Tell, confirmed: Confirmed
) -> None:
    print_sandbox.add_webhook(receiver.url)
    job = confirmed(reference="Batch 7", postage={"service": "uk_first_class"})
    (letter,) = job["letters"]
    begin = print_sandbox.now()
    tell(2 * HOUR)
    move(print_sandbox, api, letter, status="returned", reason="Gone away", after=14 * DAY)
    tell(15 * DAY)
    same = {
        "type": "letter.updated",
        "account": job["account"],
        "id": letter["id"],
        "print_id": job["id"],
        "reference": "Batch 7",
        "testmode": False,
        "envelope": "c5",
        "postage_service": "uk_first_class",
    }
    shipped = int(begin + 40 * 60)
    back = int(begin + 2 * HOUR + 14 * DAY)
    assert [got.event for got in receiver.got] == [
        {**same, "status": status, "shipped_date": date, "returned": returned}
        for status, date, returned in (
            ("waiting_to_print", None, None),
            ("printing", None, None),
            ("enclosing", None, None),
            ("shipping", shipped, None),
            ("sent", shipped, None),
            ("returned", shipped, {"date": back, "reason": "Gone away"}),
        )
    ]
    assert {got.headers["content-type"] for got in receiver.got} == {"application/json"}
    api.headers["Authorization"] = "Bearer key_sandbox_other"
    other = confirmed()
    tell()
    assert (receiver.got[-1].event["print_id"], receiver.got[-1].event["account"]) == (
        other["id"],
        "acc_other",
    )
    assert {got.path for got in receiver.got} == {"/hook?key=1"}


@pytest.mark.behaviour("intelliprint.webhook.no-other-end")
def test_letters_that_come_back_by_themselves_are_told_weeks_later(
    print_sandbox: PrintSandbox, receiver: Receiver, tell: Tell, confirmed: Confirmed
) -> None:
    print_sandbox.world(returned_share=1.0, returned_after_days=21)
    print_sandbox.add_webhook(receiver.url)
    confirmed()
    tell(20 * DAY)
    assert receiver.statuses == ALL
    tell(2 * DAY)
    assert receiver.statuses == [*ALL, "returned"]
    assert receiver.got[-1].event["returned"]["reason"]


@pytest.mark.behaviour("intelliprint.webhook.no-other-end")
def test_a_cancelled_letter_is_told_even_in_the_instant_of_its_confirmation(
    print_sandbox: PrintSandbox, api: Api, receiver: Receiver, tell: Tell, confirmed: Confirmed
) -> None:
    print_sandbox.add_webhook(receiver.url)
    at_once, later = confirmed(reference="a"), confirmed(reference="b")
    tell()
    api.delete(f"/prints/{at_once['id']}")
    tell(60)
    api.delete(f"/prints/{later['id']}")
    tell(2 * HOUR)
    told = [(got.event["reference"], got.event["status"]) for got in receiver.got]
    assert sorted(told) == [(name, status) for name in "ab" for status in ("cancelled", "waiting_to_print")]


@pytest.mark.parametrize("wait", [0, 600])
def test_what_the_tester_does_to_a_letter_is_told_also_when_the_clock_stands_still(
    print_sandbox: PrintSandbox,
    api: Api,
    receiver: Receiver,
    tell: Tell,
    confirmed: Confirmed,
    wait: float,
) -> None:
    print_sandbox.add_webhook(receiver.url)
    (letter,) = confirmed()["letters"]
    tell(wait)
    before = len(receiver.got)
    for status in ("sent", "returned", "invalid_address"):
        move(print_sandbox, api, letter, status=status)
        tell()
    assert receiver.statuses[before:] == ["sent", "returned", "invalid_address"]
    tell(30 * DAY)
    assert len(receiver.got) == before + 3


@pytest.mark.behaviour("intelliprint.webhook.test-mode")
def test_test_jobs_are_told_as_far_as_their_letters_move(
    print_sandbox: PrintSandbox, api: Api, receiver: Receiver, tell: Tell
) -> None:
    print_sandbox.add_webhook(receiver.url)
    api.make(confirmed=True)
    tell(2 * HOUR)
    assert receiver.statuses == ALL[:1]
    print_sandbox.world(test_letters_move=True)
    tell()
    assert receiver.statuses == ALL
    assert all(got.event["testmode"] for got in receiver.got)


@pytest.mark.behaviour("intelliprint.webhook.deleted-job")
def test_deleted_jobs_are_not_told_of(
    print_sandbox: PrintSandbox, api: Api, receiver: Receiver, tell: Tell
) -> None:
    print_sandbox.add_webhook(receiver.url)
    draft = api.make()
    api.delete(f"/prints/{draft['id']}")
    (letter,) = api.make(confirmed=True)["letters"]
    move(print_sandbox, api, letter, status="returned", after=8 * DAY)
    tell(9 * DAY)
    assert receiver.statuses == ALL[:1]


def test_what_happened_before_there_was_an_endpoint_is_not_told(
    print_sandbox: PrintSandbox, receiver: Receiver, tell: Tell, confirmed: Confirmed
) -> None:
    confirmed()
    tell(700)
    print_sandbox.add_webhook(receiver.url)
    tell(2 * HOUR)
    assert receiver.statuses == ALL[2:]


def test_a_second_endpoint_gets_what_happens_from_then_on(
    print_sandbox: PrintSandbox, receiver: Receiver, tell: Tell, confirmed: Confirmed
) -> None:
    print_sandbox.add_webhook(receiver.url)
    confirmed()
    tell(700)
    print_sandbox.add_webhook(receiver.url + "&second=1")
    tell(2 * HOUR)
    first = [got.event["status"] for got in receiver.got if "second" not in got.path]
    second = [got.event["status"] for got in receiver.got if "second" in got.path]
    assert (first, second) == (ALL, ALL[2:])


@pytest.mark.behaviour("intelliprint.webhook.after-confirming")
def test_the_first_status_can_be_left_out(
    print_sandbox: PrintSandbox, receiver: Receiver, tell: Tell, confirmed: Confirmed
) -> None:
    print_sandbox.world(webhook_on_confirm=False)
    print_sandbox.add_webhook(receiver.url)
    confirmed()
    tell(2 * HOUR)
    assert receiver.statuses == ALL[1:]


def test_leaving_out_the_first_status_leaves_out_no_cancellation_in_its_instant(
    print_sandbox: PrintSandbox, api: Api, receiver: Receiver, tell: Tell, confirmed: Confirmed
) -> None:
    print_sandbox.world(webhook_on_confirm=False)
    print_sandbox.add_webhook(receiver.url)
    api.delete(f"/prints/{confirmed()['id']}")
    tell()
    assert receiver.statuses == ["cancelled"]


@pytest.mark.behaviour("intelliprint.webhook.list-validated-not-sent")
def test_nothing_is_sent_when_a_mailing_list_has_been_checked(
    print_sandbox: PrintSandbox, api: Api, receiver: Receiver, tell: Tell
) -> None:
    print_sandbox.add_webhook(receiver.url)
    made = api.post(
        "/mailing_lists",
        json={"name": "x", "recipients": [ADDRESSED], "address_validation": {"requested": True}},
    ).json()
    tell(DAY)
    assert api.get(f"/mailing_lists/{made['id']}").json()["address_validation"]["completed"] is True
    assert receiver.got == []


def test_letters_are_told_while_the_clock_runs(
    print_sandbox: PrintSandbox, receiver: Receiver, confirmed: Confirmed
) -> None:
    print_sandbox.add_webhook(receiver.url)
    print_sandbox.set_speed(20_000)
    confirmed()
    receiver.wait_for(5)
    assert receiver.statuses == ALL
