"""The paid step: find, draft, check, confirm. A generator that yields calls and takes outcomes.

Money moves at one place only: when one known draft is confirmed. Confirming the same id twice is harmless,
creating a confirmed job twice is two letters, so a confirmed job is never created. A create whose answer was
lost is not repeated blindly either: the job may exist, so its reference is looked up first, and whatever is
found is gone on with.

The generator knows neither HTTP nor Airflow. It yields what it wants to be done and is sent what came of it,
so the same code runs on a worker, in plain Python, and wherever its decisions are put to the test. What it
cannot decide (a wrong API key, a refused request) its driver raises inside it.

What this does not give yet: two attempts of one letter that run at the very same moment may each make a draft
and confirm it. One attempt after the other, killed at any point, posts once.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from airflow_provider_print.core.errors import LetterFailedError, PrintError, UnknownOutcomeError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from airflow_provider_print.core.identity import LetterKey
    from airflow_provider_print.intelliprint.models import PrintJob

log = logging.getLogger(__name__)

_ROUNDS = 2
_CONFIRMS = 3
_NEVER_POSTED = {"cancelled", "failed_wrong_address", "invalid_address"}


@dataclass(frozen=True)
class Find:
    """Ask for the jobs that carry a reference."""

    reference: str


@dataclass(frozen=True)
class Create:
    """Ask for a free draft."""


@dataclass(frozen=True)
class Read:
    """Ask for one job, whole."""

    job_id: str


@dataclass(frozen=True)
class Confirm:
    """Ask for the one step that is paid."""

    job_id: str


Call: TypeAlias = Find | Create | Read | Confirm


@dataclass(frozen=True)
class Found:
    """The jobs that carry the reference; projected, so they may lack most fields."""

    jobs: Sequence[PrintJob]


@dataclass(frozen=True)
class Told:
    """The service answered with a job."""

    job: PrintJob


@dataclass(frozen=True)
class Gone:
    """There is no such job (any more)."""


@dataclass(frozen=True)
class Unanswered:
    """Nobody knows what became of a write: no answer, or one that cannot be read."""

    error: PrintError


@dataclass(frozen=True)
class Refused:
    """The service refused to confirm; the job itself knows whether an earlier confirm got through."""

    error: PrintError


Outcome: TypeAlias = Found | Told | Gone | Unanswered | Refused


@dataclass(frozen=True)
class Letter:
    """What is to be posted, as far as deciding needs to know.

    :param key: which letter this is.
    :param fingerprint: digest of what makes it this letter: recipients and options, defaults left out. A paid
        job with the same letter key and another fingerprint is another letter.
    :param request_digest: digest of everything that is asked for, bytes included. A draft is free, so one
        that differs in anything is left alone and a new one is made.
    :param content_digest: digest of the bytes or the text; None where they are not known here.
    """

    key: LetterKey
    fingerprint: str
    request_digest: str
    content_digest: str | None = None

    def metadata(self) -> dict[str, str]:
        """Return what is stored beside the job, to recognise it by."""
        own = {
            **self.key.metadata(),
            "fingerprint": self.fingerprint,
            "request_digest": self.request_digest,
        }
        return {**own, "content_digest": self.content_digest} if self.content_digest else own


@dataclass(frozen=True)
class Submission:
    """What became of it: the job, and whether an earlier attempt had a part in it."""

    job: PrintJob
    already_posted: bool = False
    resumed_draft: bool = False


Steps: TypeAlias = "Generator[Call, Outcome, Submission]"


def submit(
    letter: Letter,
    *,
    verify: Callable[[PrintJob], None],
    on_id: Callable[[str], None] = lambda _: None,
    quote_only: bool = False,
) -> Steps:
    """Bring one letter from its request to a confirmed job, or to its quote.

    :param letter: which letter, and what is in it.
    :param verify: holds a draft against its limits; raises to stop before anything is paid.
    :param on_id: told the job's id as soon as there is one, before anything can fail.
    :param quote_only: stop at the draft.
    :return: the job, whole, as the service last told it.
    :raises LetterFailedError: the letter was posted with other recipients or options, or all of it was
        cancelled or refused.
    :raises UnknownOutcomeError: the service did not say what became of a call; running again is safe.
    """
    job, resumed = yield from _find(letter)
    if job is None:
        job, resumed = yield from _create(letter)
    on_id(job.id)
    if job.confirmed:
        refuse_if_dead(job, letter_key=letter.key.key)
        log.info(
            "Letter %s is print job %s, posted by an earlier attempt: nothing is sent again.",
            letter.key.key,
            job.id,
        )
        return Submission(job, already_posted=True)
    if resumed:
        log.info("Letter %s goes on with the draft %s of an earlier attempt.", letter.key.key, job.id)
    verify(job)
    if quote_only:
        return Submission(job, resumed_draft=resumed)
    return Submission((yield from confirm(job.id, letter_key=letter.key.key)), resumed_draft=resumed)


def _find(letter: Letter) -> Generator[Call, Outcome, tuple[PrintJob | None, bool]]:
    """Look for the paid job of this letter, else for the oldest draft of the very same request."""
    outcome = yield Find(letter.key.reference)
    mine = [job for job in _jobs(outcome) if letter.key.owns(job.metadata)]
    mine.sort(key=lambda job: (not job.confirmed, job.created or 0, job.id))
    paid = [job.id for job in mine if job.confirmed]
    if len(paid) > 1:
        log.warning("Letter %s has %d paid print jobs: %s.", letter.key.key, len(paid), ", ".join(paid))
    for row in mine:
        if not row.confirmed and row.metadata and _differs(letter, row):
            continue
        looked = yield Read(row.id)
        if isinstance(looked, Told) and looked.job.confirmed:
            _refuse_if_other(letter, looked.job)
            return looked.job, True
        if row.confirmed:
            raise UnknownOutcomeError(
                f"Print job {row.id} is in the list as paid for this letter, but it cannot be read.",
                letter_key=letter.key.key,
                advice="Nothing was sent. Look at the job in the dashboard, then run the task again.",
            )
        if isinstance(looked, Told) and not _differs(letter, looked.job):
            return looked.job, True
    return None, False


def _create(letter: Letter) -> Generator[Call, Outcome, tuple[PrintJob, bool]]:
    """Make the draft. When its answer is lost, look before making another."""
    for _ in range(_ROUNDS):
        outcome = yield Create()
        if isinstance(outcome, Told):
            log.info("Letter %s is the draft %s.", letter.key.key, outcome.job.id)
            return outcome.job, False
        lost = outcome
        log.warning("Letter %s: the draft's answer was lost; looking it up by its reference.", letter.key.key)
        job, _found = yield from _find(letter)
        if job is not None:
            return job, True
    assert isinstance(lost, Unanswered)
    raise UnknownOutcomeError(
        f"The answer to the draft was lost twice, and no draft is to be found: {lost.error}",
        letter_key=letter.key.key,
        advice="Nothing was paid. Run the task again: it looks the letter up first.",
    ) from lost.error


def confirm(job_id: str, *, letter_key: str | None = None) -> Generator[Call, Outcome, PrintJob]:
    """Pay for one known id. After any doubt the job itself is asked whether it is paid.

    :param job_id: id of a draft; a job that is confirmed already is returned as it is.
    :param letter_key: for errors.
    :return: the confirmed job.
    :raises LetterFailedError: the draft is gone.
    :raises UnknownOutcomeError: the service did not say what became of it; running again is safe.
    """
    doubt: PrintError | None = None
    for _ in range(_CONFIRMS):
        outcome = yield Confirm(job_id)
        if isinstance(outcome, Told) and outcome.job.confirmed:
            return outcome.job
        doubt = outcome.error if isinstance(outcome, Unanswered | Refused) else None
        looked = yield Read(job_id)
        if isinstance(looked, Gone):
            raise LetterFailedError(
                f"The draft {job_id} vanished before it was paid: was it deleted in the dashboard?",
                letter_key=letter_key,
                advice="Nothing was paid for it. Run the task again: it makes a new draft.",
            )
        if isinstance(looked, Told) and looked.job.confirmed:
            return looked.job
        if isinstance(outcome, Refused):
            outcome.error.letter_key = letter_key
            raise outcome.error
    raise UnknownOutcomeError(
        f"The service did not say whether print job {job_id} is confirmed{f': {doubt}' if doubt else '.'}",
        letter_key=letter_key,
        advice="Run the task again: it asks the job first, and confirms no other id.",
    ) from doubt


def _jobs(outcome: Outcome) -> Sequence[PrintJob]:
    assert isinstance(outcome, Found), outcome
    return outcome.jobs


def _differs(letter: Letter, draft: PrintJob) -> bool:
    differs = (draft.metadata or {}).get("request_digest") != letter.request_digest
    if differs:
        log.info("Letter %s: the draft %s asks for something else; passed over.", letter.key.key, draft.id)
    return differs


def _refuse_if_other(letter: Letter, paid: PrintJob) -> None:
    known = (paid.metadata or {}).get("fingerprint")
    if known == letter.fingerprint:
        return
    if known is None:
        log.warning("Print job %s has lost its metadata; it is taken by its reference.", paid.id)
        return
    raise LetterFailedError(
        f"This letter was already posted as print job {paid.id}, but with other recipients or options.",
        letter_key=letter.key.key,
        advice=(
            "Nothing was sent. Give a new letter an idempotency_key of its own; to post this one again as it "
            "now is, set resend."
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
