"""The print jobs of one chunk, in their order: the first, and one more for each time that rows came late.

Each of them is a letter of its own to the paid step (`<bulk>/3`, then `<bulk>/3+1`, `<bulk>/3+2`), so however
many attempts there are, each is posted once. What is in it is settled by the attempt that decides for it,
and told by its metadata from then on. So a chunk is gone through like a journal: what the first job was
decided to be stands; rows that it does not have are asked for in the second; and so on, until a job is new or
no rows are left.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

from airflow_provider_print.core.errors import (
    CheckError,
    InputError,
    LetterFailedError,
    OtherContentError,
    PrintError,
)
from airflow_provider_print.intelliprint.bulk.proof import PREFIX, proof_of, rows_told, split_told
from airflow_provider_print.intelliprint.checks import QuoteChecks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from airflow_provider_print.core.identity import LetterKey
    from airflow_provider_print.intelliprint.bulk.rows import Row
    from airflow_provider_print.intelliprint.bulk.split import Split
    from airflow_provider_print.intelliprint.holding import Held
    from airflow_provider_print.intelliprint.letter import OnMismatch
    from airflow_provider_print.intelliprint.requests import PrintJobRequest

#: Rows of one print job. More would be much metadata, and a long wait for one answer.
MOST_ROWS = 5000


class Hold(Protocol):
    """Brings one letter to its quote; see `sending.hold`."""

    def __call__(
        self,
        request: PrintJobRequest,
        key: LetterKey,
        *,
        checks: QuoteChecks,
        look_up: bool,
        on_mismatch: OnMismatch,
    ) -> Held:
        """Look the letter up or draft it.

        :param look_up: ask the service before the first draft in any case.
        """


@dataclass(frozen=True, kw_only=True)
class Bulk:
    """What all print jobs of a bulk have in common.

    :param key: letter key of the bulk.
    :param request: a print job without recipients, its test mode settled, its files opened.
    :param most: rows of a print job.
    :param max_pages_per_letter: no letter longer than this.
    :param on_mismatch: what is posted is not what is asked for now: `fail`, or `adopt` it as it is.
    :param hold: brings one letter to its quote.
    """

    key: LetterKey
    request: PrintJobRequest
    most: int
    max_pages_per_letter: int | None
    on_mismatch: OnMismatch
    hold: Hold

    def __post_init__(self) -> None:
        """Refuse what makes no sense for one letter a row.

        :raises InputError: naming the argument.
        """
        if isinstance(self.most, bool) or not isinstance(self.most, int) or not 1 <= self.most <= MOST_ROWS:
            raise InputError(
                f"rows_per_chunk is a whole number from 1 to {MOST_ROWS:,}.", param="rows_per_chunk"
            )
        for name in ("recipients", "mailing_list", "splitting", "remove_letters"):
            if getattr(self.request, name) is not None:
                raise InputError(f"There is one letter for each row, so no {name}.", param=name)
        taken = sorted(name for name in self.request.metadata or {} if name.startswith(PREFIX))
        if taken:
            raise InputError(
                f"metadata.{taken[0]}: names with {PREFIX} are those of this provider.",
                param=f"metadata.{taken[0]}",
                advice="Choose another name.",
            )

    def with_open_file(self, open_file: Callable[..., Any]) -> Bulk:
        """Return the same with the file opened, so that it is read once and not for each print job.

        :param open_file: that of the client.
        """
        if self.request.file is None:
            return self
        opened = open_file(self.request.file, param="file")
        return replace(self, request=self.request.model_copy(update={"file": opened}))


@dataclass(kw_only=True)
class Part:
    """A print job of a bulk.

    :param chunk: number of its chunk.
    :param late: 0 for the first job of a chunk, 1 for the first of rows that came late, and so on.
    :param rows: digests of its rows.
    :param checks: limits that its draft must keep.
    """

    chunk: int
    late: int
    rows: frozenset[str]
    checks: QuoteChecks
    held: Held

    @property
    def name(self) -> str:
        """What it is called in its letter key, and in words."""
        return _name(self.chunk, self.late)


class Chunk:
    """A chunk with the rows that are asked for now.

    :param bulk: which bulk.
    :param split: how it is cut.
    :param number: of the chunk.
    :param rows: those of the chunk, in the order of their digests.
    :param look_up: somebody has been here before, so ask the service before the first draft in any case.
    """

    def __init__(
        self, bulk: Bulk, split: Split, number: int, rows: Sequence[Row], *, look_up: bool = False
    ) -> None:
        self._bulk = bulk
        self._split = split
        self._number = number
        self._rest = {row.digest: row for row in rows}
        self._all = frozenset(self._rest)
        self._gone = 0
        self._look_up = look_up

    @property
    def gone(self) -> int:
        """How many rows it was decided or posted with are not among the rows any more."""
        return self._gone

    def hold(self, first: Part | None = None) -> list[Part]:
        """Bring all print jobs of the chunk to their quotes.

        :param first: the first of them, where it is held already.
        :raises PrintError: naming the chunk; nothing was paid.
        """
        parts = [first] if first else []
        for part in parts:
            self._settled(part)
        while self._rest:
            part = self._part(len(parts))
            self._settled(part)
            parts.append(part)
        return parts

    def hold_first(self) -> Part:
        """Bring the first print job to its quote, and do not go on with any other.

        :raises OtherContentError: it was decided or posted with something else in it.
        """
        rows = self._next_rows()
        return self._hold(0, rows, on_mismatch="fail")

    def _part(self, late: int) -> Part:
        rows = self._next_rows()
        try:
            part = self._hold(late, rows, on_mismatch="fail")
        except OtherContentError as error:
            return self._decided(late, error)
        if self._gone and not part.held.is_posted:
            raise LetterFailedError(
                f"{self._title(late)}: {self._gone} rows that it was posted with are not among the rows any "
                f"more, and {len(rows)} are new. Nobody can tell whether these are the same under other "
                "row keys.",
                letter_key=self._bulk.key.key,
                param="rows",
                advice="Nothing was paid. Post the new rows as a bulk of their own, with an idempotency_key.",
            )
        return part

    def _decided(self, late: int, other: OtherContentError) -> Part:
        """Go on with a job that was decided or posted with other rows, or with other content."""
        self._look_up = True
        told = rows_told(other.metadata)
        if told is None:
            self._fail(other, late, "it does not tell (any more) which rows it has posted")
        gone, known = told - self._all, told & self._rest.keys()
        if told - gone - known:
            self._fail(
                other, late, f"{len(told - gone - known)} of its rows are in an earlier print job, too"
            )
        self._gone += len(gone)
        if not known or (gone and self._bulk.on_mismatch == "fail"):
            self._fail(other, late, f"{len(gone)} of its {len(told)} rows are not among the rows any more")
        rows = [row for digest, row in self._rest.items() if digest in known]
        try:
            part = self._hold(late, rows, on_mismatch=self._bulk.on_mismatch)
        except OtherContentError as error:
            self._fail(error, late, f"its {len(told)} rows are the same, but what they say is not")
        part.rows = told
        return part

    def _next_rows(self) -> list[Row]:
        return list(self._rest.values())[: self._bulk.most]

    def _hold(self, late: int, rows: Sequence[Row], *, on_mismatch: OnMismatch) -> Part:
        bulk = self._bulk
        checks = QuoteChecks(expected_letters=len(rows), max_pages_per_letter=bulk.max_pages_per_letter)
        changes: dict[str, Any] = {
            "recipients": [row.request() for row in rows],
            "metadata": {**(bulk.request.metadata or {}), **proof_of(rows, self._split)},
        }
        key = bulk.key.of_chunk(_name(self._number, late))
        with _titled(self._title(late), len(rows)):
            held = bulk.hold(
                bulk.request.model_copy(update=changes),
                key,
                checks=checks,
                look_up=self._look_up,
                on_mismatch=on_mismatch,
            )
        digests = frozenset(row.digest for row in rows)
        return Part(chunk=self._number, late=late, rows=digests, checks=checks, held=held)

    def _settled(self, part: Part) -> None:
        """Strike off the rows of a print job, once it is certain which these are."""
        job = part.held.job
        if rows_told(job.metadata) != part.rows:
            raise CheckError(
                f"{self._title(part.late)}: print job {job.id} does not tell which {len(part.rows)} rows it "
                "is for: its metadata did not come back as it was sent.",
                letter_key=self._bulk.key.key,
                param="metadata",
                advice="This attempt has paid nothing. Was it edited in the dashboard?",
            )
        for digest in part.rows:
            self._rest.pop(digest, None)

    def _title(self, late: int) -> str:
        return f"Chunk {_name(self._number, late)} of {self._split.chunks}"

    def _fail(self, other: OtherContentError, late: int, why: str) -> NoReturn:
        raise LetterFailedError(
            f"{self._title(late)} is print job {other.print_job_id}, decided or posted before, but {why}.",
            letter_key=self._bulk.key.key,
            param="on_mismatch",
            advice=(
                "This attempt has paid nothing. Bring the rows back as they were, or give what is new an "
                'idempotency_key of its own. To accept what was posted, set on_mismatch="adopt"; to post all '
                "of the bulk again, set resend."
            ),
        ) from other


def is_proven(part: Part, split: Split) -> bool:
    """Tell whether a print job that is paid is what it was held for.

    Where several attempts may hold one letter, another draft than ours may be the one that is paid.

    :param part: paid.
    :param split: how the bulk is cut; what the first job of all tells of it counts for all.
    """
    metadata = part.held.job.metadata
    is_first_of_all = part.chunk == 1 and part.late == 0
    return rows_told(metadata) == part.rows and (not is_first_of_all or split_told(metadata) == split)


def _name(chunk: int, late: int) -> str:
    return f"{chunk}+{late}" if late else str(chunk)


@contextmanager
def _titled(title: str, rows: int) -> Iterator[None]:
    """Let errors say which chunk they are about.

    :param title: of the chunk.
    :param rows: how many rows were asked for.
    """
    try:
        yield
    except PrintError as error:
        error.message = f"{title} ({rows:,} rows): {error.message}"
        raise
