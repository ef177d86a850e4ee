"""Attempts as numbers: where each one stands, what it asks for next, and where an answer takes it.

An attempt is a generator, which cannot be copied. Its way is therefore the list of answers that it has got
so far, and a new answer is tried by playing it again from the start. Each place is numbered and computed
once, so in the end each attempt is a table that was read off the real code. That asks one thing of the
code: the same answers must lead to the same calls.

Ways that lead to the same place in the code, with the same local variables, are one place: which of them was
taken makes no difference any more. That this holds is not believed but checked: from each place that was
reached in several ways, every answer is played for several of them, and they must arrive together again.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from airflow_provider_print.core.errors import PrintError
from proofs.model.calls import (
    Answer,
    Call,
    Confirm,
    Create,
    Decide,
    Delete,
    FailedError,
    Find,
    Play,
    Protocol,
    Seen,
    Settle,
)
from proofs.model.frames import place_of
from proofs.model.symmetry import is_mirrored

if TYPE_CHECKING:
    from proofs.model.environments import Environment

WAITING, DONE, FAILED = "waiting", "done", "failed"
#: The places that all attempts share; a failed and a killed attempt do the same from now on: nothing.
NOT_STARTED, OVER, FINISHED = 0, 1, 2
Way: TypeAlias = "tuple[Answer, ...]"
_WITNESSES = 3


@dataclass(slots=True)
class Place:
    """Where an attempt stands.

    :param attempt: its index among all attempts of the environment.
    :param call: what it waits for, unless it has ended.
    :param ended: `DONE` or `FAILED`, or `WAITING`.
    :param result: the job that it reports, or why it failed.
    :param passed: its call to the register has passed the fence already.
    :param drafted: it has made its draft, or found one and settles, and has not decided since.
    :param ways: some of the answers that lead here.
    """

    attempt: int
    call: Call | None
    ended: str
    result: str = ""
    passed: bool = False
    drafted: bool = False
    ways: list[Way] = field(default_factory=list)


class Plays:
    """All places of all attempts of one protocol in one environment.

    :param protocol: what the attempts do.
    """

    def __init__(self, protocol: Protocol, environment: Environment) -> None:
        self._protocol = protocol
        self._environment = environment
        self._attempts = environment.attempts()
        self._next: dict[tuple[int, Answer], int] = {}
        self._passed: dict[int, int] = {}
        self._numbers: dict[Any, int] = {}
        self.places: list[Place] = [Place(-1, None, WAITING) for _ in range(3)]
        if is_mirrored(environment):
            self._attempts = tuple(attempt._replace(run=0) for attempt in self._attempts)
        self._starts = [self._add(self._attempts.index(attempt), ()) for attempt in self._attempts]

    def start(self, index: int) -> int:
        """Return the first place of an attempt."""
        return self._starts[index]

    def after(self, place: int, answer: Answer) -> int:
        """Return where an answer takes an attempt."""
        known = self._next.get((place, answer))
        if known is None:
            here = self.places[place]
            first, *others = {self._add(here.attempt, (*way, answer)) for way in here.ways}
            assert not others, f"ways that seemed to meet at {here} part again after {answer}"
            known = self._next[place, answer] = first
        return known

    def passed(self, place: int) -> int:
        """Return the same place, with the call to the register past the fence."""
        known = self._passed.get(place)
        if known is None:
            here = self.places[place]
            known = self._passed[place] = len(self.places)
            self.places.append(replace(here, passed=True))
        return known

    def _add(self, index: int, way: Way) -> int:
        """Return the number of the place that a way leads to."""
        place, where = self._play(index, way)
        which = (index, place.call, place.ended, place.result, place.drafted, where)
        known = self._numbers.get(which)
        if known is None:
            known = self._numbers[which] = len(self.places)
            self.places.append(place)
        ways = self.places[known].ways
        if len(ways) < _WITNESSES and way not in ways:
            ways.append(way)
        return known

    def _play(self, index: int, way: Way) -> tuple[Place, Any]:
        steps = _with_floors(self._protocol.start(self._attempts[index]), self._environment)
        try:
            call, drafted = _send_all(steps, way)
            assert not (drafted and self._protocol.fenced and isinstance(call, Create | Confirm | Delete)), (
                f"{self._protocol.name} is not fenced: {call} follows a draft that is not decided"
            )
            return Place(index, call, WAITING, drafted=drafted), place_of(steps)
        except StopIteration as end:
            return Place(index, None, DONE, end.value), None
        except (PrintError, FailedError) as error:
            return Place(index, None, FAILED, f"{type(error).__name__}: {error}"), None


def _send_all(steps: Play, answers: Way) -> tuple[Call, bool]:
    """Return the next call, and whether this attempt has its draft: it has made one, or it settles."""
    call, drafted = next(steps), False
    for answer in answers:
        if isinstance(call, Create | Decide | Settle):
            drafted = isinstance(call, Settle) or (isinstance(call, Create) and isinstance(answer, Seen))
        call = steps.send(answer)
    return call, drafted


def _with_floors(steps: Play, environment: Environment) -> Play:
    """Let a settle bound how far back the next list of the same attempt may lag.

    The lists after that one may show anything again, which is more than a service would do, and needs fewer
    states. No answer is kept in a variable, nor a bound that is used up: it would tell apart places that
    are the same.
    """
    floor = 0
    try:
        call = next(steps)
        while True:
            if isinstance(call, Settle):
                floor = int(str((yield Settle())).rpartition(" ")[2])
                if environment.settle == "short":
                    yield Settle(part=1)
                call = steps.send("settled")
            else:
                if isinstance(call, Find):
                    call, floor = Find(floor), 0
                call = steps.send((yield call))
    except StopIteration as end:
        return str(end.value)
