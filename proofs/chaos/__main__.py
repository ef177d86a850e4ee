"""The command: `python -m proofs.chaos --seed 1 --letters 1000`."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path

from proofs.chaos.plan import LIST_LAG


def main(argv: list[str] | None = None) -> int:
    """Run and print; 1 when a letter of ours was mailed twice or never, or a crash point was missed."""
    options = _parser().parse_args(argv)
    home = Path(tempfile.mkdtemp(prefix="print-chaos-"))
    # Airflow reads its configuration while it is imported, so its home is settled before anything else.
    os.environ.update(
        AIRFLOW_HOME=str(home),
        AIRFLOW__CORE__LOAD_EXAMPLES="False",
        AIRFLOW__DATABASE__SQL_ALCHEMY_CONN=f"sqlite:///{home / 'airflow.db'}",
        AIRFLOW__LOGGING__BASE_LOG_FOLDER=str(home / "logs"),
        NO_PROXY="*",
    )
    from proofs.chaos.running import run

    try:
        return run(options, home)
    finally:
        if not options.keep:
            shutil.rmtree(home, ignore_errors=True)
        else:
            print(f"Logs of all tries: {home}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m proofs.chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="of all that is drawn (%(default)s)")
    parser.add_argument("--letters", type=int, default=1000, help="letters of the operator (%(default)s)")
    parser.add_argument(
        "--without-register",
        action="store_true",
        help="all letters as on an Airflow without a task state store (else: a fifth more of them that way)",
    )
    parser.add_argument(
        "--peers",
        type=float,
        default=0.3,
        help="peers get this share of the letters; 0 for none (%(default)s)",
    )
    parser.add_argument("--no-second", action="store_true", help="leave out the fifth without a register")
    parser.add_argument("--concurrency", type=int, default=10, help="letters at a time (%(default)s)")
    parser.add_argument(
        "--stall",
        type=float,
        default=0.0,
        metavar="SECONDS",
        help="the register takes up to so long for every write, instead of its usual mix",
    )
    parser.add_argument(
        "--list-lag",
        type=float,
        default=LIST_LAG,
        metavar="SECONDS",
        help="how far its lists are behind (%(default)s); without a register, less than it takes to settle",
    )
    parser.add_argument(
        "--mutate", help="take a safeguard out of the shipped code, by its name in proofs.mutations.cuts"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the counts there, too")
    parser.add_argument("--keep", action="store_true", help="keep the logs of the tries")
    return parser


if __name__ == "__main__":
    sys.exit(main())
