"""A letter that waits between its quote and the decision: the same paid step, with a pause in it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from airflow_provider_print.core.errors import CheckError, OtherContentError, PrintError, UnknownOutcomeError
from airflow_provider_print.intelliprint import sending
from airflow_provider_print.intelliprint.checks import QuoteChecks
from airflow_provider_print.intelliprint.letter import Attempt
from tests.intelliprint.test_sending import RECIPIENT, key_of, request_of
from tests.support.clients import client_of

if TYPE_CHECKING:
    from airflow_provider_print.intelliprint.client import IntelliprintClient
    from airflow_provider_print.sandbox import PrintSandbox


class Slots(dict[str, str]):
    """A register that counts its writes."""

    def set(self, slot: str, job_id: str) -> None:
        self[slot] = job_id


@pytest.fixture
def client(print_sandbox: PrintSandbox) -> IntelliprintClient:
    return client_of(print_sandbox.intelliprint_url)


def calls(box: PrintSandbox) -> list[str]:
    return [f"{one['method']} {one['route'].removeprefix('/intelliprint/v1')}" for one in box.journal()]


def hold(client: IntelliprintClient, *, register: Any = None, number: int = 1, **request: Any) -> Any:
    settle = 0 if register is not None else 0.01
    attempt = Attempt(
        number=number,
        registered=register is not None,
        settle=settle,
        look_up=number > 1,
        made_in=f"t try {number}",
    )
    return sending.hold(
        client, request_of(**request), key_of(), sending.Care(attempt=attempt, register=register)
    )


def test_with_a_register_nothing_is_decided_while_a_letter_is_held(
    client: IntelliprintClient, print_sandbox: PrintSandbox
) -> None:
    slots = Slots()
    held = hold(client, register=slots)
    assert (held.is_posted, held.job.confirmed, slots) == (False, False, {})
    assert held.job.cost.after_tax > 0
    assert calls(print_sandbox) == ["POST /prints"]
    result = held.finish()
    assert (result.confirmed, result.already_posted, held.is_posted) == (True, False, True)
    assert list(slots.values()) == [result.id]
    assert held.finish() == result, "a letter is paid once"
    assert calls(print_sandbox) == ["POST /prints", "POST /prints/{id}"]


def test_without_a_register_the_look_that_decides_comes_behind_the_pause(
    client: IntelliprintClient, print_sandbox: PrintSandbox
) -> None:
    held = hold(client)
    other = hold(client, number=2)
    first = other.finish()
    assert held.finish().id == first.id
    assert sum(print_sandbox.invariants()["paid_jobs"].values()) == 1


@pytest.mark.parametrize(("held_for", "wait"), [(120, 600), (700, 60)])
def test_without_a_register_a_letter_that_was_held_for_long_is_not_posted_beside_one_to_others(
    client: IntelliprintClient, print_sandbox: PrintSandbox, held_for: int, wait: int
) -> None:
    slow = hold(client)
    print_sandbox.advance(held_for)
    slow._driver.now = lambda: held_for + time.monotonic()
    late = {"address": {"name": "Late", "line": "1 Any Road"}}
    other = hold(client, recipients=[RECIPIENT, late], number=2)
    # Within ten minutes the older goes first and the younger waits; later on it is the other way round.
    first, second = (slow, other) if wait == 600 else (other, slow)
    waits: list[float] = []

    def sleep(seconds: float) -> None:
        if seconds > 1:
            waits.append(seconds)
            first.finish()

    second._driver.sleep = sleep
    with pytest.raises(OtherContentError, match="was already posted"):
        second.finish()
    assert waits == [pytest.approx(wait, abs=2)]
    assert sum(print_sandbox.invariants()["paid_jobs"].values()) == 1


def test_a_draft_that_costs_more_than_the_quoted_one_is_not_paid_in_its_place(
    client: IntelliprintClient, print_sandbox: PrintSandbox
) -> None:
    store = print_sandbox.sandbox.store
    dear = hold(client).job.id
    hidden = store.get("print", dear)
    store.delete("print", dear)
    print_sandbox.advance(5)
    held = hold(client, number=2)
    cheap = held.job.cost.model_copy(update={"after_tax": held.job.cost.after_tax - 1})
    held._quoted = held.job.model_copy(update={"cost": cheap})
    store.put("print", dear, hidden)
    with pytest.raises(PrintError, match=f"{dear} would be paid .* more than {held.job.id}"):
        held.finish()
    assert sum(print_sandbox.invariants()["paid_jobs"].values()) == 0


def test_a_letter_that_is_posted_already_waits_for_nothing(client: IntelliprintClient) -> None:
    slots = Slots()
    first = hold(client, register=slots).finish()
    again = hold(client, register=slots, number=2)
    assert again.is_posted
    assert again.job.id == first.id
    assert again.finish().already_posted


def test_other_content_names_the_job_and_tells_what_is_stored_beside_it(client: IntelliprintClient) -> None:
    slots = Slots()
    first = hold(client, register=slots).finish()
    with pytest.raises(OtherContentError) as caught:
        hold(client, register=slots, number=2, recipients=[RECIPIENT, RECIPIENT])
    assert caught.value.print_job_id == first.id
    assert caught.value.metadata["letter_key"] == key_of().key == caught.value.letter_key


def test_a_lost_answer_is_dealt_with_on_both_sides_of_the_pause(
    client: IntelliprintClient, print_sandbox: PrintSandbox
) -> None:
    print_sandbox.fault("POST", "/prints", phase="after", kind="reset")
    print_sandbox.fault("POST", "/prints/{id}", phase="after", kind="reset")
    assert hold(client, register=Slots()).finish().confirmed
    assert len(print_sandbox.outbox()["jobs"]) == 1


def test_an_error_behind_the_pause_names_the_letter(
    client: IntelliprintClient, print_sandbox: PrintSandbox
) -> None:
    held = hold(client, register=Slots())
    print_sandbox.fault("POST", "/prints/{id}", phase="before", kind="reset", times=9)
    with pytest.raises(UnknownOutcomeError) as caught:
        held.finish()
    assert caught.value.letter_key == key_of().key


def test_a_limit_that_is_not_kept_stops_before_the_pause(client: IntelliprintClient) -> None:
    care = sending.Care(attempt=Attempt(settle=0), checks=QuoteChecks(expected_letters=2))
    with pytest.raises(CheckError):
        sending.hold(client, request_of(), key_of(), care)
