"""Prints what came of the runs, and whether that is what was claimed."""

from __future__ import annotations

import time
from collections import defaultdict
from typing import TYPE_CHECKING

from proofs.model.claims import MUST_FALL
from proofs.model.explore import FALLS

if TYPE_CHECKING:
    from proofs.model.claims import Run
    from proofs.model.explore import Verdict

_COLUMNS = "{:13} {:4} {:8} {:20} {:14} {:>11} {:>8} {:>6}  {}"


class Table:
    """One line for each run, as soon as it is known.

    :param traces: print the shortest way to what is wrong.
    """

    def __init__(self, *, traces: bool) -> None:
        self._traces = traces
        self._broken: list[str] = []
        self._falls: dict[str, list[str]] = defaultdict(list)
        self._states = 0
        self._began = time.perf_counter()
        head = ("protocol", "in", "budget", "claim", "verdict", "states", "seconds", "MB", "")
        print(_COLUMNS.format(*head), flush=True)

    def add(self, run: Run, verdict: Verdict) -> None:
        """Print one line."""
        where = run.environment.name
        kept = run.kept(verdict.verdict)
        self._states += verdict.states
        shown = (f"{verdict.states:,}", f"{verdict.seconds:.1f}", verdict.megabytes)
        row = (run.protocol.name, where, str(run.budget), run.claim, verdict.verdict, *shown)
        print(_COLUMNS.format(*row, "" if kept else "<- NOT AS CLAIMED"), flush=True)
        if not kept:
            self._broken.append(
                f"{run.protocol.name} in {where} {run.budget}: {verdict.verdict}, {verdict.why}"
            )
        if run.claim == MUST_FALL:
            self._falls[run.protocol.name] += [where] if verdict.verdict == FALLS else []
        if verdict.trace and (self._traces or not kept):
            print(f"    {verdict.why}")
            print("\n".join(f"    {step:3}  {move}" for step, move in enumerate(verdict.trace, start=1)))

    def end(self) -> int:
        """Print the sum of it, and return the exit code."""
        survivors = [name for name, falls in self._falls.items() if not falls]
        print(f"\n{self._states:,} states in {time.perf_counter() - self._began:.0f} s")
        for name, falls in self._falls.items():
            print(f"{name:5} falls in {', '.join(falls) or 'NONE: what is wrong with it goes unseen'}")
        for line in self._broken:
            print(f"BROKEN: {line}")
        if not self._broken and not survivors:
            print("All that was claimed in these runs holds, exhausted; each naive protocol in them falls.")
        return 1 if self._broken or survivors else 0
