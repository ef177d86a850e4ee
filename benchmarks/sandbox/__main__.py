"""The command: `python -m benchmarks.sandbox`; exit code 1 when a promise is not kept."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks.sandbox.measures import MEASURES, Result


def main(argv: list[str] | None = None) -> int:
    """Measure and print; 1 when a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sandbox", description=__doc__)
    parser.add_argument("--only", action="append", choices=sorted(MEASURES), help="may be repeated")
    parser.add_argument("--rounds", type=int, default=7, help="best of so many rounds (%(default)s)")
    options = parser.parse_args(argv)
    kept = True
    with tempfile.TemporaryDirectory(prefix="print-bench-") as folder:
        for name, measure in MEASURES.items():
            if options.only and name not in options.only:
                continue
            for result in measure(Path(folder), options.rounds):
                kept &= result.kept
                print(_line(result), flush=True)
    print("All promises are kept." if kept else "A promise is NOT kept.")
    return 0 if kept else 1


def _line(result: Result) -> str:
    sign = "ok    " if result.kept else "MISSED"
    return f"{sign}  {result.what}: {result.measured} (promised: {result.promised}). {result.beside}"


if __name__ == "__main__":
    sys.exit(main())
