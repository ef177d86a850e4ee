"""Time that runs faster, for service and clients alike, so that an hour of waiting takes minutes.

Nothing else is changed: limits, waits and budgets are those of real use, in scaled seconds. What a call
itself takes is not scaled, so it weighs more here than it does in real use, for everybody.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from airflow_provider_print.core.pacing import Bucket

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow_provider_print.core.pacing import PaceStore

_time, _sleep = time.time, time.sleep


class ScaledTime:
    """A clock that runs some times as fast as the real one.

    :param scale: scaled seconds in a real second.
    """

    def __init__(self, scale: float) -> None:
        self.scale, self._start = scale, _time()

    def now(self) -> float:
        """Return scaled seconds since the epoch."""
        return self._start + (_time() - self._start) * self.scale

    def sleep(self, seconds: float) -> None:
        """Wait so many scaled seconds."""
        _sleep(max(0.0, seconds) / self.scale)


class ScaledStore:
    """A store of the rate limit that has a clock of its own, and is told of scaled seconds.

    :param store: the store.
    :param scale: scaled seconds in a real second.
    """

    def __init__(self, store: PaceStore, scale: float) -> None:
        self._store, self._scale = store, scale

    def take(self, buckets: Sequence[Bucket], longest: float) -> float:
        """Take the next free moment."""
        return self._store.take(self._real(buckets), longest / self._scale) * self._scale

    def hold(self, buckets: Sequence[Bucket], seconds: float) -> None:
        """Let nobody have a moment for a while."""
        self._store.hold(self._real(buckets), seconds / self._scale)

    def _real(self, buckets: Sequence[Bucket]) -> list[Bucket]:
        return [Bucket(one.name, one.step / self._scale, one.slack / self._scale) for one in buckets]
