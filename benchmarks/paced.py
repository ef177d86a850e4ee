"""What the rate limit itself costs a call, from one process and from many at once, beside SQLite."""

from __future__ import annotations

import os
import sqlite3
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from airflow_provider_print.core.pace_files import PaceFiles
from airflow_provider_print.core.pacing import Pace
from benchmarks.report import Figure

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.report import Report

_CALLS = 20_000
_LESS_FOR_SQLITE = 10
_MICROSECONDS = 100
_EVERYBODY = 1e12  # so many calls a minute that nobody waits


def paced(report: Report) -> None:
    """Measure one process and many."""
    report.configuration["a paced call's own cost"] = (
        "Pace.reserve with two buckets (API key and account), wall time of all calls divided by their "
        "number; SQLite: BEGIN IMMEDIATE, SELECT, UPDATE, COMMIT of two numbers, WAL, synchronous=OFF"
    )
    for processes in (1, report.options.processes):
        best = {
            name: min(_microseconds(make, processes, calls) for _ in range(report.options.rounds))
            for name, make, calls in (
                ("ours", _ours, _CALLS),
                ("SQLite", _sqlite, _CALLS // _LESS_FOR_SQLITE),
            )
        }
        report.add(
            Figure(
                what=f"a paced call's own cost, {processes} process{'es' if processes > 1 else ''}",
                goal=f"under {_MICROSECONDS} µs",
                ours=f"{best['ours']:.0f} µs",
                met=best["ours"] < _MICROSECONDS,
                peers={"SQLite": f"{best['SQLite']:.0f} µs"},
                ratio=f"{best['ours'] / best['SQLite']:.2f} of SQLite",
            )
        )


def _microseconds(make: Callable[[Path], Callable[[], object]], processes: int, calls: int) -> float:
    """Return the microseconds that a call takes of the machine: all of them together, by their number."""
    each = calls // processes
    with tempfile.TemporaryDirectory() as folder:
        make(Path(folder))()
        reader, writer = os.pipe()  # whoever reads from it begins when it is closed
        children = [_child(make, Path(folder), each, reader, writer) for _ in range(processes)]
        os.close(reader)
        time.sleep(0.1)
        begin = time.perf_counter()
        os.close(writer)
        failed = [child for child in children if os.waitpid(child, 0)[1]]
        taken = time.perf_counter() - begin
    if failed:
        raise RuntimeError(f"{len(failed)} of {processes} processes failed")
    return taken / (each * processes) * 1e6


def _child(make: Callable[[Path], Callable[[], object]], folder: Path, each: int, *gate: int) -> int:
    child = os.fork()
    if child:
        return child
    try:
        reader, writer = gate
        os.close(writer)
        call = make(folder)
        os.read(reader, 1)
        for _ in range(each):
            call()
        os._exit(0)
    finally:
        os._exit(1)


def _ours(folder: Path) -> Callable[[], object]:
    return Pace("api key", "account", rate=_EVERYBODY, store=PaceFiles(folder)).reserve


def _sqlite(folder: Path) -> Callable[[], object]:
    base = sqlite3.connect(folder / "pace.db", timeout=60, isolation_level=None)
    base.execute("PRAGMA journal_mode=WAL")
    base.execute("PRAGMA synchronous=OFF")
    base.execute("CREATE TABLE IF NOT EXISTS pace (name TEXT PRIMARY KEY, due REAL)")
    for name in ("api key", "account"):
        base.execute("INSERT OR IGNORE INTO pace VALUES (?, 0)", (name,))

    def reserve() -> None:
        base.execute("BEGIN IMMEDIATE")
        due = max(row[0] for row in base.execute("SELECT due FROM pace"))
        base.execute("UPDATE pace SET due = ?", (max(due, time.time()) + 1e-9,))
        base.execute("COMMIT")

    return reserve
