"""What is claimed of which protocol, where, and for how many faults.

A budget is an upper bound: (2,1,1) contains (1,1,0) and (2,0,1). Where zombies are allowed, the number of
kills is without bound anyway (see `moves`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from airflow_provider_print.intelliprint.letter import Policy
from proofs.model.environments import ENVIRONMENTS, Budget, Environment
from proofs.model.explore import HOLDS, STOPS
from proofs.model.naive import NAIVE
from proofs.model.shipped import (
    own_key,
    with_register,
    with_register_put_off,
    without_register,
    without_register_put_off,
)

if TYPE_CHECKING:
    from proofs.model.calls import Protocol

_SMALL, _KILLS, _FULL = Budget(1, 1, 0), Budget(2, 0, 1), Budget(2, 1, 1)
_LOSSES = Budget(1, 2, 0)
NOT_CLAIMED = "not claimed"
#: A naive protocol may hold here or there; that it falls somewhere is judged over all its runs.
MUST_FALL = "must fall somewhere"


@dataclass(frozen=True)
class Run:
    """One exploration and what is expected of it.

    :param protocol: what the attempts do.
    :param environment: in which world.
    :param budget: with how many faults.
    :param claim: `HOLDS`, `STOPS` (safe, but it may ask for a human), `NOT_CLAIMED` or `MUST_FALL`.
    """

    protocol: Protocol
    environment: Environment
    budget: Budget
    claim: str

    def kept(self, verdict: str) -> bool:
        """Tell whether a verdict is what is claimed; only the naive ones are judged later."""
        if self.claim == HOLDS:
            return verdict == HOLDS
        if self.claim == STOPS:
            return verdict in (HOLDS, STOPS)
        return True

    def limit(self) -> int:
        """Return after how many states to give up: where nothing is claimed, a look is enough."""
        return 60_000_000 if self.claim in (HOLDS, STOPS) else 300_000


def _runs(protocol: Protocol, claim: str, names: str, *budgets: Budget) -> list[Run]:
    return [Run(protocol, ENVIRONMENTS[name], budget, claim) for name in names.split() for budget in budgets]


def claimed() -> list[Run]:
    """Return every run of the shipped code, with and without a claim."""
    register = with_register()
    again = with_register(name="R6, recreate", policy=Policy(on_missing="recreate"))
    alone, own = without_register(), own_key()
    put_off, put_off_alone = with_register_put_off(), without_register_put_off()
    return [
        *_runs(own, HOLDS, "M", _KILLS, _SMALL),
        *_runs(register, HOLDS, "A B C D E F T H K HK J3", _FULL),
        *_runs(register, HOLDS, "N H4", _SMALL, _KILLS),
        *_runs(register, STOPS, "L HL", _FULL),
        *_runs(again, HOLDS, "L HL J3", _SMALL, _KILLS),
        *_runs(own, HOLDS, "J3", _FULL),
        *_runs(alone, HOLDS, "A B C D K CN", _FULL),
        *_runs(alone, HOLDS, "T DT", _SMALL, _KILLS),
        *_runs(put_off, HOLDS, "F H J3", _SMALL, _LOSSES),
        *_runs(put_off, HOLDS, "N", _SMALL),
        *_runs(put_off_alone, HOLDS, "C D CN", _SMALL, _LOSSES),
        *_runs(register, NOT_CLAIMED, "G I J2", _SMALL),
        *_runs(alone, NOT_CLAIMED, "E F L DT- NT", _SMALL),
        *_runs(own, NOT_CLAIMED, "MN", _SMALL),
    ]


def naive() -> list[Run]:
    """Return the runs of the naive protocols: from the harmless worlds to the hostile ones."""
    return [
        run
        for protocol in NAIVE
        for run in _runs(protocol, MUST_FALL, "A B C D E F T H K L", Budget(1, 1, 1))
    ]
