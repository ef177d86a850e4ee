"""The print service of the model: jobs, their paid step, and a list that may lag.

States of the service are few beside the states of the whole world, so they are numbered, and what a request
does to one is computed once.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from proofs.model.calls import (
    DELETED,
    GONE,
    REFUSED,
    Answer,
    Call,
    Confirm,
    Create,
    Delete,
    Find,
    Job,
    Read,
    Seen,
    Settle,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from proofs.model.environments import Environment

_SPACE = 16


class Service(NamedTuple):
    """What the service holds.

    :param jobs: in the order in which they were made.
    :param views: one letter for the status of each job; all views since the beginning where lists lag, else
        only the last one, which is the present.
    :param tick: the service's clock.
    """

    jobs: tuple[Job, ...] = ()
    views: tuple[str, ...] = ("",)
    tick: int = 0


class Services:
    """Numbers the states of the service; 0 is the empty one.

    :param environment: decides how jobs sort, whether lists lag, and what a second confirm is answered.
    """

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self.states: list[Service] = []
        self._numbers: dict[Service, int] = {}
        self._done: dict[tuple[Call, int], tuple[tuple[Answer, int], ...]] = {}
        self.number(Service())

    def number(self, state: Service) -> int:
        """Return the number of a state."""
        known = self._numbers.get(state)
        if known is None:
            known = self._numbers[state] = len(self.states)
            self.states.append(state)
        return known

    def carry_out(self, call: Call, number: int) -> tuple[tuple[Answer, int], ...]:
        """Return every answer that a request may get, with the state that it leaves."""
        known = self._done.get((call, number))
        if known is None:
            before = self.states[number]
            known = tuple(dict.fromkeys((told, self.number(after)) for told, after in self._do(call, before)))
            self._done[call, number] = known
        return known

    def status(self, number: int, name: str | None) -> str:
        """Return the status of a job; x where there is none."""
        state = self.states[number]
        return next((s for job, s in zip(state.jobs, state.views[-1], strict=True) if job.name == name), "x")

    def drafts(self, number: int) -> list[str]:
        """Return the ids of the jobs that are drafts now."""
        state = self.states[number]
        return [job.name for job, s in zip(state.jobs, state.views[-1], strict=True) if s == "d"]

    def wrong(self, number: int) -> str | None:
        """Tell what must never be: two jobs paid, or a paid one cancelled by the protocol itself."""
        state = self.states[number]
        paid = [job.name for job, s in zip(state.jobs, state.views[-1], strict=True) if s in "ck"]
        if len(paid) > 1:
            return f"{len(paid)} jobs are paid for one letter: {', '.join(paid)}"
        return "the protocol cancelled its own paid job" if "k" in state.views[-1] else None

    def _do(self, call: Call, state: Service) -> Iterator[tuple[Answer, Service]]:
        match call:
            case Find(floor):
                yield from self._find(floor, state)
            case Create():
                yield from self._create(call, state)
            case Read(name):
                job, status = _look(state, name)
                yield (GONE if status == "x" else Seen(job, status)), state
            case Confirm(name):
                yield self._confirm(name, state)
            case Delete(name):
                yield self._delete(name, state)
            case Settle():
                yield from self._settle(call.part, state)
            case _:
                raise AssertionError(call)

    def _find(self, floor: int, state: Service) -> Iterator[tuple[Answer, Service]]:
        """Show one view, the newest job first, as services do."""
        for view in state.views[floor:] if self._environment.stale else state.views[-1:]:
            rows = [Seen(job, status) for job, status in zip(state.jobs, view, strict=False) if status != "x"]
            yield tuple(reversed(rows)), state

    def _create(self, call: Create, state: Service) -> Iterator[tuple[Answer, Service]]:
        status = "c" if call.paid else "d"
        for name, created in self._places(state):
            job = Job(name, created, call.content, call.run)
            after = self._seen(state._replace(jobs=(*state.jobs, job)), state.views[-1] + status)
            yield Seen(job, status), after

    def _places(self, state: Service) -> Iterator[tuple[str, int]]:
        """Yield each id and second that the next job may get."""
        count = len(state.jobs)
        if self._environment.order == "rising":
            yield f"job{count}", count
        elif self._environment.order == "any":
            for place in _between(sorted(job.created for job in state.jobs)):
                yield f"job{count}", place
        else:
            here = sorted(int(job.name.rpartition("+")[2]) for job in state.jobs if job.created == state.tick)
            for place in _between(here):
                yield f"job{state.tick:02d}+{place:04d}", state.tick

    def _confirm(self, name: str, state: Service) -> tuple[Answer, Service]:
        job, status = _look(state, name)
        if status == "d":
            return Seen(job, "c"), self._turned(state, job, "c")
        if status == "c" and self._environment.reconfirm == "ok":
            return Seen(job, "c"), state
        return (GONE if status == "x" else REFUSED), state

    def _delete(self, name: str, state: Service) -> tuple[Answer, Service]:
        job, status = _look(state, name)
        if status in "dc":
            return DELETED, self._turned(state, job, "x" if status == "d" else "k")
        return GONE, state

    def _settle(self, part: int, state: Service) -> Iterator[tuple[Answer, Service]]:
        """Note how far back lists may lag from now on, and let the clock tick where a job shows its tick."""
        floor = len(state.views) - 1
        busy = any(job.created == state.tick for job in state.jobs)
        ticks = busy and self._environment.order == "ties"
        after = state._replace(tick=state.tick + 1) if ticks else state
        if self._environment.settle == "whole":
            yield f"settled {floor}", after
        elif part == 0:
            yield f"settling {floor}", state
        else:
            yield "settled", after

    def _turned(self, state: Service, job: Job, status: str) -> Service:
        at = state.jobs.index(job)
        now = state.views[-1]
        return self._seen(state, now[:at] + status + now[at + 1 :])

    def _seen(self, state: Service, view: str) -> Service:
        earlier = state.views if self._environment.stale else ()
        return state._replace(views=(*earlier, view))


def _look(state: Service, name: str) -> tuple[Job, str]:
    for job, status in zip(state.jobs, state.views[-1], strict=True):
        if job.name == name:
            return job, status
    raise AssertionError(f"an attempt names {name}, which was never made")


def _between(places: Sequence[int]) -> Iterator[int]:
    """Yield a place after all others, before them, and between each two of them."""
    if not places:
        yield 5000
        return
    yield places[-1] + _SPACE * 16
    yield places[0] - _SPACE * 16
    for low, high in pairwise(places):
        assert high - low > 1, "the model has run out of places between two jobs"
        yield (low + high) // 2
