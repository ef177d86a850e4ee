"""The sandbox's own time.

Letters move and links die by this clock and never by sleeping: a state is computed from the time it is
asked for. So a test can stand still, step over a month, or let a day pass in half a minute.
"""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_END = 1e11
"""Where sandbox time ends, in the year 5138: dates of letters after the year 9999 cannot be written."""


class Clock:
    """Sandbox time, which runs `speed` times as fast as real time unless it is frozen.

    :param speed: sandbox seconds that pass in one real second.
    :param real: the real time in seconds since the epoch; replaced in tests of things counted in real time.
    """

    def __init__(self, *, speed: float = 60.0, real: Callable[[], float] = time.time) -> None:
        self._lock = threading.RLock()
        self._real = real
        self._speed = self._first_speed = _checked_speed(speed)
        self._frozen = False
        self._real_anchor = real()
        self._anchor = self._real_anchor
        self._listeners: list[Callable[[], None]] = []
        self.moves = 0
        """How often it jumped or changed its speed."""

    @property
    def speed(self) -> float:
        """Sandbox seconds per real second when the clock is not frozen."""
        return self._speed

    @property
    def frozen(self) -> bool:
        """Whether the clock stands still unless it is moved."""
        return self._frozen

    def real(self) -> float:
        """Real seconds since the epoch: what rate limits and list lag are counted in."""
        return self._real()

    def now(self) -> float:
        """Sandbox seconds since the epoch."""
        with self._lock:
            if self._frozen:
                return self._anchor
            return min(_END, self._anchor + max(0.0, self._real() - self._real_anchor) * self._speed)

    def real_seconds_until(self, moment: float) -> float | None:
        """Real seconds until the sandbox reaches `moment`; None when it will not get there by itself."""
        with self._lock:
            left = moment - self.now()
            if left <= 0:
                return 0.0
            return None if self._frozen or self._speed <= 0 else left / self._speed

    def advance(self, seconds: float) -> float:
        """Step forward by sandbox seconds and return the new time.

        :raises ValueError: for a step backwards (things that have happened would unhappen), or over the end.
        """
        if not seconds >= 0:
            raise ValueError("the clock only goes forward, by a number of seconds")
        with self._lock:
            moment = self.now() + seconds
            if moment > _END:
                raise ValueError("the clock only goes forward to the year 5138")
            self._move(moment)
        self._changed()
        return moment

    def set(self, moment: float) -> float:
        """Go to a moment that is not in the sandbox's past, and return it."""
        with self._lock:
            if not self.now() <= moment <= _END:
                raise ValueError(
                    "the clock only goes forward: give a time from the sandbox's present to the year 5138"
                )
            self._move(moment)
        self._changed()
        return moment

    def freeze(self, frozen: bool = True) -> float:
        """Stand still (or run again, with the last speed) and return the time."""
        with self._lock:
            moment = self._move(self.now())
            self._frozen = frozen
        self._changed()
        return moment

    def set_speed(self, speed: float) -> float:
        """Run at `speed` sandbox seconds per real second, also when the clock was frozen."""
        speed = _checked_speed(speed)
        with self._lock:
            moment = self._move(self.now())
            self._speed, self._frozen = speed, False
        self._changed()
        return moment

    def restart(self, *, frozen: bool = False) -> None:
        """Start over at real time, with the speed of the beginning."""
        with self._lock:
            self._speed = self._first_speed
            self._real_anchor = self._anchor = self._real()
            self._frozen = frozen
        self._changed()

    def state(self) -> dict[str, Any]:
        """Return what `GET /_sandbox/clock` shows, and what is kept on disk."""
        with self._lock:
            return {"now": self.now(), "speed": self._speed, "frozen": self._frozen}

    def restore(self, state: dict[str, Any]) -> None:
        """Continue from a kept state: while the sandbox is down its time stands still.

        The speed is not taken over: it is said anew with every start.
        """
        with self._lock:
            self._anchor, self._frozen = min(_END, float(state["now"])), bool(state["frozen"])
            self._real_anchor = self._real()
        self._changed()

    def when_changed(self, listener: Callable[[], None]) -> None:
        """Call `listener` after every jump or change of speed."""
        self._listeners.append(listener)

    def no_longer(self, listener: Callable[[], None]) -> None:
        """Call `listener` no more."""
        with suppress(ValueError):
            self._listeners.remove(listener)

    def _move(self, moment: float) -> float:
        self._anchor, self._real_anchor = moment, self._real()
        return moment

    def _changed(self) -> None:
        """Tell who listens, outside of the lock: under their own locks they ask for the time."""
        self.moves += 1
        for listener in tuple(self._listeners):
            listener()


def _checked_speed(speed: float) -> float:
    if not 0 <= speed <= 1e8:
        raise ValueError("the speed is a number of sandbox seconds per real second, 0 or more")
    return float(speed)
