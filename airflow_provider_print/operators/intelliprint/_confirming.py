"""Paying for a draft whose id is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_provider_print.core.errors import BadRequestError, InputError, PrintError, UnknownOutcomeError
from airflow_provider_print.intelliprint.checks import QuoteChecks
from airflow_provider_print.operators.intelliprint._request import whole

if TYPE_CHECKING:
    from airflow_provider_print.hooks._connection import ConnectionSettings
    from airflow_provider_print.intelliprint.client import IntelliprintClient
    from airflow_provider_print.intelliprint.models import PrintJob

_ROUNDS = 3


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
    budget = None if max_cost_after_tax in (None, "") else str(max_cost_after_tax)
    checks = QuoteChecks(max_cost_after_tax=budget, expected_letters=whole(expected_letters), min_letters=1)
    checks.verify(job, sent_bytes=None, splitting=False)


def confirm(client: IntelliprintClient, print_job_id: str) -> PrintJob:
    """Confirm one id. After any doubt the job is asked whether it is paid before it is confirmed again.

    :raises PrintError: when the service refuses, or does not say what became of it.
    """
    doubt: PrintError | None = None
    for _ in range(_ROUNDS):
        try:
            job = client.confirm_print_job(print_job_id)
        except (UnknownOutcomeError, BadRequestError) as error:
            doubt = error
            job = client.get_print_job(print_job_id)
            if not job.confirmed and isinstance(error, BadRequestError):
                raise
        if job.confirmed:
            return job
    message = f"The service did not say whether print job {print_job_id} is confirmed. {doubt or ''}".strip()
    advice = "Run the task again: it asks the job first, and confirms the same id."
    raise UnknownOutcomeError(message, advice=advice) from doubt
