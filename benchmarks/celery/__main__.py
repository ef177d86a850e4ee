"""`python -m benchmarks.celery [--letters N]`: exit code 0 if each is posted once and no call is refused."""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
import time
from typing import Any

from benchmarks.celery.stack import CeleryStack
from benchmarks.limiters import KINDS, LIMIT, redis_server
from benchmarks.sandbox.servers import Child
from proofs.chaos_airflow.postgres import remove_leftovers
from proofs.chaos_airflow.stack import ROOT, end_leftovers
from tools.airflow_api import AirflowError

HOME = ROOT / ".proofs" / "bench-celery"
_RATE = 98.0  # the connection's default
_ENDS = ("success", "failed")
_BEGAN = time.monotonic()


def say(text: str) -> None:
    """Print one line of progress, with the seconds since the start."""
    print(f"[{time.monotonic() - _BEGAN:4.0f} s] {text}", flush=True)


def main() -> int:
    """Run and judge."""
    options = _options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    HOME.mkdir(parents=True, exist_ok=True)
    if end_leftovers(HOME):
        say("stopped what an interrupted run had left running")
    remove_leftovers(HOME)
    shutil.rmtree(HOME)
    HOME.mkdir()
    code = 1
    try:
        with redis_server() as redis_url, Child("benchmarks.letters.box", str(options.scale)) as box:
            box.ask(reset={"rate_limit": LIMIT, "limiter": options.limiter})
            code = _run(options, redis_url.rpartition("/")[0], box)
    except KeyboardInterrupt:
        say("interrupted")
    except (RuntimeError, OSError) as error:
        say(" ".join(str(error).split()) or type(error).__name__)
    if code == 0:
        shutil.rmtree(HOME)
    return code


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.celery", description=__doc__)
    parser.add_argument("--letters", type=int, default=200, help="mapped tasks (%(default)s)")
    parser.add_argument("--workers", type=int, default=2, help="of Celery (%(default)s)")
    parser.add_argument("--slots", type=int, default=8, help="tasks of a worker at a time (%(default)s)")
    parser.add_argument("--limiter", choices=list(KINDS), default="sliding", help="(%(default)s)")
    parser.add_argument(
        "--scale", type=float, default=1.25, help=f"{LIMIT} calls in 60 seconds divided by this (%(default)g)"
    )
    parser.add_argument("--minutes", type=float, default=20, help="most for the run itself (%(default)g)")
    return parser.parse_args()


def _run(options: argparse.Namespace, redis_url: str, box: Child) -> int:
    stack = CeleryStack(
        HOME,
        f"{box.url}/intelliprint/v1",
        redis_url=redis_url,
        letters=options.letters,
        rate=_RATE * options.scale,
        workers=options.workers,
        slots=options.slots,
        say=say,
    )
    try:
        stack.start_all()
        say(f"Airflow and {options.workers} Celery workers are up")
        begin = time.monotonic()
        stack.api.run("many", "bench", {})
        state = _ended(stack, box, options)
        taken = time.monotonic() - begin
        counts = box.ask(count=True)
    finally:
        stack.stop()
        say("stopped everything that was started")
    return _judge(options, state, taken, counts)


def _ended(stack: CeleryStack, box: Child, options: argparse.Namespace) -> str:
    """Wait for the end of the run; return its state."""
    until, told = time.monotonic() + options.minutes * 60, 0.0
    while time.monotonic() < until:
        stack.check()
        try:
            state = stack.api.state("many", "bench")
        except AirflowError:
            state = "busy"
        if state in _ENDS:
            return state
        if time.monotonic() - told > 15:
            told = time.monotonic()
            counts = box.ask(count=True)
            say(f"{counts['paid']} of {options.letters} posted, {counts['refused']} refused")
        time.sleep(1.0)
    return "not ended"


def _judge(options: argparse.Namespace, state: str, taken: float, counts: dict[str, Any]) -> int:
    limit = LIMIT * options.scale
    print(
        f"\n{options.letters} mapped letters, CeleryExecutor, {options.workers} workers of {options.slots} "
        f"slots with a rate limit shared through Redis; limit of the service {limit:g} calls a minute "
        f"({KINDS[options.limiter]}).\n"
        f"Run: {state} in {taken:.0f} s ({counts['calls'] / taken * 60:.0f} calls a minute). "
        f"Posted: {counts['paid']}, twice: {counts['twice']}. "
        f"Calls: {counts['calls']}, refused: {counts['refused']}.\n",
        flush=True,
    )
    fine = (state, counts["paid"], counts["twice"], counts["refused"]) == ("success", options.letters, 0, 0)
    say("each letter was posted once, and no call was refused" if fine else "NOT AS PROMISED")
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
