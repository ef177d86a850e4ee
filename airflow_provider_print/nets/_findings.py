"""What the audit says about a letter that is paid more than once."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from airflow_provider_print.core.errors import PrintError
from airflow_provider_print.core.money import Money
from airflow_provider_print.intelliprint.statuses import CANCELLABLE, LetterStatus
from airflow_provider_print.nets._rows import in_the_post

if TYPE_CHECKING:
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
    :param after: jobs that were to be stopped, as they are since then; None for one that is gone.
    """

    letter_key: str
    jobs: list[PrintJob]
    after: dict[str, PrintJob | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Put the oldest first: the one that stays."""
        self.jobs = sorted(self.jobs, key=lambda job: (job.confirmed_at or 0, job.id))

    @property
    def younger(self) -> list[PrintJob]:
        """All but the oldest, the youngest first."""
        return self.jobs[:0:-1]

    @property
    def going_on(self) -> list[PrintJob]:
        """The younger ones of which something is in the post all the same."""
        now = [self.after.get(job.id, job) for job in self.younger]
        return [job for job in now if job is not None and in_the_post(job)]

    @property
    def settled(self) -> bool:
        """Whether only one job of this letter is left in the post."""
        return not self.going_on

    def __str__(self) -> str:
        jobs = "; ".join(_told(job) for job in self.jobs)
        text = f"Letter {self.letter_key} has {len(self.jobs)} paid print jobs: {jobs}."
        if self.settled:
            stopped = ", ".join(job.id for job in self.younger)
            return f"{text} {stopped} was stopped and is refunded: one is left in the post."
        ids = ", ".join(job.id for job in self.going_on)
        if self.after:
            return f"{text} Of {ids} not everything could be stopped: it is printed and billed. {_CLAIM}"
        if any(letter.status in CANCELLABLE for job in self.going_on for letter in job.letters):
            return f"{text} {ids} can still be stopped: cancel it now (cancel_younger does that). {_CLAIM}"
        return f"{text} Of {ids} nothing can be stopped any more. {_CLAIM}"


_CLAIM = "Compare both in the dashboard, and keep this letter key and these ids for the service's support."


def _told(job: PrintJob) -> str:
    letters = ", ".join(f"{n} {status}" for status, n in _statuses(job).items()) or "letters unknown"
    cost = f"{Money(job.cost.after_tax)} with VAT" if job.cost else "cost unknown"
    mode = ", test mode" if job.testmode else ""
    return f"{job.id} (confirmed {ran_at(job.confirmed_at)}, {cost}, {letters}{mode})"


def _statuses(job: PrintJob) -> dict[str, int]:
    known = Counter(letter.status or "unknown" for letter in job.letters)
    return {status: known[status] for status in (*LetterStatus, "unknown") if known[status]} or dict(known)
