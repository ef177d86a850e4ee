"""What is drawn: who is hit, how, when; and which faults the print service plays."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

HOSTILE_TRIES = 5
MOST_TRIES = 40
KILLED, FROZEN = 0.40, 0.35
WAKES = (0.05, 1.5)
"""Real seconds after which a frozen try wakes; the next one has begun by then."""
WAITING_SHARE = 0.06
"""Share of the letters whose task waits, deferred, until they are sent."""

DROPPED_BEFORE, DROPPED_AFTER, LATE, UNPAID = 0.08, 0.12, 0.06, 0.02
LIST_LAG = 0.25
LATE_SECONDS = (0.05, 0.2, 0.4, 0.6)


@dataclass(frozen=True, kw_only=True)
class Blow:
    """What happens to one try.

    :param kind: `kill`, `freeze` or `none`.
    :param by: what its moment is measured in: `time` since the fork; `wire`, the time since its first request
        or question to the register; `bytes` on all its sockets; `steps`, the single sends and receipts on
        them; or `marks`, where a request or question begins, is sent, or is answered.
    :param at: the moment, as a share of what a try needs that nobody hurts.
    :param wake: seconds until what was frozen wakes.
    """

    kind: str = "none"
    by: str = "time"
    at: float = 0.0
    wake: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Scale:
    """What a try needs that nobody hurts: what shares are shares of.

    :param seconds: from the fork to the end.
    :param wire: seconds from the first request to the end.
    :param bytes: on all its sockets, both ways.
    :param steps: sends and receipts.
    :param marks: requests and questions to the register that begin, are sent, or are answered.
    """

    seconds: float
    wire: float
    bytes: int
    steps: int
    marks: int

    def of(self, by: str) -> float:
        """Return the length of one of them."""
        return float(self.seconds if by == "time" else getattr(self, by))


def blow(seed: int, letter: int, number: int, stretch: int = 0) -> Blow:
    """Return what happens to a try; from the sixth on nobody is hurt.

    :param letter: which letter, counted from 0.
    :param number: which try of it, counted from 1.
    :param stretch: 0 for the start of the task, more for a resume after a wait.
    """
    if number > HOSTILE_TRIES or stretch > 4:
        return Blow()
    rng = random.Random(f"{seed}:{letter}:{number}:{stretch}")
    chance = rng.random()
    by = rng.choices(("time", "wire", "bytes", "steps", "marks"), (10, 25, 15, 15, 35))[0]
    at = rng.uniform(0, 2.0 if number > 1 and by not in ("time", "bytes") else 1.1)  # later tries ask more
    wake = rng.uniform(*WAKES)
    if chance >= KILLED + FROZEN:
        return Blow()
    return Blow(kind="kill" if chance < KILLED else "freeze", by=by, at=at, wake=wake)


def waits(seed: int, letter: int) -> bool:
    """Whether the task of a letter waits, deferred, until it is sent."""
    return random.Random(f"{seed}:{letter}:waits").random() < WAITING_SHARE


def blow_while_deferred(seed: int, letter: int, stretch: int) -> tuple[float, bool] | None:
    """Return what happens to a triggerer: seconds until it is killed, and whether the task is tried anew.

    :param stretch: which one of this letter, counted from 0.
    :return: None where it is left alone.
    """
    rng = random.Random(f"{seed}:{letter}:deferred:{stretch}")
    if stretch >= 2 or rng.random() < 0.2:
        return None
    return rng.uniform(0.0, 1.5), rng.random() < 0.5


def in_words(list_lag: float) -> str:
    """Return what the fire consists of."""
    return (
        f"The print service drops {DROPPED_BEFORE:.0%} of the requests before and {DROPPED_AFTER:.0%} after "
        f"it has executed them, executes {LATE:.0%} late, refuses {UNPAID:.0%} of the payments, and lists "
        f"what was so {list_lag} s ago.\n"
        f"Of the first {HOSTILE_TRIES} tries of a letter {KILLED:.0%} are killed and {FROZEN:.0%} frozen for "
        f"{WAKES[0]} to {WAKES[1]} s beside the next try, if their moment comes before their end.\n"
        f"{WAITING_SHARE:.0%} of our letters are waited for, deferred, with up to two triggerers killed.\n"
        "The other ways get the same blows; as they are done sooner, more of these miss."
    )


def fault_rules() -> list[dict[str, Any]]:
    """Return the faults of the print service, as data for its fault rules.

    The shares are of all requests. The rules are asked one after the other, so each is given the chance among
    the requests that those before it have left over.
    """
    paying = {"method": "POST", "body": {"confirmed": True}}
    shares: list[tuple[float, dict[str, Any]]] = [
        (UNPAID, {"phase": "before", "kind": "status", "status": 402, **paying})
    ]
    shares += [(DROPPED_BEFORE / 2, {"phase": "before", "kind": kind}) for kind in ("reset", "close")]
    shares += [(DROPPED_AFTER / 2, {"phase": "after", "kind": kind}) for kind in ("reset", "close")]
    shares += [(LATE / 4, {"phase": "late", "kind": "reset", "delay": delay}) for delay in LATE_SECONDS]
    rules, left = [], 1.0
    for share, rule in shares:
        rules.append({"service": "intelliprint", "times": None, "probability": share / left, **rule})
        left -= 0 if rule.get("status") == 402 else share
    return rules


def world(list_lag: float = LIST_LAG) -> dict[str, Any]:
    """Return the rules of the print service's world: lists from the past, `created` in whole seconds."""
    return {"list_lag_s": list_lag, "created_resolution_s": 1, "id_order": "random", "rate_limit": 0}
