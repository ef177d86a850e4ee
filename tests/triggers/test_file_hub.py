"""Library files are read one after the other, however many triggers wait for them."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from airflow_provider_print.triggers import file_hub
from airflow_provider_print.triggers.printful import PrintfulFileTrigger
from tests.airflow.fixtures import picture

if TYPE_CHECKING:
    from airflow_provider_print.hooks.printful import PrintfulHook
    from airflow_provider_print.sandbox import PrintSandbox


def waits(file_id: int) -> Any:
    trigger = PrintfulFileTrigger(file_id=file_id, deadline=time.time() + 20, poll_interval=0.1)
    return asyncio.ensure_future(anext(trigger.run()))


def added(hook: PrintfulHook, box: PrintSandbox, number: int) -> list[int]:
    return [hook.add_file(box.add_asset(f"art{n}.png", picture())).id for n in range(number)]


def test_many_triggers_ask_in_turn_and_in_one_thread_at_a_time(
    printful: PrintfulHook, print_sandbox: PrintSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = added(printful, print_sandbox, 12)
    at_work, most, threads, polls = [0], [0], [0], []
    plain = file_hub.FileHub._read_with

    async def read(self: Any, hook: Any, file_id: int) -> Any:
        at_work[0] += 1
        most[0] = max(most[0], at_work[0])
        threads[0] = max(threads[0], sum(one.name == "print-poll" for one in threading.enumerate()))
        polls.append(hook)
        try:
            return await plain(self, hook, file_id)
        finally:
            at_work[0] -= 1

    monkeypatch.setattr(file_hub.FileHub, "_read_with", read)

    async def together() -> list[Any]:
        tasks = [waits(file_id) for file_id in ids]
        while len(polls) < 24:
            await asyncio.sleep(0.02)
        print_sandbox.advance(600)
        events = await asyncio.gather(*tasks)
        assert file_hub._hubs[asyncio.get_running_loop()] == {}, "the last one out ends the reads"
        return events

    events = asyncio.run(together())
    assert [event.payload["ids"] for event in events] == [[file_id] for file_id in ids]
    assert {event.payload["outcome"] for event in events} == {"ready"}
    assert most[0] == 1
    assert threads[0] <= 2, "the one before may be just about to end"
    assert len(set(map(id, polls))) == 1, "one client for all"


@pytest.mark.parametrize("status", [401, 403, 404, 410, 500])
def test_one_failing_read_ends_no_wait(
    printful: PrintfulHook, print_sandbox: PrintSandbox, status: int
) -> None:
    first, second = added(printful, print_sandbox, 2)
    print_sandbox.advance(600)
    print_sandbox.fault("GET", "/files/{id}", status=status, times=1)

    async def both() -> set[str]:
        return {event.payload["outcome"] for event in await asyncio.gather(waits(first), waits(second))}

    assert asyncio.run(both()) == {"ready"}


def test_a_status_that_nobody_knows_ends_the_wait_for_that_file_only(
    printful: PrintfulHook, print_sandbox: PrintSandbox
) -> None:
    first, second = added(printful, print_sandbox, 2)
    odd = {"code": 200, "result": {"id": first, "status": "deleted", "type": "default"}}

    async def both() -> list[str]:
        print_sandbox.fault("GET", "/files/{id}", status=200, content=odd, times=1)
        odd_one = await waits(first)
        other = waits(second)
        print_sandbox.advance(600)
        return [odd_one.payload["message"], (await other).payload["outcome"]]

    message, outcome = asyncio.run(both())
    assert "'deleted'" in message
    assert outcome == "ready"
