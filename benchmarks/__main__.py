"""`python -m benchmarks`: all figures beside what others take; exit code 1 when a goal is missed.

`--only limiters --letters 200 --processes 8` measures a part, smaller; then nothing is written unless a file
is named, for only a whole run is worth keeping.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.calls import calls
from benchmarks.imports import imports
from benchmarks.limiters import groups, growth, limiters
from benchmarks.paced import paced
from benchmarks.plot import plot
from benchmarks.report import Figure, Options, Report, machine, versions, warn_if_busy
from benchmarks.uploads import uploads
from benchmarks.waiting import waiting

if TYPE_CHECKING:
    from collections.abc import Callable

_RESULTS = Path(__file__).with_name("RESULTS.md")


PARTS: dict[str, Callable[[Report], None]] = {
    "imports": imports,
    "paced": paced,
    "calls": calls,
    "uploads": uploads,
    "limiters": limiters,
    "groups": groups,
    "waiting": waiting,
    "growth": growth,
}


def main(argv: list[str] | None = None) -> int:
    """Measure, print the table, and write it down."""
    given = _options(argv)
    options = Options(
        letters=given.letters,
        processes=given.processes,
        scale=given.scale,
        peers_at_once=given.peers_at_once,
        rounds=given.rounds,
        waits=given.waits,
        megabytes=given.megabytes,
        growth=tuple(given.growth),
    )
    report = Report(options)
    print(f"{machine()}\n{versions()}", flush=True)
    warn_if_busy()
    begin = time.monotonic()
    for name, measure in PARTS.items():
        if given.only and name not in given.only:
            continue
        print(f"-- {name} ({time.monotonic() - begin:.0f} s)", flush=True)
        try:
            measure(report)
        except Exception as error:  # noqa: BLE001 - the other parts of an hour's run are worth having
            text = " ".join(f"{type(error).__name__}: {error}".split())[:500]
            report.add(Figure(what=name, goal="to be measured", ours=text, met=False))
    seconds = time.monotonic() - begin
    print(f"\n{report.table()}\n\nIn {seconds / 60:.0f} minutes.", flush=True)
    for name, words in report.configuration.items():
        print(f"{name}: {words}")
    written = given.write or (None if argv or given.only or options != Options() else _RESULTS)
    if written is not None:
        _write(report, written, seconds)
    for one in report.missed:
        print(f"MISSED: {one.what}: {one.ours} (goal: {one.goal})", flush=True)
    return 1 if report.missed else 0


def _write(report: Report, path: Path, seconds: float) -> None:
    picture = path.with_suffix(".svg") if report.growth else None
    if picture is not None:
        plot(report, picture)
    page = report.page(command="make bench", seconds=seconds, plot=None if picture is None else picture.name)
    path.write_text(page)
    print(f"Written: {path}", flush=True)


def _options(argv: list[str] | None) -> argparse.Namespace:
    usual = Options()
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", action="append", choices=list(PARTS), help="may be repeated")
    parser.add_argument("--letters", type=int, default=usual.letters, help="of each run (%(default)s)")
    parser.add_argument("--processes", type=int, default=usual.processes, help="at a time (%(default)s)")
    parser.add_argument(
        "--scale", type=float, default=usual.scale, help="scaled seconds in a second (%(default)g)"
    )
    parser.add_argument(
        "--peers-at-once", type=int, default=usual.peers_at_once, help="runs of others (%(default)s)"
    )
    parser.add_argument("--rounds", type=int, default=usual.rounds, help="best of so many (%(default)s)")
    parser.add_argument("--waits", type=int, default=usual.waits, help="waiting jobs at most (%(default)s)")
    parser.add_argument(
        "--megabytes", type=int, default=usual.megabytes, help="of the larger upload (%(default)s)"
    )
    parser.add_argument("--growth", type=int, nargs="+", default=usual.growth, help="numbers of letters")
    parser.add_argument("--write", type=Path, help="page of results to write (RESULTS.md after a whole run)")
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
