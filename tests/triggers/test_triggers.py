"""Triggers on a real socket: what they tell, what they keep, and what they never hold."""

from __future__ import annotations

import asyncio
import inspect
import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from airflow_provider_print.triggers import patience
from airflow_provider_print.triggers.events import Outcome, WaitEvent
from airflow_provider_print.triggers.intelliprint import IntelliprintPrintJobTrigger
from airflow_provider_print.triggers.printful import PrintfulFileTrigger
from tests.airflow.fixtures import API_KEY, connect, picture, posted

if TYPE_CHECKING:
    from airflow_provider_print.hooks.intelliprint import IntelliprintHook
    from airflow_provider_print.hooks.printful import PrintfulHook
    from airflow_provider_print.sandbox import PrintSandbox

# One value for each constructor argument, none of them a default.
ARGUMENTS: dict[type, dict[str, Any]] = {
    IntelliprintPrintJobTrigger: {
        "print_job_ids": ["print_1", "print_2"],
        "deadline": 1_900_000_000.5,
        "poll_interval": 7.5,
        "target_statuses": ["sent", "returned"],
        "tolerated_failures": 0.25,
        "test_letters_move": True,
        "carry": {"already_posted": True},
        "intelliprint_conn_id": "other",
        "cancel_on_kill": True,
    },
    PrintfulFileTrigger: {
        "file_id": 77,
        "deadline": 1_900_000_000.5,
        "poll_interval": 7.5,
        "carry": {"name": "x"},
        "printful_conn_id": "other",
    },
}


@pytest.mark.parametrize("trigger", ARGUMENTS, ids=lambda trigger: trigger.__name__)
def test_every_constructor_argument_survives_being_stored(trigger: type) -> None:
    arguments = ARGUMENTS[trigger]
    wanted = {name for name in inspect.signature(trigger.__init__).parameters if name != "self"}  # type: ignore[misc]
    assert wanted == set(arguments)
    path, stored = trigger(**arguments).serialize()
    assert path == f"{trigger.__module__}.{trigger.__name__}"
    stored = json.loads(json.dumps(stored))
    assert stored == arguments
    assert trigger(**stored).serialize() == (path, stored)


def first_event(trigger: Any, *, within: float = 20.0) -> WaitEvent:
    async def one() -> Any:
        async with asyncio.timeout(within):
            return await anext(trigger.run())

    return WaitEvent.parse(
        asyncio.run(one()).payload, ids=int if isinstance(trigger, PrintfulFileTrigger) else str
    )


def waiting(*ids: str, wait: float = 15.0, **more: Any) -> IntelliprintPrintJobTrigger:
    return IntelliprintPrintJobTrigger(
        print_job_ids=ids, deadline=time.time() + wait, poll_interval=0.05, **more
    )


