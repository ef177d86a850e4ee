"""A DELETE right behind a look, because the service cannot be told to delete "only if not confirmed".

A patient call may wait for minutes: for its turn, through refusals, between repeats. A look from before such
a wait is worth nothing, for just then tries are paying. So the turns of the look and of the DELETE are taken
beforehand, then both go out behind each other, once each. Whatever goes wrong, the job is looked at anew
before anything is sent again, and after every DELETE it is read: what is said to be deleted may have been
cancelled, and a lost answer says nothing.

What is left: the milliseconds between the answer of the look and the arrival of the DELETE, and a DELETE that
the network delivers late.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from airflow_provider_print.core.errors import (
    BadRequestError,
    NoAnswerError,
    NotFoundError,
    PrintError,
    RateLimitError,
    ServerError,
)
from airflow_provider_print.core.outcome import Outcome
from airflow_provider_print.core.retry import Retrier
from airflow_provider_print.intelliprint.cancelling import look
from airflow_provider_print.intelliprint.client import IntelliprintClient
from airflow_provider_print.nets._listening import Listener

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from airflow_provider_print.intelliprint.models import PrintJob

log = logging.getLogger(__name__)

#: Seconds after which the answer to a look is too old to delete by.
FRESH = 1.0
_TRIES = 5
_TURN = 900.0
_PASSING = (NoAnswerError, RateLimitError, ServerError)


@dataclass(frozen=True, kw_only=True)
class Deleted:
    """What became of a job.

    :param sent: a DELETE went out; otherwise the look forbade it.
    :param after: the job as it was read afterwards; None where it is gone.
    :param refused: why the service did not do it; None where it did.
    """

    sent: bool
    after: PrintJob | None
    refused: BadRequestError | None = None


def delete_after_a_look(
    client: IntelliprintClient,
    print_job_id: str,
    may_go: Callable[[IntelliprintClient], bool],
    *,
    reads: int = 1,
) -> Deleted:
    """Look, delete at once, and look again.

    :param client: whose connection, pace and patience.
    :param print_job_id: what is deleted or cancelled.
    :param may_go: reads with the client that it is given, and says whether the DELETE may go out.
    :param reads: calls that a look takes.
    :raises PrintError: when the service could not be asked, or does not allow it.
    """
    with _Hasty(client) as hasty:
        return _delete(client, hasty, print_job_id, may_go, reads)


def _delete(
    client: IntelliprintClient,
    hasty: _Hasty,
    print_job_id: str,
    may_go: Callable[[IntelliprintClient], bool],
    reads: int,
) -> Deleted:
    clock = client.transport.clock
    retrier = Retrier(client.transport.policy, clock.now, clock.rng)
    sent, refused = False, None
    for _ in range(_TRIES):
        _take_turns(client, reads + 1)
        try:
            if not may_go(hasty.client):
                return Deleted(sent=sent, after=look(client, print_job_id), refused=refused)
            if not hasty.is_fresh():
                log.info("The look at print job %s is too old to delete by; looking again.", print_job_id)
                continue
            sent = True
            hasty.client.delete_print_job(print_job_id)
        except NotFoundError:
            return Deleted(sent=sent, after=None)
        except BadRequestError as error:
            refused = error
        except _PASSING as error:
            _wait(client, retrier, error)
            continue
        return Deleted(sent=True, after=look(client, print_job_id), refused=refused)
    raise NoAnswerError(
        f"Print job {print_job_id} could not be deleted right after a look at it, {_TRIES} times.",
        advice="The service or this machine is too slow just now: run it again later.",
    )


class _Hasty(Listener):
    """A client that neither waits nor repeats, and knows how old its last answer is."""

    def __init__(self, client: IntelliprintClient) -> None:
        transport = client.transport.without_waiting()
        self._now = transport.clock.now
        self._answered = 0.0
        self.client = IntelliprintClient(transport)
        super().__init__(transport)

    def _note(self, status: int, headers: Mapping[str, str]) -> None:  # noqa: ARG002
        self._answered = self._now()

    def is_fresh(self) -> bool:
        """Tell whether the last answer came just now."""
        return self._now() - self._answered <= FRESH


def _take_turns(client: IntelliprintClient, number: int) -> None:
    """Wait until that many calls may go out behind each other."""
    pace, wait = client.transport.pace, 0.0
    if pace is None:
        return
    for _ in range(number):
        free, wait = pace.reserve(_TURN)
        if not free:
            raise RateLimitError("The service asked everybody on this machine to wait.", retry_after=wait)
    if wait > 0:
        client.transport.clock.sleep(wait)


def _wait(client: IntelliprintClient, retrier: Retrier, error: PrintError) -> None:
    """Wait as an ordinary call would; raise where its patience is at its end."""
    transport = client.transport
    refused = isinstance(error, RateLimitError)
    wait = retrier.wait_after(Outcome.REFUSED if refused else Outcome.UNKNOWN, error.retry_after, False)
    if refused and transport.pace is not None:
        named = error.retry_after
        transport.pace.hold(transport.policy.unnamed if named is None else named)
    if wait is None:
        raise error
    transport.clock.sleep(wait)
