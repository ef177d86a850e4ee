"""Carries out what the paid step asks for, with a client. The only place where its calls become requests."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeVar

from airflow_provider_print.core.errors import (
    BadRequestError,
    NotFoundError,
    PrintError,
    UnknownOutcomeError,
)
from airflow_provider_print.intelliprint.calls import (
    Call,
    Confirm,
    Create,
    Decide,
    Decided,
    Find,
    Found,
    Gone,
    Outcome,
    Read,
    Recall,
    Refused,
    Remembered,
    Settle,
    Settled,
    Told,
    Unanswered,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from airflow_provider_print.intelliprint.client import IntelliprintClient
    from airflow_provider_print.intelliprint.requests import PrintJobRequest

T = TypeVar("T")
_FIND_FIELDS = ("id", "created", "confirmed", "reference", "metadata")


class Register(Protocol):
    """Slots of text that outlive an attempt, and that an attempt which has been given up cannot write."""

    def get(self, slot: str) -> str | None:
        """Return what a slot holds.

        :raises RegisterError: when it cannot be asked.
        """

    def set(self, slot: str, job_id: str) -> None:
        """Write a slot.

        :raises SupersededError: when a newer attempt owns the task.
        :raises RegisterError: when it cannot be written, or nobody knows whether it was.
        """


@dataclass
class Driver:
    """What the paid step's calls are carried out with.

    :param client: speaks to the service.
    :param request: the draft to make when one has to be made: reference, metadata and test mode settled.
    :param register: where decisions are written down; None where there is none.
    :param sleep: lets seconds pass.
    :param now: tells them, for a time that only goes forward.
    """

    client: IntelliprintClient
    request: PrintJobRequest | None = None
    register: Register | None = None
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], float] = time.monotonic
    _drafted: float | None = field(default=None, init=False)

    def drive(self, steps: Generator[Call, Outcome, T]) -> T:
        """Run the paid step, or a part of it, to its end.

        :param steps: what `submission.submit` or `submission.confirm` returned.
        :return: what became of it.
        :raises PrintError: what the paid step raises, and every failed call that it cannot decide on itself.
        """
        try:
            call = next(steps)
            while True:
                try:
                    outcome = self._perform(call)
                except PrintError as error:
                    call = steps.throw(error)
                else:
                    call = steps.send(outcome)
        except StopIteration as end:
            done: T = end.value
            return done

    def _perform(self, call: Call) -> Outcome:
        match call:
            case Find(reference):
                return self._find(reference)
            case Create():
                return self._create()
            case Read(job_id):
                return self._read(job_id)
            case Confirm(job_id):
                return self._confirm(job_id)
            case Settle(seconds):
                return self._settle(seconds)
            case Recall(slot):
                assert self.register is not None
                return Remembered(self.register.get(slot))
            case Decide(slot, job_id):
                assert self.register is not None
                self.register.set(slot, job_id)
                return Decided()

    def _find(self, reference: str) -> Outcome:
        assert self.request is not None
        rows = self.client.iterate_print_jobs(
            reference=reference, testmode=self.request.testmode, fields=_FIND_FIELDS
        )
        return Found([job for job in rows if job.reference == reference])

    def _create(self) -> Outcome:
        assert self.request is not None
        try:
            return Told(self.client.create_print_job(self.request))
        except UnknownOutcomeError as error:
            return Unanswered(error)
        finally:
            self._drafted = self.now()

    def _read(self, job_id: str) -> Outcome:
        try:
            return Told(self.client.get_print_job(job_id))
        except NotFoundError:
            return Gone()

    def _confirm(self, job_id: str) -> Outcome:
        """Pay. A 400 and a 404 are no verdict yet: an earlier confirm of ours may have got through."""
        try:
            return Told(self.client.confirm_print_job(job_id))
        except UnknownOutcomeError as error:
            return Unanswered(error)
        except (BadRequestError, NotFoundError) as error:
            return Refused(error)

    def _settle(self, seconds: float) -> Outcome:
        """Sleep here, on the worker: to defer for two seconds costs a new process and several more.

        The time since the draft's answer counts. Nothing is held meanwhile but the slot of the task: no
        connection, no place in the rate limit, no file.
        """
        spent = 0.0 if self._drafted is None else self.now() - self._drafted
        if spent < seconds:
            self.sleep(seconds - spent)
        return Settled(0.0 if self._drafted is None else max(spent, seconds))