def test_a_trigger_wakes_its_task_when_all_letters_are_sent(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    job = posted(intelliprint)
    print_sandbox.freeze(False)
    print_sandbox.set_speed(20_000)
    event = first_event(waiting(job.id, carry={"already_posted": True}))
    assert event.outcome is Outcome.READY
    assert event.ids == [job.id]
    assert event.carry == {"already_posted": True}


def test_a_trigger_wakes_its_task_at_the_deadline(intelliprint: IntelliprintHook) -> None:
    job = posted(intelliprint)
    begun = time.monotonic()
    assert first_event(waiting(job.id, wait=0.4)).outcome is Outcome.TIMEOUT
    assert time.monotonic() - begun < 5


def test_a_trigger_wakes_its_task_as_soon_as_a_letter_has_failed(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    job = posted(intelliprint, letters=2)
    intelliprint.delete_print_job(job.id)
    assert first_event(waiting(job.id)).outcome is Outcome.READY


def test_the_wait_for_a_test_job_ends_when_it_is_confirmed(
    intelliprint_in_testmode: IntelliprintHook,
) -> None:
    job = posted(intelliprint_in_testmode)
    assert first_event(waiting(job.id)).outcome is Outcome.READY
    assert first_event(waiting(job.id, wait=0.4, test_letters_move=True)).outcome is Outcome.TIMEOUT


@pytest.mark.parametrize("kind", ["status", "reset", "garbage"])
def test_could_not_ask_is_not_an_answer(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox, kind: str
) -> None:
    job = posted(intelliprint)
    print_sandbox.advance(7200)
    print_sandbox.fault("GET", "/prints/{id}", kind=kind, status=500, times=2)
    assert first_event(waiting(job.id)).outcome is Outcome.READY


def test_an_unknown_job_ends_the_wait_with_an_error(intelliprint: IntelliprintHook) -> None:
    event = first_event(waiting("print_nosuch"))
    assert event.outcome is Outcome.ERROR
    assert "print_nosuch" in event.message


def test_a_refused_api_key_ends_the_wait_without_showing_it(
    print_sandbox: PrintSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "PATIENCE", 0.1)
    url = print_sandbox.intelliprint_url
    connect(monkeypatch, "intelliprint_default", "intelliprint", url, "key_zorgwald", testmode=False)
    event = first_event(waiting("print_1"))
    assert event.outcome is Outcome.ERROR
    assert "status=401" in event.message
    assert "zorgwald" not in event.message


def test_a_changed_api_key_is_read_again_after_a_401(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = posted(intelliprint)
    trigger = waiting(job.id)
    url = print_sandbox.intelliprint_url

    async def change() -> Any:
        connect(monkeypatch, "intelliprint_default", "intelliprint", url, API_KEY, testmode=False)
        event = asyncio.ensure_future(anext(trigger.run()))
        while not any(one["method"] == "GET" for one in print_sandbox.journal()):
            await asyncio.sleep(0.02)
        print_sandbox.fault("GET", "/prints/{id}", status=401, times=1)
        await asyncio.sleep(0.2)
        print_sandbox.advance(7200)
        async with asyncio.timeout(10):
            return await event

    assert WaitEvent.parse(asyncio.run(change()).payload).outcome is Outcome.READY


def test_a_trigger_only_reads(intelliprint: IntelliprintHook, print_sandbox: PrintSandbox) -> None:
    job = posted(intelliprint)
    before = len(print_sandbox.journal())
    first_event(waiting(job.id, wait=0.4))
    assert {one["method"] for one in print_sandbox.journal()[before:]} == {"GET"}


def test_an_event_tells_no_address(intelliprint: IntelliprintHook) -> None:
    job = posted(intelliprint)
    intelliprint.delete_print_job(job.id)
    event = first_event(waiting(job.id))
    assert "Reader" not in json.dumps(event.payload())
    assert "ANYTOWN" not in json.dumps(event.payload())


def artwork(hook: PrintfulHook, box: PrintSandbox, data: bytes | None = None) -> int:
    return hook.add_file(box.add_asset("art.png", picture() if data is None else data)).id


def file_trigger(file_id: int, wait: float = 15.0) -> PrintfulFileTrigger:
    return PrintfulFileTrigger(file_id=file_id, deadline=time.time() + wait, poll_interval=0.05)


@pytest.mark.parametrize("data", [None, b"no picture"], ids=["ok", "failed"])
def test_a_file_trigger_wakes_its_task_when_the_library_is_done(
    printful: PrintfulHook, print_sandbox: PrintSandbox, data: bytes | None
) -> None:
    file_id = artwork(printful, print_sandbox, data)
    print_sandbox.advance(600)
    event = first_event(file_trigger(file_id))
    assert event.outcome is Outcome.READY
    assert event.ids == [file_id]


def test_a_file_trigger_wakes_its_task_at_the_deadline(
    printful: PrintfulHook, print_sandbox: PrintSandbox
) -> None:
    assert first_event(file_trigger(artwork(printful, print_sandbox), wait=0.3)).outcome is Outcome.TIMEOUT


def test_a_file_trigger_reads_the_connection_again_after_a_401_and_goes_on_after_a_fault(
    printful: PrintfulHook, print_sandbox: PrintSandbox
) -> None:
    file_id = artwork(printful, print_sandbox)
    print_sandbox.advance(600)
    print_sandbox.fault("GET", "/files/{id}", status=401, times=1)
    assert first_event(file_trigger(file_id)).outcome is Outcome.READY


def test_a_file_that_nobody_knows_and_a_refused_token_end_the_wait(
    printful: PrintfulHook, print_sandbox: PrintSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "PATIENCE", 0.1)
    assert "404" in first_event(file_trigger(987_654)).message
    connect(monkeypatch, "printful_default", "printful", print_sandbox.printful_url, "nonsense")
    event = first_event(file_trigger(1))
    assert event.outcome is Outcome.ERROR
    assert "401" in event.message
