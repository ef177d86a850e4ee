"""Carries out what the paid step asks for, with a client. The only place where its calls become requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from airflow_provider_print.core.errors import (
    BadRequestError,
    NotFoundError,
    PrintError,
    UnknownOutcomeError,
)
from airflow_provider_print.intelliprint.submission import (
    Call,
    Confirm,
    Create,
    Find,
    Found,
    Gone,
    Outcome,
    Read,
    Refused,
    Told,
    Unanswered,
)

if TYPE_CHECKING:
    from collections.abc import Generator

    from airflow_provider_print.intelliprint.client import IntelliprintClient
    from airflow_provider_print.intelliprint.requests import PrintJobRequest

T = TypeVar("T")
_FIND_FIELDS = ("id", "created", "confirmed", "reference", "metadata")


def drive(
    steps: Generator[Call, Outcome, T], client: IntelliprintClient, request: PrintJobRequest | None = None
) -> T:
    """Run the paid step, or a part of it, to its end.

    :param steps: what `submission.submit` or `submission.confirm` returned.
    :param client: speaks to the service.
    :param request: the draft to make when one has to be made: reference, metadata and test mode settled.
    :return: what became of it.
    :raises PrintError: what the paid step raises, and every failed call that it cannot decide on itself.
    """
    try:
        call = next(steps)
        while True:
            try:
                outcome = _perform(call, client, request)
            except PrintError as error:
                call = steps.throw(error)
            else:
                call = steps.send(outcome)
    except StopIteration as end:
        done: T = end.value
        return done


def _perform(call: Call, client: IntelliprintClient, request: PrintJobRequest | None) -> Outcome:
    match call:
        case Find(reference):
            assert request is not None
            rows = client.iterate_print_jobs(
                reference=reference, testmode=request.testmode, fields=_FIND_FIELDS
            )
            return Found([job for job in rows if job.reference == reference])
        case Create():
            assert request is not None
            try:
                return Told(client.create_print_job(request))
            except UnknownOutcomeError as error:
                return Unanswered(error)
        case Read(job_id):
            try:
                return Told(client.get_print_job(job_id))
            except NotFoundError:
                return Gone()
        case Confirm(job_id):
            return _confirm(job_id, client)


def _confirm(job_id: str, client: IntelliprintClient) -> Outcome:
    """Pay. A 400 and a 404 are no verdict yet: an earlier confirm of ours may have got through."""
    try:
        return Told(client.confirm_print_job(job_id))
    except UnknownOutcomeError as error:
        return Unanswered(error)
    except (BadRequestError, NotFoundError) as error:
        return Refused(error)
