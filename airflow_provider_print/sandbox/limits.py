"""Rate limiters of the four kinds that services use, for a client that must get on with all of them."""

from __future__ import annotations

import math
from collections import deque


class Limiter:
    """Calls of one caller.

    Which kind Intelliprint uses is unknown; the kinds differ in what a client meets at the edge.

    :param kind: `fixed` (a new minute, a new allowance), `sliding` (the calls of the last 60 s),
        `sliding_counting` (refused calls count too, so that knocking on keeps the door shut), `bucket`
        (refilled evenly, holds a minute's worth).
    :param rate: calls per window; 0 admits all.
    :param window: seconds for which the rate is meant.
    """

    def __init__(self, kind: str, rate: int, window: float = 60.0) -> None:
        self.kind, self.rate = kind, rate
        self._length = window
        self._window = -math.inf
        self._count = 0
        self._calls: deque[float] = deque()
        self._tokens, self._filled = float(rate), -math.inf

    def admit(self, now: float) -> float | None:
        """Count a call at a real time; seconds until it would be admitted when it is refused, else None."""
        if self.rate == 0:
            return None
        if self.kind == "fixed":
            return self._fixed(now)
        if self.kind == "bucket":
            return self._bucket(now)
        return self._sliding(now, counting=self.kind == "sliding_counting")

    def _fixed(self, now: float) -> float | None:
        window = math.floor(now / self._length) * self._length
        if window != self._window:
            self._window, self._count = window, 0
        if self._count >= self.rate:
            return window + self._length - now
        self._count += 1
        return None

    def _sliding(self, now: float, *, counting: bool) -> float | None:
        while self._calls and self._calls[0] <= now - self._length:
            self._calls.popleft()
        refused = len(self._calls) >= self.rate
        if counting or not refused:
            self._calls.append(now)
        if not refused:
            return None
        # The call is admitted once fewer than `rate` of those counted are younger than the window.
        return self._calls[len(self._calls) - self.rate] + self._length - now

    def _bucket(self, now: float) -> float | None:
        per_second = self.rate / self._length
        if self._filled > -math.inf:
            self._tokens = min(float(self.rate), self._tokens + (now - self._filled) * per_second)
        self._filled = now
        if self._tokens < 1:
            return (1 - self._tokens) / per_second
        self._tokens -= 1
        return None
