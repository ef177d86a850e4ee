"""What the stories are told with: looking at tasks and calls, waiting, and striking at a running task."""

from __future__ import annotations

import random
import signal
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import psutil

from tools.airflow_api import AirflowError

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow_provider_print.sandbox import PrintSandbox
    from proofs.chaos_airflow.plan import Plan
    from proofs.chaos_airflow.stack import Stack

#: Real seconds by which calls that write are slowed down, before or after they are executed.
DELAY = 1.0
#: Real seconds within which a try is struck between its slow calls, and while it waits after them.
BETWEEN, AFTER = 0.6, 2.0
_LOOK_EVERY = 0.4
_POLL = 0.15
_PATIENCE = 240.0
_ENDS = ("success", "failed")
_NAMES = {
    ("POST", False): "create",
    ("POST", True): "confirm",
    ("GET", False): "find",
    ("GET", True): "read",
    ("DELETE", True): "delete",
}


class StoryError(RuntimeError):
    """A run did not go as its story says."""


class StoppedError(RuntimeError):
    """The proof is being stopped."""


@dataclass
class Row:
    """What is counted of one kind of run."""

    kind: str
    runs: int = 0
    tries: int = 0
    registered: int = 0
    acts: int = 0
    moments: Counter[tuple[str, str]] = field(default_factory=Counter)
    letters: list[Letter] = field(default_factory=list)


@dataclass(frozen=True)
class Letter:
    """A letter that is expected.

    :param plan: the DAG that it belongs to.
    :param run: the part of the run in its letter key; None for a key of the user's own.
    :param paid: how many paid jobs it is to have: 1, or 0.
    """

    plan: Plan
    run: str | None
    paid: int = 1

    def owns(self, job: dict[str, Any]) -> bool:
        """Tell whether a job of the sandbox is this letter."""
        told = job["metadata"] or {}
        if self.run is None:
            return bool(told.get("idempotency_key") == self.plan.own_key)
        return bool((told.get("dag_id"), told.get("run")) == (self.plan.dag_id, self.run))


