"""What a sandbox that runs for months forgets by itself: `--expire AGE`.

By default nothing is forgotten, in memory or on disk: a test may ask for anything that it has made. With an
age, print jobs (with their letters and bookings), merged files and files of the library go once nobody has
written to them for that long, and after them the bytes that no document names any more. Backgrounds, mailing
lists, templates and assets stay: they are what a tester has set up, and small. The age is in real time,
because it is about room; a clock that is moved over a year loses nothing.
"""

from __future__ import annotations

import logging
import re
import threading
from typing import TYPE_CHECKING

from airflow_provider_print.sandbox.store import StaleError

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow_provider_print.sandbox.store import Store

_log = logging.getLogger(__name__)
KINDS = ("print", "merge", "printful_file")
"""Kinds of documents that grow old."""
PARTS = ("letter", "booking", "_told")
"""Kinds of documents that name a print job in `print` and go with it."""
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_LONGEST_PAUSE = 600.0


def seconds_of(text: str) -> float:
    """Return the seconds of an age such as `90m`, `12h`, `30d` or `4w`.

    :raises ValueError: when it is none, or less than a minute.
    """
    match = re.fullmatch(r"(\d{1,6})([smhdw])", text.strip())
    if match is None:
        raise ValueError("an age is a number with s, m, h, d or w behind it, such as 30d")
    return checked(int(match[1]) * _UNITS[match[2]])


def checked(age: float) -> float:
    """Return an age in seconds.

    :raises ValueError: when it is less than a minute: a job that is being made must not lose its file.
    """
    if not age >= 60:
        raise ValueError("what is kept is kept for a minute at least")
    return float(age)


class Expiry:
    """Forgets what is old, now and then, in a thread of its own.

    :param store: where it is kept.
    :param age: real seconds after the last writing.
    :param real: the real time in seconds since the epoch.
    """

    def __init__(self, store: Store, age: float, real: Callable[[], float]) -> None:
        self._store, self._age, self._real = store, checked(age), real
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="print-sandbox-expiry", daemon=True)

    def start(self) -> None:
        """Begin, with what is old already."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._ended.set()
        self._thread.join(timeout=5)

    def sweep(self) -> int:
        """Forget what is old; how many documents that were."""
        return self._store.expire(self._real() - self._age, KINDS, PARTS)

    def _run(self) -> None:
        while True:
            try:
                self.sweep()
            except StaleError:
                return
            except Exception:  # noqa: BLE001 - the sandbox goes on, with more on its disk
                _log.exception("the sandbox could not forget what is old")
            if self._ended.wait(min(self._age / 10, _LONGEST_PAUSE)):
                return
