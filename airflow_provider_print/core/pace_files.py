"""Buckets of the rate limit in locked files: one machine, nothing to set up.

A file is opened for each call and never kept: a descriptor inherited by a forked task would share its lock,
and exclude nobody. Where files cannot be used the buckets hold inside this process only, with one warning.
"""

from __future__ import annotations

import logging
import math
import os
import stat
import struct
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

try:
    import fcntl
except ImportError:  # pragma: no cover - not a POSIX system
    fcntl = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from airflow_provider_print.core.pacing import Bucket

log = logging.getLogger(__name__)

State = tuple[float, float]
"""Seconds since the epoch: when the next call is due, and until when nobody may call."""

_STATE = struct.Struct("dd")
_MOST_AHEAD = 3600.0
_MOST_HELD = 600.0
_warned = threading.Event()


class PaceFiles:
    """One small file for each bucket, in a directory that only its user can enter.

    :param root: the directory; None for one per user in the directory for temporary files
    :param now: seconds since the epoch
    """

    def __init__(self, root: Path | None = None, now: Callable[[], float] = time.time) -> None:
        self._root, self._now = None if root is None else str(root), now
        self._lock = threading.Lock()
        self._own: dict[str, State] = {}

    def take(self, buckets: Sequence[Bucket], longest: float) -> float:
        """Take the next moment that is free in all buckets; see `pacing.PaceStore`."""
        with self._open(buckets) as files:
            now, states = self._read(buckets, files)
            at = max(
                now,
                *(max(due - bucket.slack, held) for bucket, (due, held) in zip(buckets, states, strict=True)),
            )
            if at - now <= longest:
                taken = [
                    (max(due, at) + bucket.step, held)
                    for bucket, (due, held) in zip(buckets, states, strict=True)
                ]
                self._write(buckets, files, taken)
            return at - now

    def hold(self, buckets: Sequence[Bucket], seconds: float) -> None:
        """Let nobody have a moment before that many seconds have passed."""
        with self._open(buckets) as files:
            now, states = self._read(buckets, files)
            until = now + seconds
            self._write(buckets, files, [(max(due, until), max(held, until)) for due, held in states])

    @contextmanager
    def _open(self, buckets: Sequence[Bucket]) -> Iterator[list[int | None]]:
        """Hold the locks of all buckets; None stands for a bucket that has no file to share."""
        files: list[int | None] = []
        with self._lock:
            try:
                root = self._folder()
                for bucket in buckets:
                    files.append(None if root is None else _locked(f"{root}/{bucket.name}"))
                yield files
            finally:
                for descriptor in files:
                    if descriptor is not None:
                        os.close(descriptor)

    def _folder(self) -> str | None:
        """Return the directory, made if need be; None where it cannot be used.

        It is looked at for each call, by its name in text: paths that are objects cost half of a call.
        """
        if fcntl is None:
            _alone("this system has no file locks")
            return None
        root = self._root or f"{tempfile.gettempdir()}/print-rate-{os.getuid()}"
        try:
            try:
                facts = os.lstat(root)
            except FileNotFoundError:
                Path(root).mkdir(mode=0o700, parents=True, exist_ok=True)
                facts = os.lstat(root)
        except OSError as error:
            _alone(error.strerror or "its directory cannot be made")
            return None
        if facts.st_uid != os.getuid() or stat.S_ISLNK(facts.st_mode):
            _alone("its directory belongs to somebody else")
            return None
        return root

    def _read(self, buckets: Sequence[Bucket], files: Sequence[int | None]) -> tuple[float, list[State]]:
        """Return the time and the states. Locks are held by now, so this time is later than any in them.

        A clock that was set back, or a wait out of all reason, must not stop everybody for years.
        """
        now = self._now()
        found = [
            self._own.get(bucket.name, (0.0, 0.0)) if file is None else _unpacked(os.pread(file, 16, 0))
            for bucket, file in zip(buckets, files, strict=True)
        ]
        return now, [(min(due, now + _MOST_AHEAD), min(held, now + _MOST_HELD)) for due, held in found]

    def _write(self, buckets: Sequence[Bucket], files: Sequence[int | None], states: Sequence[State]) -> None:
        for bucket, file, state in zip(buckets, files, states, strict=True):
            self._own[bucket.name] = state
            if file is None:
                continue
            try:
                os.pwrite(file, _STATE.pack(*state), 0)
            except OSError as error:
                _alone(error.strerror or "it cannot be written")


def _locked(path: str) -> int | None:
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        _alone(error.strerror or "it cannot be opened")
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    except OSError as error:
        os.close(descriptor)
        _alone(error.strerror or "it cannot be locked")
        return None
    return descriptor


def _unpacked(raw: bytes) -> State:
    values = _STATE.unpack(raw) if len(raw) == _STATE.size else (0.0, 0.0)
    due, held = (value if math.isfinite(value) else 0.0 for value in values)
    return due, held


def _alone(reason: str) -> None:
    if not _warned.is_set():
        _warned.set()
        log.warning(
            "The file that shares the rate limit between processes cannot be used (%s): each process "
            "keeps the limit by itself, so several together may exceed it.",
            reason,
        )
