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
    CheckError,
    LetterFailedError,
    PrintError,
    SupersededError,
    UnknownOutcomeError,
)
from airflow_provider_print.intelliprint.adopting import (
    Jobs,
    is_dead,
    refuse_if_ambiguous,
    refuse_if_dead,
    refuse_if_foreign,
    refuse_if_other,
)
from airflow_provider_print.intelliprint.calls import (
    Call,
    Create,
    Decide,
    Decided,
    Find,
    Found,
    Outcome,
    Read,
    Recall,
    Remembered,
    Settle,
    Settled,
    Told,
    Unanswered,
)
from airflow_provider_print.intelliprint.letter import GENERATIONS, Attempt, Letter, Notice, Policy
from airflow_provider_print.intelliprint.paying import pay

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from airflow_provider_print.intelliprint.models import PrintJob

log = logging.getLogger(__name__)

_CREATES = 2


@dataclass(frozen=True)
class Submission:
    """What became of it: the job, and whether an earlier attempt had a part in it."""

    job: PrintJob
    already_posted: bool = False
    resumed_draft: bool = False


@dataclass(frozen=True)
class _Candidate:
    """A job that could be the letter, and whether an earlier attempt, or one beside this, has made it."""

    job: PrintJob
    earlier: bool = False


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
        last = generation + 1 == GENERATIONS
        candidate = yield from way.recalled(known) if known else way.choose(verify, may_pay, quote_only)
        known = None
        if candidate is None:
            way.accept_the_loss(last=last)
            continue
        job = candidate.job
        way.announce(job.id)
        if job.confirmed:
            refuse_if_dead(job, letter_key=letter.key.key)
        else:
            if not quote_only:
                may_pay()
            verify(job)
        if not quote_only:
            yield from way.decide(job, generation)
        if job.confirmed:
            way.note(Notice.ADOPTED, "is print job %s, posted by an earlier attempt.", job.id)
            return Submission(job, already_posted=True)
        if candidate.earlier:
            way.note(Notice.RESUMED, "goes on with the draft %s of an earlier attempt.", job.id)
        if quote_only:
            return Submission(job, resumed_draft=candidate.earlier)
        paid = yield from pay(job.id, letter.key.key, decided=True)
        if paid is not None:
            return Submission(paid, resumed_draft=candidate.earlier)
        way.lost(job.id)
        way.accept_the_loss(last=last)
    raise AssertionError("the last generation ends in a job or in an error")


