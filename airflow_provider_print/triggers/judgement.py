"""Is the wait over? What the letters of some print jobs say together.

The triggerer and the worker ask the same question with the same code: the trigger to know when to wake the
task, the task to know how it ends. Nothing in here asks the service.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from airflow_provider_print.core.errors import InputError, LetterFailedError, NotFoundError
from airflow_provider_print.intelliprint.statuses import FAILURE, has_reached, parse_status

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from airflow_provider_print.intelliprint.models import PrintJob

_SHOWN = 5


@dataclass(frozen=True)
class LetterView:
    """What waiting needs to know of a letter: no address."""

    id: str
    status: str
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class JobView:
    """What waiting needs to know of a print job.

    :param gone: the service knows no such job.
    :param job: the whole job, where it was read by itself.
    """

    id: str
    testmode: bool = False
    confirmed: bool = False
    confirmed_at: int | None = None
    letters: tuple[LetterView, ...] = ()
    gone: bool = False
    job: PrintJob | None = field(default=None, compare=False, repr=False)


class State(StrEnum):
    """How a wait stands."""

    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """How a wait stands, and why.

    :param counts: letters by status, over all jobs seen.
    :param failures: job id and letter, for each letter that will not arrive and was not waited for.
    :param ended_at_confirmed: test jobs whose letters are not expected to move.
    """

    state: State
    counts: dict[str, int]
    failures: tuple[tuple[str, LetterView], ...] = ()
    ended_at_confirmed: tuple[str, ...] = ()

    def failure(self) -> LetterFailedError:
        """Return the error that names the letters and the reasons."""
        shown = "; ".join(
            f"letter {letter.id} of {job_id} is {letter.status}"
            + (f" ({letter.reason})" if letter.reason else "")
            for job_id, letter in self.failures[:_SHOWN]
        )
        more = f"; and {len(self.failures) - _SHOWN} more" if len(self.failures) > _SHOWN else ""
        total = sum(self.counts.values())
        message = f"{len(self.failures)} of {total} letters will not arrive: {shown}{more}."
        advice = "Send those anew with right addresses, or allow for some with tolerated_failures."
        return LetterFailedError(message, advice=advice)

    @property
    def summary(self) -> str:
        """Letters by status, in one line."""
        return ", ".join(f"{n} {status}" for status, n in self.counts.items()) or "no letters seen"


def check_tolerance(tolerated: float) -> None:
    """Refuse a tolerance that is neither a number of letters nor a share of them.

    :param tolerated: an int is a number of letters, a float a share from 0.0 to 1.0.
    :raises InputError: naming `tolerated_failures`.
    """
    number = isinstance(tolerated, int) and not isinstance(tolerated, bool) and tolerated >= 0
    share = isinstance(tolerated, float) and 0 <= tolerated <= 1
    if not (number or share):
        message = (
            "tolerated_failures is a number of letters (such as 3) or a share of them (such as 0.02), "
            f"not {tolerated!r}."
        )
        raise InputError(message, param="tolerated_failures")


def judge(
    wanted: Collection[str],
    views: dict[str, JobView],
    *,
    targets: Collection[str],
    tolerated: float = 0,
    test_letters_move: bool = False,
) -> Verdict:
    """Say how a wait stands.

    A job that nothing is known of, and a job without letters, is waited for: absence is no answer.

    :param wanted: ids of the jobs that are waited for.
    :param views: what is known of them.
    :param targets: statuses that every letter is to reach, or to pass.
    :param tolerated: how many letters (int) or what share of them (float) may fail.
    :param test_letters_move: whether this service moves the letters of test jobs; if not, such a job is done
        once confirmed.
    :raises NotFoundError: when the service knows no such job.
    :raises UnexpectedAnswerError: naming a status that nobody knows.
    """
    jobs = [views[job_id] for job_id in wanted if job_id in views]
    _refuse_gone(jobs)
    still: list[JobView] = []
    moving: list[JobView] = []
    for job in jobs:
        (still if job.testmode and job.confirmed and not test_letters_move else moving).append(job)
    failures = tuple((job.id, letter) for job in jobs for letter in job.letters if _failed(letter, targets))
    unfinished = any(
        not has_reached(letter.status, targets) and not _failed(letter, targets)
        for job in moving
        for letter in job.letters
    )
    all_known = len(jobs) == len(set(wanted))
    counts = Counter(letter.status for job in jobs for letter in job.letters)
    state = State.WAITING
    if all_known and not unfinished and all(job.letters for job in moving):
        state = State.DONE
    if _too_many(len(failures), tolerated, sum(counts.values()), all_known):
        state = State.FAILED
    return Verdict(
        state=state,
        counts=dict(counts),
        failures=failures,
        ended_at_confirmed=tuple(job.id for job in still),
    )


def _refuse_gone(jobs: Iterable[JobView]) -> None:
    gone = [job.id for job in jobs if job.gone]
    if gone:
        message = f"There is no print job {', '.join(gone[:_SHOWN])}" + (
            " and more." if len(gone) > _SHOWN else "."
        )
        advice = "Was it deleted? Test jobs are deleted a week after they were confirmed."
        raise NotFoundError(message, status=404, param="print_job_id", advice=advice)


def _failed(letter: LetterView, targets: Collection[str]) -> bool:
    if letter.status in targets:
        return False
    return parse_status(letter.status, letter_id=letter.id) in FAILURE


def _too_many(failures: int, tolerated: float, letters: int, all_known: bool) -> bool:
    """Compare; a share can be told only when every letter is known."""
    if isinstance(tolerated, float):
        return all_known and failures > tolerated * letters
    return failures > tolerated
