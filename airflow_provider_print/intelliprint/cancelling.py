"""Taking a print job back: stop what can still be stopped, and say what is billed all the same.

One way for everybody who cancels: the operator, the trigger of a task that was marked as failed. Each step
is a call of its own, so that whoever cancels can look at the job, and at anything else, in between.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow_provider_print.core.errors import BadRequestError, NotFoundError
from airflow_provider_print.core.money import Money
from airflow_provider_print.intelliprint.models import PrintJob
from airflow_provider_print.intelliprint.statuses import CANCELLABLE, LetterStatus

if TYPE_CHECKING:
    from airflow_provider_print.intelliprint.client import IntelliprintClient


def look(client: IntelliprintClient, print_job_id: str) -> PrintJob | None:
    """Read a job; None where there is no such job (any more).

    :param client: to ask with
    :param print_job_id: the service's id
    :raises PrintError: when it could not be asked
    """
    try:
        return client.get_print_job(print_job_id)
    except NotFoundError:
        return None


def stop(client: IntelliprintClient, before: PrintJob) -> PrintJob | None:
    """Delete a draft, or cancel the letters that are not being printed yet.

    Returns the job as it is now, None when it is gone altogether. That nothing is left to cancel is no
    error: the job as it is now says so. What is said to be deleted may only be cancelled (observed by
    others), so a paid job is looked at.

    :param client: to send with
    :param before: the job as it was read last
    :raises PrintError: when it could not be asked, or a job was refused that looks as if it could be stopped
    """
    try:
        answer = client.delete_print_job(before.id)
    except NotFoundError:
        return look(client, before.id)
    except BadRequestError:
        now = client.get_print_job(before.id)
        if not now.confirmed or may_be_stopped(now):
            raise
        return now
    if isinstance(answer, PrintJob):
        return answer
    return look(client, before.id) if before.confirmed else None


def may_be_stopped(job: PrintJob) -> bool:
    """Tell whether a job has letters that can still be cancelled and refunded.

    :param job: as it was read last
    """
    return any(letter.status in CANCELLABLE for letter in job.letters)


def report(before: PrintJob, after: PrintJob | None) -> dict[str, Any]:
    """Return what was stopped and what is billed all the same; no addresses.

    All letters but the cancelled ones are billed, those are refunded (observed by others).

    :param before: the job before it was stopped
    :param after: the job now; None when it is gone
    """
    letters = after.letters if after else []
    still = [letter for letter in letters if letter.status != LetterStatus.CANCELLED]
    was = sum(1 for letter in before.letters if letter.status == LetterStatus.CANCELLED)
    stopped = len(letters) - len(still) - was
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


def in_words(told: dict[str, Any]) -> str:
    """Return a report as one sentence for the log.

    :param told: see `report`
    """
    if told["deleted"]:
        return f"Print job {told['id']} is gone: nothing of it is billed."
    cost = Money(told["still_billed"]["after_tax"])
    return (
        f"Print job {told['id']}: {told['stopped']} letters stopped, {told['going_on']} go on "
        f"and are billed with {cost}{' (a test job)' if told['testmode'] else ''}."
    )
