"""`python -m proofs.chaos_airflow [--seed N] [--only KIND]`: exit code 0 only if all is as promised."""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys
import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Any

from airflow_provider_print.sandbox import PrintSandbox
from proofs.chaos_airflow.bench import Bench, Row
from proofs.chaos_airflow.plan import KINDS, SPEED, Plan, plans
from proofs.chaos_airflow.postgres import remove_leftovers
from proofs.chaos_airflow.stack import ROOT, Stack, end_leftovers
from proofs.chaos_airflow.stories import Stories
from proofs.chaos_airflow.verdict import begun_with_a_draft, deviations, merged, table

if TYPE_CHECKING:
    from collections.abc import Callable

HOME = ROOT / ".proofs" / "chaos-airflow"
_LANES = 8
_BEGAN = time.monotonic()
_WHOLE = "deferred"  # its DAGs are told together: they share one triggerer
_PAIRS = "one key, two runs"


def say(text: str) -> None:
    """Print one line of progress, with the seconds since the start."""
    print(f"[{time.monotonic() - _BEGAN:4.0f} s] {text}", flush=True)


def main() -> int:
    """Run the proof and return its exit code."""
    options = _options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    HOME.mkdir(parents=True, exist_ok=True)
    if end_leftovers(HOME):
        say("stopped what an interrupted proof had left running")
    remove_leftovers(HOME)
    shutil.rmtree(HOME)
    (HOME / "letters").mkdir(parents=True)
    code = 1
    try:
        with PrintSandbox(speed=SPEED, rate_limit=0, seed=options.seed) as box:
            code = _prove(box, options)
    except KeyboardInterrupt:
        say("interrupted")
    except (RuntimeError, OSError) as error:
        say(" ".join(str(error).split()) or type(error).__name__)
    if code == 0:
        shutil.rmtree(HOME)
    return code


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m proofs.chaos_airflow", description=__doc__)
    parser.add_argument("--seed", type=int, default=int(os.environ.get("SEED") or 1))
    parser.add_argument("--only", action="append", choices=list(KINDS), metavar="KIND", help="this kind only")
    return parser.parse_args()


def _prove(box: PrintSandbox, options: argparse.Namespace) -> int:
    began = int(time.time())
    mine = [plan for plan in plans(began) if plan.kind in (options.only or KINDS)]
    stack = Stack(HOME, box.intelliprint_url, began=began, say=say)
    bench = None
    try:
        stack.start(mine)
        say("Airflow is up, every DAG has been read")
        bench = Bench(stack, box, options.seed)
        stories = Stories(bench, HOME / "letters")
        wrong = _tell_all(bench, stories, mine)
        box.settle()
        jobs, calls = box.outbox()["jobs"], box.journal()
    finally:
        if bench is not None:
            bench.end()
        stack.stop()
        say("stopped everything that was started")
    order = list(KINDS)
    rows = sorted(stories.rows, key=lambda row: order.index(row.kind) if row.kind in order else len(order))
    code = _judge(merged(rows, Row), jobs, wrong)
    say(f"{begun_with_a_draft(calls)} letters began with a draft, with no look-up before it")
    return code


def _judge(rows: list[Row], jobs: list[dict[str, Any]], wrong: list[str]) -> int:
    """Print the table and what is not as promised; return the exit code."""
    print(f"\n{table(rows, jobs)}\n", flush=True)
    wrong = (
        wrong + deviations(rows, jobs) + [f"nothing was done to: {row.kind}" for row in rows if not row.acts]
    )
    for one in wrong:
        say(f"NOT AS PROMISED: {one}")
    if not wrong:
        say("every letter key has the paid job that it is to have, and no other")
    return 1 if wrong else 0


def _tell_all(bench: Bench, stories: Stories, mine: list[Plan]) -> list[str]:
    """Tell all stories, some at a time; return those that went wrong, in words."""
    lanes = ThreadPoolExecutor(_LANES)
    told: dict[Future[None], str] = {
        lanes.submit(tell): name
        for kind in KINDS
        for name, tell in _of_kind(stories, kind, [plan for plan in mine if plan.kind == kind])
    }
    failed: list[str] = []
    waiting = set(told)
    try:
        while waiting:
            bench.stack.check()
            done, waiting = wait(waiting, timeout=1.0, return_when=FIRST_COMPLETED)
            for one in done:
                error = one.exception()
                if error is not None:
                    failed.append(f"{told[one]}: {type(error).__name__}: {error}")
                say(f"{told[one]}: told, {len(waiting)} to go" if error is None else failed[-1])
    finally:
        bench.ended.set()
        lanes.shutdown(cancel_futures=True)
    return failed


def _of_kind(stories: Stories, kind: str, mine: list[Plan]) -> list[tuple[str, Callable[[], None]]]:
    if kind == _WHOLE and mine:
        return [(kind, lambda: stories.deferred(mine))]
    if kind == _PAIRS:
        pairs = list(zip(mine[::2], mine[1::2], strict=True))
        return [
            (f"{kind}: {first.own_key}", _bound(stories.shared, first, second, (index + 0.5) / len(pairs)))
            for index, (first, second) in enumerate(pairs)
        ]
    return [
        (plan.dag_id, _bound(stories.tell, kind, plan, (index + 0.5) / len(mine)))
        for index, plan in enumerate(mine)
    ]


def _bound(tell: Callable[..., None], *arguments: str | float | Plan) -> Callable[[], None]:
    return lambda: tell(*arguments)


if __name__ == "__main__":
    sys.exit(main())
