"""What the audit says about a letter that is paid more than once."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from airflow_provider_print.core.errors import PrintError
from airflow_provider_print.core.money import Money
from airflow_provider_print.intelliprint.statuses import CANCELLABLE, LetterStatus
from airflow_provider_print.nets._rows import in_the_post, is_whole

if TYPE_CHECKING:
    from collections.abc import Collection

    from airflow_provider_print.intelliprint.models import PrintJob


def ran_at(seconds: float | None) -> str:
    """Return a time for people.

    :param seconds: UNIX seconds.
    """
    return (
        "an unknown time"
        if seconds is None
        else datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    )


def reason_of(error: Exception) -> str:
    """Return what may be said of an error: ours in full, of others the class only.

    :param error: whatever came up.
    """
    return str(error) if isinstance(error, PrintError) else type(error).__name__


@dataclass
class DoublePost:
    """One letter with two or more paid jobs.

    :param letter_key: of the letter.
    :param jobs: as they were read, confirmed and in the post.
    :param preferred: ids of jobs that are to stay where two were confirmed in the same second.
    :param after: jobs as they are since something was to be stopped; None for one that is gone.
    :param why_not: why nothing was stopped though that was asked for.
    :param broken_off: why nobody knows what became of them.
    """

    letter_key: str
    jobs: list[PrintJob]
    preferred: Collection[str] = ()
    after: dict[str, PrintJob | None] = field(default_factory=dict)
    why_not: str | None = None
    broken_off: str | None = None

    def __post_init__(self) -> None:
        """Put the oldest first: the one that stays."""
        self.jobs = sorted(
            self.jobs, key=lambda job: (job.confirmed_at or 0, job.id not in self.preferred, job.id)
        )

    @property
    def older(self) -> PrintJob:
        """The one that stays."""
        return self.jobs[0]

    @property
    def younger(self) -> list[PrintJob]:
        """All but the oldest, the youngest first."""
        return self.jobs[:0:-1]

    @property
    def left(self) -> list[PrintJob]:
        """The jobs of which something is in the post, as they are now."""
        now = [self.after.get(job.id, job) for job in self.jobs]
        return [job for job in now if job is not None and job.confirmed and in_the_post(job)]

    @property
    def settled(self) -> bool:
        """Whether exactly the oldest is left in the post, with all its letters."""
        if not self.after or self.broken_off is not None:
            return False
        return [job.id for job in self.left] == [self.older.id] and is_whole(self.left[0])

    def __str__(self) -> str:
        jobs = "; ".join(_told(job) for job in self.jobs)
        text = f"Letter {self.letter_key} has {len(self.jobs)} paid print jobs: {jobs}."
        if self.settled:
            stopped = ", ".join(job.id for job in self.younger)
            return f"{text} {stopped} was stopped and is refunded: {self.older.id} is left in the post."
        return f"{text} {' '.join(self._what_now())}"

    def _what_now(self) -> list[str]:
        if self.broken_off is not None:
            return [f"Stopping was broken off, so look what is left of each: {self.broken_off}", _CLAIM]
        if self.after and not any(is_whole(job) for job in self.left):
            left = "; ".join(_told(job) for job in self.left) or "nothing"
            return [f"Since then some were stopped, and LEFT IN THE POST is: {left}.", _LOST]
        parts = [f"Not cancelled: {self.why_not}."] if self.why_not else []
        if len(self.left) > 1:
            parts.append(self._what_can_be_stopped())
        return [*parts, _CLAIM]

    def _what_can_be_stopped(self) -> str:
        """Name every job that can still be stopped, whichever is older."""
        can = [job.id for job in self.left if any(one.status in CANCELLABLE for one in job.letters)]
        if not can:
            return "Nothing of them can be stopped any more."
        if not self.after and not self.why_not:
            return f"{', '.join(can)} can still be stopped: cancel one now (cancel_younger does that)."
        return f"Not everything could be stopped, but {', '.join(can)} still can: cancel all but one by hand."


_LOST = (
    "Look which recipients get nothing. Where that is everybody, run its task again with resend; else post "
    "their letters by themselves."
)
_CLAIM = "Compare both in the dashboard, and keep this letter key and these ids for the service's support."


def _told(job: PrintJob) -> str:
    letters = ", ".join(f"{n} {status}" for status, n in _statuses(job).items()) or "letters unknown"
    cost = f"{Money(job.cost.after_tax)} with VAT" if job.cost else "cost unknown"
    mode = ", test mode" if job.testmode else ""
    return f"{job.id} (confirmed {ran_at(job.confirmed_at)}, {cost}, {letters}{mode})"


def _statuses(job: PrintJob) -> dict[str, int]:
    known = Counter(letter.status or "unknown" for letter in job.letters)
    return {status: known[status] for status in (*LetterStatus, "unknown") if known[status]} or dict(known)
