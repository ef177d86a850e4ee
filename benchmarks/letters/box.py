"""The service: the sandbox in a process of its own, with scaled time, which counts calls and refusals.

`python -m benchmarks.letters.box SCALE` tells its URL and then answers lines of JSON: `{"reset": {...}}` with
rules of the sandbox's world, `{"count": true}`.
"""

from __future__ import annotations

import json
import sys
import threading
from typing import Any

from airflow_provider_print.sandbox import PrintSandbox
from benchmarks.scaled import ScaledTime


class Counts:
    """Calls that met the limiter of a sandbox, and those of them that it refused."""

    def __init__(self, box: PrintSandbox) -> None:
        self._admit = box.sandbox.admit
        self._lock = threading.Lock()
        self.clear()
        box.sandbox.admit = self._counting  # type: ignore[method-assign]

    def clear(self) -> None:
        """Begin at nothing."""
        self.calls = self.refused = 0

    def _counting(self, caller: str, *, testmode: bool = False) -> float | None:
        wait = self._admit(caller, testmode=testmode)
        with self._lock:
            self.calls += 1
            self.refused += wait is not None
        return wait


def main() -> None:
    """Serve until standard input ends."""
    scaled = ScaledTime(float(sys.argv[1]))
    with PrintSandbox(speed=1, rate_limit=0) as box:
        box.sandbox.clock.__init__(speed=1, real=scaled.now)  # type: ignore[misc]
        counts = Counts(box)
        print(box.url, flush=True)
        for line in sys.stdin:
            print(json.dumps(_answered(box, counts, json.loads(line))), flush=True)


def _answered(box: PrintSandbox, counts: Counts, asked: dict[str, Any]) -> dict[str, Any]:
    if "reset" in asked:
        box.sandbox.reset()
        box.world(**asked["reset"])
        counts.clear()
        return {}
    paid = box.invariants()["paid_jobs"]
    return {
        "calls": counts.calls,
        "refused": counts.refused,
        "paid": len(paid),
        "twice": sum(number > 1 for number in paid.values()),
    }


if __name__ == "__main__":
    main()
