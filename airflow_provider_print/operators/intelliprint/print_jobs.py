"""Print jobs: quote, confirm, cancel, and the whole way."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from airflow_provider_print._compat import conf, is_backfill
from airflow_provider_print.operators._backfill import BackfillGuard
from airflow_provider_print.operators._given import given_fields, switch
from airflow_provider_print.operators.intelliprint._base import PrintJobOperator, names_field
from airflow_provider_print.operators.intelliprint._request import PrintJobRequestOperator
from airflow_provider_print.triggers.failures import airflow_errors
from airflow_provider_print.triggers.seconds import TEN_DAYS, check_switches, in_seconds

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta

    from airflow.sdk import Context

    from airflow_provider_print.intelliprint.result import PrintJobResult
    from airflow_provider_print.triggers.waiting import JobWait


class IntelliprintCreatePrintJobOperator(PrintJobRequestOperator):
    """Makes the free draft of a print job, which is its exact quote. Nothing is printed or paid.

    The draft has a letter key like a job that is sent: run again, the task finds its draft and makes no
    other. What comes back is the result dict of `IntelliprintSubmitPrintJobOperator`, with `confirmed` false.

    The arguments are those of `IntelliprintSubmitPrintJobOperator`, but for the ones about waiting.
    """

    def carry_out(self, context: Context) -> dict[str, Any]:
        """Return the quote."""
        result = self.send(context, quote_only=True)
        self.log.info("%s", result.summary)
        return result.as_dict()


class IntelliprintSubmitPrintJobOperator(PrintJobRequestOperator):
    """Posts letters: makes a draft, holds its quote against your limits, pays, and waits for the post.

    Only one step costs money, and it is taken for one known id, so a retry, a cleared task, a second worker
    or a backfill of the same date finds what is already there and posts nothing twice. Clearing a task does
    not take a letter back and does not send it again; for that there is `resend`.

    What comes back is the same small dict on every path: `id`, `reference`, `letters` by status, `pages`,
    `sheets`, `cost` in 1e-8 GBP, `testmode`, `confirmed`, `already_posted`, `resumed_draft`.

    For the arguments of the job itself see `PrintJobRequestOperator`.

    :param quote_only: stop at the quote; a later run without it goes on with that draft.
    :param wait_for_completion: wait until the letters are there.
    :param target_statuses: statuses that every letter is to reach, or to pass on its way to `sent`.
    :param tolerated_failures: how many letters (int) or what share of them (float) may be returned,
        cancelled or refused without failing the task.
    :param poll_interval: seconds between two looks, or a `timedelta`.
    :param wait_timeout: seconds to wait, or a `timedelta`; from the moment the job was confirmed, whichever
        attempt did that, so that a retry does not begin to wait anew.
    :param deferrable: wait in the triggerer instead of in a worker slot; the default is Airflow's own.
    :param cancel_on_kill: when somebody marks the deferred task as failed, cancel the letters that are not
        being printed yet, unless another run has made the job. A clear cancels nothing, nor does a task
        that waits on a worker, because there both look the same. Needs Airflow 3.3; before, a killed
        wait leaves the job as it is.
    :param on_backfill: what a backfill does when the letter of its date was never posted: `fail` (the default
        when live), `run` (the default in test mode) posts it, `skip` leaves it out, `testmode` rehearses it.
    """

    template_fields: Sequence[str] = (*PrintJobRequestOperator.template_fields, "quote_only", "on_backfill")

    def __init__(
        self,
        *,
        quote_only: bool | str = False,
        wait_for_completion: bool = True,
        target_statuses: Sequence[str] = ("sent",),
        tolerated_failures: float = 0,
        poll_interval: float | timedelta = 60.0,
        wait_timeout: float | timedelta = TEN_DAYS,
        deferrable: bool = conf.getboolean("operators", "default_deferrable", fallback=False),
        on_backfill: str | None = None,
        cancel_on_kill: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.quote_only = quote_only
        self.on_backfill = on_backfill
        self.wait_for_completion = wait_for_completion
        self.target_statuses = target_statuses
        self.tolerated_failures = tolerated_failures
        self.poll_interval = in_seconds(poll_interval)
        self.wait_timeout = in_seconds(wait_timeout)
        self.deferrable = deferrable
        self.cancel_on_kill = cancel_on_kill
        self.given = given_fields(self)
        self._sent: PrintJobResult | None = None

    def carry_out(self, context: Context) -> dict[str, Any]:
        """Send, wait, and return the result."""
        quote_only = bool(switch("quote_only", self.quote_only))
        self._check_wait()
        result = self.send(context, quote_only=quote_only, on_backfill=self.on_backfill)
        self._sent = result
        self.log.info("%s", result.summary)
        if quote_only or not self.wait_for_completion:
            return result.as_dict()
        return self._wait(result, may_cancel=self._may_cancel(context, result))

    def execute_complete(self, context: Context, event: Any = None) -> dict[str, Any]:
        """Go on after the triggerer has waited: look at the job, and believe only that.

        :param context: the template context.
        :param event: what the trigger has sent.
        """
        with airflow_errors():
            return self._resume(context, event)

    def on_kill(self) -> None:
        """Say what goes on by itself. Nothing is cancelled: a clear and a failure look the same from here."""
        if self._print_job_id is None:
            self.log.warning("Killed before there was a print job: nothing was paid by this attempt.")
        elif self._sent is None:
            self.log.warning(
                "Killed while print job %s was being confirmed. It may be printed and billed. Run the task "
                "again to go on with the same job, or cancel it with IntelliprintCancelPrintJobOperator.",
                self._print_job_id,
            )
        elif self._sent.confirmed:
            self.log.warning(
                "Killed while waiting. Print job %s goes on and will be billed: %s. Run the task again to go "
                "on waiting, or cancel it with IntelliprintCancelPrintJobOperator.",
                self._print_job_id,
                self._sent.summary,
            )

    def _check_wait(self) -> None:
        """Find faults in the arguments about waiting before anything is paid."""
        from airflow_provider_print.triggers.waiting import check_wait

        check_switches(
            wait_for_completion=self.wait_for_completion,
            deferrable=self.deferrable,
            cancel_on_kill=self.cancel_on_kill,
        )
        check_wait(
            target_statuses=self.target_statuses,
            tolerated_failures=self.tolerated_failures,
            poll_interval=self.poll_interval,
            wait_timeout=self.wait_timeout,
        )

    def _job_wait(self, ids: Sequence[str]) -> JobWait:
        from airflow_provider_print.triggers.waiting import JobWait

        return JobWait(
            self.hook,
            ids,
            target_statuses=self.target_statuses,
            tolerated_failures=self.tolerated_failures,
        )

    def _may_cancel(self, context: Context, result: PrintJobResult) -> bool:
        """Tell whether a kill may cancel: never a job that another run made, and may still wait for."""
        from airflow_provider_print.hooks._attempt import made_in
        from airflow_provider_print.intelliprint.letter import same_task

        if self.cancel_on_kill and not same_task(result.made_in, made_in(context)):
            self.log.warning(
                "Print job %s was made by another run, or does not say by which: it goes on even if this "
                "task is marked as failed.",
                result.id,
            )
            return False
        return self.cancel_on_kill

    def _wait(self, result: PrintJobResult, *, may_cancel: bool) -> dict[str, Any]:
        carry = {
            "already_posted": result.already_posted,
            "resumed_draft": result.resumed_draft,
            "may_cancel": may_cancel,
        }
        return self._wait_for([result.id], carry)

    def _wait_for(self, ids: Sequence[str], carry: dict[str, Any]) -> dict[str, Any]:
        from airflow_provider_print.triggers.judgement import State
        from airflow_provider_print.triggers.waiting import wait_here

        wait = self._job_wait(ids)
        begun = time.time()
        if self.deferrable:
            verdict = wait.look_patiently()
            if verdict is None or verdict.state is not State.DONE:
                self._defer(wait, wait.deadline(begun, self.wait_timeout), carry)
        else:
            wait_here(wait, wait_timeout=self.wait_timeout, poll_interval=self.poll_interval)
        return self._result(wait, carry)

    def _resume(self, context: Context, event: Any) -> dict[str, Any]:
        from airflow_provider_print.triggers.events import WaitEvent
        from airflow_provider_print.triggers.waiting import after_event

        woken = WaitEvent.parse(event)
        self._announce_again(context, woken.ids)
        wait = self._job_wait(woken.ids)
        if not after_event(wait, woken):
            self._defer(wait, woken.deadline, woken.carry)
        return self._result(wait, woken.carry)

    def _announce_again(self, context: Context, ids: Sequence[str]) -> None:
        """Make the jobs known to a process that did not send them."""
        self.announce(context, ids[0])

    def _defer(self, wait: JobWait, deadline: float, carry: dict[str, Any]) -> None:
        trigger = wait.trigger(
            deadline=deadline,
            poll_interval=self.poll_interval,
            carry=carry,
            conn_id=self.intelliprint_conn_id,
            cancel_on_kill=self.cancel_on_kill and carry.get("may_cancel") is True,
        )
        # No time limit of Airflow's own: it would kill the trigger before it can tell how things stand.
        self.defer(trigger=trigger, method_name="execute_complete", timeout=None)

    def _result(self, wait: JobWait, carry: dict[str, Any]) -> dict[str, Any]:
        from airflow_provider_print.intelliprint.result import PrintJobResult

        job = wait.job() or self.hook.get_print_job(wait.ids[0])
        result = PrintJobResult.from_job(
            job,
            already_posted=carry.get("already_posted") is True,
            resumed_draft=carry.get("resumed_draft") is True,
        )
        self.log.info("%s", result.summary)
        return result.as_dict()


class IntelliprintConfirmPrintJobOperator(PrintJobOperator):
    """Pays for a draft that an earlier task made, after holding it against your limits once more.

    Confirming one known id is harmless to repeat, so this task may be retried and cleared.

    :param print_job_id: id of the draft, or the result of the task that made it.
    :param max_cost_after_tax: the most that the job may cost with VAT, such as `"25.00 GBP"`.
    :param expected_letters: exactly so many letters.
    :param on_backfill: what a backfill does with a draft that is not paid: `fail` (the default when live),
        `run` (the default in test mode) or `skip`.
    :return: the result dict of `IntelliprintSubmitPrintJobOperator`.
    """

    template_fields: Sequence[str] = (
        "print_job_id",
        "max_cost_after_tax",
        "expected_letters",
        "on_backfill",
        *PrintJobOperator.template_fields,
    )

    def __init__(
        self,
        *,
        print_job_id: Any,
        max_cost_after_tax: str | None = None,
        expected_letters: int | str | None = None,
        on_backfill: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.print_job_id = print_job_id
        self.max_cost_after_tax = max_cost_after_tax
        self.expected_letters = expected_letters
        self.on_backfill = on_backfill
        self.given = given_fields(self)

    def carry_out(self, context: Context) -> dict[str, Any]:
        """Confirm, and return the result."""
        from airflow_provider_print.intelliprint.adopting import refuse_if_dead
        from airflow_provider_print.intelliprint.driver import Driver
        from airflow_provider_print.intelliprint.paying import confirm
        from airflow_provider_print.intelliprint.result import PrintJobResult
        from airflow_provider_print.operators.intelliprint._confirming import (
            letter_key_of,
            refuse_live,
            refuse_paid_elsewhere,
            verify,
        )

        guard = BackfillGuard(self.on_backfill, is_backfill(context["dag_run"]), ("fail", "run", "skip"))
        self.announce(context, self.one_job(self.print_job_id))
        with names_field("print_job_id"):
            job = self.hook.get_print_job(str(self._print_job_id))
        already = bool(job.confirmed)
        if already:
            refuse_if_dead(job, letter_key=letter_key_of(job))
            self.log.info(
                "Letter %s is print job %s, confirmed before: nothing is paid again.",
                letter_key_of(job),
                job.id,
            )
        else:
            refuse_live(job, self.hook.settings, self.intelliprint_conn_id)
            verify(job, max_cost_after_tax=self.max_cost_after_tax, expected_letters=self.expected_letters)
            guard.may_pay(testmode=bool(job.testmode))
            refuse_paid_elsewhere(self.hook, job)
            job = Driver(self.hook).drive(confirm(job.id, letter_key=letter_key_of(job)))
        result = PrintJobResult.from_job(job, already_posted=already)
        self.log.info("%s", result.summary)
        return result.as_dict()
