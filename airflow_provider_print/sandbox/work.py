"""Work that a service does later, in the background, when the sandbox's clock says so."""

from __future__ import annotations

import heapq
import itertools
import logging
import threading
import time
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, NamedTuple

from airflow_provider_print.sandbox.store import StaleError

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow_provider_print.sandbox.clock import Clock

_log = logging.getLogger(__name__)
_THREADS = 8


class _Task(NamedTuple):
    due: float
    number: int
    function: Callable[[], None]
    scope: AbstractContextManager[object]


class Work:
    """A queue of functions, each with the sandbox time at which it is due, and a few threads that run them.

    They begin in the order in which they are due; one that takes long, because a source is slow, holds up
    neither the others nor the clock. The queue is not kept on disk: a service looks at its own documents when
    it starts and queues what is unfinished.

    :param clock: says what is due.
    :param within: called when work is queued; the work is done inside of what it returns.
    :param threads: how many functions run at once; with 1 each waits for the end of the one before.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        within: Callable[[], AbstractContextManager[object]] = nullcontext,
        threads: int = _THREADS,
    ) -> None:
        self._clock, self._within, self._most = clock, within, threads
        self._condition = threading.Condition()
        self._waiting: list[_Task] = []
        self._running: dict[int, float] = {}
        self._order = itertools.count()
        self._stopped = False
        self._threads: list[threading.Thread] = []
        clock.when_changed(self._wake)

    def later(self, delay_sandbox_seconds: float, function: Callable[[], None]) -> None:
        """Run `function` when that many sandbox seconds have passed; what it raises is logged."""
        with self._condition:
            if self._stopped:
                return
            due = self._clock.now() + delay_sandbox_seconds
            heapq.heappush(self._waiting, _Task(due, next(self._order), function, self._within()))
            if len(self._threads) < self._most:
                thread = threading.Thread(target=self._loop, name="print-sandbox-work", daemon=True)
                self._threads.append(thread)
                thread.start()
            self._condition.notify_all()

    def run_due(self, seconds: float | None = None) -> bool:
        """Return when all that is due now has been done: after a jump of the clock it has happened.

        :param seconds: real seconds to wait at most; None waits as long as it takes.
        """
        moment = self._clock.now()
        with self._condition:
            self._condition.notify_all()
            return self._condition.wait_for(lambda: not self._is_open(moment), seconds)

    def clear(self) -> None:
        """Forget what has not been run, and wait no more for what runs."""
        with self._condition:
            self._waiting.clear()
            self._running.clear()
            self._condition.notify_all()

    def stop(self, seconds: float = 2.0) -> None:
        """End the threads; what is not due yet is never run.

        :param seconds: real seconds to wait at most for what runs.
        """
        with self._condition:
            self._stopped = True
        self._clock.no_longer(self._wake)
        self.clear()
        deadline = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(timeout=max(0.0, deadline - time.monotonic()))

    def _is_open(self, moment: float) -> bool:
        next_due = self._waiting[0].due if self._waiting else None
        return (next_due is not None and next_due <= moment) or any(
            due <= moment for due in self._running.values()
        )

    def _loop(self) -> None:
        while (task := self._next()) is not None:
            try:
                with task.scope:
                    task.function()
            except StaleError:
                _log.debug("background work was of the time before a reset")
            except Exception:  # noqa: BLE001
                _log.exception("background work of the sandbox failed")
            with self._condition:
                self._running.pop(task.number, None)
                self._condition.notify_all()

    def _next(self) -> _Task | None:
        """Wait for the next task that is due; None when there will be none."""
        with self._condition:
            while not self._stopped:
                wait = self._clock.real_seconds_until(self._waiting[0].due) if self._waiting else None
                if wait is not None and wait <= 0:
                    task = heapq.heappop(self._waiting)
                    self._running[task.number] = task.due
                    return task
                # A wait of years overflows what the machine can count.
                self._condition.wait(None if wait is None else min(wait, 3600.0))
            return None

    def _wake(self) -> None:
        with self._condition:
            self._condition.notify_all()