class _Way:
    """The steps of one attempt, up to the confirm.

    :param letter: which letter.
    :param attempt: which attempt.
    :param policy: what to do in doubt.
    :param tell: told what is worth counting.
    :param on_id: told the id of a job as soon as there is one.
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
        self._announced = ""
        self._jobs = Jobs(letter, attempt, policy, self.note)
        self._look = attempt.look_up
        self._gone = ""

    def announce(self, job_id: str) -> None:
        """Tell the job's id, once."""
        if self._announced != job_id:
            self._on_id(job_id)
        self._announced = job_id

    def note(self, notice: Notice, text: str, *values: object) -> None:
        """Write one line that begins with the letter key, and count it."""
        log.info("Letter %s %s", self._letter.key.key, text % values)
        self._tell(notice)

    def recall(self) -> Generator[Call, Outcome, str | None]:
        """Ask the register what earlier tries decided; the highest try counts, and in it the last word."""
        if self._attempt.known is not None:
            return self._attempt.known
        for slot in self._attempt.slots_read(self._letter.key.key):
            outcome = yield Recall(slot)
            assert isinstance(outcome, Remembered), outcome
            if outcome.job_id is not None:
                return outcome.job_id
        return None

    def recalled(self, job_id: str) -> Generator[Call, Outcome, _Candidate | None]:
        """Look at the job that an earlier try decided for. What was decided is what will be posted.

        Where another run may hold the letter key, that run may have paid another job meanwhile.
        """
        looked = yield Read(job_id)
        if not isinstance(looked, Told):
            self.lost(job_id)
            return None
        refuse_if_foreign(self._letter, looked.job)
        refuse_if_other(self._letter, looked.job, attempt=self._attempt, policy=self._policy)
        candidate = _Candidate(looked.job, earlier=True)
        if looked.job.confirmed or not self._attempt.settle:
            return candidate
        return (yield from self._settled(candidate, decided=True))

    def choose(
        self, verify: Callable[[PrintJob], None], may_pay: Callable[[], None], quote_only: bool
    ) -> Generator[Call, Outcome, _Candidate]:
        """Find the job of this letter or make a draft, and let it settle where others may do the same."""
        job = (yield from self._find()) if self._look else None
        if job is not None and self._is_cut_short(job, verify):
            job = yield from self._find()
        candidate = _Candidate(job, earlier=True) if job else None
        if candidate is None:
            if not quote_only:
                may_pay()
            candidate = yield from self._create()
        if candidate.job.confirmed or quote_only or not self._attempt.settle:
            return candidate
        if not candidate.earlier:
            verify(candidate.job)  # while it settles anyway
        return (yield from self._settled(candidate))

    def _is_cut_short(self, job: PrintJob, verify: Callable[[PrintJob], None]) -> bool:
        """Tell whether a found draft lacks a part of its file, and leave it behind: a new one may not."""
        if job.confirmed:
            return False
        try:
            verify(job)
        except CheckError as error:
            if error.param == "file":
                self._jobs.forget(job.id)
                self.note(
                    Notice.PASSED_OVER, "passes over the draft %s: it was cut short on its way.", job.id
                )
                return True
        return False

    def _find(
        self, mine: PrintJob | None = None, *, decided: bool = False
    ) -> Generator[Call, Outcome, PrintJob | None]:
        """Look for the paid job of this letter, else for the first draft of the very same request.

        :param mine: the draft of this attempt, which counts even where the list is behind.
        :param decided: it was decided for, so no other draft is.
        """
        outcome = yield Find(self._letter.key.reference)
        assert isinstance(outcome, Found), outcome
        rows = self._jobs.ours(outcome.jobs, mine)
        if mine is None:
            self.note(
                Notice.LOOKED_UP, "was looked up: %s.", ", ".join(row.id for row in rows) or "no job yet"
            )
        refuse_if_ambiguous(self._letter, rows, self._policy, self._jobs)
        others = {row.id for row in rows if self._jobs.passes_over(row)}
        dead: PrintJob | None = None
        for row in rows:
            if dead is None and mine is not None and row.id == mine.id and not row.confirmed:
                return mine
            if row.id in others or (decided and not row.confirmed):
                continue
            looked = yield Read(row.id)
            if isinstance(looked, Told) and looked.job.confirmed:
                if is_dead(looked.job):
                    dead = dead or looked.job
                    continue
                refuse_if_other(self._letter, looked.job, attempt=self._attempt, policy=self._policy)
                return looked.job
            if row.confirmed:
                raise UnknownOutcomeError(
                    f"Print job {row.id} is in the list as paid for this letter, but it cannot be read.",
                    letter_key=self._letter.key.key,
                    advice="This attempt has sent nothing. Look at the job in the dashboard, then run again.",
                )
            if (
                dead is None
                and isinstance(looked, Told)
                and not self._jobs.passes_over(looked.job, whole=True)
            ):
                return looked.job
        return dead

    def _create(self) -> Generator[Call, Outcome, _Candidate]:
        """Make the draft. When its answer is lost, look before making another."""
        lost: PrintError | None = None
        for _ in range(_CREATES):
            outcome = yield Create()
            if isinstance(outcome, Told):
                self.announce(outcome.job.id)
                log.info("Letter %s is the draft %s.", self._letter.key.key, outcome.job.id)
                return _Candidate(outcome.job)
            assert isinstance(outcome, Unanswered), outcome
            lost = outcome.error
            job = yield from self._find()
            if job is not None:
                return _Candidate(job, earlier=not self._attempt.made(job))
        raise UnknownOutcomeError(
            f"The answer to the draft was lost twice, and no draft is to be found: {lost}",
            letter_key=self._letter.key.key,
            advice="This attempt has paid nothing. Run the task again: it looks the letter up first.",
        ) from lost

    def _settled(
        self, candidate: _Candidate, *, decided: bool = False
    ) -> Generator[Call, Outcome, _Candidate]:
        """Wait until every draft made beside this one is in the list, and take the first of them.

        A draft of other content is nobody's choice here, but another run may be on its way to pay for it.
        Then wait until it is paid, which is an error for this one, or left behind.

        :param decided: an earlier try has decided for this one, so only a job that is paid goes before it.
        """
        settled = yield Settle(self._attempt.settle)
        assert isinstance(settled, Settled), settled
        old, wait = self._attempt.wait_for_rivals(settled.spent, found=candidate.earlier)
        job = yield from self._find(candidate.job, decided=decided)
        if (
            job is not None
            and not job.confirmed
            and self._jobs.rival(job, within=self._attempt.rival, old=old)
        ):
            log.info(
                "Letter %s waits up to %.0f s: %s has a rival of other content, which may be paid.",
                self._letter.key.key,
                wait - settled.spent,
                job.id,
            )
            yield Settle(wait)
            job = yield from self._find(candidate.job, decided=decided)
        if job is None or (job.id == candidate.job.id and not job.confirmed):
            return candidate
        return _Candidate(job, earlier=True)

    def decide(self, job: PrintJob, generation: int) -> Generator[Call, Outcome, None]:
        """Write down which id is going to be paid, and read it back: both must work while this is current.

        :raises SupersededError: a newer attempt owns the task.
        """
        if not self._attempt.registered:
            return
        slot = self._attempt.slot(self._letter.key.key, self._attempt.number, generation)
        try:
            outcome = yield Decide(slot, job.id)
            assert isinstance(outcome, Decided), outcome
            outcome = yield Recall(slot)
            assert isinstance(outcome, Remembered), outcome
            if outcome.job_id != job.id:
                raise SupersededError("What was written into Airflow's task state store is not there.")
        except SupersededError as error:
            what = "was paid before" if job.confirmed else "is not paid by this one"
            self.note(Notice.FENCED, "belongs to a newer attempt: print job %s %s.", job.id, what)
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
        :raises UnknownOutcomeError: where it is, and the next one is gone, too.
        """
        self._look = True
        if self._policy.on_missing != "recreate":
            raise LetterFailedError(
                f"Print job {self._gone} was decided for, but it is gone: deleted, expired, another account?",
                letter_key=self._letter.key.key,
                param="on_missing",
                advice=(
                    "This attempt has paid nothing. If it was a draft, and the letter shall be posted all "
                    'the same, set on_missing="recreate" and run the task again.'
                ),
            )
        if last:
            raise UnknownOutcomeError(
                f"Two drafts of this letter are gone, the last was {self._gone}: does somebody delete them?",
                letter_key=self._letter.key.key,
                advice="This attempt has paid nothing. Run the task again.",
            )
