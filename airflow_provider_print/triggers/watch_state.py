"""Where a watcher is in the list of print jobs, and which of them it still waits for.

Airflow 3.3 keeps state beside an asset, and a watcher that is started again goes on where it was. Before 3.3
there is no such store: it begins anew each time.
"""

from __future__ import annotations

import logging
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from airflow_provider_print.core.identifiers import is_id
from airflow_provider_print.intelliprint.statuses import FAILURE, SUCCESS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from airflow_provider_print.intelliprint.client import IntelliprintClient

log = logging.getLogger(__name__)

PAGE = 1000
#: Seconds before the newest known job that are looked through again: lists may be behind, and jobs of one
#: second stand in no stated order.
AGAIN_S = 600
#: Days after which a job is not waited for any more, nor looked for by a watcher that begins.
DAYS = 60
_PAGES = 200
_FIELDS = ("id", "confirmed_at", "reference", "letters.id", "letters.status")
# So many keys share the open jobs: Airflow warns of values above 64 KiB.
_PARTS = 64
_CURSOR = "cursor"


@dataclass
class Found:
    """A confirmed job, as the list shows it: no address."""

    id: str
    confirmed_at: int
    reference: str | None
    statuses: list[str]


@dataclass
class WatchState:
    """What a watcher remembers.

    :param newest: when the newest known job was confirmed, UNIX seconds; None for a watcher that begins.
    :param recent: the jobs that will be seen again, see `AGAIN_S`, and when they were confirmed.
    :param open: the jobs that are waited for: when they were confirmed, and their reference where it is ours.
    """

    newest: int | None = None
    recent: dict[str, int] = field(default_factory=dict)
    open: dict[str, list[Any]] = field(default_factory=dict)

    @property
    def begins(self) -> bool:
        """Whether there was nothing to go on from."""
        return self.newest is None

    def since(self, now: float, again: float) -> float:
        """Return down to which time the list has to be looked through.

        :param now: UNIX seconds.
        :param again: seconds to look through again.
        """
        oldest = now - DAYS * 86_400
        return oldest if self.newest is None else max(oldest, self.newest - again)

    def add(self, found: Iterable[Found], now: float, again: float) -> list[Found]:
        """Take in what the list has shown, and return what is new of it.

        :param found: the jobs of the list, down to `since`.
        :param now: UNIX seconds.
        :param again: seconds to look through again.
        """
        new = [job for job in found if job.id not in self.recent and job.id not in self.open]
        times = [job.confirmed_at for job in new]
        # A clock that goes wrong for a while must not make the watcher blind for what comes after.
        self.newest = min(max([*times, self.newest or 0]), int(now)) if times or self.newest else int(now)
        self.recent |= {job.id: job.confirmed_at for job in new}
        edge = self.newest - again
        self.recent = {job_id: at for job_id, at in self.recent.items() if at >= edge}
        self.open = {i: kept for i, kept in self.open.items() if kept[0] >= now - DAYS * 86_400}
        return new

    def parts(self) -> dict[str, Any]:
        """Return it as plain JSON, in pieces by key."""
        pieces: dict[str, dict[str, list[Any]]] = {f"open-{number:02}": {} for number in range(_PARTS)}
        for job_id, kept in self.open.items():
            pieces[f"open-{zlib.crc32(job_id.encode()) % _PARTS:02}"][job_id] = kept
        return {_CURSOR: {"newest": self.newest, "recent": self.recent}, **pieces}

    @classmethod
    def of_parts(cls, parts: dict[str, Any]) -> WatchState:
        """Read what `parts` has made; nonsense, which people may write into the store, is left out."""
        cursor = parts.get(_CURSOR)
        cursor = cursor if isinstance(cursor, dict) else {}
        newest, recent = cursor.get("newest"), cursor.get("recent")
        if not isinstance(newest, int):
            return cls()
        pieces = [value for name, value in parts.items() if name != _CURSOR and isinstance(value, dict)]
        return cls(
            newest=newest,
            recent={i: at for i, at in recent.items() if isinstance(at, int)}
            if isinstance(recent, dict)
            else {},
            open={i: kept for piece in pieces for i, kept in piece.items() if is_id(i) and _is_kept(kept)},
        )


def _is_kept(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) == 2
        and isinstance(value[0], int)
        and isinstance(value[1], str | None)
    )


class Keeper:
    """Keeps the state beside the asset, where Airflow has a place for it; writes only what has changed.

    :param store: `asset_state_store` of the trigger; None before Airflow 3.3.
    """

    def __init__(self, store: Any) -> None:
        self._store = store
        self._written: dict[str, Any] = {}

    async def load(self) -> WatchState:
        """Return what was kept; a state that begins when there is none, or nowhere to keep it."""
        if self._store is None:
            return WatchState()
        try:
            names = WatchState().parts()
            self._written = {name: await self._store.aget(name) for name in names}
        except Exception as error:  # noqa: BLE001 - a watcher without a memory is better than none
            log.warning("The place of the watcher could not be read: %s", type(error).__name__)
            return WatchState()
        return WatchState.of_parts(self._written)

    async def save(self, parts: dict[str, Any]) -> None:
        """Keep a state; what cannot be written now is written the next time.

        :param parts: see `WatchState.parts`.
        """
        if self._store is None or parts[_CURSOR]["newest"] is None:
            return
        try:
            for name, value in parts.items():
                if value != (self._written.get(name) or {}):
                    await self._store.aset(name, value)
                    self._written[name] = value
        except Exception as error:  # noqa: BLE001 - events are told again then, which is allowed
            log.warning("The place of the watcher could not be kept: %s", type(error).__name__)


def discover(
    client: IntelliprintClient,
    *,
    testmode: bool,
    since: float,
    stop: Callable[[], bool] = lambda: False,
) -> list[Found]:
    """Read the list of confirmed jobs, from the newest down to a time.

    The list is never filtered by status: rows would leave the filter while it is paged.

    :param client: reads; nothing else is called.
    :param testmode: which of the two lists.
    :param since: UNIX seconds.
    :param stop: asked before each call.
    :raises PrintError: when the service could not be asked.
    """
    found: dict[str, Found] = {}
    for number in range(_PAGES):
        if stop():
            break
        page = client.list_print_jobs(
            testmode=testmode,
            confirmed=True,
            sort_field="confirmed_at",
            sort_order="desc",
            limit=PAGE,
            skip=number * PAGE,
            fields=_FIELDS,
        )
        rows = [job for job in page.data if job.confirmed_at is not None and is_id(job.id)]
        found |= {
            job.id: Found(
                job.id,
                job.confirmed_at or 0,
                job.reference,
                [letter.status or "" for letter in job.letters],
            )
            for job in rows
            if (job.confirmed_at or 0) >= since
        }
        if not page.has_more or any((job.confirmed_at or 0) < since for job in rows):
            break
    return list(found.values())


def is_over(statuses: Iterable[str]) -> bool:
    """Tell whether no letter of a job will move by itself any more."""
    found = list(statuses)
    return bool(found) and all(status in SUCCESS or status in FAILURE for status in found)
