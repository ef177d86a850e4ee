"""The one step that costs money: confirming one known id. Repeating it is harmless."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_provider_print.core.errors import LetterFailedError, PrintError, UnknownOutcomeError
from airflow_provider_print.intelliprint.calls import (
    Call,
    Confirm,
    Gone,
    Outcome,
    Read,
    Refused,
    Told,
    Unanswered,
)

if TYPE_CHECKING:
    from collections.abc import Generator

    from airflow_provider_print.intelliprint.models import PrintJob

_CONFIRMS = 2


def confirm(job_id: str, *, letter_key: str | None = None) -> Generator[Call, Outcome, PrintJob]:
    """Pay for one known id. After any doubt the job itself is asked whether it is paid.

    :param job_id: id of a draft; a job that is confirmed already is returned as it is.
    :param letter_key: for errors.
    :return: the confirmed job.
    :raises LetterFailedError: the draft is gone.
    :raises UnknownOutcomeError: the service did not say what became of it; running again is safe.
    """
    paid = yield from pay(job_id, letter_key)
    if paid is None:
        raise LetterFailedError(
            f"The draft {job_id} is gone before it was paid: was it deleted in the dashboard?",
            letter_key=letter_key,
            advice="Nothing was paid for it. Run the task that makes the draft again.",
        )
    return paid


def pay(
    job_id: str, letter_key: str | None, *, decided: bool = False
) -> Generator[Call, Outcome, PrintJob | None]:
    """Confirm; return the paid job, or None when there is no such job (any more).

    :param decided: this draft is what the letter will be, so it helps nobody to correct the request.
    """
    doubt: PrintError | None = None
    for _ in range(_CONFIRMS):
        outcome = yield Confirm(job_id)
        if isinstance(outcome, Told) and outcome.job.confirmed:
            return outcome.job
        doubt = outcome.error if isinstance(outcome, Unanswered | Refused) else None
        looked = yield from _look(job_id, letter_key)
        if isinstance(looked, Gone):
            return None
        if isinstance(looked, Told) and looked.job.confirmed:
            return looked.job
        if isinstance(outcome, Refused):
            raise _refusal(outcome.error, job_id, letter_key, decided)
    raise UnknownOutcomeError(
        f"The service did not say whether print job {job_id} is confirmed{f': {doubt}' if doubt else '.'}",
        letter_key=letter_key,
        advice="It may be paid. Run the task again: it asks before it pays.",
    ) from doubt


def _look(job_id: str, letter_key: str | None) -> Generator[Call, Outcome, Outcome]:
    """Ask the job whether it is paid; when it cannot be asked, it may be, whatever the reason is."""
    try:
        return (yield Read(job_id))
    except PrintError as error:
        raise UnknownOutcomeError(
            f"Print job {job_id} may be paid: the answer was lost, and then it could not be asked: {error}",
            letter_key=letter_key,
            retry_after=error.retry_after,
            advice="Run the task again: it asks before it pays.",
        ) from error


def _refusal(error: PrintError, job_id: str, letter_key: str | None, decided: bool) -> PrintError:
    error.letter_key = letter_key
    if decided:
        error.advice = (
            f"The draft {job_id} is what this letter was decided to be, and will be refused again. "
            "Delete it in the dashboard or leave it to expire, correct the request, and set resend."
        )
    return error
