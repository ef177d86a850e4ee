"""Is that job this letter? What is taken over from an earlier attempt, and what is refused."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from airflow_provider_print.core.errors import LetterFailedError
from airflow_provider_print.intelliprint.letter import Attempt, Letter, Notice, Policy, same_task

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Protocol

    from airflow_provider_print.intelliprint.models import PrintJob

    class Note(Protocol):
        """Writes one line about the letter and counts it."""

        def __call__(self, notice: Notice, text: str, *values: object) -> None:
            """Write and count."""


log = logging.getLogger(__name__)

_NEVER_POSTED = {"cancelled", "failed_wrong_address", "invalid_address"}


class Jobs:
    """The jobs of one letter as an attempt sees them.

    :param letter: which letter.
    :param attempt: which attempt.
    :param policy: what to do in doubt.
    :param note: writes a line and counts it.
    """

    def __init__(self, letter: Letter, attempt: Attempt, policy: Policy, note: Note) -> None:
        self._letter = letter
        self._attempt = attempt
        self._policy = policy
        self._note = note
        self._gone: set[str] = set()
        self._passed: dict[str, PrintJob] = {}

    def forget(self, job_id: str) -> None:
        """Leave a job out that a list may still show although it is gone."""
        self._gone.add(job_id)

    def ours(self, rows: Iterable[PrintJob], mine: PrintJob | None = None) -> list[PrintJob]:
        """Return the jobs of this letter: paid ones first, then drafts, each in the order that all agree on.

        :param rows: what the list shows.
        :param mine: the draft of this attempt, which counts even where the list is behind.
        """
        ours = [row for row in rows if self._letter.key.owns(row.metadata) and row.id not in self._gone]
        if mine is not None and mine.id not in {row.id for row in ours}:
            ours.append(mine)
        return sorted(ours, key=lambda job: (not job.confirmed, *_order(job)))

    def passes_over(self, row: PrintJob) -> bool:
        """Tell whether a draft asks for something else; a row without metadata has to be read first."""
        if row.confirmed or not row.metadata:
            return False
        if row.metadata.get("request_digest") == self._letter.request_digest:
            return False
        if row.id not in self._passed:
            self._passed[row.id] = row
            self._note(Notice.PASSED_OVER, "passes over the draft %s: it asks for something else.", row.id)
        return True

    def rival(self, job: PrintJob, *, within: float) -> bool:
        """Tell whether a draft of other content was made shortly before this one, by somebody else.

        :param job: the draft that this attempt would pay for.
        :param within: seconds; an older one is a leftover.
        """
        return any(
            _order(other) < _order(job)
            and (job.created or 0) - (other.created or 0) <= within
            and not self._same_task(other)
            for other in self._passed.values()
        )

    def _same_task(self, other: PrintJob) -> bool:
        """Tell whether a draft was made by this very task instance: a corrected file is no rival of it."""
        return same_task((other.metadata or {}).get("made_in"), self._attempt.made_in)


def refuse_if_ambiguous(letter: Letter, rows: Sequence[PrintJob], policy: Policy) -> None:
    """Notice that there are several jobs where there should be one.

    :raises LetterFailedError: with `on_ambiguous="fail"`, naming them.
    """
    paid = [row.id for row in rows if row.confirmed]
    if len(paid) > 1:
        log.error("Letter %s has %d paid print jobs: %s.", letter.key.key, len(paid), ", ".join(paid))
    if len(rows) > 1 and policy.on_ambiguous == "fail":
        raise LetterFailedError(
            f"{len(rows)} print jobs carry this letter key: {', '.join(row.id for row in rows)}.",
            letter_key=letter.key.key,
            param="on_ambiguous",
            advice=(
                "Nothing was sent. Delete the drafts that are not wanted in the dashboard, or set "
                'on_ambiguous="oldest", and run the task again.'
            ),
        )


def refuse_if_other(letter: Letter, job: PrintJob, *, attempt: Attempt, policy: Policy) -> None:
    """Refuse a decided or paid job that is not what this attempt asks for.

    Recipients and options must be the same. Other bytes are taken as they are where the letter is not paid
    yet (what was decided is what will be posted) and within the tries of one run (a PDF is rarely rendered
    to the same bytes twice); after a clear, and in another run, somebody may believe that the new file is
    posted.

    :raises LetterFailedError: naming `resend` and what differs.
    """
    known = job.metadata or {}
    if "fingerprint" not in known:
        log.warning("Print job %s has lost its metadata; it is taken by its reference.", job.id)
        return
    if known["fingerprint"] != letter.fingerprint:
        _mismatch(letter, job, policy, "with other recipients or options")
        return
    theirs, ours = known.get("content_digest"), letter.content_digest
    if theirs is None or ours is None or theirs == ours:
        return
    one_run = attempt.made_in is not None and known.get("made_in") == attempt.made_in
    if job.confirmed and not one_run:
        _mismatch(letter, job, policy, f"with other content (digest {theirs}, now {ours})")
        return
    log.info(
        "Letter %s: print job %s of an earlier try has other content (%s, now %s); it is what is posted.",
        letter.key.key,
        job.id,
        theirs,
        ours,
    )


def _mismatch(letter: Letter, job: PrintJob, policy: Policy, how: str) -> None:
    if policy.on_mismatch == "adopt":
        log.warning("Letter %s: print job %s is taken as it is, %s.", letter.key.key, job.id, how)
        return
    was = "was already posted as print job" if job.confirmed else "is already decided to be print job"
    raise LetterFailedError(
        f"This letter {was} {job.id}, but {how}.",
        letter_key=letter.key.key,
        param="on_mismatch",
        advice=(
            "Nothing was sent. If this is another letter, give it an idempotency_key of its own. To post "
            'this one again as it now is, set resend. To accept what was posted, set on_mismatch="adopt".'
        ),
    )


def refuse_if_dead(job: PrintJob, *, letter_key: str | None = None) -> None:
    """Refuse a confirmed job of which nothing was posted, as it would be taken for success.

    :raises LetterFailedError: all its letters were cancelled or refused.
    """
    statuses = set(job.letters_by_status())
    if statuses and statuses <= _NEVER_POSTED:
        raise LetterFailedError(
            f"All letters of print job {job.id} are {' or '.join(sorted(statuses))}: nothing was posted.",
            letter_key=letter_key,
            advice="To post it again, set resend.",
        )


def _order(job: PrintJob) -> tuple[float, str]:
    return (job.created or 0, job.id)
