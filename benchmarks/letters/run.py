"""One contender at work: so many letters from so many processes at a time, each try in a process of its own.

`python -m benchmarks.letters.run ORDERS`, where ORDERS is JSON, prints what became of it as JSON. It runs in
a process of its own, which holds the contender and nothing else, so that forking it costs what it must.
"""

from __future__ import annotations

import heapq
import json
import os
import selectors
import signal
import sys
import time
from collections import deque
from dataclasses import asdict, dataclass, field
from typing import Any

from benchmarks.letters.contenders import CONTENDERS, Place

#: What Airflow is told to do with a try that failed; seconds are scaled.
RETRIES, RETRY_DELAY = 3, 300.0
_time = time.monotonic


@dataclass(frozen=True, kw_only=True)
class Orders:
    """What is to be run.

    :param who: name of the contender.
    :param place: where.
    :param letters: how many.
    :param processes: how many at a time.
    :param cap: scaled seconds after which it is stopped.
    """

    who: str
    place: Place
    letters: int
    processes: int
    cap: float

    def text(self) -> str:
        """Return it as the command line takes it."""
        return json.dumps(asdict(self))

    @classmethod
    def parse(cls, text: str) -> Orders:
        """Read what `text` wrote."""
        values = json.loads(text)
        return cls(**{**values, "place": Place(**values["place"])})


@dataclass
class _Try:
    letter: int
    number: int = 1
    state: dict[str, str] = field(default_factory=dict)


@dataclass
class Outcome:
    """What became of it; seconds are scaled, from the first process to the end of the last."""

    seconds: float = 0.0
    tries: int = 0
    gave_up: int = 0
    stopped: bool = False
    error: str = ""


class _Pool:
    """The processes that are at work."""

    def __init__(self, orders: Orders) -> None:
        self._post = CONTENDERS[orders.who][0](orders.place)
        self._scale = orders.place.scale
        self._fresh = deque(_Try(letter) for letter in range(orders.letters))
        self._later: list[tuple[float, int, _Try]] = []
        self._orders = orders
        self._selector = selectors.DefaultSelector()
        self._at_work: dict[int, tuple[int, _Try, bytearray]] = {}
        self.outcome = Outcome()

    def run(self) -> None:
        start = _time()
        cap = start + self._orders.cap / self._scale
        while self._fresh or self._later or self._at_work:
            now = _time()
            if now >= cap:
                self.outcome.stopped = True
                break
            self._fill(now)
            due = self._later[0][0] if self._later else cap
            free = len(self._at_work) < self._orders.processes
            for key, _ in self._selector.select(max(0.0, min(due if free else cap, cap) - now)):
                self._read(key.fd)
        self.outcome.seconds = (_time() - start) * self._scale
        self._stop()

    def _fill(self, now: float) -> None:
        while len(self._at_work) < self._orders.processes:
            if self._later and self._later[0][0] <= now:
                self._start(heapq.heappop(self._later)[2])
            elif self._fresh:
                self._start(self._fresh.popleft())
            else:
                return

    def _start(self, one: _Try) -> None:
        self.outcome.tries += 1
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reader)
            self._work(one, writer)
        os.close(writer)
        self._at_work[reader] = (child, one, bytearray())
        self._selector.register(reader, selectors.EVENT_READ)

    def _work(self, one: _Try, writer: int) -> None:
        """Make a try, tell what it noted, and end; in the child."""
        error = ""
        try:
            self._post(one.letter, one.number, one.state)
        except BaseException as raised:  # noqa: BLE001 - whatever it is, the process has to end here
            error = f"{type(raised).__name__}: {raised}"[:300]
        finally:
            os.write(writer, json.dumps({"state": one.state, "error": error}).encode())
            os._exit(0)

    def _read(self, reader: int) -> None:
        child, one, told = self._at_work[reader]
        block = os.read(reader, 65536)
        told += block
        if block:
            return
        self._selector.unregister(reader)
        os.close(reader)
        del self._at_work[reader]
        os.waitpid(child, 0)
        self._book(one, json.loads(bytes(told) or '{"state": {}, "error": "died"}'))

    def _book(self, one: _Try, told: dict[str, Any]) -> None:
        if not told["error"]:
            return
        self.outcome.error = told["error"]
        if one.number > RETRIES:
            self.outcome.gave_up += 1
            return
        again = _Try(one.letter, one.number + 1, told["state"])
        heapq.heappush(self._later, (_time() + RETRY_DELAY / self._scale, one.letter, again))

    def _stop(self) -> None:
        for child, _, _ in self._at_work.values():
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)


def main() -> None:
    """Run and tell. What contenders print is none of it."""
    told = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    pool = _Pool(Orders.parse(sys.argv[1]))
    pool.run()
    print(json.dumps(asdict(pool.outcome)), file=told, flush=True)


if __name__ == "__main__":
    main()
