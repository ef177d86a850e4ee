"""What a trigger cancels when its task is killed: only what has failed, on a real socket."""

from __future__ import annotations

import asyncio
import logging
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from airflow.sdk.execution_time import comms
from airflow.sdk.execution_time.supervisor import set_supervisor_comms

from airflow_provider_print.sandbox.intelliprint.outbox import move_letter
from airflow_provider_print.triggers.intelliprint import IntelliprintPrintJobTrigger
from tests.airflow.fixtures import API_KEY, connect, draft, posted

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow_provider_print.hooks.intelliprint import IntelliprintHook
    from airflow_provider_print.sandbox import PrintSandbox

RUN_ID = "scheduled__2026-11-01"
CONN_ID = "intelliprint_default"


class Airflow:
    """Plays the triggerer's supervisor: knows the states of one task, one answer after the other.

    :param answers: states; the last one is given again and again.
    """

    socket = None

    def __init__(self, *answers: Any, name: str = "post", run_id: str = RUN_ID) -> None:
        self.answers = list(answers)
        self.name, self.run_id = name, run_id
        self.asked: list[Any] = []

    async def asend(self, msg: Any) -> Any:
        self.asked.append(msg)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, comms.ErrorResponse):
            return answer
        return comms.TaskStatesResult(task_states={self.run_id: {self.name: answer}})


def task(map_index: int = -1) -> Any:
    """Return a task instance as the triggerer hands it to its trigger."""
    return SimpleNamespace(dag_id="unit", run_id=RUN_ID, task_id="post", map_index=map_index, try_number=1)


def waiting(*ids: str, cancel: bool = True, of: Any = None) -> IntelliprintPrintJobTrigger:
    trigger = IntelliprintPrintJobTrigger(
        print_job_ids=ids, deadline=time.time() + 60, cancel_on_kill=cancel, intelliprint_conn_id=CONN_ID
    )
    trigger.task_instance = of or task()
    return trigger


def kill(trigger: IntelliprintPrintJobTrigger, airflow: Airflow, *, within: float = 20.0) -> None:
    """Do what the triggerer does when a wait is ended from outside."""

    async def killed() -> None:
        async with asyncio.timeout(within):
            await trigger.on_kill()

    with set_supervisor_comms(airflow):  # type: ignore[arg-type]
        asyncio.run(killed())


def sent(box: PrintSandbox, method: str = "DELETE") -> int:
    return sum(1 for one in box.journal() if one["method"] == method)


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> Callable[[], str]:
    """Return what the log says."""
    caplog.set_level(logging.INFO)
    return lambda: "\n".join(record.getMessage() for record in caplog.records)


def test_the_letters_of_a_failed_task_are_cancelled_and_reported(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox, told: Callable[[], str]
) -> None:
    job = posted(intelliprint, letters=3)
    airflow = Airflow("failed")
    kill(waiting(job.id), airflow)
    assert intelliprint.get_print_job(job.id).letters_by_status() == {"cancelled": 3}
    assert f"The task has failed. Print job {job.id}: 3 letters stopped, 0 go on" in told()
    assert "billed with 0.00 GBP" in told()
    assert sent(print_sandbox) == 1
    question = airflow.asked[0]
    assert (question.dag_id, question.run_ids, question.task_ids, question.map_index) == (
        "unit",
        [RUN_ID],
        ["post"],
        -1,
    )


@pytest.mark.parametrize(
    "state",
    ["success", "deferred", "queued", "running", "scheduled", "up_for_retry", "removed", "FAILED", "", None],
)
def test_a_task_that_has_not_failed_keeps_its_letters(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox, told: Callable[[], str], state: str | None
) -> None:
    job = posted(intelliprint)
    before = len(print_sandbox.journal())
    kill(waiting(job.id), Airflow(state))
    assert print_sandbox.journal()[before:] == []
    assert (
        f"Print jobs {job.id} are not cancelled and go on: the task has not failed (state {state})" in told()
    )


COULD_NOT_ASK: dict[str, Airflow] = {
    "Airflow is down": Airflow(ConnectionError("api_key=hidden")),
    "Airflow refuses": Airflow(comms.ErrorResponse(error=comms.ErrorType.GENERIC_ERROR)),
    "the run is gone": Airflow("failed", run_id="another run"),
    "another task has failed": Airflow("failed", name="another"),
    "a mapped task has failed": Airflow("failed", name="post_0"),
}


@pytest.mark.parametrize("airflow", COULD_NOT_ASK.values(), ids=COULD_NOT_ASK.keys())
def test_where_airflow_cannot_be_asked_nothing_is_cancelled(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox, told: Callable[[], str], airflow: Airflow
) -> None:
    job = posted(intelliprint)
    before = len(print_sandbox.journal())
    kill(waiting(job.id), airflow)
    assert print_sandbox.journal()[before:] == []
    assert f"Print jobs {job.id} are not cancelled and go on: Airflow could not be asked" in told()
    assert "hidden" not in told()


