"""Waiting for print jobs on the worker, and looking once more after a trigger has woken the task.

The same look, the same judgement and the same result in every mode: a task that waits in a slot, a sensor
that pokes, and a task that the triggerer has woken, which believes only what it sees itself.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any

from airflow_provider_print.core.errors import (
    AuthenticationError,
    InputError,
    PrintError,
    WaitTimeoutError,
)
from airflow_provider_print.intelliprint.statuses import parse_targets
from airflow_provider_print.triggers.connecting import changed
from airflow_provider_print.triggers.events import Outcome
from airflow_provider_print.triggers.failures import ends_waiting
from airflow_provider_print.triggers.judgement import JobView, State, Verdict, check_tolerance, judge
from airflow_provider_print.triggers.look import Looker
from airflow_provider_print.triggers.patience import Patience
from airflow_provider_print.triggers.seconds import check_seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from airflow_provider_print.hooks.intelliprint import IntelliprintHook
    from airflow_provider_print.intelliprint.models import PrintJob
    from airflow_provider_print.triggers.events import WaitEvent
    from airflow_provider_print.triggers.intelliprint import IntelliprintPrintJobTrigger

log = logging.getLogger(__name__)


class JobWait:
    """A wait for print jobs.

    :param hook: reads the jobs.
    :param ids: ids of the jobs.
    :param target_statuses: statuses that every letter is to reach, or to pass on its way to `sent`.
    :param tolerated_failures: how many letters (int) or what share of them (float) may fail.
    :raises InputError: naming the argument.
    """

    def __init__(
        self,
        hook: IntelliprintHook,
        ids: Iterable[str],
        *,
        target_statuses: Sequence[str],
        tolerated_failures: float,
    ) -> None:
        check_tolerance(tolerated_failures)
        self.ids = list(dict.fromkeys(ids))
        if not self.ids:
            raise InputError("There is no print job to wait for.", param="print_job_id")
        self._hook = hook
        self._targets = sorted(_targets(target_statuses))
        self._tolerated = tolerated_failures
        self._views: dict[str, JobView] = {}
        self._looker = Looker(hook, testmode=hook.settings.testmode)
        self._patience = Patience()
        self._answered = False

    def look_patiently(self, *, begun: bool = False) -> Verdict | None:
        """Ask once; return None, and say so in the log, when the service could not be asked.

        At the very first look, a refused API key and the like are raised at once: somebody has just set this
        up. Later they are borne with, as in the triggerer.

        :param begun: an earlier process, or a trigger, has looked before.
        :raises LetterFailedError: naming letters that will not arrive.
        :raises PrintError: when asking again cannot help.
        """
        try:
            views = self._ask()
        except PrintError as error:
            first = not (begun or self._answered)
            if (first and ends_waiting(error)) or self._patience.ends_with(error):
                raise
            log.warning("Could not ask for the print jobs; the wait goes on. %s", error)
            return None
        self._answered = True
        self._patience.renew()
        self._views.update(views)
        return self._verdict()

    def _ask(self) -> dict[str, JobView]:
        """Look once. A 401 may mean that the API key was changed: the connection is read again."""
        try:
            return self._looker.look(self.ids)
        except AuthenticationError:
            other = changed(self._hook, self._hook.intelliprint_conn_id)
            if other is None:
                raise
            self._hook = other
        self._looker.use(other, testmode=other.settings.testmode)
        return self._looker.look(self.ids)

    def _verdict(self) -> Verdict:
        verdict = self._judge()
        if verdict.state is State.FAILED:
            raise verdict.failure()
        if verdict.state is State.DONE and verdict.ended_at_confirmed:
            log.info(
                "%d of %d print jobs are test jobs, confirmed: the wait for them ends here, because test "
                "letters need not move on. (Set test_letters_move in the connection of a service that moves "
                "them.)",
                len(verdict.ended_at_confirmed),
                len(self.ids),
            )
        return verdict

    def _judge(self) -> Verdict:
        return judge(
            self.ids,
            self._views,
            targets=self._targets,
            tolerated=self._tolerated,
            test_letters_move=self._hook.settings.test_letters_move,
        )

    def job(self) -> PrintJob | None:
        """Return the job itself, where there is one and it was read whole."""
        view = self._views.get(self.ids[0]) if len(self.ids) == 1 else None
        return view.job if view else None

    def totals(self) -> dict[str, Any]:
        """Return what many jobs come to: a small dict, however many they are."""
        verdict = self._judge()
        return {"print_jobs": len(self.ids), "letters": verdict.counts, "failed": len(verdict.failures)}

    def deadline(self, begun: float, wait_timeout: float) -> float:
        """Return the end of the wait in UNIX seconds, counted from the last confirmation where that is known.

        A later try of a task so waits for what is left, not anew. The confirmation is by the service's clock,
        which may go ahead of ours, so the wait is never longer than from its own beginning.

        :param begun: when the wait began, in UNIX seconds.
        :param wait_timeout: seconds.
        """
        times = [view.confirmed_at for view in self._views.values() if view.confirmed_at is not None]
        known = len(times) == len(self.ids)
        return min([begun, max(times)] if known else [begun]) + wait_timeout

    def too_late(self, verdict: Verdict | None) -> WaitTimeoutError:
        """Return the error of a wait whose deadline has passed.

        :param verdict: what the last look has shown; None when the service could not be asked.
        """
        stand = verdict.summary if verdict else "the service could not be asked at the last look"
        jobs = self.ids[0] if len(self.ids) == 1 else f"{len(self.ids)} print jobs"
        aims = " or ".join(self._targets)
        return WaitTimeoutError(
            f"At the end of wait_timeout not all letters of {jobs} are {aims}: {stand}.",
            advice="The letters go on by themselves. To wait longer, raise wait_timeout and clear this task.",
        )

    def trigger(
        self,
        *,
        deadline: float,
        poll_interval: float,
        carry: dict[str, Any],
        conn_id: str,
        cancel_on_kill: bool = False,
    ) -> IntelliprintPrintJobTrigger:
        """Return what waits on in the triggerer; see `IntelliprintPrintJobTrigger` for the arguments."""
        from airflow_provider_print.triggers.intelliprint import IntelliprintPrintJobTrigger

        return IntelliprintPrintJobTrigger(
            print_job_ids=self.ids,
            deadline=deadline,
            poll_interval=poll_interval,
            target_statuses=self._targets,
            tolerated_failures=self._tolerated,
            test_letters_move=self._hook.settings.test_letters_move,
            carry=carry,
            intelliprint_conn_id=conn_id,
            cancel_on_kill=cancel_on_kill,
        )


def wait_here(
    wait: JobWait,
    *,
    wait_timeout: float,
    poll_interval: float,
    sleep: Callable[[float], None] = time.sleep,
) -> Verdict:
    """Ask again and again until the wait is over; the last look is at the deadline, not before it.

    :param wait: what is waited for.
    :param wait_timeout: seconds, see `JobWait.deadline`.
    :param poll_interval: seconds between two looks.
    :raises WaitTimeoutError: when the deadline has passed.
    :raises PrintError: when asking again cannot help, or letters will not arrive.
    """
    begun = time.time()
    while True:
        looked = time.time()
        verdict = wait.look_patiently()
        if verdict is not None and verdict.state is State.DONE:
            return verdict
        deadline = wait.deadline(begun, wait_timeout)
        if looked >= deadline:
            raise wait.too_late(verdict)
        sleep(max(0.0, min(poll_interval, deadline - time.time())))


def check_wait(
    *, target_statuses: Sequence[str], tolerated_failures: float, poll_interval: float, wait_timeout: float
) -> None:
    """Refuse arguments that make no sense, before anything is paid.

    :raises InputError: naming the argument.
    """
    _targets(target_statuses)
    check_tolerance(tolerated_failures)
    check_seconds(poll_interval=poll_interval, wait_timeout=wait_timeout)


def _targets(names: Any) -> frozenset[str]:
    """Read the statuses that are waited for, also where a DAG gives something else altogether."""
    if isinstance(names, bytes | dict) or not hasattr(names, "__iter__"):
        kind = type(names).__name__
        raise InputError(f"target_statuses is a list of statuses, not {kind}.", param="target_statuses")
    return frozenset(parse_targets(names))


def job_ids(value: Any) -> list[str]:
    """Return the ids in what a template field holds: an id, the result of a submit task, or many of these.

    :raises InputError: naming `print_job_id`, for anything else.
    """
    if isinstance(value, str):
        return [value.strip()] if value.strip() else []
    if isinstance(value, dict):
        return _named_in(value)
    if value is None or isinstance(value, bytes) or not hasattr(value, "__iter__"):
        message = f"An id of a print job, or a list of them, is wanted; {type(value).__name__} was given."
        raise InputError(message, param="print_job_id")
    return [job_id for one in value for job_id in job_ids(one)]


def _named_in(result: dict[str, Any]) -> list[str]:
    """Return the ids in the result of a task; one of many rows names at most the first hundred."""
    if "ids" not in result:
        return job_ids(result.get("id"))
    ids = job_ids(result["ids"])
    if len(ids) != result.get("print_jobs"):
        raise InputError(
            f"This result names {len(ids)} of {result.get('print_jobs')} print jobs.",
            param="print_job_id",
            advice="Take all of them from the XCom print_job_ids of the same task.",
        )
    return ids


def after_event(wait: JobWait, event: WaitEvent) -> bool:
    """Look once more after a trigger has woken the task; return whether the wait is over.

    Not over means that the trigger saw something else than there is, or could not ask where this worker can:
    the task waits on, until the same deadline.

    :param wait: what is waited for.
    :param event: what the trigger has sent.
    :raises WaitTimeoutError: when the deadline has passed and this, the last look, shows no end.
    :raises PrintError: when asking again cannot help, or letters will not arrive.
    """
    failed = event.outcome is Outcome.ERROR
    verdict = wait.look_patiently(begun=not failed)
    if verdict is not None and verdict.state is State.DONE:
        return True
    if event.outcome is Outcome.TIMEOUT or time.time() >= event.deadline:
        raise wait.too_late(verdict)
    if failed:
        log.warning("The triggerer could not go on waiting; it is asked to try again. %s", event.message)
    return False
