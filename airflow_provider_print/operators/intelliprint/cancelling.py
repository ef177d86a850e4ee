"""Taking back what can still be taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow_provider_print.operators.intelliprint._base import PrintJobOperator

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow.sdk import Context


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
        from airflow_provider_print.intelliprint.cancelling import in_words, look, report, stop
        from airflow_provider_print.intelliprint.models import PrintJob

        self.announce(context, self.one_job(self.print_job_id))
        before = look(self.hook, str(self._print_job_id))
        if before is None:
            self.log.warning("There is no print job %s (any more): nothing to stop.", self._print_job_id)
            return report(PrintJob(id=str(self._print_job_id)), None)
        told = report(before, stop(self.hook, before))
        self.log.info("%s", in_words(told))
        return told
