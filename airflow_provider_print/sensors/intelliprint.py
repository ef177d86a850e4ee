"""Waiting for letters."""

from __future__ import annotations

import time
from functools import cached_property
from typing import TYPE_CHECKING, Any

from airflow.sdk import PokeReturnValue

from airflow_provider_print._compat import conf
from airflow_provider_print.links import PrintJobLink
from airflow_provider_print.sensors._deadline import DeadlineSensor
from airflow_provider_print.triggers.failures import airflow_errors
from airflow_provider_print.triggers.seconds import TEN_DAYS

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import timedelta

    from airflow.sdk import BaseOperatorLink, Context

    from airflow_provider_print.hooks.intelliprint import IntelliprintHook
    from airflow_provider_print.triggers.waiting import JobWait

__all__ = ["IntelliprintPrintJobSensor"]


class IntelliprintPrintJobSensor(DeadlineSensor):
    """Waits until all letters of one print job, or of many, are where they should be.

    A letter that was returned, cancelled or refused fails the task, with its id and the reason. A service
    that cannot be asked never does: that is no news, and the wait goes on until its deadline, with one last
    look there. The end of the wait and failed letters are not retried. A test job is waited for until it is
    confirmed, because test letters may never move; `test_letters_move` in the connection says that they do.

    One sensor for many jobs needs far fewer calls than many sensors. Deferred ones share one poll.

    :param print_job_id: id of a job, the result of the task that made it, or a list of either.
    :param target_statuses: statuses that every letter is to reach, or to pass on its way to `sent`.
    :param tolerated_failures: how many letters (int) or what share of them (float) may fail.
    :param wait_timeout: seconds to wait, or a `timedelta`, from the first look.
    :param deferrable: wait in the triggerer; the default is Airflow's own. Takes the place of `mode`.
    :param intelliprint_conn_id: the connection.
    :return: for one id, the result dict of `IntelliprintSubmitPrintJobOperator`; for a list, `print_jobs`
        (their number), `letters` by status, and `failed`, the number of tolerated failures.
    """

    template_fields: Sequence[str] = ("print_job_id", "intelliprint_conn_id")
    operator_extra_links: Collection[BaseOperatorLink] = (PrintJobLink(),)
    ui_color = "#e8f1ea"

    _print_job_url: str | None = None

    def __init__(
        self,
        *,
        print_job_id: Any,
        target_statuses: Sequence[str] = ("sent",),
        tolerated_failures: float = 0,
        wait_timeout: float | timedelta = TEN_DAYS,
        deferrable: bool = conf.getboolean("operators", "default_deferrable", fallback=False),
        intelliprint_conn_id: str = "intelliprint_default",
        **kwargs: Any,
    ) -> None:
        super().__init__(wait_timeout=wait_timeout, deferrable=deferrable, **kwargs)
        self.print_job_id = print_job_id
        self.target_statuses = target_statuses
        self.tolerated_failures = tolerated_failures
        self.intelliprint_conn_id = intelliprint_conn_id

    @cached_property
    def hook(self) -> IntelliprintHook:
        """The client, with the connection as it is when the task runs."""
        from airflow_provider_print.hooks.intelliprint import IntelliprintHook

        return IntelliprintHook(self.intelliprint_conn_id)

    @cached_property
    def wait(self) -> JobWait:
        """What is waited for, as the rendered fields say."""
        from airflow_provider_print.triggers.waiting import job_ids

        return self._wait_for(job_ids(self.print_job_id))

    def poke(self, context: Context) -> PokeReturnValue:
        """Look once."""
        from airflow_provider_print.triggers.judgement import State

        with airflow_errors():
            self._link(context, self.wait)
            last = time.time() >= self.deadline(context)
            verdict = self.wait.look_patiently(begun=self.looked_before(context))
            if verdict is not None and verdict.state is State.DONE:
                return PokeReturnValue(is_done=True, xcom_value=self._result(self.wait))
            if last:
                raise self.wait.too_late(verdict)
            if verdict is not None:
                self.log.info("Letters: %s", verdict.summary)
            return PokeReturnValue(is_done=False)

    def begin(self, context: Context) -> Any:
        """Look once; defer when there is something to wait for."""
        from airflow_provider_print.triggers.judgement import State

        with airflow_errors():
            self._link(context, self.wait)
            deadline = self.deadline(context)
            verdict = self.wait.look_patiently()
            if verdict is not None and verdict.state is State.DONE:
                return self._result(self.wait)
            self._hand_over(self.wait, deadline, {"many": self._many()})
            return None

    def execute_complete(self, context: Context, event: Any = None) -> dict[str, Any]:
        """Go on after the triggerer has waited: look at the jobs, and believe only that.

        :param context: the template context.
        :param event: what the trigger has sent.
        """
        from airflow_provider_print.triggers.events import WaitEvent
        from airflow_provider_print.triggers.waiting import after_event

        with airflow_errors():
            woken = WaitEvent.parse(event)
            wait = self._wait_for(woken.ids)
            self._link(context, wait)
            if not after_event(wait, woken):
                self._hand_over(wait, woken.deadline, woken.carry)
            return self._result(wait, many=woken.carry.get("many") is True)

    def _wait_for(self, ids: list[str]) -> JobWait:
        from airflow_provider_print.triggers.waiting import JobWait

        return JobWait(
            self.hook,
            ids,
            target_statuses=self.target_statuses,
            tolerated_failures=self.tolerated_failures,
        )

    def _many(self) -> bool:
        return not isinstance(self.print_job_id, str | dict)

    def _hand_over(self, wait: JobWait, deadline: float, carry: dict[str, Any]) -> None:
        trigger = wait.trigger(
            deadline=deadline,
            poll_interval=self.poke_interval,
            carry=carry,
            conn_id=self.intelliprint_conn_id,
        )
        # No time limit of Airflow's own: it would kill the trigger before it can tell how things stand.
        self.defer(trigger=trigger, method_name="execute_complete", timeout=None)

    def _link(self, context: Context, wait: JobWait) -> None:
        """Make the button, where there is one job to link to."""
        if len(wait.ids) == 1 and self._print_job_url is None:
            self._print_job_url = self.hook.settings.job_link.replace("{id}", wait.ids[0])
            PrintJobLink().push(context["ti"], self._print_job_url)

    def _result(self, wait: JobWait, *, many: bool | None = None) -> dict[str, Any]:
        from airflow_provider_print.intelliprint.result import PrintJobResult

        if self._many() if many is None else many:
            return wait.totals()
        job = wait.job() or self.hook.get_print_job(wait.ids[0])
        result = PrintJobResult.from_job(job)
        self.log.info("%s", result.summary)
        return result.as_dict()
