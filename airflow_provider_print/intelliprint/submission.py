"""The paid step: recall, find, draft, check, decide, confirm. A generator of calls that takes outcomes.

Money moves at one place only: when one known draft is confirmed. Confirming the same id twice is harmless,
creating a confirmed job twice is two letters, so a confirmed job is never created. What has to be certain,
then, is that all attempts of one letter confirm the *same* id, whichever of them crash, freeze and wake up,
or lose their answers. Two ways lead there:

* With a register (Airflow 3.3), an attempt writes the id into a slot of its own and reads it back before it
  confirms. Writes of an attempt that has been given up are refused, so what was read back was written while
  the attempt was current, and every later attempt sees it. Reading alone is no fence: an attempt that has
  been given up reads "nothing". One slot for all attempts is none either: a write that passed Airflow's check
  may land after the next attempt has begun.
* Where no register covers the letter key (older Airflow, plain Python, a key of the user's own that two runs
  may hold), an attempt makes its draft, lets a little time pass, lists the drafts, and confirms the one that
  is first in the order of `(created, id)`. That holds as long as the list is never further behind than the
  time it settles and nobody deletes drafts meanwhile. It is the weaker promise.

Nothing is deleted while deciding: a surplus draft is free, and a delete that comes late takes back a letter
that has been paid. Checks come before the decision, so an attempt that is stopped by one has decided nothing.

The generator knows neither HTTP nor Airflow, so the same code runs on a worker, in plain Python, and under
the explorer that tries all its interleavings. `driver` carries out its calls.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from airflow_provider_print.core.errors import (
    LetterFailedError,
    PrintError,
    SupersededError,
    UnknownOutcomeError,
)
from airflow_provider_print.intelliprint.adopting import (
    Jobs,
    refuse_if_ambiguous,
    refuse_if_dead,
    refuse_if_other,
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
    Told,
    Unanswered,
)
from airflow_provider_print.intelliprint.letter import GENERATIONS, Attempt, Letter, Notice, Policy

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from airflow_provider_print.intelliprint.models import PrintJob

log = logging.getLogger(__name__)

_CREATES = 2
_CONFIRMS = 2
# A draft of other content that is older than this when ours is made is a leftover, not a rival on its way.
_RIVAL_SECONDS = 60.0


@dataclass(frozen=True)
class Submission:
    """What became of it: the job, and whether an earlier attempt had a part in it."""

    job: PrintJob
    already_posted: bool = False
    resumed_draft: bool = False


@dataclass(frozen=True)
class _Candidate:
    """A job that could be the letter, and whether this attempt found it instead of making it."""

    job: PrintJob
    found: bool


Steps: TypeAlias = "Generator[Call, Outcome, Submission]"


def submit(
    letter: Letter,
    *,
    verify: Callable[[PrintJob], None],
    attempt: Attempt | None = None,
    policy: Policy | None = None,
    on_id: Callable[[str], None] = lambda _: None,
    tell: Callable[[Notice], None] = lambda _: None,
    may_pay: Callable[[], None] = lambda: None,
    quote_only: bool = False,
) -> Steps:
    """Bring one letter from its request to a confirmed job, or to its quote.

    :param letter: which letter, and what is in it.
    :param verify: holds a draft against its limits; raises to stop before anything is decided.
    :param attempt: which attempt this is; the default is one outside Airflow.
    :param policy: what to do in doubt.
    :param on_id: told the job's id as soon as there is one, before anything can fail.
    :param tell: told what is worth counting.
    :param may_pay: called once it is clear that this attempt would pay; raises to stop before that.
    :param quote_only: stop at the draft.
    :return: the job, whole, as the service last told it.
    :raises LetterFailedError: the letter was posted with other recipients, options or bytes; all of it was
        cancelled or refused; or the draft that was decided for is gone.
    :raises SupersededError: a newer attempt owns this letter; nothing was paid by this one.
    :raises UnknownOutcomeError: the service did not say what became of a call; running again is safe.
    """
    way = _Way(letter, attempt or Attempt(), policy or Policy(), tell, on_id)
    known = yield from way.recall()
    for generation in range(GENERATIONS):
        candidate = yield from way.recalled(known) if known else way.choose(verify, may_pay, quote_only)
        known = None
        if candidate is None:
            way.accept_the_loss(last=generation + 1 == GENERATIONS)
            continue
        job = candidate.job
        if candidate.found:
            on_id(job.id)
        if job.confirmed:
            refuse_if_dead(job, letter_key=letter.key.key)
        else:
            if not quote_only:
                may_pay()
            verify(job)
        if quote_only:
            return Submission(job, bool(job.confirmed), candidate.found and not job.confirmed)
        yield from way.decide(job.id, generation)
        if job.confirmed:
            way.note(
                Notice.ADOPTED,
                "is print job %s, posted by an earlier attempt: nothing is sent again.",
                job.id,
            )
            return Submission(job, already_posted=True)
        if candidate.found:
            way.note(Notice.RESUMED, "goes on with the draft %s of an earlier attempt.", job.id)
        paid = yield from _paid(job.id, letter.key.key)
        if paid is not None:
            return Submission(paid, resumed_draft=candidate.found)
        way.lost(job.id)
        way.accept_the_loss(last=generation + 1 == GENERATIONS)
    raise AssertionError("the last generation ends in a job or in an error")


class _Way:
    """The steps of one attempt, up to the confirm.

    :param letter: which letter.
    :param attempt: which attempt.
    :param policy: what to do in doubt.
    :param tell: told what is worth counting.
    :param on_id: told the id of a draft as soon as there is one.
    """

    def __init__(
        self,
        letter: Letter,
        attempt: Attempt,
        policy: Policy,
        tell: Callable[[Notice], None],
        on_id: Callable[[str], None],
    ) -> None:
        self._letter = letter
        self._attempt = attempt
        self._policy = policy
        self._tell = tell
        self._on_id = on_id
        self._jobs = Jobs(letter, attempt, policy, self.note)
        self._look = attempt.look_up
        self._gone = ""

    def note(self, notice: Notice, text: str, *values: object) -> None:
        """Write one line that begins with the letter key, and count it."""
        log.info("Letter %s %s", self._letter.key.key, text % values)
        self._tell(notice)

    def recall(self) -> Generator[Call, Outcome, str | None]:
        """Ask the register what earlier tries decided; the highest try counts, and in it the last word."""
        for slot in self._attempt.slots_read(self._letter.key.key):
            outcome = yield Recall(slot)
            assert isinstance(outcome, Remembered), outcome
            if outcome.job_id is not None:
                return outcome.job_id
        return None

    def recalled(self, job_id: str) -> Generator[Call, Outcome, _Candidate | None]:
        """Look at the job that an earlier try decided for. What was decided is what will be posted."""
        looked = yield Read(job_id)
        if not isinstance(looked, Told):
            self.lost(job_id)
            return None
        refuse_if_other(self._letter, looked.job, attempt=self._attempt, policy=self._policy)
        return _Candidate(looked.job, found=True)

    def choose(
        self, verify: Callable[[PrintJob], None], may_pay: Callable[[], None], quote_only: bool
    ) -> Generator[Call, Outcome, _Candidate]:
        """Find the job of this letter or make a draft, and let it settle where others may do the same."""
        job = yield from self._find() if self._look else _nothing()
        candidate = _Candidate(job, found=True) if job else None
        if candidate is None:
            if not quote_only:
                may_pay()
            candidate = yield from self._create()
        if candidate.job.confirmed or quote_only or not self._attempt.settle:
            return candidate
        if not candidate.found:
            verify(candidate.job)  # while it settles anyway
        return (yield from self._settled(candidate))

    def _find(self, mine: PrintJob | None = None) -> Generator[Call, Outcome, PrintJob | None]:
        """Look for the paid job of this letter, else for the first draft of the very same request."""
        outcome = yield Find(self._letter.key.reference)
        assert isinstance(outcome, Found), outcome
        rows = self._jobs.ours(outcome.jobs, mine)
        if mine is None:
            self.note(
                Notice.LOOKED_UP, "was looked up: %s.", ", ".join(row.id for row in rows) or "no job yet"
            )
        refuse_if_ambiguous(self._letter, rows, self._policy)
        for row in rows:
            if mine is not None and row.id == mine.id and not row.confirmed:
                return mine
            if self._jobs.passes_over(row):
                continue
            looked = yield Read(row.id)
            if isinstance(looked, Told) and looked.job.confirmed:
                refuse_if_other(self._letter, looked.job, attempt=self._attempt, policy=self._policy)
                return looked.job
            if row.confirmed:
                raise UnknownOutcomeError(
                    f"Print job {row.id} is in the list as paid for this letter, but it cannot be read.",
                    letter_key=self._letter.key.key,
                    advice="Nothing was sent. Look at the job in the dashboard, then run the task again.",
                )
            if isinstance(looked, Told) and not self._jobs.passes_over(looked.job):
                return looked.job
        return None

    def _create(self) -> Generator[Call, Outcome, _Candidate]:
        """Make the draft. When its answer is lost, look before making another."""
        lost: PrintError | None = None
        for _ in range(_CREATES):
            outcome = yield Create()
            if isinstance(outcome, Told):
                self._on_id(outcome.job.id)
                log.info("Letter %s is the draft %s.", self._letter.key.key, outcome.job.id)
                return _Candidate(outcome.job, found=False)
            assert isinstance(outcome, Unanswered), outcome
            lost = outcome.error
            job = yield from self._find()
            if job is not None:
                return _Candidate(job, found=True)
        raise UnknownOutcomeError(
            f"The answer to the draft was lost twice, and no draft is to be found: {lost}",
            letter_key=self._letter.key.key,
            advice="Nothing was paid. Run the task again: it looks the letter up first.",
        ) from lost

    def _settled(self, candidate: _Candidate) -> Generator[Call, Outcome, _Candidate]:
        """Wait until every draft made beside this one is in the list, and take the first of them.

        A draft of other content is nobody's choice here, but another run may be on its way to pay for it.
        The older one goes first: wait until it is paid, which is an error for this one, or left behind.
        """
        yield Settle(self._attempt.settle)
        job = yield from self._find(candidate.job)
        if job is not None and not job.confirmed and self._jobs.rival(job, within=_RIVAL_SECONDS):
            log.info(
                "Letter %s waits up to %.0f s: %s has a rival of other content, which may be paid.",
                self._letter.key.key,
                _RIVAL_SECONDS,
                job.id,
            )
            yield Settle(_RIVAL_SECONDS)
            job = yield from self._find(candidate.job)
        if job is None or (job.id == candidate.job.id and not job.confirmed):
            return candidate
        return _Candidate(job, found=True)

    def decide(self, job_id: str, generation: int) -> Generator[Call, Outcome, None]:
        """Write down which id is going to be paid, and read it back: both must work while this is current.

        :raises SupersededError: a newer attempt owns the task.
        """
        if not self._attempt.registered:
            return
        slot = self._attempt.slot(self._letter.key.key, self._attempt.number, generation)
        try:
            outcome = yield Decide(slot, job_id)
            assert isinstance(outcome, Decided), outcome
            outcome = yield Recall(slot)
            assert isinstance(outcome, Remembered), outcome
            if outcome.job_id != job_id:
                raise SupersededError("What was written into Airflow's task state store is not there.")
        except SupersededError as error:
            self.note(
                Notice.FENCED, "belongs to a newer attempt, or is nobody's: print job %s is not paid.", job_id
            )
            error.letter_key = self._letter.key.key
            raise

    def lost(self, job_id: str) -> None:
        """Note that a job which was going to be paid does not exist any more."""
        self._gone = job_id
        self._jobs.forget(job_id)
        self.note(Notice.VANISHED, "has lost its draft %s: it was deleted, or it expired.", job_id)

    def accept_the_loss(self, *, last: bool) -> None:
        """Go on to the next generation, where that is wanted.

        :raises LetterFailedError: where it is not; a draft that is gone may have been deleted on purpose.
        """
        self._look = True
        if self._policy.on_missing == "recreate" and not last:
            return
        raise LetterFailedError(
            f"The draft {self._gone} was going to be paid, but it is gone: deleted, or expired?",
            letter_key=self._letter.key.key,
            param="on_missing",
            advice=(
                "Nothing was paid for it. If the letter shall be posted all the same, set "
                'on_missing="recreate" and run the task again.'
            ),
        )


def _nothing() -> Generator[Call, Outcome, None]:
    """Find nothing without asking: nobody can have made a draft of this letter before."""
    yield from ()


def confirm(job_id: str, *, letter_key: str | None = None) -> Generator[Call, Outcome, PrintJob]:
    """Pay for one known id. After any doubt the job itself is asked whether it is paid.

    :param job_id: id of a draft; a job that is confirmed already is returned as it is.
    :param letter_key: for errors.
    :return: the confirmed job.
    :raises LetterFailedError: the draft is gone.
    :raises UnknownOutcomeError: the service did not say what became of it; running again is safe.
    """
    paid = yield from _paid(job_id, letter_key)
    if paid is None:
        raise LetterFailedError(
            f"The draft {job_id} vanished before it was paid: was it deleted in the dashboard?",
            letter_key=letter_key,
            advice="Nothing was paid for it. Run the task that makes the draft again.",
        )
    return paid


def _paid(job_id: str, letter_key: str | None) -> Generator[Call, Outcome, PrintJob | None]:
    """Confirm; return the paid job, or None when there is no such job (any more)."""
    doubt: PrintError | None = None
    for _ in range(_CONFIRMS):
        outcome = yield Confirm(job_id)
        if isinstance(outcome, Told) and outcome.job.confirmed:
            return outcome.job
        doubt = outcome.error if isinstance(outcome, Unanswered | Refused) else None
        looked = yield Read(job_id)
        if isinstance(looked, Gone):
            return None
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
