"""The rate limit, shared by every process of one machine that uses one account at one base URL.

In Airflow one task is one process of two or three calls, so a limiter inside a process is worthless
(measured). This one keeps two numbers in a locked file: when the next call is due (GCRA, an even pace with
a small burst), and until when nobody may call because the service said so. It needs no set-up; with it
1,000 jobs of two calls each end without a single 429.

The file is opened for each call and never kept: a descriptor inherited by a forked task would share its
lock, and exclude nobody. Where the file cannot be used the pace holds inside this process only, with one
warning.
"""

from __future__ import annotations

import hashlib
import logging
import math
import os
import struct
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

try:
    import fcntl
except ImportError:  # pragma: no cover - not a POSIX system
    fcntl = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Callable

log = logging.getLogger(__name__)

#: Calls a minute; the service allows 100 (documented; newer pages say more, so it is a setting).
DEFAULT_RATE = 98.0
_BURST = 2
_STATE = struct.Struct("dd")
_MOST_AHEAD = 3600.0
_MOST_HELD = 600.0
_warned = threading.Event()


class Pace:
    """Hands out the moments at which calls may be made.

    :param scope: whose limit it is: base URL and API key. Only a digest of it is written
    :param rate: calls a minute; 0 switches the pace off
    :param burst: calls that may be made at once after a pause
    :param root: directory of the files, by default one per user in the directory for temporary files
    :param now: seconds since the epoch
    """

    def __init__(
        self,
        scope: str,
        *,
        rate: float = DEFAULT_RATE,
        burst: int = _BURST,
        root: Path | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        if not math.isfinite(rate) or rate < 0 or burst < 1:
            raise ValueError(f"not a rate: {rate!r} a minute, burst {burst!r}")
        self.rate = rate
        self._step = 60.0 / rate if rate else 0.0
        self._slack = self._step * (burst - 1)
        self._root = root
        self._name = hashlib.sha256(scope.encode()).hexdigest()[:16]
        self._now = now
        self._lock = threading.Lock()
        self._own = (0.0, 0.0)

    def __repr__(self) -> str:
        return f"Pace({self.rate:g} a minute)"

    def reserve(self, longest: float = math.inf) -> tuple[bool, float]:
        """Take the next free moment: `(True, seconds to wait before the call)`.

        `(False, seconds)` when that is more than `longest`: then no moment is taken.

        :param longest: seconds that the caller is ready to wait
        """
        if not self.rate:
            return True, 0.0

        def change(now: float, due: float, held: float) -> tuple[float, float, tuple[bool, float]]:
            at = max(now, due - self._slack, held)
            if at - now > longest:
                return due, held, (False, at - now)
            return max(due, at) + self._step, held, (True, at - now)

        return self._locked(change)

    def hold(self, seconds: float) -> None:
        """Let nobody call for a while, because the service said so.

        :param seconds: at most 10 minutes are believed
        """
        if not self.rate:
            return

        def change(now: float, due: float, held: float) -> tuple[float, float, tuple[bool, float]]:
            until = now + min(seconds, _MOST_HELD)
            return max(due, until), max(held, until), (True, 0.0)

        self._locked(change)

    def _locked(
        self, change: Callable[[float, float, float], tuple[float, float, tuple[bool, float]]]
    ) -> tuple[bool, float]:
        with self._lock:
            descriptor = self._open()
            try:
                raw = self._read(descriptor)
                now = self._now()
                # A clock that was set back, or a wait out of all reason, must not stop everybody for years.
                due, held = min(raw[0], now + _MOST_AHEAD), min(raw[1], now + _MOST_HELD)
                due, held, result = change(now, due, held)
                self._write(descriptor, (due, held))
                return result
            finally:
                if descriptor is not None:
                    os.close(descriptor)

    def _open(self) -> int | None:
        """Return a locked descriptor, or `None` where there is no file to share."""
        if fcntl is None:
            return self._alone("this system has no file locks")
        try:
            root = self._root or Path(tempfile.gettempdir()) / f"print-rate-{os.getuid()}"
            root.mkdir(mode=0o700, parents=True, exist_ok=True)
            if root.lstat().st_uid != os.getuid() or root.is_symlink():
                return self._alone("its directory belongs to somebody else")
            flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
            descriptor = os.open(root / self._name, flags, 0o600)
        except OSError as error:
            return self._alone(error.strerror or "it cannot be opened")
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        except OSError as error:
            os.close(descriptor)
            return self._alone(error.strerror or "it cannot be locked")
        return descriptor

    def _read(self, descriptor: int | None) -> tuple[float, float]:
        if descriptor is None:
            return self._own
        raw = os.pread(descriptor, _STATE.size, 0)
        values = _STATE.unpack(raw) if len(raw) == _STATE.size else (0.0, 0.0)
        due, held = (value if math.isfinite(value) else 0.0 for value in values)
        return due, held

    def _write(self, descriptor: int | None, state: tuple[float, float]) -> None:
        self._own = state
        if descriptor is None:
            return
        try:
            os.pwrite(descriptor, _STATE.pack(*state), 0)
        except OSError as error:
            self._alone(error.strerror or "it cannot be written")

    @staticmethod
    def _alone(reason: str) -> None:
        if not _warned.is_set():
            _warned.set()
            log.warning(
                "The file that shares the rate limit between processes cannot be used (%s): each process "
                "keeps the limit by itself, so several together may exceed it.",
                reason,
            )