class Bench:
    """One proof that is going on.

    :param stack: Airflow.
    :param box: the print service.
    :param seed: makes the moments of strikes repeatable, as far as that goes with real processes.
    """

    def __init__(self, stack: Stack, box: PrintSandbox, seed: int) -> None:
        self.stack, self.api, self.box, self._seed = stack, stack.api, box, seed
        self.ended = threading.Event()
        self._struck: list[psutil.Process] = []
        self._tasks: list[dict[str, Any]] = []
        self._answers_late: set[int] = set()
        threading.Thread(target=self._look, name="look", daemon=True).start()

    def dice(self, plan: Plan) -> random.Random:
        """Return the chances of one story."""
        return random.Random(f"{self._seed} {plan.dag_id}")

    def task(self, plan: Plan, run_id: str | None = None) -> dict[str, Any] | None:
        """Return the task of a run as it was a moment ago; of the only run when it is not named."""
        for row in self._tasks:
            if row["dag_id"] == plan.dag_id and run_id in (None, row["dag_run_id"]):
                return row
        return None

    def until(self, what: str, ask: Callable[[], Any], *, seconds: float = _PATIENCE) -> Any:
        """Wait for something; return what it is.

        :raises StoryError: when it does not come.
        """
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = ask()
            if found:
                return found
            self.sleep(_POLL)
        raise StoryError(f"waited {seconds:.0f} s in vain: {what}")

    def sleep(self, seconds: float) -> None:
        """Wait, unless the proof is being stopped."""
        if self.ended.wait(seconds):
            raise StoppedError

    def slow(self, plan: Plan) -> None:
        """Slow down what writes, so that there is something to hit: one half before, one half after it."""
        for route in ("/prints", "/prints/{id}"):
            about: dict[str, Any] = {"reference": f"{plan.words} *", "times": None, "delay": DELAY}
            self.box.fault("POST", route, phase="before", kind="delay", probability=0.5, **about)
            self._answers_late.add(self.box.fault("POST", route, phase="after", kind="delay", **about).id)

    def running(self, plan: Plan, number: int, run_id: str | None = None) -> dict[str, Any]:
        """Wait until a try of a task is at work, or the task has ended before it, as its state then says."""

        def ask() -> dict[str, Any] | None:
            row = self.task(plan, run_id)
            at_work = row and row["state"] == "running" and row["try_number"] == number and row["pid"]
            return row if at_work or (row and row["state"] in _ENDS) else None

        found: dict[str, Any] = self.until(f"{plan.dag_id} runs its try {number}", ask)
        return found

    def clear(self, plan: Plan, ended: dict[str, Any]) -> None:
        """Clear a task that has ended, and wait until that is seen."""
        run_id = ended["dag_run_id"]
        self.api.clear(plan.dag_id, run_id)
        self.until(
            f"{plan.dag_id} is cleared", lambda: (self.task(plan, run_id) or ended)["id"] != ended["id"]
        )

    def ended_as(
        self, plan: Plan, state: str, run_id: str | None = None, *, tries: int = 1
    ) -> dict[str, Any]:
        """Wait until a task has ended, after so many tries at least, and its run; another end is an error."""

        def ask() -> dict[str, Any] | None:
            row = self.task(plan, run_id)
            over = row and row["state"] in _ENDS and row["try_number"] >= tries
            return row if over else None

        row: dict[str, Any] = self.until(f"{plan.dag_id} ends as {state}", ask)
        if row["state"] != state:
            raise StoryError(f"{plan.dag_id} {row['dag_run_id']} ended as {row['state']}, not {state}")
        name = row["dag_run_id"]
        self.until(f"{plan.dag_id} {name} is over", lambda: self.api.state(plan.dag_id, name) in _ENDS)
        return row

    def within(
        self, plan: Plan, row: dict[str, Any], place: float, *, between: float = BETWEEN
    ) -> list[psutil.Process]:
        """Wait for a moment within a try; return its task and its supervisor, or nothing if they are gone.

        :param row: the try, as it began.
        :param place: 0 to 0.3 while the draft is being made, to 0.6 between that and the payment, to 1 while
            it is being paid, to 2 after that.
        :param between: seconds that are spent between the two.
        """
        task = _process(row["pid"]) if row["state"] == "running" else None
        if task is None or not self.stack.owns(task):
            return []
        supervisor = task.parent()
        since = datetime.fromisoformat(row["start_date"]).timestamp()
        wanted, answered, offset = _aim(place, between)
        call = self.until(
            f"{plan.dag_id} makes the call {wanted}",
            lambda: self._reached(plan, since, wanted, answered) or not _lives(task),
            seconds=90,
        )
        if call is True:
            return []
        self.sleep(max(0.0, offset - (0.0 if answered else time.time() - call["at"])))
        return [task, supervisor] if _lives(task) and supervisor is not None else []

    def _reached(self, plan: Plan, since: float, wanted: str, answered: bool) -> dict[str, Any] | None:
        """Return the wanted call of a try, or its payment, which comes last."""
        for call in self.calls(plan, since):
            name = call_name(call)
            if name in (wanted, "confirm") and (call["answered"] or not answered):
                return call
        return None

    def strike(
        self,
        kind: Row,
        plan: Plan,
        act: str,
        place: float,
        *,
        number: int = 1,
        run_id: str | None = None,
        between: float = BETWEEN,
    ) -> list[psutil.Process]:
        """Do something to a try at a moment within its paid step; return whom it was done to.

        :param act: `kill task`, `kill both`, `kill supervisor`, `freeze` or `clear`.
        :param place: see `within`.
        :param number: of the try.
        """
        row = self.running(plan, number, run_id)
        found = self.within(plan, row, place, between=between)
        if not found:
            return []
        calls = self.calls(plan, datetime.fromisoformat(row["start_date"]).timestamp())
        if not _lives(found[0]):  # its supervisor may have another task by now, or none and a lock
            return []
        self._do(act, plan, row, found)
        kind.acts += 1
        kind.moments[act, moment(calls)] += 1
        return found

    def calls(self, plan: Plan, since: float) -> list[dict[str, Any]]:
        """Return the calls about the letters of a DAG since a moment, oldest first."""
        found, now = [], time.time()
        for call in self.box.journal():
            if call["at"] >= since and (call["reference"] or "").startswith(f"{plan.words} "):
                # the journal counts an answer that is held back as sent
                held = call["rule"] in self._answers_late and now < call["at"] + DELAY
                found.append({**call, "answered": call["answer_sent"] and not held})
        return found

    def _do(self, act: str, plan: Plan, row: dict[str, Any], found: list[psutil.Process]) -> None:
        task, supervisor = found
        self._struck.append(task)
        self.stack.note(task)
        victims = {"kill task": [task], "kill supervisor": [supervisor], "kill both": [supervisor, task]}
        if act == "clear":
            self.api.clear(plan.dag_id, row["dag_run_id"])
        elif act == "freeze":
            for process in (supervisor, task):
                _signal(process, signal.SIGSTOP)
        else:
            for process in victims[act]:
                _signal(process, signal.SIGKILL)

    def wake(self, found: list[psutil.Process], *, apart: float) -> None:
        """Let a frozen task go on, and its supervisor some seconds later; wait until the task has ended."""
        task, supervisor = found
        _signal(task, signal.SIGCONT)
        self.sleep(apart)
        _signal(supervisor, signal.SIGCONT)
        self.until("a task that was frozen ends", lambda: not _lives(task), seconds=90)

    def end(self) -> None:
        """End what looks and tells, and tasks that have lost their supervisor."""
        self.ended.set()
        for task in self._struck:
            _signal(task, signal.SIGKILL)

    def book(self, kind: Row, plan: Plan) -> None:
        """Add the runs of a DAG, their tries and their register to a row."""
        for run in self.api.runs(plan.dag_id):
            kind.runs += 1
            kind.tries += len(self.api.tries(plan.dag_id, run["dag_run_id"]))
            kind.registered += len(self.api.register(plan.dag_id, run["dag_run_id"]))

    def _look(self) -> None:
        while not self.ended.is_set():
            with suppress(AirflowError):  # it is busy; what was seen last is still what is known
                self._tasks = self.api.tasks_now()
            time.sleep(_LOOK_EVERY)


