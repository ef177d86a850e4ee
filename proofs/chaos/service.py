"""The print service in a process of its own: the sandbox, with faults, and a witness of what it did when.

Started by `Service`; speaks over its standard input and output, one JSON object a line.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from proofs.chaos import plan

if TYPE_CHECKING:
    from airflow_provider_print.sandbox import PrintSandbox

TAG = "x-chaos-try"
"""Header with which a try marks its requests, so that each can be found in what the service tells."""
WAITING_TASK = "waits"
SENT_AFTER = 1.6
"""Seconds after which the letters of a task that waits for them are sent."""
API_KEY = "key_sandbox"


class Service:
    """The sandbox in another process.

    :param seed: of its ids and faults.
    :param list_lag: seconds by which its lists lag behind.
    :param log: where it may complain.
    """

    def __init__(self, *, seed: int, list_lag: float, log: Path) -> None:
        with log.open("w") as complaints:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "proofs.chaos.service", str(seed), str(list_lag)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=complaints,
                text=True,
                cwd=Path(__file__).parents[2],
            )
        self.url: str = self._answer()["url"]

    @property
    def pid(self) -> int:
        """Of the process."""
        return self._process.pid

    def arm(self) -> int:
        """Begin to play the faults, with an empty journal; return how many requests were in it."""
        calls: int = self._ask("arm")["calls"]
        return calls

    def report(self) -> dict[str, Any]:
        """Return journal, witness and invariants, once what was to be executed late has been executed.

        Jobs that were paid before it was armed are left out.
        """
        return self._ask("report")

    def stop(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=30)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def _ask(self, what: str) -> dict[str, Any]:
        assert self._process.stdin is not None
        self._process.stdin.write(what + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the print service has ended with {self._process.wait(10)}")
        answer: dict[str, Any] = json.loads(line)
        return answer


def witness(seen: list[dict[str, Any]]) -> None:
    """Have the sandbox write down each execution with its moment, which its journal does not tell.

    :param seen: what is appended to.
    """
    from airflow_provider_print.sandbox.intelliprint.outbox import move_letter
    from airflow_provider_print.sandbox.service import Call

    execute = Call.execute

    def witnessed(call: Any) -> Any:
        answer = execute(call)
        body = answer.body if isinstance(answer.body, dict) else {}
        tag = call._request.headers.get(TAG)
        if tag is not None:
            entry = {"tag": tag, "at": time.time(), "entry": call.entry.id, "status": answer.status}
            seen.append({**entry, "id": body.get("id"), "confirmed": body.get("confirmed")})
        paid = call._request.method == "POST" and answer.status == 200 and body.get("confirmed")
        if paid and f".{WAITING_TASK} " in (body.get("reference") or ""):
            for letter in body["letters"]:
                move_letter(call._sandbox, letter["id"], status="sent", after=SENT_AFTER)
        return answer

    Call.execute = witnessed  # type: ignore[method-assign]
    opened = Call._open

    def tagged(call: Any) -> Any:
        entry = opened(call)
        tag = call._request.headers.get(TAG)
        if tag is not None:
            seen.append({"tag": tag, "arrived": time.time(), "entry": entry.id})
        return entry

    Call._open = tagged  # type: ignore[method-assign]


def _serve(box: PrintSandbox, seen: list[dict[str, Any]]) -> None:
    before: dict[str, int] = {}
    for line in sys.stdin:
        answer: dict[str, Any] = {}
        match line.strip():
            case "arm":
                answer = {"calls": len(box.journal())}
                box.sandbox.journal.clear()
                seen.clear()
                before = box.invariants()["paid_jobs"]
                box.sandbox.faults.add_data(plan.fault_rules())
            case "report":
                box.settle()
                counts = box.invariants()
                paid = {name: count for name, count in counts["paid_jobs"].items() if name not in before}
                answer = {
                    "journal": box.journal(),
                    "witness": seen,
                    "invariants": {**counts, "paid_jobs": paid},
                    "faults": box.sandbox.faults.as_dicts(),
                }
        print(json.dumps(answer, default=str), flush=True)


def main(seed: int, list_lag: float) -> None:
    """Serve until the input ends."""
    from airflow_provider_print.sandbox import PrintSandbox, journal

    journal._KEEP = 2_000_000  # type: ignore[misc]
    seen: list[dict[str, Any]] = []
    witness(seen)
    with PrintSandbox(seed=seed, speed=1.0, rate_limit=0) as box:
        box.world(**plan.world(list_lag))
        print(json.dumps({"url": box.intelliprint_url}), flush=True)
        _serve(box, seen)


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else plan.LIST_LAG)
