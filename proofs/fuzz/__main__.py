"""`python -m proofs.fuzz`: both services at once, then the hostile files; exits 1 when one fell short."""

from __future__ import annotations

import argparse
import logging
import sys
import time
from concurrent.futures import ProcessPoolExecutor

from proofs.fuzz import hostile
from proofs.fuzz.running import LEAST_SHARE, SERVICES, Result, run


def main(arguments: list[str] | None = None) -> int:
    """Fuzz, print what came of it, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m proofs.fuzz", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="the same seed sends the same requests")
    parser.add_argument("--requests", type=int, default=20_000, help="to each service, at least")
    parser.add_argument("--service", choices=list(SERVICES), action="append", help="only this one")
    parser.add_argument("--no-files", action="store_true", help="leave the hostile files out")
    wanted = parser.parse_args(arguments)
    began = time.monotonic()
    fine = True
    services = wanted.service or list(SERVICES)
    with ProcessPoolExecutor(len(services), initializer=_quiet) as pool:
        running = [
            pool.submit(run, service, requests=wanted.requests, seed=wanted.seed) for service in services
        ]
        for each in running:
            fine &= _report(each.result(), wanted.seed)
    if not wanted.no_files:
        fine &= hostile.report()
    print(f"\n{'All is as described.' if fine else 'It fell short.'} {time.monotonic() - began:.0f} s")
    return 0 if fine else 1


def _quiet() -> None:
    """Let what a service logs of its failures not come between the lines: they are told of in the report."""
    logging.disable(logging.CRITICAL)


def _report(result: Result, seed: int) -> bool:
    print(f"\n{result.service}: {result.requests} requests, seed {seed}")
    print(f"  {'endpoint':<56} {'requests':>8} {'2xx':>5}  statuses")
    for endpoint, counts in result.statuses.items():
        statuses = " ".join(f"{status}:{count}" for status, count in sorted(counts.items()))
        share = "-" if endpoint in result.without_success else f"{result.share(endpoint):.0%}"
        print(f"  {endpoint:<56} {counts.total():>8} {share:>5}  {statuses}")
    if result.breach is not None:
        print("  An answer was not as described. The shortest way to it that was found:")
        print("\n".join(f"    {line}" for line in result.breach))
    poor = result.poor()
    for endpoint in poor:
        print(f"  {endpoint} succeeded in less than {LEAST_SHARE:.0%} of the requests")
    return result.breach is None and not poor


if __name__ == "__main__":
    sys.exit(main())
