"""Cancelling from the triggerer: the only write that a trigger ever makes.

Airflow (3.3) tells a trigger `on_kill` when somebody marks its waiting task as failed. It does the same when
the task is marked a success, when it is cleared (a second after the new try may have taken the job over), and
when the trigger only moves to another triggerer while the task goes on waiting (all measured). Cancelling
then would take back letters that somebody still waits for. So Airflow is asked how the task stands, before
anything else and once more right before each cancellation, and only the answer `failed` cancels. Whatever
else it says, and when it cannot be asked, the letters go on, and the log says so.

A clear in the moment between the last question and the cancellation cannot be seen. The new try then finds a
job whose letters were cancelled, and fails with an error that names `resend`: nothing is lost silently.

Airflow also ends `on_kill` itself after about a second, well before its own time limit: it goes on
cancelling the trigger for as long as that is still there (measured with 3.3.2). So the work is done in a task
of its own, which nothing but the end of the triggerer cancels. What takes longer than that second is told in
the log of the triggerer instead of that of the task.

A draft is never deleted here. Nobody waits for a draft, so one means that something is not as it should be;
it costs nothing and nothing of it is printed.
"""

from __future__ import annotations

import asyncio
import logging
import time
from importlib import import_module
from typing import TYPE_CHECKING, Any

from airflow_provider_print._compat import conf
from airflow_provider_print.core.errors import NoAnswerError, PrintError
from airflow_provider_print.triggers.connecting import intelliprint as connect

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow_provider_print.hooks.intelliprint import IntelliprintHook

log = logging.getLogger(__name__)

#: Shares of the time that Airflow gives: for everything, and for one call. A call that is begun at the last
#: moment is so over before Airflow ends the trigger.
_ALL, _ONE = 0.75, 0.2

# The loop itself keeps its tasks weakly.
_at_work: set[asyncio.Task[None]] = set()


class Killing:
    """Cancels print jobs, if their task has failed.

    :param conn_id: the connection to cancel with.
    :param ids: ids of the print jobs.
    :param task_instance: the task that waited, as Airflow tells the trigger: `dag_id`, `run_id`, `task_id`,
        `map_index`.
    """

    def __init__(self, conn_id: str, ids: Sequence[str], task_instance: Any) -> None:
        self._conn_id = conn_id
        self._left = list(ids)
        self._task_instance = task_instance
        self._time = 0.0

    async def carry_out(self) -> None:
        """Ask, cancel, and say what became of each job. Raises nothing.

        Who cancels this only stops waiting for it: the work goes on.
        """
        work = asyncio.create_task(self._carry_out())
        _at_work.add(work)
        work.add_done_callback(_at_work.discard)
        await asyncio.shield(work)

    async def _carry_out(self) -> None:
        try:
            self._time = conf.getfloat("triggerer", "on_kill_timeout", fallback=30.0)
            async with asyncio.timeout(self._time * _ALL):
                if await self._has_failed():
                    await self._cancel_all()
        except TimeoutError:
            log.warning(
                "There was no time to cancel: print jobs %s may go on and be billed. Look at them, or cancel "
                "them with IntelliprintCancelPrintJobOperator.",
                self._named,
            )
        except asyncio.CancelledError:
            log.warning("The triggerer ends: print jobs %s may go on and be billed.", self._named)
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the triggerer goes on with other triggers
            log.warning("Print jobs %s are not cancelled and go on: %s", self._named, _short(error))

    @property
    def _named(self) -> str:
        return ", ".join(self._left)

    async def _has_failed(self) -> bool:
        """Ask Airflow; False when it says anything else, or nothing."""
        try:
            state = await state_of(self._task_instance)
        except Exception as error:  # noqa: BLE001 - "could not ask" is no answer, whatever the reason
            log.warning(
                "Print jobs %s are not cancelled and go on: Airflow could not be asked whether the task has "
                "failed (%s).",
                self._named,
                _short(error),
            )
            return False
        if state != "failed":
            log.info(
                "Print jobs %s are not cancelled and go on: the task has not failed (state %s).",
                self._named,
                state,
            )
        return state == "failed"

    async def _cancel_all(self) -> None:
        hook = await connect(self._conn_id)
        self._hurry(hook)
        while self._left:
            try:
                if not await self._cancel(hook, self._left[0]):
                    return
            except Exception as error:  # noqa: BLE001 - one job must not keep the others from being cancelled
                log.warning("Print job %s may go on and be billed: %s", self._left[0], _short(error))
            del self._left[0]

    async def _cancel(self, hook: IntelliprintHook, job_id: str) -> bool:
        """Cancel one job; return whether to go on with others."""
        from airflow_provider_print.intelliprint.cancelling import in_words, look, report, stop

        before = await asyncio.to_thread(look, hook, job_id)
        if before is None:
            log.warning("There is no print job %s (any more): nothing to cancel.", job_id)
        elif not before.confirmed:
            log.warning("Print job %s is a draft: it costs nothing, and is not deleted.", job_id)
        elif not await self._has_failed():
            return False
        else:
            after = await asyncio.to_thread(stop, hook, before)
            log.warning("The task has failed. %s", in_words(report(before, after)))
        return True

    def _hurry(self, hook: IntelliprintHook) -> None:
        """Let no call of a hook begin when the time is over: a thread cannot be ended from outside."""
        from airflow_provider_print.core.retry import RetryPolicy
        from airflow_provider_print.core.transport import Clock, Timeouts

        end = time.monotonic() + self._time * _ALL

        def sleep(seconds: float) -> None:
            if time.monotonic() + seconds > end:
                raise NoAnswerError("There was no time left to wait for another attempt.")
            time.sleep(seconds)

        one = self._time * _ONE
        hook.transport.clock = Clock(sleep=sleep)
        hook.transport.policy = RetryPolicy(budget=self._time, fault_budget=one)
        hook.transport.timeouts = Timeouts(connect=one, read=one, total=one)


async def state_of(task_instance: Any) -> str | None:
    """Ask Airflow, from within the triggerer, how a task instance stands.

    :param task_instance: `dag_id`, `run_id`, `task_id` and `map_index`.
    :return: the state; None for a task instance that has none yet.
    :raises LookupError: when Airflow does not know it, or answers something else.
    """
    task_runner = import_module("airflow.sdk.execution_time.task_runner")
    comms = import_module("airflow.sdk.execution_time.comms")
    run_id, task_id, map_index = task_instance.run_id, task_instance.task_id, task_instance.map_index
    question = comms.GetTaskStates(
        dag_id=task_instance.dag_id, task_ids=[task_id], run_ids=[run_id], map_index=map_index
    )
    answer = await task_runner.SUPERVISOR_COMMS.asend(question)
    if not isinstance(answer, comms.TaskStatesResult):
        raise LookupError("no answer")
    name = task_id if map_index is None or map_index < 0 else f"{task_id}_{map_index}"
    state: str | None = answer.task_states[run_id][name]
    return state


def _short(error: Exception) -> str:
    """Return what may be logged of an error: the texts of others may hold anything."""
    return str(error) if isinstance(error, PrintError) else type(error).__name__
