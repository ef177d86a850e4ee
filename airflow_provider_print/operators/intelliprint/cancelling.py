"""Taking back what can still be taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow_provider_print.operators.intelliprint._base import PrintJobOperator

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow.sdk import Context

    from airflow_provider_print.intelliprint.models import PrintJob

_CANCELLED = "cancelled"


class IntelliprintCancelPrintJobOperator(PrintJobOperator):
    """Deletes a draft, or stops the letters of a confirmed job that are not being printed yet.

    It says honestly what it could not stop. A job of which nothing can be stopped any more is no error: the
    report has `stopped` 0. One that does not exist (any more) counts as deleted, so the task may be repeated.

    :param print_job_id: id of the job, or the result of the task that made it.
    :return: `id`; `deleted`, true for a draft; `stopped`, letters cancelled by this task; `going_on`,
        letters that are printed all the same; `letters` by status; `still_billed`, what remains to be paid,
        in 1e-8 GBP (all letters but the cancelled ones, which are refunded; observed by others); `testmode`,
        None where there is no such job.
    """

    template_fields: Sequence[str] = ("print_job_id", *PrintJobOperator.template_fields)

    def __init__(self, *, print_job_id: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.print_job_id = print_job_id

    def carry_out(self, context: Context) -> dict[str, Any]:
        """Stop what can be stopped, and report."""
        from airflow_provider_print.intelliprint.models import PrintJob

        self.announce(context, self.one_job(self.print_job_id))
        before = self._look(str(self._print_job_id))
        if before is None:
            self.log.warning("There is no print job %s (any more): nothing to stop.", self._print_job_id)
            return _report(PrintJob(id=str(self._print_job_id)), None)
        after = self._stop(before)
        report = _report(before, after)
        if after is None:
            self.log.info("The draft %s is deleted; nothing was paid for it.", before.id)
        else:
            self.log.info(
                "Print job %s: %d letters stopped, %d go on and are billed.",
                before.id,
                report["stopped"],
                report["going_on"],
            )
        return report

    def _stop(self, before: PrintJob) -> PrintJob | None:
        """Return the job as it is now; None when it is gone altogether."""
        from airflow_provider_print.core.errors import BadRequestError, NotFoundError
        from airflow_provider_print.intelliprint.models import PrintJob

        try:
            answer = self.hook.delete_print_job(before.id)
        except NotFoundError:
            return self._look(before.id)
        except BadRequestError as error:
            now = self.hook.get_print_job(before.id)
            if not now.confirmed or _cancellable(now):
                raise
            self.log.warning("Nothing of print job %s can be stopped any more: %s", before.id, error)
            return now
        if isinstance(answer, PrintJob):
            return answer
        return self._look(before.id) if before.confirmed else None

    def _look(self, print_job_id: str) -> PrintJob | None:
        """Read a job; one that is said to be deleted may only be cancelled (observed by others)."""
        from airflow_provider_print.core.errors import NotFoundError

        try:
            return self.hook.get_print_job(print_job_id)
        except NotFoundError:
            return None


def _report(before: PrintJob, after: PrintJob | None) -> dict[str, Any]:
    letters = after.letters if after else []
    still = [letter for letter in letters if letter.status != _CANCELLED]
    was = sum(1 for letter in before.letters if letter.status == _CANCELLED)
    stopped = sum(1 for letter in letters if letter.status == _CANCELLED) - was
    billed = sum(letter.cost.after_tax for letter in still if letter.cost)
    return {
        "id": before.id,
        "deleted": after is None,
        "stopped": max(stopped, 0),
        "going_on": len(still),
        "letters": after.letters_by_status() if after else {},
        "still_billed": {"after_tax": 0 if before.testmode else billed, "currency": "GBP"},
        "testmode": before.testmode,
    }


def _cancellable(job: PrintJob) -> bool:
    from airflow_provider_print.intelliprint.statuses import CANCELLABLE

    return any(letter.status in CANCELLABLE for letter in job.letters)
