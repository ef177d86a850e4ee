"""What may happen next: every move of the world from one of its states.

A state is a flat tuple of small numbers: the place of each attempt, the state of the service, the register
of each run, the faults that are left, and what is still on the wire although nobody waits for it.

Moves that cannot change a verdict are left out. Each of these reductions keeps all counterexamples:

* A read whose sender no longer waits changes nothing and is not kept on the wire. Neither is a late confirm
  of a job that is no draft, a late delete of a job that is gone, nor a write to the register by an attempt
  that has been replaced: none of them will ever have an effect again.
* A read whose answer is lost once is repeated by the driver, which leads to the same state with a smaller
  budget, so whatever follows could have happened without the loss. Only a read that stays unanswered is a
  move; it costs one fault.
* Where requests may be late, "carried out, then the answer is lost" is two moves: the answer is given up,
  then the request arrives late.
* Whether a call had passed the fence of the register before a newer try started is chosen when that try
  starts. Until then it makes no difference.
* A second copy of a request that could never have an effect is not a move: it would only use up the budget.
* Requests on the wire are a multiset without senders, and failed and killed attempts are the same: nobody
  can tell.
* Where zombies are allowed, a killed attempt is one that never takes its next step, and the request that it
  leaves on the wire is the one that it waits for. So kills, and losses that end an attempt, are no moves
  there: every history with any number of them is one of those without. (Where a try waits for the end of
  the one before, they are.)
* A try that has been replaced while it had a draft, but before its write to the register passed the fence,
  has nothing left to change: all that can follow are reads and a write that is refused. It counts as killed.
  (Of a protocol for which that is claimed, each place of each attempt is checked.)
* The first try of each run has started already: until it is told something, that changes nothing.
* A call whose answer is settled whatever else happens, and that changes nothing for anybody else, is answered
  (or lost) before anything else moves: a read or confirm of a job that is paid or gone, which it stays; calls
  to the register by a try that has been replaced, and by the last try while no write of an earlier one is
  under way.
* Of two runs that differ in their names only, one order is enough (see `symmetry`).

`reduced=False` switches off the last five but the symmetry, so that a test can compare.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from proofs.model.calls import (
    LOST,
    Answer,
    Confirm,
    Create,
    Decide,
    Delete,
    Protocol,
    Read,
    Recall,
    Settle,
)
from proofs.model.plays import DONE, FAILED, FINISHED, NOT_STARTED, OVER, Plays
from proofs.model.registers import Registers
from proofs.model.service import Services
from proofs.model.symmetry import Mirror
from proofs.model.wire import OnTheWire, Wire

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from proofs.model.environments import Budget, Environment

State: TypeAlias = "tuple[int, ...]"
_WRITES = (Create, Confirm, Delete, Decide)
_CRASH, _LOST, _COPY, _WIPE, _HUMAN = 1, 4, 16, 64, 256


class Move(NamedTuple):
    """One step of the world.

    :param state: what it leads to.
    :param verdict: what is wrong with it, if anything: `wrong: ...` or `stops: ...`.
    :param what: its parts, for `words.of_move`.
    """

    state: State
    verdict: str | None
    what: tuple[object, ...]


class _Step(NamedTuple):
    """What an answer makes of an attempt, the service and its register."""

    place: int
    service: int
    register: int
    verdict: str | None
    answer: Answer


class Moves:
    """All moves of one protocol in one environment.

    :param protocol: starts an attempt.
    :param budget: how many faults may happen.
    :param reduced: leave out moves that make no difference, as said above.
    """

    def __init__(
        self, protocol: Protocol, environment: Environment, budget: Budget, *, reduced: bool = True
    ) -> None:
        self._reduced = reduced
        self._fences = reduced and protocol.fenced and environment.fence != "none"
        self._idle_is_killed = reduced and environment.zombies and environment.late
        self._environment = environment
        self._budget = budget
        self.attempts = environment.attempts()
        self._plays = Plays(protocol, environment)
        self.services = Services(environment)
        self._registers = Registers()
        self._count = len(self.attempts)
        self._head = self._count + 2 + len(environment.tries)
        self._wire = Wire(self.services)
        self.mirror = Mirror(environment, self._wire)
        self._steps: dict[tuple[int, int, int, bool], tuple[_Step, ...]] = {}

    def initial(self) -> State:
        """Return the state before anything has happened."""
        faults = (self._budget.crash, self._budget.lost, self._budget.copies)
        budget = sum(n * unit for n, unit in zip(faults, (_CRASH, _LOST, _COPY), strict=True))
        budget += self._environment.wiped * _WIPE + self._environment.deleted * _HUMAN
        places = [
            self._plays.start(k) if self._reduced and attempt.number == 1 else NOT_STARTED
            for k, attempt in enumerate(self.attempts)
        ]
        return (*places, 0, *[0] * len(self._environment.tries), budget)

    def service(self, state: State) -> int:
        """Return the number of the service's state."""
        return state[self._count]

    def unfinished(self, state: State) -> bool:
        """Tell whether some run has no attempt that reported success."""
        done = {self.attempts[k].run for k in range(self._count) if state[k] == FINISHED}
        return len(done) < len(self._environment.tries)

    def from_(self, state: State) -> Iterator[Move]:
        """Yield every move from a state."""
        alone = self._settled_call(state) if self._reduced else None
        if alone is not None:
            yield from self._own(state, alone)
            return
        yield from self._starts(state)
        for k in range(self._count):
            if state[k] > FINISHED:
                yield from self._own(state, k)
        for number in dict.fromkeys(state[self._head :]):
            yield from self._arrivals(state, number)
        if state[self._head - 1] >= _HUMAN:
            yield from self._deletions(state)

    def _own(self, state: State, k: int) -> Iterator[Move]:
        """Yield what may become of the call that an attempt waits for."""
        yield from self._answers(state, k)
        if not self.attempts[k].last:
            yield from self._faults(state, k)

    # -- a new try

    def _starts(self, state: State) -> Iterator[Move]:
        for k, attempt in enumerate(self.attempts):
            if state[k] != NOT_STARTED:
                continue
            before = k - 1 if attempt.number > 1 else None
            if before is None or self._may_follow(state[before]):
                yield from self._start(state, k, before)

    def _may_follow(self, before: int) -> bool:
        return before == OVER or (before > FINISHED and self._environment.zombies)

    def _start(self, state: State, k: int, before: int | None) -> Iterator[Move]:
        place, verdict = self._settled(self._plays.start(k), state[self._count])
        for fenced in self._fenced(state, before):
            after = (*fenced[:k], place, *fenced[k + 1 :])
            yield Move(after, verdict, ("start", k, before is not None and state[before] > FINISHED))
            at = self._count + 1 + self.attempts[k].run
            if before is not None and after[at] and self._spare(state, _WIPE):
                wiped = [*after]
                wiped[at] = 0
                wiped[self._head - 1] -= _WIPE
                yield Move(tuple(wiped), verdict, ("wiped", k))

    def _fenced(self, state: State, before: int | None) -> Iterator[State]:
        """Yield what the calls to the register become that were under way when the next try started."""
        if before is None or self._environment.fence == "none":
            yield state
            return
        wire = state[self._head :]
        own = [n for n in wire if self._wire.requests[n].unchecked == before]
        others = [n for n in wire if self._wire.requests[n].unchecked != before]
        racy = self._environment.fence == "racy"
        waits = isinstance(self._plays.places[state[before]].call, Recall | Decide)
        chances = [(False, True) if racy else (False,)] * (len(own) + waits)
        for passed in product(*chances):
            head = [*state[: self._head]]
            if waits and passed[-1]:
                head[before] = self._plays.passed(state[before])
            elif self._fences and self._plays.places[state[before]].drafted:
                head[before] = OVER
            through = [
                self._wire.number(self._wire.requests[n]._replace(unchecked=-1))
                for n, ok in zip(own, passed, strict=False)
                if ok
            ]
            yield (*head, *sorted([*others, *through]))

    # -- an attempt and the call it waits for

    def _answers(self, state: State, k: int) -> Iterator[Move]:
        call = self._plays.places[state[k]].call
        copies = self._spare(state, _COPY) and isinstance(call, _WRITES) and self._environment.late
        for step in self._told(state, k):
            yield Move(self._after(state, k, step), step.verdict, ("told", k, call, step.answer))
            if copies:
                copy = self._on_the_wire(state, k)
                if self._wire.matters(copy, step.service):
                    after = self._after(state, k, step, spent=_COPY, sent=copy)
                    yield Move(after, step.verdict, ("told, a copy stays on the wire", k, call, step.answer))

    def _told(self, state: State, k: int) -> tuple[_Step, ...]:
        """Return what each possible answer to the waiting call of an attempt makes of things."""
        at = self._count + 1 + self.attempts[k].run
        which = (state[k], state[self._count], state[at], self._is_newest(state, k))
        known = self._steps.get(which)
        if known is None:
            known = self._steps[which] = tuple(self._carry_out(*which))
        return known

    def _carry_out(self, number: int, service: int, register: int, newest: bool) -> Iterator[_Step]:
        place = self._plays.places[number]
        assert place.call is not None
        if isinstance(place.call, Recall | Decide):
            allowed = newest or place.passed or self._environment.fence == "none"
            answer, written = self._registers.carry_out(place.call, register, allowed=allowed)
            answers = [(answer, service, written)]
        else:
            done = self.services.carry_out(place.call, service)
            answers = [(answer, after, register) for answer, after in done]
        for answer, after, written in answers:
            then, verdict = self._settled(self._plays.after(number, answer), after, newest=newest)
            yield _Step(then, after, written, verdict, answer)

    def _settled(self, number: int, service: int, *, newest: bool = True) -> tuple[int, str | None]:
        """Return the place where an attempt now waits, or how it ended, and what is wrong with that."""
        place = self._plays.places[number]
        if place.ended == DONE:
            paid = self.services.status(service, place.result) == "c"
            return (
                FINISHED,
                None if paid else f"wrong: success is reported with {place.result}, which is not paid",
            )
        if place.drafted and not newest and self._fences:
            return OVER, None
        if place.ended == FAILED:
            last = self.attempts[place.attempt].last
            return OVER, f"stops: the last, undisturbed try failed: {place.result}" if last else None
        return number, None

    def _settled_call(self, state: State) -> int | None:
        """Return an attempt whose answer cannot depend on any other move, nor change any."""
        for k in range(self._count):
            if state[k] > FINISHED and self._is_settled(state, k):
                return k
        return None

    def _is_settled(self, state: State, k: int) -> bool:
        place = self._plays.places[state[k]]
        if isinstance(place.call, Read | Confirm):
            return self.services.status(state[self._count], place.call.name) in "cx"
        if not isinstance(place.call, Recall | Decide) or place.passed or self._environment.fence == "none":
            return False
        if not self._is_newest(state, k):
            return True
        return self.attempts[k].last and not self._writes_pending(state, k)

    def _writes_pending(self, state: State, last: int) -> bool:
        """Tell whether an earlier try of the same run may still write to the register."""
        run = self.attempts[last].run
        if any(self._wire.requests[number].run == run for number in state[self._head :]):
            return True
        earlier = (k for k in range(last) if self.attempts[k].run == run)
        return any(state[k] > FINISHED and self._plays.places[state[k]].passed for k in earlier)

    # -- what goes wrong

    def _faults(self, state: State, k: int) -> Iterator[Move]:
        call = self._plays.places[state[k]].call
        if self._spare(state, _CRASH) and not self._idle_is_killed:
            yield from self._interrupted(state, k, OVER, ("killed", k, call), spent=_CRASH)
        if self._spare(state, _LOST) and not isinstance(call, Settle):
            then, verdict = self._settled(self._plays.after(state[k], LOST), state[self._count])
            assert verdict is None, verdict
            if then != OVER or not self._idle_is_killed:
                yield from self._interrupted(state, k, then, ("no answer", k, call), spent=_LOST)

    def _interrupted(
        self, state: State, k: int, place: int, what: tuple[object, ...], *, spent: int
    ) -> Iterator[Move]:
        """Go on without the answer, which may be lost after the call was carried out, or the call itself."""
        at = self._count + 1 + self.attempts[k].run
        writes = isinstance(self._plays.places[state[k]].call, _WRITES)
        unmoved = _Step(place, state[self._count], state[at], None, None)
        sent = self._on_the_wire(state, k) if writes and self._environment.late else None
        yield Move(self._after(state, k, unmoved, spent=spent, sent=sent), None, what)
        if writes and not self._environment.late:
            for step in self._told(state, k):
                done = step._replace(place=place)
                yield Move(self._after(state, k, done, spent=spent), None, (*what, "carried out"))

    def _arrivals(self, state: State, number: int) -> Iterator[Move]:
        """Let a request arrive that nobody waits for any more."""
        late = self._wire.requests[number]
        at = self._count + 1 + late.run
        if isinstance(late.call, Decide):
            written = self._registers.written(state[at], late.call.slot, late.call.name)
            results = [(state[self._count], written)]
        else:
            done = self.services.carry_out(late.call, state[self._count])
            at = self._count + 1
            results = [(service, state[at]) for _, service in done]
        for service, written in results:
            for copy in (False, True) if self._spare(state, _COPY) else (False,):
                if copy and not self._wire.matters(late, service):
                    continue
                head = [*state[: self._head]]
                head[self._count], head[at] = service, written
                head[self._head - 1] -= _COPY * copy
                wire = [*state[self._head :]]
                if not copy:
                    wire.remove(number)
                after = (*head, *self._wire.still_matter(wire, service))
                yield Move(after, None, ("late, a copy stays on the wire" if copy else "late", -1, late.call))

    def _deletions(self, state: State) -> Iterator[Move]:
        for name in self.services.drafts(state[self._count]):
            ((_, service),) = self.services.carry_out(Delete(name), state[self._count])
            head = [*state[: self._head]]
            head[self._count] = service
            head[self._head - 1] -= _HUMAN
            yield Move((*head, *self._wire.still_matter(state[self._head :], service)), None, ("human", name))

    # -- helpers

    def _after(
        self, state: State, k: int, step: _Step, *, spent: int = 0, sent: OnTheWire | None = None
    ) -> State:
        head = [*state[: self._head]]
        head[k] = step.place
        head[self._count] = step.service
        head[self._count + 1 + self.attempts[k].run] = step.register
        head[self._head - 1] -= spent
        wire: Sequence[int] = state[self._head :]
        if sent is not None and self._wire.matters(sent, step.service):
            wire = sorted([*wire, self._wire.number(sent)])
        if wire and step.service != state[self._count]:
            wire = self._wire.still_matter(wire, step.service)
        return (*head, *wire)

    def _on_the_wire(self, state: State, k: int) -> OnTheWire | None:
        """Return the waiting call of an attempt as a request of its own; None when it is refused anyway."""
        place = self._plays.places[state[k]]
        assert place.call is not None
        if not isinstance(place.call, Decide):
            return OnTheWire(place.call)
        run = self.attempts[k].run
        if place.passed or self._environment.fence == "none":
            return OnTheWire(place.call, run)
        return OnTheWire(place.call, run, k) if self._is_newest(state, k) else None

    def _is_newest(self, state: State, k: int) -> bool:
        after = k + 1
        return self.attempts[k].last or state[after] == NOT_STARTED

    def _spare(self, state: State, unit: int) -> int:
        return state[self._head - 1] // unit % 4
