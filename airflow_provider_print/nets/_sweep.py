"""Going through a long list that changes meanwhile, without losing a row.

Lists are paged by offset, so a row that appears or goes away above the place where the reader is moves all
others. And rows of one second may come in any order, another one in each answer. So pages overlap by the
rows of the last second of the page before: what is new there is taken, what is known shows that nothing was
skipped.

* Sorted newest first, a new row pushes the others down: the next page begins with rows that are known. The
  new ones are above; the top is read again at the end, until it holds nothing new.
* A row that goes away pulls the others up: the next page begins beyond the overlap. Then the sweep begins
  again, with what it has already seen.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from airflow_provider_print.core.errors import UnexpectedAnswerError

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow_provider_print.intelliprint.models import Page, PrintJob

log = logging.getLogger(__name__)

#: Rows of a page: the most that the service gives (documented).
PAGE = 1000
_RESTARTS = 5


class Sweep:
    """Reads a list sorted by a time, from its first row until a row that is past the end.

    :param page: asks for one page; called with `skip` and `limit`.
    :param second: the time that the list is sorted by, of a row.
    :param past: whether a row lies beyond what is wanted; as the list is sorted, all further ones do too.
    :param descending: the newest first.
    :param limit: rows of a page.
    """

    def __init__(
        self,
        page: Callable[..., Page[PrintJob]],
        *,
        second: Callable[[PrintJob], int | None],
        past: Callable[[PrintJob], bool],
        descending: bool,
        limit: int = PAGE,
    ) -> None:
        self._page = page
        self._second = second
        self._past = past
        self._descending = descending
        self._limit = limit
        self._found: dict[str, PrintJob] = {}
        self.calls = 0

    def rows(self) -> list[PrintJob]:
        """Return every row that was there when this began, once each, and those that it met on its way.

        :raises PrintError: when a page could not be read, or is not sorted, or when rows were lost each time;
            half a list is not returned.
        """
        for _ in range(_RESTARTS):
            whole, moved = self._down()
            if whole:
                break
            log.info("Rows went away while the list was read; reading it again.")
        else:
            raise UnexpectedAnswerError(
                f"Rows went away each time the list was read ({_RESTARTS} times), so some may be missing.",
                advice="Nothing is known. Run it again at a quieter time.",
            )
        if moved:
            self._top()
        return [row for row in self._found.values() if not self._past(row)]

    def _down(self) -> tuple[bool, bool]:
        """Read to the end. Whether nothing was skipped, and whether rows were pushed down by new ones."""
        skip, moved, edge = 0, False, _Edge()
        met: set[str] = set()
        while True:
            rows, more = self._read(skip)
            if edge.ids:
                if not rows or (rows[0].id not in met and self._second(rows[0]) != edge.second):
                    return False, moved
                moved = moved or (rows[0].id in met and rows[0].id not in edge.ids)
            met |= {row.id for row in rows}
            if not more or not rows or self._past(rows[-1]):
                return True, moved
            edge = self._edge(rows)
            skip += len(rows) - len(edge.ids)

    def _top(self) -> None:
        """Read what is new at the top, until something known comes."""
        skip = 0
        while True:
            known = set(self._found)
            rows, more = self._read(skip)
            if not more or not rows or rows[-1].id in known or self._past(rows[-1]):
                return
            skip += len(rows)

    def _edge(self, rows: list[PrintJob]) -> _Edge:
        """Return the rows of the last second of a page; none where it has no other: that would not go on."""
        second = self._second(rows[-1])
        ids = frozenset(row.id for row in rows if self._second(row) == second)
        return _Edge(second, ids) if len(ids) < len(rows) else _Edge()

    def _read(self, skip: int) -> tuple[list[PrintJob], bool]:
        page = self._page(skip=skip, limit=self._limit)
        self.calls += 1
        seconds = [second for row in page.data if (second := self._second(row)) is not None]
        if seconds != sorted(seconds, reverse=self._descending):
            message = (
                "The list of print jobs is not sorted as it was asked to be, so nobody knows where it ends."
            )
            raise UnexpectedAnswerError(message, advice="Look into the dashboard, and update this package.")
        self._found.update((row.id, row) for row in page.data)
        return page.data, page.has_more


class _Edge:
    """Where a page ended: its last second, and the rows of it."""

    def __init__(self, second: int | None = None, ids: frozenset[str] = frozenset()) -> None:
        self.second = second
        self.ids = ids
