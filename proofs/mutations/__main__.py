"""`python -m proofs.mutations`: explore the paid step with one safeguard less, and say what is noticed.

The exit code is 1 when a cut survives, or when the uncut source falls in one of the same worlds.
"""

from __future__ import annotations

import argparse
import logging
import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from proofs.model.environments import ENVIRONMENTS, Budget
from proofs.model.explore import HOLDS, OPEN, Verdict, explore
from proofs.model.shipped import own_key, with_register, without_register
from proofs.mutations.cuts import CHECK, DECIDE, FIND, NEWEST, NOTHING, SETTLE, TRY_SLOT, Cut, load

if TYPE_CHECKING:
    from collections.abc import Callable

    from proofs.model.calls import Protocol

_ROW = "{:22} {:4} {:4} {:8} {:9} {:>10} {:>8}  {}"


@dataclass(frozen=True)
class Trial:
    """One cut in one world.

    :param cut: what is taken out.
    :param way: what the operator has at hand: `with_register`, `without_register` or `own_key`.
    :param environment: in which world.
    :param budget: with how many faults.
    :param why: what makes it fall there, or why it does not.
    :param noticed: False where the cut is out of reach: it must hold there, so that the table says the truth.
    """

    cut: Cut
    way: Callable[..., Protocol]
    environment: str
    budget: Budget
    why: str
    noticed: bool = True

    def run(self, cut: Cut | None = None) -> Verdict:
        """Explore.

        :param cut: another cut than its own.
        """
        which = cut or self.cut
        protocol = self.way(submit=load(which).submit)
        if which is not NOTHING:
            # A cut may take away what a fenced protocol is held to, so nothing is derived from that.
            protocol = replace(protocol, fenced=False)
        return explore(protocol, ENVIRONMENTS[self.environment], self.budget)


_NO, _ONE = Budget(0, 0, 0), Budget(1, 1, 0)
TRIALS = (
    Trial(CHECK, with_register, "H", _NO, "the write may land after the next try has looked"),
    Trial(TRY_SLOT, with_register, "H", _NO, "a late write hides what the newer try decided"),
    Trial(DECIDE, with_register, "C", _NO, "two tries beside each other pay a draft each"),
    Trial(NEWEST, with_register, "H", _NO, "a late write of an older try is taken up again"),
    Trial(
        FIND, with_register, "H", _ONE, "out of reach: with the register there, it only costs drafts", False
    ),
    Trial(FIND, with_register, "J3", _ONE, "the register is lost, and the paid job is not looked for"),
    Trial(FIND, without_register, "A", _ONE, "the next try knows nothing of the first"),
    Trial(FIND, own_key, "M", _NO, "the other run's register is out of sight"),
    Trial(SETTLE, without_register, "T", _NO, "two drafts of one second"),
    Trial(SETTLE, without_register, "D", _NO, "the list does not show the other draft yet"),
    Trial(SETTLE, own_key, "M", _NO, "both, between two runs"),
)


def main(argv: list[str] | None = None) -> int:
    """Run all trials, and each world once with the uncut source.

    :return: 0 when every cut is noticed.
    """
    parser = argparse.ArgumentParser(prog="python -m proofs.mutations", description=__doc__)
    parser.add_argument("--traces", action="store_true", help="print the shortest way to each fall")
    args = parser.parse_args(argv)
    logging.disable(logging.CRITICAL)
    print(_ROW.format("taken out", "of", "in", "budget", "verdict", "states", "seconds", "why"))
    failed = 0
    seen = set()
    for trial in TRIALS:
        verdict = trial.run()
        expected = verdict.verdict not in (HOLDS, OPEN) if trial.noticed else verdict.verdict == HOLDS
        _print(trial, trial.cut, verdict, trial.why if expected else f"NOT AS EXPECTED: {trial.why}")
        if args.traces:
            print("".join(f"    {move}\n" for move in [verdict.why, *verdict.trace]), end="")
        failed += not expected
        where = (trial.way, trial.environment, trial.budget)
        if where in seen:
            continue
        seen.add(where)
        control = trial.run(NOTHING)
        fine = control.verdict == HOLDS
        _print(trial, NOTHING, control, "" if fine else f"FALLS UNCUT: {control.why}")
        failed += not fine
    print(
        "Each cut is noticed within its reach, and the uncut source holds in the same worlds."
        if not failed
        else f"{failed} rows are not as they should be."
    )
    return 1 if failed else 0


def _print(trial: Trial, cut: Cut, verdict: Verdict, note: str) -> None:
    of = {"with_register": "R6", "without_register": "V4g", "own_key": "OWN"}[trial.way.__name__]
    shown = (str(trial.budget), verdict.verdict, f"{verdict.states:,}", f"{verdict.seconds:.1f}")
    print(_ROW.format(cut.name, of, trial.environment, *shown, note), flush=True)


if __name__ == "__main__":
    sys.exit(main())
