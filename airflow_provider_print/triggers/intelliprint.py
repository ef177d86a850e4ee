"""Waiting for print jobs without a worker."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from airflow.triggers.base import BaseTrigger, TriggerEvent

from airflow_provider_print.core.errors import PrintError
from airflow_provider_print.triggers.aside import aside
from airflow_provider_print.triggers.events import Outcome, WaitEvent
from airflow_provider_print.triggers.judgement import JobView, State, Verdict, judge
from airflow_provider_print.triggers.killing import Killing
from airflow_provider_print.triggers.poll_hub import watching

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

#: Jobs that are judged on the event loop; more would hold it up.
_FEW = 100


class IntelliprintPrintJobTrigger(BaseTrigger):
    """Wakes its task when all letters of its print jobs have arrived where they should, or cannot any more.

    It only reads, but for `cancel_on_kill`, and it holds no secret: what Airflow stores of it is what is
    listed here. All such triggers of a connection share one poll.

    :param print_job_ids: ids of the print jobs.
    :param deadline: when to wake the task in any case, in UNIX seconds: wall-clock time, because the trigger
        may move to another machine.
    :param poll_interval: seconds between two looks.
    :param target_statuses: statuses that every letter is to reach, or to pass on its way to `sent`.
    :param tolerated_failures: how many letters (int) or what share of them (float) may fail.
    :param test_letters_move: whether the service moves the letters of test jobs.
    :param carry: comes back with the event, for the result of the task.
    :param intelliprint_conn_id: the connection to ask with.
    :param cancel_on_kill: when somebody marks the waiting task as failed, cancel the letters that are not
        being printed yet. Airflow 3.1 and 3.2 never tell a trigger of it: there the letters go on.
    """

    def __init__(
        self,
        *,
        print_job_ids: Sequence[str],
        deadline: float,
        poll_interval: float = 60.0,
        target_statuses: Sequence[str] = ("sent",),
        tolerated_failures: float = 0,
        test_letters_move: bool = False,
        carry: dict[str, Any] | None = None,
        intelliprint_conn_id: str = "intelliprint_default",
        cancel_on_kill: bool = False,
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.print_job_ids = list(print_job_ids)
        self.deadline = deadline
        self.poll_interval = poll_interval
        self.target_statuses = [str(status) for status in target_statuses]
        self.tolerated_failures = tolerated_failures
        self.test_letters_move = test_letters_move
        self.carry = carry or {}
        self.intelliprint_conn_id = intelliprint_conn_id
        self.cancel_on_kill = cancel_on_kill

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Return the class path and the arguments."""
        return (
            f"{type(self).__module__}.{type(self).__qualname__}",
            {
                "print_job_ids": self.print_job_ids,
                "deadline": self.deadline,
                "poll_interval": self.poll_interval,
                "target_statuses": self.target_statuses,
                "tolerated_failures": self.tolerated_failures,
                "test_letters_move": self.test_letters_move,
                "carry": self.carry,
                "intelliprint_conn_id": self.intelliprint_conn_id,
                "cancel_on_kill": self.cancel_on_kill,
            },
        )

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Yield the one event."""
        try:
            event = self._event(await self._wait())
        except PrintError as error:
            event = self._event(Outcome.ERROR, str(error))
        yield TriggerEvent(event.payload())  # type: ignore[no-untyped-call]

    async def on_kill(self) -> None:
        """Cancel the print jobs, where that was asked for and the task really has failed.

        Airflow 3.3 calls this when a user marks the task, but also when the task is cleared, or moved to
        another triggerer. See `killing` for what is asked first. It raises nothing.
        """
        if self.cancel_on_kill is True:
            await Killing(self.intelliprint_conn_id, self.print_job_ids, self.task_instance).carry_out()

    async def _wait(self) -> Outcome:
        views: dict[str, JobView] = {}
        async with watching(self.intelliprint_conn_id, self.print_job_ids, self.poll_interval) as watch:
            while True:
                try:
                    views.update(await watch.news(self.deadline))
                except TimeoutError:
                    return Outcome.TIMEOUT
                verdict = await self._judge(views)
                if verdict.state is not State.WAITING:
                    return Outcome.READY

    async def _judge(self, views: dict[str, JobView]) -> Verdict:
        judging = partial(
            judge,
            self.print_job_ids,
            views,
            targets=self.target_statuses,
            tolerated=self.tolerated_failures,
            test_letters_move=self.test_letters_move,
        )
        return judging() if len(views) <= _FEW else await aside(judging)

    def _event(self, outcome: Outcome, message: str = "") -> WaitEvent:
        return WaitEvent(
            outcome=outcome,
            ids=self.print_job_ids,
            deadline=self.deadline,
            message=message,
            carry=self.carry,
        )
