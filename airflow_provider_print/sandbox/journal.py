"""What was asked and what became of it, without addresses and without bytes."""

from __future__ import annotations

import base64
import itertools
import threading
from collections import deque
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from typing import Any

_KEEP = 20_000
_MOST_BYTES = 64 * 1024 * 1024
"""Bytes of bodies that are kept at most, when they are kept at all; the oldest go first."""
FILTERS = ("service", "method", "route", "reference", "status", "rule", "committed", "after")
"""What entries can be chosen by; `route` and `reference` are globs, `after` is the id of an entry."""


@dataclass
class Entry:
    """One request to a service.

    The query and the body are kept only when that is asked for: they may hold addresses. Of the body there is
    always the SHA-256.
    """

    id: int
    at: float
    """Real seconds since the epoch."""
    sandbox_time: float
    service: str
    method: str
    path: str
    route: str
    """The template with the prefix, such as `/intelliprint/v1/prints/{id}`; "" for unknown paths."""
    authorized: bool
    """Whether an Authorization header came with the request, whatever it held."""
    user_agent: str | None
    body_bytes: int
    body_sha256: str | None = None
    reference: str | None = None
    """The reference that the request names, or that of the print job which its path names. Of this, of `path`
    and of `user_agent` the first thousand letters are kept."""
    status: int | None = None
    """Of the answer that was sent, whole or not, be it the service's or that of a fault; else of the
    service's answer that was lost; None when there was none."""
    true_status: int | None = None
    """Of the service's own answer to the last execution, whatever was sent; None as long as there is none."""
    executions: int = 0
    executed: bool = False
    """Whether the service was asked; it may have refused, see `true_status` and `committed`."""
    committed: bool = False
    """Whether something was made, changed or deleted by it."""
    answer_sent: bool = False
    """Whether a whole answer was handed to the connection, be it the service's or that of a fault."""
    rule: int | None = None
    """Id of the fault rule that was played."""
    kept: bool = False
    """Whether query and body can be read."""


@dataclass(frozen=True)
class Kept:
    """What is kept of a request only when that is asked for.

    :param query: names and values in their order.
    :param content_type: of the body.
    :param body: its bytes.
    """

    query: list[tuple[str, str]]
    content_type: str | None
    body: bytes

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data; `body` is None when it is no text, `body_base64` is always there."""
        try:
            text = self.body.decode()
        except UnicodeDecodeError:
            text = None
        return {
            "query": self.query,
            "content_type": self.content_type,
            "body": text,
            "body_base64": base64.b64encode(self.body).decode(),
        }


class Journal:
    """The last requests, oldest first; it lives in memory only.

    :param keep_bodies: whether queries and bodies are kept; they may hold addresses.
    """

    def __init__(self, *, keep_bodies: bool = False) -> None:
        self.keep_bodies = self._kept_at_first = keep_bodies
        self._kept: dict[int, Kept] = {}
        self._kept_bytes = 0
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._entries: deque[Entry] = deque(maxlen=_KEEP)

    def open(self, **what: Any) -> Entry:
        """Begin an entry; its remaining fields are filled in as things happen."""
        with self._lock:
            entry = Entry(id=next(self._numbers), **what)
            self._entries.append(entry)
            return entry

    def as_dicts(self) -> list[dict[str, Any]]:
        """Return the entries as plain data."""
        with self._lock:
            return [asdict(entry) for entry in self._entries]

    def keep(self, entry: Entry, kept: Kept) -> None:
        """Keep query and body of a request, and forget the oldest when they become too many."""
        with self._lock:
            self._kept[entry.id], entry.kept = kept, True
            self._kept_bytes += len(kept.body)
            while self._kept_bytes > _MOST_BYTES or len(self._kept) > _KEEP:
                oldest = next(iter(self._kept))
                self._kept_bytes -= len(self._kept.pop(oldest).body)

    def set_keep_bodies(self, keep: bool) -> None:
        """Keep queries and bodies from now on, or forget those that there are and keep no more."""
        with self._lock:
            self.keep_bodies = keep
            if not keep:
                self._forget_kept()

    def request(self, entry_id: int) -> tuple[dict[str, Any], Kept | None]:
        """Return one entry, and its query and body if they were kept and still are.

        :raises LookupError: when there is no such entry (any more).
        """
        with self._lock:
            found = next((entry for entry in self._entries if entry.id == entry_id), None)
            if found is None:
                raise LookupError("there is no such request in the journal")
            kept = self._kept.get(entry_id)
            return asdict(found) | {"kept": kept is not None}, kept

    def find(self, *, limit: int | None = None, **wanted: Any) -> list[dict[str, Any]]:
        """Return the entries that are as wanted, oldest first.

        :param limit: only so many, the newest; None for all.
        :param wanted: values by name, see `FILTERS`.
        :raises ValueError: for a name that is no filter, or a limit below 1.
        """
        if limit is not None and limit < 1:
            raise ValueError("limit is a number from 1")
        unknown = sorted(wanted.keys() - set(FILTERS))
        if unknown:
            raise ValueError(f"requests can be chosen by: {', '.join(FILTERS)}")
        found = [entry for entry in self.entries() if _is_wanted(entry, wanted)]
        return [asdict(entry) for entry in found[-limit if limit is not None else 0 :]]

    def entries(self) -> list[Entry]:
        """Return the entries themselves, for who reads a few of many."""
        with self._lock:
            return list(self._entries)

    def revision(self) -> str:
        """Return what is another text once there is another entry."""
        with self._lock:
            return f"{len(self._entries)}.{self._entries[-1].id if self._entries else 0}"

    def clear(self) -> None:
        """Start with an empty page."""
        with self._lock:
            self._entries.clear()
            self._forget_kept()
            self._numbers = itertools.count(1)

    def reset(self) -> None:
        """Start with an empty page, and with bodies kept or not as at the beginning."""
        self.clear()
        self.keep_bodies = self._kept_at_first

    def _forget_kept(self) -> None:
        self._kept.clear()
        self._kept_bytes = 0
        for entry in self._entries:
            entry.kept = False


def _is_wanted(entry: Entry, wanted: dict[str, Any]) -> bool:
    for name, value in wanted.items():
        if name == "after":
            if entry.id <= value:
                return False
        elif name in ("route", "reference"):
            if not fnmatchcase(getattr(entry, name) or "", value):
                return False
        elif getattr(entry, name) != value:
            return False
    return True
