"""Work that a service does later, in the background, when the sandbox's clock says so."""

from __future__ import annotations

import heapq
import itertools
import logging
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow_provider_print.sandbox.clock import Clock

_log = logging.getLogger(__name__)


class Work:
    """A queue of functions, each with the sandbox time at which it is due, and a thread that runs them.

    The queue is not kept on disk: a service looks at its own documents when it starts and queues what is
    unfinished.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._condition = threading.Condition()
        self._running = threading.RLock()
        self._heap: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._stopped = False
        self._thread: threading.Thread | None = None
        clock.when_changed(self._wake)

    def later(self, delay_sandbox_seconds: float, function: Callable[[], None]) -> None:
        """Run `function` when that many sandbox seconds have passed; what it raises is logged."""
        with self._condition:
            heapq.heappush(
                self._heap, (self._clock.now() + delay_sandbox_seconds, next(self._order), function)
            )
            if self._thread is None and not self._stopped:
                self._thread = threading.Thread(target=self._loop, name="print-sandbox-work", daemon=True)
                self._thread.start()
            self._condition.notify_all()

    def run_due(self) -> None:
        """Run what is due in the calling thread, so that after a jump of the clock it has happened."""
        with self._running:
            while (function := self._next_due()) is not None:
                try:
                    function()
                except Exception:  # noqa: BLE001
                    _log.exception("background work of the sandbox failed")

    def clear(self) -> None:
        """Forget what has not been run."""
        with self._condition:
            self._heap.clear()

    def stop(self) -> None:
        """End the thread; what is not due yet is never run."""
        with self._condition:
            self._stopped = True
            self._heap.clear()
            self._condition.notify_all()
        if self._thread is not None:
            self._thread.join(timeout=5)

    def _next_due(self) -> Callable[[], None] | None:
        with self._condition:
            if self._heap and self._heap[0][0] <= self._clock.now():
                return heapq.heappop(self._heap)[2]
            return None

    def _loop(self) -> None:
        while True:
            with self._condition:
                if self._stopped:
                    return
                wait = self._clock.real_seconds_until(self._heap[0][0]) if self._heap else None
                if wait is None or wait > 0:
                    self._condition.wait(wait)
                    continue
            self.run_due()

    def _wake(self) -> None:
        with self._condition:
            self._condition.notify_all()
