"""What is told of letters and jobs, and what a webhook may say."""

from __future__ import annotations

import json
from typing import Any

import pytest

from airflow_provider_print.core.errors import InputError, UnexpectedAnswerError
from airflow_provider_print.core.identity import LetterKey
from airflow_provider_print.intelliprint.events import (
    OUTCOMES,
    PrintEvent,
    concludes,
    ours,
    outcomes,
    rank,
)
from airflow_provider_print.intelliprint.statuses import LetterStatus
from airflow_provider_print.intelliprint.webhooks import LetterUpdate, parse

TOLD = {"type": "letter.updated", "id": "ltr_1", "print_id": "print_1", "status": "sent", "reference": None}


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        ([], ()),
        (["sent"], ("sent", "finished")),
        (["sent", "shipping"], ()),
        (["sent", "returned"], ("failed", "finished")),
        (["cancelled", "printing"], ("failed",)),
        (["cancelled"], ("failed", "finished")),
        (["sent", "teleported"], ()),
    ],
)
def test_what_is_told_of_a_job_follows_from_all_of_its_letters(
    statuses: list[str], expected: tuple[str, ...]
) -> None:
    assert outcomes(statuses) == expected


def test_only_a_status_that_ends_a_letter_can_change_what_is_told_of_its_job() -> None:
    for status in LetterStatus:
        assert concludes(status.value) is any(
            outcomes([status.value, other]) for other in ("printing", "sent")
        )


def test_letters_go_forward_and_only_a_return_follows_what_was_sent() -> None:
    way = ["draft", "waiting_to_print", "printing", "enclosing", "shipping", "sent", "returned"]
    assert [rank(status) for status in way] == sorted({rank(status) for status in way})
    assert rank("shipping") < rank("cancelled") < rank("returned")
    assert rank("teleported") < rank("draft")
    assert all(rank(status.value) >= 0 for status in LetterStatus)


def test_an_event_survives_being_stored_and_being_wrapped_by_a_watcher() -> None:
    event = PrintEvent(
        kind="print_job",
        status="sent",
        conn_id="c",
        print_job="print_1",
        letters={"sent": 2},
        source="watcher",
    )
    stored = json.loads(json.dumps(event.payload()))
    assert PrintEvent.parse(stored) == event
    assert PrintEvent.parse({"from_trigger": True, "payload": stored}) == event
    assert PrintEvent.parse({**stored, "of a later version": 1}) == event


@pytest.mark.parametrize(
    "extra", [None, {}, [], "x", {"from_api": True}, {"from_trigger": True}, {"kind": "letter"}, {"kind": 1}]
)
def test_an_event_that_somebody_made_by_hand_is_refused(extra: Any) -> None:
    with pytest.raises(InputError, match="tells of no letter"):
        PrintEvent.parse(extra)


def test_only_references_of_ours_are_passed_on() -> None:
    key = LetterKey.for_user(
        base_url="https://x/", testmode=False, environment="", idempotency_key="invoice 7"
    )
    assert ours(key.reference) == {"reference": key.reference, "letter_key": key.key}
    for other in (None, "", "To A Reader", key.key, f"{key.reference} ", f"{key.reference}x"):
        assert ours(other) == {}
    assert len(OUTCOMES) == 3


def test_a_webhook_is_read() -> None:
    update = parse(json.dumps({**TOLD, "testmode": True, "new field": {}}).encode())
    assert update == LetterUpdate(
        letter="ltr_1", print_job="print_1", reference=None, status="sent", testmode=True
    )
    assert parse(b'{"type": "mailing_list.addresses_validated"}') is None


@pytest.mark.parametrize(
    ("body", "param"),
    [
        (b"\xff", "body"),
        (b"{", "body"),
        (b"[" * 100_000, "body"),
        (b'"letter.updated"', "body"),
        (b'{"type": null}', "body"),
        (json.dumps({**TOLD, "id": None}).encode(), "id"),
        (json.dumps({**TOLD, "print_id": "a/b"}).encode(), "print_id"),
        (json.dumps({**TOLD, "status": ""}).encode(), "status"),
        (json.dumps({**TOLD, "status": "x" * 65}).encode(), "status"),
        (json.dumps({**TOLD, "testmode": 0}).encode(), "testmode"),
    ],
)
def test_what_is_no_webhook_is_refused_and_not_shown(body: bytes, param: str) -> None:
    with pytest.raises(UnexpectedAnswerError) as error:
        parse(body)
    assert error.value.param == param
    assert "a/b" not in str(error.value)
