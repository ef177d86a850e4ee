"""Posting a bulk: all quotes, then all payments, in an order that makes every crash harmless.

1. Rows become chunks (`split`), chunks become print jobs (`chunk`), and each of these is brought to its
   quote: a free draft, or what an earlier attempt has left. A fault in any of them, and a budget that the
   sum of all quotes exceeds, stops everything before the first payment.
2. The first job of chunk 1 is paid. What it tells in its metadata is how the bulk was cut.
3. The others are paid, chunk by chunk, within a chunk in their order. One that cannot be paid holds up the
   later ones of its own chunk only, and is named at the end.

Why no row is posted twice:

* The paid step sees to it that each job is posted once, and that all attempts agree on what is in it.
* Whatever is paid, chunk 1 was paid before. So every attempt that pays anything has cut the bulk as chunk 1
  tells: one that would cut it otherwise (more rows, another limit) reads that first and follows it. A row
  can therefore only be in the jobs of one chunk.
* Within a chunk, a job is only paid when those before it are, and its rows are none of theirs.
* A row counts as posted only when a job tells so; a job that cannot tell stops the bulk.

When the worker dies, or an answer is lost, the next attempt

* after drafts were made: finds them again, or makes new ones where rows have changed; nothing was paid;
* between two payments: finds what is paid (one or two calls each), and pays the rest;
* behind a payment of which nobody knows how it went: asks the job that was decided for;
* beside a worker that was frozen and wakes: its writes to the register are refused, or both pay for one id.

When rows have come since, the jobs that are decided stay as they are, and the new rows are one job more of
their chunk. When rows are missing or changed since, it stops before it pays anything, unless their chunk was
not decided yet.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from airflow_provider_print.core.errors import (
    AuthenticationError,
    BadRequestError,
    CheckError,
    ForbiddenError,
    GoneError,
    InputError,
    LetterFailedError,
    NotFoundError,
    OtherContentError,
    PrintError,
    SupersededError,
    UnknownOutcomeError,
)
from airflow_provider_print.core.money import Money
from airflow_provider_print.intelliprint.bulk.chunk import Bulk, Chunk, Part, is_proven
from airflow_provider_print.intelliprint.bulk.proof import split_told
from airflow_provider_print.intelliprint.bulk.result import BulkResult
from airflow_provider_print.intelliprint.bulk.split import Split

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from airflow_provider_print.intelliprint.bulk.rows import Row
    from airflow_provider_print.intelliprint.result import PrintJobResult

log = logging.getLogger(__name__)

_NAMED = 5
# What says something about one print job. After anything else (no money, no service, a wrong API key, a newer
# attempt) the next one would only fail the same way.
_OF_ONE_JOB = (BadRequestError, CheckError, GoneError, LetterFailedError, NotFoundError, UnknownOutcomeError)


class Posting:
    """One attempt to post a bulk.

    :param bulk: what all print jobs have in common.
    :param rows: all of them, in the order of their digests.
    """

    def __init__(self, bulk: Bulk, rows: Sequence[Row]) -> None:
        self._bulk = bulk
        self._rows = rows
        self._split = Split.of(rows, bulk.most)
        self._posted_before: set[str] = set()
        self._gone = 0
        self._look_up = False
        self._failures: list[tuple[Part, PrintError]] = []
        self.parts: list[Part] = []

    @property
    def ids(self) -> list[str]:
        """Ids of all print jobs that there are so far."""
        return [part.held.job.id for part in self.parts]

    @property
    def paid(self) -> int:
        """How many of them are paid."""
        return sum(part.held.is_posted for part in self.parts)

    def quote(self, budget: str | None = None) -> BulkResult:
        """Bring all print jobs to their quotes, and hold the sum against a budget.

        :param budget: the most that all of them may cost with VAT, those that are paid already included.
        :raises PrintError: nothing was paid.
        """
        allowed = None if budget is None else Money.parse(budget, param="max_cost_after_tax")
        first = self._first()
        chunks = self._split.assign(self._rows)
        log.info(
            "Bulk %s: %s rows in %d chunks of at most %s.",
            self._bulk.key.key,
            f"{len(self._rows):,}",
            len(chunks),
            f"{self._bulk.most:,}",
        )
        self._refuse_if_chunk_1_is_gone(chunks)
        for at, (number, rows) in enumerate(chunks.items(), 1):
            chunk = Chunk(self._bulk, self._split, number, rows, look_up=self._look_up)
            try:
                held = chunk.hold(first if number == 1 else None)
            except LetterFailedError:
                if self.parts and not self.parts[0].held.is_posted:
                    self._look_again()
                raise
            self.parts += held
            self._gone += chunk.gone
            self._posted_before |= {part.held.job.id for part in held if part.held.is_posted}
            log.info(
                "Chunk %d (%d of %d): quote %s, %s letters; so far %s.",
                number,
                at,
                len(chunks),
                ", ".join(part.held.job.id for part in held),
                f"{sum(len(part.rows) for part in held):,}",
                _money(self.parts),
            )
        self._refuse_if_chunk_1_is_lost()
        self._refuse_if_renamed()
        for part in self.parts:
            if not part.held.is_posted:
                part.checks.verify(part.held.job, sent_bytes=None, splitting=False)
        quoted = self.result()
        _refuse_if_dearer(quoted, allowed, letter_key=self._bulk.key.key)
        return quoted

    def pay(self) -> BulkResult:
        """Pay for what is not paid yet.

        :raises PrintError: naming the chunks that are not posted; the others are.
        """
        held_up: set[int] = set()
        for part in self.parts:
            if part.chunk in held_up or part.held.is_posted:
                continue
            if not self._paid(part):
                held_up.add(part.chunk)
        if self._failures:
            raise self._failure()
        return self.result()

    def result(self) -> BulkResult:
        """Return how all print jobs stand."""
        chunks = len({part.chunk for part in self.parts})
        told = BulkResult(testmode=bool(self._bulk.request.testmode), chunks=chunks)
        for part in self.parts:
            told.add(part, already_posted=part.held.job.id in self._posted_before)
        return told

    def _first(self) -> Part | None:
        """Find out how the bulk is cut: as the first job of all tells, where one is decided or posted."""
        rows = self._split.assign(self._rows)[1]
        part: Part | None = None
        try:
            part = Chunk(self._bulk, self._split, 1, rows, look_up=self._look_up).hold_first()
        except OtherContentError as error:
            self._look_up = True
            known, job_id = split_told(error.metadata), error.print_job_id
        else:
            self._look_up = self._look_up or part.held.is_posted
            known, job_id = split_told(part.held.job.metadata), part.held.job.id
        if known is None:
            raise LetterFailedError(
                f"Print job {job_id} is chunk 1, but does not tell how this bulk was cut.",
                letter_key=self._bulk.key.key,
                param="metadata",
                advice="This attempt has paid nothing. Was its metadata edited in the dashboard?",
            )
        if known == self._split:
            return part
        log.info(
            "Bulk %s was cut into %d chunks by an earlier attempt (print job %s), and stays so.",
            self._bulk.key.key,
            known.chunks,
            job_id,
        )
        self._split = known
        self._look_up = True
        return None

    def _refuse_if_chunk_1_is_gone(self, chunks: dict[int, list[Row]]) -> None:
        """Stop where no row of chunk 1 is left: what it was posted with cannot be looked at, or paid."""
        if 1 in chunks:
            return
        raise LetterFailedError(
            "None of the rows that chunk 1 was decided with is among the rows any more.",
            letter_key=self._bulk.key.key,
            param="rows",
            advice=(
                "This attempt has paid nothing. Post these rows as a bulk of their own, with an "
                "idempotency_key."
            ),
        )

    def _refuse_if_renamed(self) -> None:
        """Stop where posted rows have gone and late rows have come, be it in chunks of their own.

        A row under another row key is in another chunk, so it looks like one of each.
        """
        late = sum(len(part.rows) for part in self.parts if part.late and not part.held.is_posted)
        if not (self._gone and late):
            return
        raise LetterFailedError(
            f"{self._gone} rows that were posted are not among the rows any more, and {late} are new in "
            "chunks that were posted. Nobody can tell whether these are the same under other row keys.",
            letter_key=self._bulk.key.key,
            param="rows",
            advice=(
                "This attempt has paid nothing. Post the new rows as a bulk of their own, with an "
                "idempotency_key."
            ),
        )

    def _refuse_if_chunk_1_is_lost(self) -> None:
        """Stop where others are paid and chunk 1 is not, for it is always paid first.

        It may just have been paid by an attempt beside this one, so it is looked at again. Test jobs are
        deleted by the service after a week, one before the other.
        """
        first, *others = self.parts
        posted = [part for part in others if part.held.is_posted]
        if first.held.is_posted or not posted or self._bulk.request.testmode:
            return
        if self._look_again():
            return
        raise LetterFailedError(
            f"Chunk {posted[0].name} is posted as print job {posted[0].held.job.id}, but chunk 1, which is "
            "paid before all others, is not: was it deleted?",
            letter_key=self._bulk.key.key,
            advice="This attempt has paid nothing. To post all of the bulk again, set resend.",
        )

    def _look_again(self) -> bool:
        """Look whether an attempt beside this one has paid chunk 1 since its quote.

        :return: it has, and for the very same rows.
        :raises PrintError: it has, and the bulk is another one now.
        """
        self._look_up = True
        again = self._first()
        if again is not None and again.rows == self.parts[0].rows:
            self.parts[0] = again
            if again.held.is_posted:
                self._posted_before.add(again.held.job.id)
            return again.held.is_posted
        raise PrintError(
            "Another attempt has posted chunk 1 meanwhile, with other rows than were asked for.",
            letter_key=self._bulk.key.key,
            advice="This attempt has paid nothing. Run the task again: it sees which rows are missing.",
        )

    def _paid(self, part: Part) -> bool:
        """Pay for one print job; return whether later ones of its chunk may follow."""
        try:
            result = part.held.finish()
            if not is_proven(part, self._split):
                raise _overtaken(part, result)
        except SupersededError:
            raise
        except PrintError as error:
            self._failures.append((part, error))
            if (part.chunk, part.late) == (1, 0) or not isinstance(error, _OF_ONE_JOB):
                raise self._failure() from error
            log.warning("Chunk %s of %d is not posted: %s", part.name, self._split.chunks, error)
            return False
        if result.already_posted:
            self._posted_before.add(result.id)
        paid = [one for one in self.parts if one.held.is_posted]
        log.info(
            "Chunk %s of %d is posted as print job %s: %s letters. %d of %d print jobs are paid, %s.",
            part.name,
            self._split.chunks,
            result.id,
            f"{len(part.rows):,}",
            len(paid),
            len(self.parts),
            _money(paid),
        )
        return True

    def _failure(self) -> PrintError:
        """Return the error that names what is not posted, and says whether another attempt can help."""
        shown = "; ".join(f"chunk {part.name}: {error.message}" for part, error in self._failures[:_NAMED])
        more = len(self._failures) - _NAMED
        done = sum(len(part.rows) for part in self.parts if part.held.is_posted)
        total = sum(len(part.rows) for part in self.parts)
        worst = [error for _, error in self._failures if not _is_final(error)]
        kind = PrintError if worst else LetterFailedError
        error = kind(
            f"{self.paid} of {len(self.parts)} print jobs with {done:,} of {total:,} rows are posted. "
            f"{shown}{f'; and {more} more' if more > 0 else ''}",
            letter_key=self._bulk.key.key,
            retry_after=max((one.retry_after for one in worst if one.retry_after is not None), default=None),
            advice="Run the task again: what is posted is not posted again, and the rest is gone on with.",
        )
        error.__cause__ = self._failures[0][1]
        return error


def _money(parts: Iterable[Part]) -> str:
    """Return what some print jobs cost together, for the log."""
    costs = [part.held.job.cost for part in parts]
    return f"{Money(sum(cost.after_tax for cost in costs if cost))} with VAT"


def _overtaken(part: Part, result: PrintJobResult) -> PrintError:
    return PrintError(
        f"Print job {result.id} is paid for chunk {part.name}, but another attempt made it of other rows.",
        advice="Run the task again: it sees which rows are missing.",
    )


def _is_final(error: PrintError) -> bool:
    """Tell whether no other attempt can help; one that was overtaken by another sees its rows next time."""
    final = (
        AuthenticationError,
        BadRequestError,
        CheckError,
        ForbiddenError,
        GoneError,
        InputError,
        LetterFailedError,
        NotFoundError,
    )
    return isinstance(error, final) and not isinstance(error, OtherContentError)


def _refuse_if_dearer(quoted: BulkResult, allowed: Money | None, *, letter_key: str) -> None:
    if allowed is None:
        return
    problem = ""
    if not quoted.cost:
        problem = "A draft carries no cost, so the budget cannot be checked."
    elif Money(quoted.cost["after_tax"]) > allowed:
        before = f", {quoted.already_posted} of them paid before," if quoted.already_posted else ""
        jobs = f"{quoted.print_jobs} print jobs{before}"
        problem = f"The {jobs} cost {quoted.cost_text}, the budget is {allowed}."
    if problem:
        raise CheckError(
            f"{problem} This attempt has paid nothing.",
            letter_key=letter_key,
            param="max_cost_after_tax",
            advice="The drafts are free, and are gone on with. Correct the budget and run the task again.",
        )
