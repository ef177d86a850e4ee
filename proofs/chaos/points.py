"""At which crash point a try was when it was hit, and what became of each letter.

The crash points are those of the protocol: c0 nothing of its own has been sent; c1 the create is on its
way; c2 it has been executed, and its id is not stored; c3 the decision is on its way to the register; c4 it
is stored; c5 the confirm is on its way; c6 it has been executed, and its answer is not there; c7 the job is
known to be paid, and success is not reported; c8 the confirm was refused for want of money; c9 frozen, and
awake beside a newer try; c10 deferred. What a try has seen is told by its own marks; what was executed
when, by the print service.
"""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from proofs.chaos.fire import Process

POINTS = tuple(f"c{number}" for number in range(11))
_NEVER = float("inf")
Row = dict[str, Any]


@dataclass(kw_only=True)
class Call:
    """One request of a try, as far as its own marks and the witness of the service tell of it."""

    kind: str
    begun: float
    sent: float = _NEVER
    over: float = _NEVER
    status: int | None = None
    executed: list[Row] = field(default_factory=list)

    def executed_by(self, moment: float) -> bool:
        """Whether it has been executed with success by then."""
        return any(row["at"] <= moment and row["status"] == 200 for row in self.executed)

    def under_way(self, moment: float) -> bool:
        """Whether it had left by then and may still be executed: the answer is out, or it will be late."""
        return self.sent <= moment and (
            self.over > moment or any(row["at"] > moment for row in self.executed)
        )


@dataclass(kw_only=True)
class Testimony:
    """What the print service has seen.

    :param report: of the service: journal, witness and invariants.
    """

    report: Row
    arrived: dict[str, float] = field(default_factory=dict)
    executed: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    references: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))

    def __post_init__(self) -> None:
        """Sort what was seen by the tries that it came from."""
        journal = {entry["id"]: entry for entry in self.report["journal"]}
        for row in self.report["witness"]:
            if "arrived" in row:
                self.arrived[row["tag"]] = row["arrived"]
            else:
                self.executed[row["tag"]].append(row)
            reference = journal[row["entry"]]["reference"]
            if reference:
                self.references[int(row["tag"].split("/")[0])].add(reference)

    def paid(self, letter: int) -> int:
        """How often a letter was paid."""
        jobs: dict[str, int] = self.report["invariants"]["paid_jobs"]
        return sum(jobs.get(reference, 0) for reference in self.references.get(letter, ()))

    def calls(self) -> int:
        """How many requests have reached the service."""
        return len(self.report["journal"])

    def unmapped(self) -> int:
        """How many paid jobs belong to no letter of this part."""
        known = set().union(*self.references.values()) if self.references else set()
        jobs: dict[str, int] = self.report["invariants"]["paid_jobs"]
        return sum(count for reference, count in jobs.items() if reference not in known)


def calls_of(process: Process, seen: Testimony) -> list[Call]:
    """Return the requests of a process in their order."""
    calls: dict[str, Call] = {}
    for mark in process.marks:
        at, what = float(mark[0]), mark[1]
        if what == "begin":
            tag = f"{process.tag}/{mark[2]}"
            arrived = seen.arrived.get(tag, _NEVER)
            calls[mark[2]] = Call(kind=_kind(mark[3], mark[4]), begun=at, sent=arrived)
            calls[mark[2]].executed = seen.executed.get(tag, [])
        elif what == "sent":
            calls[mark[2]].sent = min(at, calls[mark[2]].sent)
        elif what in ("answered", "lost"):
            calls[mark[2]].over = at
            calls[mark[2]].status = int(mark[3]) if what == "answered" else None
    return list(calls.values())


def waits_after_losses(processes: Iterable[Process], seen: Testimony) -> list[float]:
    """Return the seconds that tries nobody has hit let pass between a lost answer and their next request."""
    waits = []
    for process in processes:
        if process.struck is None and process.role == "try":
            calls = calls_of(process, seen)
            for call, following in itertools.pairwise(calls):
                if call.over != _NEVER and call.status is None:
                    waits.append(following.begun - call.over)
    return waits


