"""The fire: one process that starts tries, strikes them, and starts the next ones; a scheduler in small.

It has one thread, because it forks all the time. A try that was killed or frozen counts as failed, and the
next one starts at once beside whatever is left of it; a try that says itself that it is to be retried is
retried at once.
"""

from __future__ import annotations

import contextlib
import fcntl
import heapq
import itertools
import json
import os
import select
import signal
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from proofs.chaos import attempt, plan

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from proofs.chaos.register import Register

Marks = list[list[str]]


@dataclass(kw_only=True)
class Process:
    """One process: a stretch of a try, or a triggerer.

    :param role: `try` or `triggerer`.
    :param struck: when it was killed or frozen, in UNIX seconds.
    :param overtaken: the next try has begun beside it.
    :param ended: its exit code; negative for a signal.
    """

    letter: int
    number: int
    stretch: int
    ti_id: str
    role: str
    pid: int
    pipe: int
    began: float
    blow: plan.Blow
    struck: float | None = None
    how: str = ""
    overtaken: bool = False
    ended: int | None = None
    marks: Marks = field(default_factory=list)
    anew: bool = False
    raw: bytes = b""

    @property
    def tag(self) -> str:
        """What its requests are marked with."""
        return f"{self.letter}/{self.number}/{self.stretch}"

    def drain(self) -> None:
        """Take what it has marked since."""
        with contextlib.suppress(BlockingIOError):
            while piece := os.read(self.pipe, 65536):
                self.raw += piece

    def close(self) -> None:
        """Take the rest of its marks."""
        self.drain()
        os.close(self.pipe)
        self.marks = [line.split(" ") for line in self.raw.decode().splitlines()]


@dataclass(kw_only=True)
class Part:
    """What is put into the fire at once.

    :param operator: the task of a letter.
    :param has_store: whether this Airflow has a task state store.
    :param register: the task state store.
    :param scale: what a try needs that nobody hurts; None hurts nobody.
    :param waiting: the task that waits, for some of the letters; None for a task that never waits.
    """

    name: str
    seed: int
    letters: range
    operator: Any
    register: Register
    folder: Path
    has_store: bool = True
    scale: plan.Scale | None = None
    waiting: Any = None
    concurrency: int = 10

    def orders(self, process: Process, marks: int, event: Any = None) -> attempt.Orders:
        """Return what a process of this part is to do."""
        waits = self.waiting is not None and plan.waits(self.seed, process.letter)
        return attempt.Orders(
            operator=self.waiting if waits else self.operator,
            letter=process.letter,
            number=process.number,
            stretch=process.stretch,
            ti_id=process.ti_id,
            scope=str(process.letter),
            register=self.register.path,
            has_store=self.has_store,
            log=self.folder / f"{process.letter}.log",
            marks=marks,
            event=event,
        )


