"""The library file sensor in each mode, in the real task runner, on a real socket."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from airflow_provider_print.sensors.printful import PrintfulFileSensor
from tests.airflow.fixtures import picture
from tests.airflow.harness import Ran, dag, run_task

if TYPE_CHECKING:
    from airflow_provider_print.hooks.printful import PrintfulHook
    from airflow_provider_print.sandbox import PrintSandbox

MODES = {
    "poke": {"mode": "poke"},
    "reschedule": {"mode": "reschedule"},
    "deferrable": {"deferrable": True},
}
GOES_ON = {"reschedule": "up_for_reschedule", "deferrable": "deferred"}


def added(hook: PrintfulHook, box: PrintSandbox, data: bytes | None = None) -> int:
    return hook.add_file(box.add_asset("art.png", picture() if data is None else data)).id


def sense(file_id: Any, *, run: dict[str, Any] | None = None, **arguments: Any) -> Ran:
    with dag():
        op = PrintfulFileSensor(task_id="file", file_id=file_id, **{"poke_interval": 0.05, **arguments})
    return run_task(op, **(run or {}))


@pytest.mark.parametrize("mode", MODES)
def test_a_file_that_is_ready_ends_the_wait_and_is_returned_without_its_source(
    printful: PrintfulHook, print_sandbox: PrintSandbox, mode: str
) -> None:
    file_id = added(printful, print_sandbox)
    if mode in GOES_ON:
        assert sense(file_id, **MODES[mode]).state == GOES_ON[mode]
    print_sandbox.advance(600)
    ran = sense({"id": file_id}, **MODES[mode])
    assert ran.state == "success"
    assert ran.result["id"] == file_id
    assert (ran.result["status"], ran.result["width"], ran.result["height"]) == ("ok", 60, 40)
    assert "url" not in ran.result
    assert ran.supervisor.xcoms["_link_PrintfulFileLink"] == ran.result["preview_url"]


@pytest.mark.parametrize("mode", MODES)
def test_a_file_that_the_library_could_not_use_fails_and_says_that_the_url_must_change(
    printful: PrintfulHook, print_sandbox: PrintSandbox, mode: str
) -> None:
    file_id = added(printful, print_sandbox, b"no picture")
    print_sandbox.advance(600)
    ran = sense(file_id, retries=2, **MODES[mode])
    assert ran.state == "failed"
    assert "change the URL" in str(ran.error)
    assert sense(file_id, soft_fail=True, **MODES[mode]).state == "skipped"


@pytest.mark.parametrize("mode", MODES)
def test_a_status_that_nobody_knows_is_an_error_that_names_it(
    printful: PrintfulHook, print_sandbox: PrintSandbox, mode: str
) -> None:
    file_id = added(printful, print_sandbox)
    told = {"code": 200, "result": {"id": file_id, "status": "deleted", "type": "default"}}
    print_sandbox.fault("GET", "/files/{id}", status=200, content=told)
    ran = sense(file_id, retries=2, **MODES[mode])
    assert ran.state == "failed"
    assert "'deleted'" in str(ran.error)


def test_the_wait_has_an_end(printful: PrintfulHook, print_sandbox: PrintSandbox) -> None:
    ran = sense(added(printful, print_sandbox), wait_timeout=0.1, retries=2)
    assert ran.state == "failed"
    assert "wait_timeout" in str(ran.error)


def test_ten_minutes_is_the_default(printful: PrintfulHook, print_sandbox: PrintSandbox) -> None:
    ran = sense(added(printful, print_sandbox), deferrable=True)
    assert 590 < ran.trigger.deadline - datetime.now(UTC).timestamp() <= 600


def test_a_resume_looks_itself(printful: PrintfulHook, print_sandbox: PrintSandbox) -> None:
    file_id = added(printful, print_sandbox)

    def resumed(outcome: str, **more: Any) -> Ran:
        event = {"outcome": outcome, "ids": [file_id], "deadline": 2e9, "message": "why", "carry": {}}
        return sense(file_id, deferrable=True, run={"event": event}, **more)

    assert resumed("ready").state == "deferred"
    assert resumed("timeout").state == "failed"
    assert resumed("error").state == "deferred", "this worker can ask, so the wait goes on"
    print_sandbox.advance(600)
    assert resumed("timeout").result["status"] == "ok"


def test_an_id_that_is_no_number_names_the_field_and_an_unknown_one_ends_the_wait(
    printful: PrintfulHook,
) -> None:
    assert "file_id" in str(sense("art.png", retries=2).error)
    assert sense("987654", retries=2).state == "failed"
