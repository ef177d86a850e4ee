"""`python -m proofs.model`: explore everything that is claimed, and every naive protocol; print the table.

The exit code is 1 when something claimed falls or is not exhausted, or a naive protocol falls nowhere.
"""

from __future__ import annotations

import argparse
import sys

from proofs.model.claims import claimed, naive
from proofs.model.environments import ENVIRONMENTS
from proofs.model.runner import results
from proofs.model.tables import Table


def main(argv: list[str] | None = None) -> int:
    """Run what was asked for.

    :return: 0 when all claims hold and all naive protocols fall.
    """
    args = _parser().parse_args(argv)
    runs = [
        run
        for run in [*claimed(), *naive()]
        if args.protocol in (None, run.protocol.name) and args.environment in (None, run.environment.name)
    ]
    if not runs:
        print("no such run: see --help for the environments; protocols are in the table of a whole run")
        return 2
    table = Table(traces=args.traces)
    for run, verdict in results(runs, processes=args.processes):
        table.add(run, verdict)
    return table.end()


def _parser() -> argparse.ArgumentParser:
    worlds = "\n".join(f"  {name:4} {world.about}" for name, world in ENVIRONMENTS.items())
    parser = argparse.ArgumentParser(
        prog="python -m proofs.model",
        description=__doc__,
        epilog=f"environments:\n{worlds}\n\nA budget is (kills, lost answers, duplicated requests).",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--protocol", help="only this one")
    parser.add_argument("--environment", choices=sorted(ENVIRONMENTS), help="only this one")
    parser.add_argument("--traces", action="store_true", help="print the shortest way to each fall and stop")
    parser.add_argument("--processes", type=int, default=2, help="how many explore at a time (default 2)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
