"""The rate limit, shared by everybody who uses one account of a service.

In Airflow one task is one process of two or three calls, so a limiter inside a process is worthless
(measured). Here all processes of a machine share two numbers in a file: when the next call is due (GCRA, an
even pace with a small burst), and until when nobody may call because the service said so. It needs no
set-up; with it 1,000 jobs of two calls each end without a single 429. Across machines the same two numbers
are kept in a store (see `pace_redis`), or each machine takes a share of the rate.

A call counts against every bucket that it names. The hooks name two, the API key and the account: a changed
API key then opens no second bucket, and two connections with one API key share theirs.

Polling steps back: as long as others wait for their turn, polls get a fifth of the rate and no more.
"""

from __future__ import annotations

import hashlib
import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from airflow_provider_print.core.pace_files import PaceFiles

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

#: Calls a minute; the service allows 100 (documented; newer pages say more, so it is a setting).
DEFAULT_RATE = 98.0
#: The part of the rate that polling may take while others wait.
POLLING_SHARE = 0.2
#: Calls that may be made at once after a pause; more would be refused by a service that counts in windows.
BURST = 2
_MOST_HELD = 600.0
_ONLY_LOOK = -1.0


@dataclass(frozen=True)
class Bucket:
    """A limit that a call counts against.

    :param name: a digest of whose limit it is, so that it can be shown
    :param step: seconds between two calls at an even pace
    :param slack: seconds that a call may come early: the burst
    """

    name: str
    step: float
    slack: float


class PaceStore(Protocol):
    """Where the two numbers of each bucket are kept; each call is one step that nobody can come between."""

    def take(self, buckets: Sequence[Bucket], longest: float) -> float:
        """Take the next moment that is free in all buckets; return the seconds until then.

        When that is more than `longest`, nothing is taken; a negative one only looks.
        """
        ...

    def hold(self, buckets: Sequence[Bucket], seconds: float) -> None:
        """Let nobody have a moment before that many seconds have passed."""
        ...


class Pace:
    """Hands out the moments at which calls may be made.

    :param scopes: whose limit it is, such as base URL and API key, and base URL and account. Only digests of
        them are written
    :param rate: calls a minute; 0 switches the pace off
    :param burst: calls that may be made at once after a pause
    :param root: directory of the files, by default one per user in the directory for temporary files
    :param store: shared by several machines, instead of files
    :param now: seconds since the epoch
    """

    def __init__(
        self,
        *scopes: str,
        rate: float = DEFAULT_RATE,
        burst: int = BURST,
        root: Path | None = None,
        store: PaceStore | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        if not math.isfinite(rate) or rate < 0 or burst < 1 or not scopes:
            raise ValueError(f"not a rate: {rate!r} a minute, burst {burst!r}, {len(scopes)} scopes")
        self.rate = rate
        self.buckets = _buckets(scopes, rate, burst)
        self._polls = _buckets([f"{scope}\npolls" for scope in scopes], rate * POLLING_SHARE, 1)
        self._store = store or PaceFiles(root, now)

    def __repr__(self) -> str:
        return f"Pace({self.rate:g} a minute)"

    def reserve(self, longest: float = math.inf) -> tuple[bool, float]:
        """Take the next free moment: `(True, seconds to wait before the call)`.

        `(False, seconds)` when that is more than `longest`: then no moment is taken.

        :param longest: seconds that the caller is ready to wait
        """
        return self._take(self.buckets, longest)

    def step_back(self, longest: float = math.inf) -> tuple[bool, float]:
        """Let others go first: what a poll waits before it reserves its moment like everybody else.

        Returns `(True, 0.0)` when nobody waits, else what `reserve` returns, of polling's own bucket.

        :param longest: seconds that the caller is ready to wait
        """
        if not self.rate or self._store.take(self.buckets, _ONLY_LOOK) <= 0:
            return True, 0.0
        return self._take(self._polls, longest)

    def hold(self, seconds: float) -> None:
        """Let nobody call for a while, because the service said so.

        :param seconds: at most 10 minutes are believed
        """
        if self.rate:
            self._store.hold(self.buckets, min(seconds, _MOST_HELD))

    def _take(self, buckets: Sequence[Bucket], longest: float) -> tuple[bool, float]:
        if not self.rate:
            return True, 0.0
        wait = self._store.take(buckets, longest)
        return wait <= longest, wait


def _buckets(scopes: Sequence[str], rate: float, burst: int) -> tuple[Bucket, ...]:
    """Return a bucket for each scope, in the order in which their locks are taken by everybody."""
    step = 60.0 / rate if rate else 0.0
    names = sorted({hashlib.sha256(scope.encode()).hexdigest()[:16] for scope in scopes})
    return tuple(Bucket(name, step, step * (burst - 1)) for name in names)