def _kind(method: str, path: str) -> str:
    whole = path.endswith("/prints")
    if method == "POST":
        return "create" if whole else "confirm"
    return "find" if whole else "read"


def moment_of(process: Process) -> float:
    """Return when a process was hit: by its own mark if it hit itself, else as the fire has seen it."""
    own = [float(mark[0]) for mark in process.marks if mark[1] == "struck"]
    return own[0] if own else (process.struck or _NEVER)


def point_of(process: Process, seen: Testimony) -> str:
    """Return the crash point at which a process was hit, or at which it ended by itself."""
    if process.role == "triggerer":
        return "c10"
    moment = moment_of(process)
    calls = [call for call in calls_of(process, seen) if call.begun <= moment]
    if process.stretch or any(_tells_paid(call, moment) for call in calls):
        return "c7"
    confirms = [call for call in calls if call.kind == "confirm"]
    if confirms:
        return _while_confirming(confirms, moment)
    return _while_deciding(process, moment) or _while_creating(calls, moment)


def _tells_paid(call: Call, moment: float) -> bool:
    if call.over > moment or call.status != 200 or call.kind not in ("confirm", "read"):
        return False
    return any(row["confirmed"] for row in call.executed if row["at"] <= call.over)


def _while_confirming(confirms: list[Call], moment: float) -> str:
    if any(call.executed_by(moment) for call in confirms):
        return "c6"
    if any(call.under_way(moment) for call in confirms):
        return "c5"
    last = confirms[-1]
    return "c8" if last.over <= moment and last.status == 402 else "c4"


def _while_deciding(process: Process, moment: float) -> str | None:
    writes = [mark[1] for mark in process.marks if float(mark[0]) <= moment and "SetTaskStateStore" in mark]
    if not writes:
        return None
    return "c4" if "told" in writes else "c3"


def _while_creating(calls: list[Call], moment: float) -> str:
    creates = [call for call in calls if call.kind == "create"]
    if any(call.executed_by(moment) for call in creates):
        return "c2"
    return "c1" if any(call.under_way(moment) for call in creates) else "c0"


def uploading(process: Process, seen: Testimony) -> bool:
    """Whether a process was hit while it sent its file."""
    moment = moment_of(process)
    return any(call.kind == "create" and call.begun <= moment < call.sent for call in calls_of(process, seen))


def went_on(process: Process) -> bool:
    """Whether a process that was frozen did anything after it woke, beside a newer try."""
    moment = moment_of(process)
    return process.overtaken and any(
        float(mark[0]) > moment and mark[1] not in ("struck", "end") for mark in process.marks
    )


@dataclass(kw_only=True)
class Histogram:
    """How many tries were hit at which crash point."""

    killed: Counter[str] = field(default_factory=Counter)
    frozen: Counter[str] = field(default_factory=Counter)
    alone: Counter[str] = field(default_factory=Counter)
    uploads: int = 0
    refused: int = 0
    """Frozen ones that woke and were refused by the register."""

    def total(self, point: str) -> int:
        """How many there are of a crash point."""
        return self.killed[point] + self.frozen[point] + self.alone[point]


def histogram(processes: Iterable[Process], seen: Testimony) -> Histogram:
    """Count the crash points. Who ends by itself is counted for c8 only: nothing else ended it."""
    found = Histogram()
    for process in processes:
        if process.struck is None:
            if process.ended != 0 and point_of(process, seen) == "c8":
                found.alone["c8"] += 1
            continue
        column = found.frozen if process.how == "frozen" else found.killed
        column[point_of(process, seen)] += 1
        found.uploads += uploading(process, seen)
        if process.how == "frozen" and went_on(process):
            found.frozen["c9"] += 1
            found.refused += any(mark[1:3] == ["refused", "SetTaskStateStore"] for mark in process.marks)
    return found
