"""What many waits cost a triggerer: `python -m benchmarks.waiting [jobs ...]`, beside one call for each.

Each row is a process of its own with one event loop, as a triggerer has, against a sandbox in another one.
It starts the triggers of so many deferred tasks, lets all of them have their first look, and watches itself
for a minute and more at an interval of 60 seconds. Calls are counted by the sandbox. The peer is what a
deferred HTTP sensor for each job comes to: a trigger that makes its own call every 60 seconds, with one
client for all of them, which is more than Airflow's own sensor offers.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import random
import resource
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.report import Figure
from benchmarks.sandbox import servers
from benchmarks.sandbox.load import Line

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from benchmarks.report import Report

JOBS = (1, 100, 10_000)
INTERVAL = 60.0
MEMORY, CPU = 200.0, 0.25
_KEY = "key_sandbox"
_CONNECTION = "bench_waiting"
_PRINTS = "/intelliprint/v1/prints"
_WORDS = {"hub": "ours", "each": "one deferred HTTP sensor each"}


@dataclass(frozen=True)
class Cost:
    """What so many waits cost.

    :param kind: `hub` for ours, `each` for a call for each.
    :param calls: a minute, counted by the sandbox.
    :param cpu: share of a core.
    :param memory: MB above the idle process.
    :param lag: longest time that the event loop stood still, in seconds.
    """

    kind: str
    jobs: int
    calls: float
    cpu: float
    memory: float
    lag: float

    def __str__(self) -> str:
        return (
            f"{self.calls:.1f} calls a minute, {self.cpu:.1%} of a core, {self.memory:.0f} MB, "
            f"loop held for {self.lag:.2f} s at most"
        )

    @property
    def fits(self) -> bool:
        """Whether it keeps the goals; a minute may see the calls of two looks."""
        pages = self.jobs if self.jobs <= 3 else -(-self.jobs // 990)
        return self.calls <= 2 * pages and self.memory <= MEMORY and self.cpu <= CPU


def waiting(report: Report) -> None:
    """Measure the rows of the table."""
    report.configuration["waits by a sensor each"] = (
        "a coroutine for each job that asks GET /prints/{id} every 60 s, through one httpx client with at "
        "most 50 connections, first within a minute"
    )
    for number in sorted({min(one, report.options.waits) for one in JOBS}):
        ours, peer = (measure(kind, number, 65) for kind in _WORDS)
        report.add(
            Figure(
                what=f"{number:,} waiting jobs at a 60 s interval",
                goal=f"sweep pages only; at most {MEMORY:.0f} MB above idle and {CPU:.0%} of a core",
                ours=str(ours),
                met=ours.fits,
                peers={_WORDS["each"]: str(peer)},
                ratio=f"{ours.calls / peer.calls:.4f} of the calls" if peer.calls else "",
            )
        )


def measure(kind: str, number: int, seconds: float) -> Cost:
    """Return what so many waits cost.

    :param kind: `hub` or `each`.
    :param number: of jobs, one wait for each.
    :param seconds: how long the process is watched.
    """
    with servers.sandbox("--speed", "1") as box:
        ids = _posted(box.url, number)
        told = subprocess.run(
            [sys.executable, "-m", "benchmarks.waiting", "--child", kind, box.url, str(seconds)],
            input=json.dumps(ids),
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
    return Cost(**json.loads(told.stdout.splitlines()[-1]))


def _posted(url: str, number: int) -> list[str]:
    """Make jobs that are confirmed and wait to be printed."""
    address = {"name": "A Reader", "line": "7 Any Road\nANYTOWN", "postcode": "AB1 2CD"}
    letter = {"content": "Hello", "testmode": False, "confirmed": True, "recipients": [{"address": address}]}
    line = Line(url)
    made = [line.call("POST", _PRINTS, {**letter, "reference": f"ref-{n}"})["id"] for n in range(number)]
    line.close()
    return made


def _child(kind: str, url: str, seconds: float) -> Cost:
    value = {
        "conn_type": "intelliprint",
        "host": f"{url}/intelliprint/v1",
        "password": _KEY,
        "extra": {"rate": 0, "testmode": False},
    }
    os.environ[f"AIRFLOW_CONN_{_CONNECTION.upper()}"] = json.dumps(value)
    ids = json.load(sys.stdin)
    wait = _wait_in_the_hub(url) if kind == "hub" else _wait_for_each(url)
    return asyncio.run(_watched(kind, url, ids, seconds, wait))


async def _watched(
    kind: str, url: str, ids: list[str], seconds: float, wait: Callable[[str], Awaitable[None]]
) -> Cost:
    gc.collect()
    idle, begun = _resident(), await asyncio.to_thread(_calls, url)
    tasks = [asyncio.ensure_future(wait(job_id)) for job_id in ids]
    # Each trigger's first look: the hub's comes within five seconds, the others within a minute.
    await asyncio.sleep(12 if kind == "hub" else INTERVAL + 5)
    before, spent, at = await asyncio.to_thread(_calls, url), time.process_time(), time.monotonic()
    pages = len(ids) if kind == "each" or len(ids) <= 3 else -(-len(ids) // 1000)
    if before - begun < pages:
        raise RuntimeError(f"{before - begun} calls, where the first looks take at least {pages}")
    lag, last = 0.0, time.monotonic()
    while last - at < seconds:
        await asyncio.sleep(0.01)
        now = time.monotonic()
        lag, last = max(lag, now - last - 0.01), now
    cpu, took = time.process_time() - spent, time.monotonic() - at
    after, memory = await asyncio.to_thread(_calls, url), _resident() - idle
    for task in tasks:
        task.cancel()
    ended = [one for one in await asyncio.gather(*tasks, return_exceptions=True) if one is None]
    if ended:
        raise RuntimeError(f"{len(ended)} waits have ended")
    return Cost(kind, len(ids), (after - before) * 60 / took, cpu / took, memory / 1e6, lag)


def _wait_in_the_hub(_url: str) -> Callable[[str], Awaitable[None]]:
    import airflow_provider_print.hooks.intelliprint  # noqa: F401 - a triggerer at work has it
    from airflow_provider_print.triggers.intelliprint import IntelliprintPrintJobTrigger

    async def wait(job_id: str) -> None:
        trigger = IntelliprintPrintJobTrigger(
            print_job_ids=[job_id],
            deadline=time.time() + 86_400,
            poll_interval=INTERVAL,
            intelliprint_conn_id=_CONNECTION,
        )
        await anext(trigger.run())

    return wait


def _wait_for_each(url: str) -> Callable[[str], Awaitable[None]]:
    import airflow.triggers.base  # noqa: F401 - a triggerer has it
    import httpx

    limits = httpx.Limits(max_connections=50)
    client = httpx.AsyncClient(headers={"Authorization": f"Bearer {_KEY}"}, timeout=60, limits=limits)

    async def wait(job_id: str) -> None:
        await asyncio.sleep(random.uniform(0, INTERVAL))
        while True:
            answer = (await client.get(f"{url}{_PRINTS}/{job_id}")).json()
            if all(letter["status"] == "sent" for letter in answer["letters"]):
                return
            await asyncio.sleep(INTERVAL)

    return wait


def _calls(url: str) -> int:
    """Return how many calls the sandbox has had: the number of the last one in its journal."""
    line = Line(url)
    newest = line.call("GET", "/_sandbox/journal?limit=1")["requests"]
    line.close()
    return int(newest[-1]["id"])


def _resident() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * float(resource.getpagesize())


def main(argv: list[str] | None = None) -> int:
    """Print a line for each row, and return 1 when a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("jobs", nargs="*", type=int, default=list(JOBS))
    parser.add_argument("--seconds", type=float, default=65.0, help="how long each row is watched")
    parser.add_argument("--child", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if options.child:
        kind, url, seconds = options.child
        print(json.dumps(asdict(_child(kind, url, float(seconds)))))
        return 0
    kept = True
    for number in options.jobs:
        for kind, words in _WORDS.items():
            cost = measure(kind, number, options.seconds)
            kept = kept and (cost.fits or kind != "hub")
            print(f"{number:>6} waits, {words}: {cost}", flush=True)
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
