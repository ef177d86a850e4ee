"""What is looked at before a draft whose id is known is paid."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_provider_print.core.errors import InputError, LetterFailedError
from airflow_provider_print.intelliprint.checks import QuoteChecks
from airflow_provider_print.operators._given import whole

if TYPE_CHECKING:
    from airflow_provider_print.hooks._connection import ConnectionSettings
    from airflow_provider_print.hooks.intelliprint import IntelliprintHook
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


def letter_key_of(job: PrintJob) -> str | None:
    """Return the letter key that a job of ours carries."""
    found = (job.metadata or {}).get("letter_key")
    return None if found is None else str(found)


def refuse_paid_elsewhere(hook: IntelliprintHook, job: PrintJob) -> None:
    """Refuse to pay for a draft whose letter is in the post as another job.

    Two runs with one letter key may each have a draft. (At the very same moment both may still pay: a letter
    that several runs may ask for belongs into one task, which settles.)

    :raises LetterFailedError: naming the job that is paid.
    """
    from airflow_provider_print.intelliprint.adopting import is_dead

    key = letter_key_of(job)
    if key is None or job.reference is None:
        return
    rows = hook.iterate_print_jobs(reference=job.reference, testmode=job.testmode, fields=["id", "confirmed"])
    for row in rows:
        if row.id == job.id or not row.confirmed:
            continue
        other = hook.get_print_job(row.id)
        if other.confirmed and letter_key_of(other) in (None, key) and not is_dead(other):
            raise LetterFailedError(
                f"The letter of the draft {job.id} was already posted as print job {other.id}.",
                letter_key=key,
                param="print_job_id",
                advice="This task has paid nothing. To post it again, set resend where the draft is made.",
            )


def verify(job: PrintJob, *, max_cost_after_tax: str | None, expected_letters: int | str | None) -> None:
    """Hold a draft against limits.

    :raises CheckError: naming the limit that is not kept.
    """
    budget = None if max_cost_after_tax is None else str(max_cost_after_tax)
    checks = QuoteChecks(max_cost_after_tax=budget, expected_letters=whole(expected_letters), min_letters=1)
    checks.verify(job, sent_bytes=None, splitting=False)