class Fire:
    """Runs a part to its end.

    :param part: what is put into it.
    """

    def __init__(self, part: Part) -> None:
        self._part = part
        self._todo = iter(part.letters)
        self._busy: set[int] = set()
        self._alive: dict[int, Process] = {}
        self._unaimed: list[Process] = []
        self._timers: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self.processes: list[Process] = []
        self.outcomes: dict[int, str] = {}

    def burn(self) -> None:
        """Return when every letter has its end and every process is over."""
        wake, poke = os.pipe()
        for end in (wake, poke):
            _unblocked(end)
        before = signal.signal(signal.SIGCHLD, lambda *_: None)
        previous = signal.set_wakeup_fd(poke, warn_on_full_buffer=False)
        try:
            self._fill()
            while self._busy or self._alive:
                self._sleep(wake)
                self._aim()
                self._strike_due()
                self._reap()
                self._fill()
        finally:
            signal.set_wakeup_fd(previous)
            signal.signal(signal.SIGCHLD, before)
            for process in self._alive.values():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process.pid, signal.SIGKILL)
            os.close(wake)
            os.close(poke)

    def _fill(self) -> None:
        while len(self._busy) < self._part.concurrency and len(self._alive) < 4 * self._part.concurrency:
            letter = next(self._todo, None)
            if letter is None:
                return
            self._busy.add(letter)
            self._try(letter, 1)

    def _sleep(self, wake: int) -> None:
        pause = 0.5 if not self._timers else min(0.5, max(0.0, self._timers[0][0] - time.time()))
        marked = [process.pipe for process in self._unaimed if process.ended is None]
        select.select([wake, *marked], [], [], pause)
        with contextlib.suppress(BlockingIOError):
            os.read(wake, 4096)

    def _strike_due(self) -> None:
        while self._timers and self._timers[0][0] <= time.time():
            heapq.heappop(self._timers)[2]()

    def _at(self, moment: float, action: Callable[[], None]) -> None:
        heapq.heappush(self._timers, (moment, next(self._order), action))

    def _try(self, letter: int, number: int) -> None:
        if number > plan.MOST_TRIES:
            self._end(letter, "gave up")
            return
        ti_id = str(uuid4())
        self._part.register.begin(str(letter), ti_id)
        scale = self._part.scale
        blow = plan.blow(self._part.seed, letter, number) if scale else plan.Blow()
        self._start(letter, number, 0, ti_id, blow)

    def _start(
        self, letter: int, number: int, stretch: int, ti_id: str, blow: plan.Blow, event: Any = None
    ) -> None:
        scale = self._part.scale
        at = blow.at * scale.of(blow.by) if scale else 0.0
        process, marks = self._new(letter, number, stretch, ti_id, "try", blow)
        orders = self._part.orders(process, marks, event)
        self._forked(process, marks, attempt.fork(orders, blow, at))
        if blow.kind == "none":
            return
        if blow.by == "time":
            self._at(process.began + at, lambda: self._strike(process))
        elif blow.by == "wire":
            self._unaimed.append(process)

    def _aim(self) -> None:
        """Set the moment of a blow that is counted from the first request, once that has been marked."""
        for process in list(self._unaimed):
            if process.ended is None:
                process.drain()
            first = _first_on_the_wire(process.raw)
            if first is not None and process.ended is None:
                assert self._part.scale is not None
                at = first + process.blow.at * self._part.scale.wire
                self._at(at, lambda process=process: self._strike(process))  # type: ignore[misc]
            if first is not None or process.ended is not None:
                self._unaimed.remove(process)

    def _new(
        self, letter: int, number: int, stretch: int, ti_id: str, role: str, blow: plan.Blow
    ) -> tuple[Process, int]:
        taken, marks = os.pipe()
        _unblocked(taken)
        process = Process(
            letter=letter,
            number=number,
            stretch=stretch,
            ti_id=ti_id,
            role=role,
            pid=0,
            pipe=taken,
            began=time.time(),
            blow=blow,
        )
        return process, marks

    def _forked(self, process: Process, marks: int, pid: int) -> None:
        os.close(marks)
        process.pid = pid
        self._alive[pid] = process
        self.processes.append(process)

    def _strike(self, process: Process) -> None:
        if process.ended is None and process.struck is None:
            process.struck = time.time()
            frozen = process.blow.kind == "freeze"
            os.kill(process.pid, signal.SIGSTOP if frozen else signal.SIGKILL)

    def _reap(self) -> None:
        for pid, process in list(self._alive.items()):
            found, status = os.waitpid(pid, os.WNOHANG | os.WUNTRACED)
            if not found:
                continue
            if os.WIFSTOPPED(status):
                self._frozen(process)
                continue
            del self._alive[pid]
            process.ended = os.waitstatus_to_exitcode(status)
            process.close()
            self._ended(process)

    def _frozen(self, process: Process) -> None:
        process.struck, process.how = process.struck or time.time(), "frozen"
        wake = time.time() + process.blow.wake
        self._at(wake, lambda: self._wake(process))
        process.overtaken = True
        self._try(process.letter, process.number + 1)

    def _wake(self, process: Process) -> None:
        if process.ended is None:
            os.kill(process.pid, signal.SIGCONT)

    def _ended(self, process: Process) -> None:
        code = process.ended
        if code == attempt.HARNESS or (code is not None and code < 0 and code != -signal.SIGKILL):
            raise RuntimeError(f"try {process.tag} of {self._part.name} ended with {code}: see its log")
        if code == -signal.SIGKILL:
            process.struck, process.how = process.struck or time.time(), "killed"
        elif process.how != "frozen":
            process.struck = None  # it was faster than the blow
        if process.overtaken:
            return
        if process.role == "triggerer":
            self._waited(process)
        elif code == attempt.SUCCESS:
            self._end(process.letter, "posted")
        elif code == attempt.FAILED:
            self._end(process.letter, "failed")
        elif code == attempt.DEFERRED:
            self._defer(process)
        else:
            self._try(process.letter, process.number + 1)

    def _end(self, letter: int, outcome: str) -> None:
        self.outcomes[letter] = outcome
        self._busy.discard(letter)

    def _defer(self, before: Process) -> None:
        """Let a triggerer wait in the task's place; it may be killed, as the task may."""
        deferred = self._part.register.deferred(before.ti_id)
        if deferred is None:
            raise RuntimeError(f"try {before.tag} was deferred, but the register has not heard of it")
        stretch = before.stretch + 1
        process, marks = self._new(
            before.letter, before.number, stretch, before.ti_id, "triggerer", plan.Blow()
        )
        orders = self._part.orders(process, marks)
        self._forked(process, marks, attempt.fork_triggerer(orders, deferred))
        killed = sum(
            one.role == "triggerer" and one.letter == before.letter and one.how == "killed"
            for one in self.processes
        )
        hit = plan.blow_while_deferred(self._part.seed, before.letter, killed) if self._part.scale else None
        if hit is not None:
            process.anew = hit[1]
            self._at(process.began + hit[0], lambda: self._strike(process))

    def _waited(self, process: Process) -> None:
        """Go on after a triggerer: resume the task, let another triggerer wait, or try the task anew."""
        event = next((mark[2:] for mark in process.marks if mark[1] == "event"), None)
        if process.ended == attempt.SUCCESS and event is not None:
            payload = json.loads(" ".join(event))
            stretch, scale = process.stretch + 1, self._part.scale
            blow = (
                plan.blow(self._part.seed, process.letter, process.number, stretch) if scale else plan.Blow()
            )
            self._start(process.letter, process.number, stretch, process.ti_id, blow, event=payload)
        elif process.anew:
            self._try(process.letter, process.number + 1)
        else:
            self._defer(process)


def _first_on_the_wire(raw: bytes) -> float | None:
    """Return when a process has first asked the service or the register, as its marks tell."""
    for line in raw.decode(errors="replace").split("\n"):
        if " begin " in line or " asking " in line:
            return float(line.split(" ")[0])
    return None


def _unblocked(descriptor: int) -> None:
    flags = fcntl.fcntl(descriptor, fcntl.F_GETFL)
    fcntl.fcntl(descriptor, fcntl.F_SETFL, flags | os.O_NONBLOCK)
