"""Explores several worlds at a time, each in a process of its own, which gives its memory back."""

from __future__ import annotations

import logging
import multiprocessing
import resource
from typing import TYPE_CHECKING

from proofs.model.explore import Verdict, explore

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from proofs.model.claims import Run

_runs: Sequence[Run] = ()


def results(runs: Sequence[Run], *, processes: int) -> Iterator[tuple[Run, Verdict]]:
    """Yield each run and what came of it, in the order of the runs.

    :param processes: how many at a time. They are forked, since an attempt cannot be pickled.
    """
    global _runs
    _runs = runs
    with multiprocessing.get_context("fork").Pool(processes, maxtasksperchild=1) as pool:
        verdicts: Iterable[Verdict] = pool.imap(_explore, range(len(runs)))
        yield from zip(runs, verdicts, strict=True)


def _explore(index: int) -> Verdict:
    run = _runs[index]
    logging.disable(logging.CRITICAL)
    verdict = explore(run.protocol, run.environment, run.budget, limit=run.limit())
    verdict.megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return verdict
