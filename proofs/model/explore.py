"""Breadth first through every state of one world, until none is left or something is wrong.

Every state is kept as its exact bytes (no hashes that could collide), and with it only the number of the
state it was first reached from and the ordinal of that move. That is enough to tell the way to any state
again, so the state itself need not be kept.
"""

from __future__ import annotations

import time
from array import array
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from proofs.model.moves import Moves
from proofs.model.words import of_move

if TYPE_CHECKING:
    from proofs.model.calls import Protocol
    from proofs.model.environments import Budget, Environment
    from proofs.model.moves import State

HOLDS, STOPS, FALLS, OPEN = "holds", "stops", "FALLS", "not exhausted"


@dataclass
class Verdict:
    """What came of one exploration.

    :param verdict: `HOLDS`: nothing is ever wrong. `STOPS`: safe, but an undisturbed last try may fail and
        ask for a human. `FALLS`: two jobs are paid, or the like. `OPEN`: the limit came first.
    :param why: what is wrong, in words.
    :param trace: the shortest way there.
    :param states: how many were seen.
    :param seconds: wall-clock time.
    :param megabytes: most memory that the process had, 0 where nobody looked.
    """

    verdict: str
    why: str = ""
    trace: list[str] = field(default_factory=list)
    states: int = 0
    seconds: float = 0.0
    megabytes: int = 0


def explore(
    protocol: Protocol, environment: Environment, budget: Budget, *, limit: int = 60_000_000
) -> Verdict:
    """Look at every state that a protocol can get into.

    :param protocol: starts an attempt.
    :param budget: how many faults may happen.
    :param limit: give up after this many states; 60 million are about 8 GB.
    """
    return _Search(Moves(protocol, environment, budget), limit).run()


class _Search:
    def __init__(self, moves: Moves, limit: int) -> None:
        self._moves = moves
        self._limit = limit
        first = moves.initial()
        self._seen = {_packed(first)}
        self._parents, self._ordinals = array("I", [0]), array("H", [0])
        self._level = [_packed(first)]
        self._stop: tuple[str, list[str]] | None = None
        self._began = time.perf_counter()

    def run(self) -> Verdict:
        base = 0
        while self._level:
            level, self._level = self._level, []
            for at, packed in enumerate(level):
                wrong = self._expand(base + at, _unpacked(packed))
                if wrong is not None:
                    return self._verdict(FALLS, *wrong)
            if len(self._seen) > self._limit:
                return self._verdict(OPEN, f"more than {self._limit} states", [])
            base += len(level)
        return self._verdict(STOPS, *self._stop) if self._stop else self._verdict(HOLDS, "", [])

    def _expand(self, index: int, state: State) -> tuple[str, list[str]] | None:
        """Go one step further from a state; return what is wrong, and the way to it."""
        ordinal = -1
        for ordinal, move in enumerate(self._moves.from_(state)):
            packed = _packed(self._moves.mirror.sorted_first(move.state)[0])
            new = packed not in self._seen
            if new:
                self._seen.add(packed)
                self._parents.append(index)
                self._ordinals.append(ordinal)
                self._level.append(packed)
            if move.verdict is not None or new:
                wrong = self._judge(move.verdict, index, ordinal, self._moves.service(move.state))
                if wrong is not None:
                    return wrong
        if ordinal < 0 and self._stop is None and self._moves.unfinished(state):
            self._stop = "stops: nothing more can happen, and no try has succeeded", self._way(index)
        return None

    def _judge(
        self, verdict: str | None, index: int, ordinal: int, service: int
    ) -> tuple[str, list[str]] | None:
        wrong = self._moves.services.wrong(service)
        if wrong is None and verdict is not None:
            if verdict.startswith("wrong"):
                wrong = verdict
            elif self._stop is None:
                self._stop = verdict, self._way(index, ordinal)
        return None if wrong is None else (wrong, self._way(index, ordinal))

    def _verdict(self, verdict: str, why: str, trace: list[str]) -> Verdict:
        return Verdict(verdict, why, trace, len(self._seen), time.perf_counter() - self._began)

    def _way(self, index: int, last: int | None = None) -> list[str]:
        """Return the moves from the beginning to a state, and one more."""
        ordinals = [] if last is None else [last]
        while index:
            ordinals.append(self._ordinals[index])
            index = self._parents[index]
        state, words, names = self._moves.initial(), [], self._moves.attempts
        for ordinal in reversed(ordinals):
            move = next(m for n, m in enumerate(self._moves.from_(state)) if n == ordinal)
            words.append(of_move(move.what, names))
            state, turned = self._moves.mirror.sorted_first(move.state)
            if turned:
                names = names[len(names) // 2 :] + names[: len(names) // 2]
        return words


def _packed(state: State) -> bytes:
    """Return the exact bytes of a state: an even number of them, or, where a number is large, an odd one."""
    try:
        return array("H", state).tobytes()
    except OverflowError:
        return b"I" + array("I", state).tobytes()


def _unpacked(packed: bytes) -> State:
    return tuple(array("H", packed) if len(packed) % 2 == 0 else array("I", packed[1:]))
