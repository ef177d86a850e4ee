"""What was asked and what became of it, without addresses and without bytes."""

from __future__ import annotations

import itertools
import threading
from collections import deque
from dataclasses import asdict, dataclass
from typing import Any

_KEEP = 20_000


@dataclass
class Entry:
    """One request to a service.

    The query and the body are not kept: they may hold addresses. Of the body there is the SHA-256.
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
    """The reference that the request names, or that of the print job which its path names."""
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


class Journal:
    """The last requests, oldest first; it lives in memory only."""

    def __init__(self) -> None:
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
            self._numbers = itertools.count(1)