def moment(calls: list[dict[str, Any]]) -> str:
    """Return in words how far a try had come: its last call, and what had become of it."""
    if not calls:
        return "before its first call"
    last = calls[-1]
    if last["answered"]:
        return f"after {call_name(last)}"
    return f"{call_name(last)} done, not answered" if last["executed"] else f"{call_name(last)} not yet done"


def call_name(call: dict[str, Any]) -> str:
    """Return in a word what a call of the journal asks for."""
    return _NAMES.get((call["method"], call["route"].endswith("}")), call["method"])


def _aim(place: float, between: float) -> tuple[str, bool, float]:
    """Return the call to wait for, whether until its answer, and the seconds to wait from then on."""
    if place < 0.3:
        return "create", False, place / 0.3 * DELAY
    if place < 0.6:
        return "create", True, (place - 0.3) / 0.3 * between
    if place < 1:
        return "confirm", False, (place - 0.6) / 0.4 * 1.2 * DELAY
    return "confirm", True, (place - 1) * AFTER


def _process(pid: int) -> psutil.Process | None:
    try:
        return psutil.Process(pid)
    except psutil.NoSuchProcess:
        return None


def _signal(process: psutil.Process, number: int) -> None:
    """Send a signal to a process that may just have ended; never to another one with its number."""
    with suppress(psutil.NoSuchProcess):
        process.send_signal(number)


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