def test_a_trigger_that_knows_no_task_and_no_airflow_cancels_nothing(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox, told: Callable[[], str]
) -> None:
    job = posted(intelliprint)
    stranger = waiting(job.id)
    stranger.task_instance = None
    kill(stranger, Airflow("failed"))
    asyncio.run(waiting(job.id).on_kill())
    assert sent(print_sandbox) == 0
    assert told().count("could not be asked") == 2


def test_without_being_told_to_a_trigger_does_not_even_ask(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    job = posted(intelliprint)
    airflow = Airflow("failed")
    kill(waiting(job.id, cancel=False), airflow)
    assert airflow.asked == []
    assert sent(print_sandbox) == 0


def test_letters_that_are_being_printed_are_reported_as_still_billed(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox, told: Callable[[], str]
) -> None:
    job = posted(intelliprint, letters=3)
    move_letter(print_sandbox.sandbox, str(job.letters[0].id), status="printing")
    kill(waiting(job.id), Airflow("failed"))
    cost = job.letters[0].cost.total
    assert f"2 letters stopped, 1 go on and are billed with {cost}." in told()
    assert intelliprint.get_print_job(job.id).letters_by_status() == {"printing": 1, "cancelled": 2}


def test_a_job_that_is_on_its_way_altogether_is_reported_and_no_error(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox, told: Callable[[], str]
) -> None:
    job = posted(intelliprint, letters=2)
    print_sandbox.advance(7200)
    kill(waiting(job.id), Airflow("failed"))
    assert f"0 letters stopped, 2 go on and are billed with {job.cost.total}." in told()


@pytest.mark.parametrize("map_index", [0, 12])
def test_a_mapped_task_asks_for_itself_and_cancels_its_own_job(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox, map_index: int
) -> None:
    mine, other = posted(intelliprint), posted(intelliprint)
    airflow = Airflow("failed", name=f"post_{map_index}")
    kill(waiting(mine.id, of=task(map_index)), airflow)
    assert airflow.asked[0].map_index == map_index
    assert intelliprint.get_print_job(mine.id).letters_by_status() == {"cancelled": 1}
    assert intelliprint.get_print_job(other.id).letters_by_status() == {"waiting_to_print": 1}


def test_the_failure_of_another_mapped_task_cancels_nothing(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    job = posted(intelliprint)
    for name in ("post", "post_1", "post_10"):
        kill(waiting(job.id, of=task(0)), Airflow("failed", name=name))
    assert sent(print_sandbox) == 0


def test_a_draft_is_not_deleted(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox, told: Callable[[], str]
) -> None:
    job = draft(intelliprint)
    kill(waiting(job.id), Airflow("failed"))
    assert sent(print_sandbox) == 0
    assert intelliprint.get_print_job(job.id).confirmed is False
    assert f"Print job {job.id} is a draft: it costs nothing, and is not deleted." in told()


def test_a_task_that_is_cleared_while_its_job_is_looked_at_keeps_its_letters(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox, told: Callable[[], str]
) -> None:
    first, second = posted(intelliprint), posted(intelliprint)
    kill(waiting(first.id, second.id), Airflow("failed", "queued"))
    assert sent(print_sandbox) == 0
    assert (
        f"Print jobs {first.id}, {second.id} are not cancelled and go on: the task has not failed" in told()
    )


def test_one_job_that_is_gone_or_refused_keeps_no_other_from_being_cancelled(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox, told: Callable[[], str]
) -> None:
    refused, last = posted(intelliprint), posted(intelliprint)
    print_sandbox.fault("DELETE", "/prints/{id}", kind="status", status=403, times=1)
    kill(waiting("print_nosuch", refused.id, last.id), Airflow("failed"))
    assert "There is no print job print_nosuch (any more)" in told()
    assert f"Print job {refused.id} may go on and be billed" in told()
    assert intelliprint.get_print_job(last.id).letters_by_status() == {"cancelled": 1}


@pytest.mark.parametrize("phase", ["before", "after"])
def test_a_cancellation_whose_answer_is_lost_is_repeated_and_reported_as_it_is(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox, told: Callable[[], str], phase: str
) -> None:
    job = posted(intelliprint, letters=2)
    print_sandbox.fault("DELETE", "/prints/{id}", phase=phase, kind="reset", times=1)
    kill(waiting(job.id), Airflow("failed"))
    assert f"Print job {job.id}: 2 letters stopped, 0 go on" in told()
    assert sent(print_sandbox) == 2


def test_a_service_that_hangs_does_not_hold_up_the_triggerer(
    intelliprint: IntelliprintHook,
    print_sandbox: PrintSandbox,
    told: Callable[[], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    job = posted(intelliprint)
    monkeypatch.setenv("AIRFLOW__TRIGGERER__ON_KILL_TIMEOUT", "2")
    print_sandbox.fault("DELETE", "/prints/{id}", kind="hang", times=None)
    begun = time.monotonic()
    kill(waiting(job.id), Airflow("failed"))
    assert time.monotonic() - begun < 2
    assert f"{job.id} may go on and be billed" in told()
    print_sandbox.clear_faults()


def test_no_call_begins_when_the_time_is_over(
    intelliprint: IntelliprintHook,
    print_sandbox: PrintSandbox,
    told: Callable[[], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    job = posted(intelliprint)
    monkeypatch.setenv("AIRFLOW__TRIGGERER__ON_KILL_TIMEOUT", "2")
    print_sandbox.fault(
        "DELETE", "/prints/{id}", kind="status", status=429, headers={"Retry-After": "1.5"}, times=None
    )
    kill(waiting(job.id), Airflow("failed"))
    time.sleep(2.2)
    assert sent(print_sandbox) == 1
    assert f"Print job {job.id} may go on and be billed: There was no time left" in told()
    assert intelliprint.get_print_job(job.id).letters_by_status() == {"waiting_to_print": 1}


def test_an_airflow_that_does_not_answer_cancels_nothing_and_is_not_waited_for(
    intelliprint: IntelliprintHook,
    print_sandbox: PrintSandbox,
    told: Callable[[], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Silent(Airflow):
        async def asend(self, _msg: Any) -> Any:
            await asyncio.sleep(60)

    job = posted(intelliprint)
    monkeypatch.setenv("AIRFLOW__TRIGGERER__ON_KILL_TIMEOUT", "1")
    kill(waiting(job.id), Silent(None), within=3)
    assert sent(print_sandbox) == 0
    assert f"There was no time to cancel: print jobs {job.id} may go on" in told()


def test_a_connection_that_cannot_be_used_is_told_and_raises_nothing(
    intelliprint: IntelliprintHook,
    print_sandbox: PrintSandbox,
    told: Callable[[], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    job = posted(intelliprint)
    connect(monkeypatch, CONN_ID, "intelliprint", print_sandbox.intelliprint_url, "key_zorgwald")
    kill(waiting(job.id), Airflow("failed"))
    monkeypatch.setenv(f"AIRFLOW_CONN_{CONN_ID.upper()}", '{"conn_type": "intelliprint", "host": "ftp://x"}')
    kill(waiting(job.id), Airflow("failed"))
    assert sent(print_sandbox) == 0
    assert f"Print job {job.id} may go on and be billed" in told()
    assert f"Print jobs {job.id} are not cancelled and go on: This is not an http or https URL." in told()
    assert "zorgwald" not in told()


class Slow(Airflow):
    """Answers after a while."""

    async def asend(self, msg: Any) -> Any:
        await asyncio.sleep(0.5)
        return await super().asend(msg)


async def cancelled_while_killing(trigger: IntelliprintPrintJobTrigger, then: float) -> None:
    """Do what the triggerer does a second after a kill: cancel the trigger once more, and again."""
    killing = asyncio.ensure_future(asyncio.wait_for(trigger.on_kill(), timeout=30))
    for _ in range(3):
        await asyncio.sleep(0.1)
        killing.cancel("__airflow_user_action__")
    with pytest.raises(asyncio.CancelledError):
        await killing
    await asyncio.sleep(then)


def test_a_triggerer_that_cancels_the_trigger_again_does_not_keep_letters_from_being_cancelled(
    intelliprint: IntelliprintHook, told: Callable[[], str]
) -> None:
    job = posted(intelliprint)
    with set_supervisor_comms(Slow("failed")):  # type: ignore[arg-type]
        asyncio.run(cancelled_while_killing(waiting(job.id), then=5))
    assert intelliprint.get_print_job(job.id).letters_by_status() == {"cancelled": 1}
    assert f"Print job {job.id}: 1 letters stopped" in told()


def test_the_end_of_the_triggerer_ends_it_and_is_told(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox, told: Callable[[], str]
) -> None:
    job = posted(intelliprint)
    with set_supervisor_comms(Slow("failed")):  # type: ignore[arg-type]
        asyncio.run(cancelled_while_killing(waiting(job.id), then=0))
    assert sent(print_sandbox) == 0
    assert f"The triggerer ends: print jobs {job.id} may go on" in told()


def test_what_is_logged_tells_neither_address_nor_api_key(
    intelliprint: IntelliprintHook, told: Callable[[], str]
) -> None:
    kill(waiting(posted(intelliprint).id), Airflow("failed"))
    assert "stopped" in told()
    for private in (API_KEY, "Reader", "ANYTOWN", "AB1 2CD"):
        assert private not in told()
