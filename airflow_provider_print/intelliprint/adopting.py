"""Is that job this letter? What is taken over from an earlier attempt, and what is refused."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from airflow_provider_print.core.errors import LetterFailedError, OtherContentError, RegisterError
from airflow_provider_print.intelliprint.letter import Attempt, Letter, Notice, Policy, same_task, same_tries
from airflow_provider_print.intelliprint.statuses import NEVER_POSTED

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Protocol

    from airflow_provider_print.intelliprint.models import PrintJob

    class Note(Protocol):
        """Writes one line about the letter and counts it."""

        def __call__(self, notice: Notice, text: str, *values: object) -> None:
            """Write and count."""


log = logging.getLogger(__name__)


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

    def passes_over(self, row: PrintJob, *, whole: bool = False) -> bool:
        """Tell whether a draft asks for something else, or nobody can tell what it asks for.

        Without a register nobody knows what an earlier try of this run was about to pay for, so its draft is
        taken although its bytes differ: a late payment for it must be one for this letter.

        :param whole: the job was read; a row of a list that lacks its metadata has to be read first.
        """
        if row.confirmed or (not row.metadata and not whole):
            return False
        known = row.metadata or {}
        if known.get("request_digest") == self._letter.request_digest:
            return False
        if not self._attempt.registered and self._is_of_an_earlier_try(known):
            return False
        if row.id not in self._passed:
            self._passed[row.id] = row
            self._note(Notice.PASSED_OVER, "passes over the draft %s: it asks for something else.", row.id)
        return True

    def _is_of_an_earlier_try(self, known: dict[str, Any]) -> bool:
        same = known.get("fingerprint") == self._letter.fingerprint
        return same and same_tries(known.get("made_in"), self._attempt.made_in)

    def rival(self, job: PrintJob, *, within: float, old: bool) -> bool:
        """Tell whether somebody else may be about to pay for a draft of other content.

        Of two that were made one after the other, the older goes first, and the younger waits for it. One
        that was found again waits for the younger ones, too: they take it for a leftover.

        :param job: the draft that this attempt would pay for.
        :param within: seconds; one that is older by more than that is a leftover.
        :param old: the draft was found, not made by this attempt.
        """
        others = [other for other in self._passed.values() if not self._corrects(other)]
        return any(_is_rival(job, other, within, old) for other in others)

    def _corrects(self, other: PrintJob) -> bool:
        """Tell whether the other draft is this task's own and was not decided for: its file was corrected."""
        made_in = (other.metadata or {}).get("made_in")
        return self._attempt.registered and same_task(made_in, self._attempt.made_in)


def refuse_if_ambiguous(letter: Letter, rows: Sequence[PrintJob], policy: Policy, jobs: Jobs) -> None:
    """Notice that there are several jobs where there should be one: paid ones, or drafts of this request.

    :raises LetterFailedError: with `on_ambiguous="fail"`, naming them.
    """
    paid = [row.id for row in rows if row.confirmed]
    if len(paid) > 1:
        log.error("Letter %s has %d paid print jobs: %s.", letter.key.key, len(paid), ", ".join(paid))
    if policy.on_ambiguous != "fail":
        return
    several = paid or [row.id for row in rows if not jobs.passes_over(row)]
    if len(several) > 1:
        what = "paid print jobs" if paid else "drafts"
        raise LetterFailedError(
            f"{len(several)} {what} carry this letter key: {', '.join(several)}.",
            letter_key=letter.key.key,
            param="on_ambiguous",
            advice=(
                "This attempt has sent nothing. Look at them in the dashboard (to delete one that is paid "
                'takes its letters back), or set on_ambiguous="oldest", and run the task again.'
            ),
        )


def refuse_if_foreign(letter: Letter, job: PrintJob) -> None:
    """Refuse a job that the register names and that is not this letter: somebody has edited the register.

    :raises RegisterError: naming the job.
    """
    named = (job.metadata or {}).get("letter_key")
    if named == letter.key.key or (named is None and job.reference == letter.key.reference):
        return
    raise RegisterError(
        f"Airflow's task state store names print job {job.id}, which is not this letter.",
        letter_key=letter.key.key,
        advice="This attempt has paid nothing. Correct its slot in Airflow's UI, or delete it.",
    )


def refuse_if_other(letter: Letter, job: PrintJob, *, attempt: Attempt, policy: Policy) -> None:
    """Refuse a decided or paid job that is not what this attempt asks for.

    Recipients and options must be the same. Other bytes are taken as they are where the letter is not paid
    yet (what was decided is what will be posted) and within the tries of one run (a PDF is rarely rendered
    to the same bytes twice); after a clear, and in another run, somebody may believe that the new file is
    posted.

    :raises OtherContentError: naming `resend` and what differs.
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
    if job.confirmed and not same_tries(known.get("made_in"), attempt.made_in):
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
    if job.confirmed:
        was, so_far = "was already posted as print job", "This attempt has sent nothing."
    else:
        was = "is already decided to be print job"
        so_far = "It is not paid yet, but an earlier attempt may still be paying for it."
    raise OtherContentError(
        f"This letter {was} {job.id}, but {how}.",
        print_job_id=job.id,
        metadata=job.metadata,
        letter_key=letter.key.key,
        param="on_mismatch",
        advice=(
            f"{so_far} If this is another letter, give it an idempotency_key of its own. To post "
            'this one again as it now is, set resend. To accept what was posted, set on_mismatch="adopt".'
        ),
    )


def is_dead(job: PrintJob) -> bool:
    """Tell whether nothing of a confirmed job was posted, and nothing will be."""
    statuses = set(job.letters_by_status())
    return bool(statuses) and statuses <= NEVER_POSTED


def refuse_if_dead(job: PrintJob, *, letter_key: str | None = None) -> None:
    """Refuse a confirmed job of which nothing was posted, as it would be taken for success.

    :raises LetterFailedError: all its letters were cancelled or refused.
    """
    if is_dead(job):
        statuses = " or ".join(sorted(job.letters_by_status()))
        raise LetterFailedError(
            f"All letters of print job {job.id} are {statuses}: nothing was posted.",
            letter_key=letter_key,
            advice="To post it again, set resend.",
        )


def _is_rival(job: PrintJob, other: PrintJob, within: float, old: bool) -> bool:
    if job.created is None or other.created is None:
        return True
    if _order(other) > _order(job):
        return old
    return job.created - other.created <= within


def _order(job: PrintJob) -> tuple[float, str]:
    return (job.created or 0, job.id)
