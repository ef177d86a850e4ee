"""What is looked at before a draft whose id is known is paid."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_provider_print.core.errors import InputError
from airflow_provider_print.intelliprint.checks import QuoteChecks
from airflow_provider_print.operators._given import whole

if TYPE_CHECKING:
    from airflow_provider_print.hooks._connection import ConnectionSettings
    from airflow_provider_print.intelliprint.models import PrintJob


def refuse_live(job: PrintJob, settings: ConnectionSettings, conn_id: str) -> None:
    """Refuse to pay for a live draft with a connection that is in test mode.

    :raises InputError: naming `print_job_id`.
    """
    if settings.testmode and not job.testmode:
        raise InputError(
            f"Print job {job.id} is live, but the connection {conn_id} is in test mode. Nothing was paid.",
            param="print_job_id",
            advice="Say `testmode: false` in the connection, or make the draft in test mode.",
        )


def verify(job: PrintJob, *, max_cost_after_tax: str | None, expected_letters: int | str | None) -> None:
    """Hold a draft against limits.

    :raises CheckError: naming the limit that is not kept.
    """
    budget = None if max_cost_after_tax is None else str(max_cost_after_tax)
    checks = QuoteChecks(max_cost_after_tax=budget, expected_letters=whole(expected_letters), min_letters=1)
    checks.verify(job, sent_bytes=None, splitting=False)
