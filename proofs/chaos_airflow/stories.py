"""What happens to the runs of each kind."""

from __future__ import annotations

import time
from datetime import datetime
from typing import TYPE_CHECKING

from airflow_provider_print.intelliprint.letter import SETTLE_SECONDS
from proofs.chaos_airflow.bench import BETWEEN, DELAY, Bench, Letter, Row, StoryError
from proofs.chaos_airflow.letters import write_letter
from proofs.chaos_airflow.plan import LATE_SLOT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any

    import psutil

    from proofs.chaos_airflow.plan import Plan

#: Seconds after its time before which no human has seen what a run did, and deleted it.
_HUMAN = 4.0


class Stories:
    """Tells them; each method is one kind, and is called with the DAGs that it is about.

    :param bench: where.
    :param letters: folder of the files that are posted.

    `rows` is what was expected and counted so far.
    """

    def __init__(self, bench: Bench, letters: Path) -> None:
        self._bench, self._letters = bench, letters
        self.rows: list[Row] = []

    def tell(self, kind: str, plan: Plan, place: float) -> None:
        """Tell the story of one DAG.

        :param kind: of the story.
        :param place: from 0 to 1: which part of the paid step is struck, so that all of it is covered.
        """
        write_letter(self._letters / f"{plan.dag_id}.pdf", plan.dag_id)
        telling: dict[str, Callable[[Plan, float], None]] = {
            "task killed": self._task_killed,
            "late register write": self._late_write,
            "both killed": self._killed_once("kill both"),
            "supervisor killed": self._killed_once("kill supervisor"),
            "frozen": self._frozen,
            "killed while waiting": self._killed_while_waiting,
            "cleared while running": self._cleared_while_running,
            "retried": self._retried,
            "cleared after success": self._cleared,
            "cleared, other file": self._other_file,
            "deleted, made again": self._deleted,
            "deleted, scheduled anew": self._scheduled_anew,
            "backfilled": self._backfilled,
            "backfill refused": self._refused,
            "ordinary, then reprocessed": self._reprocessed,
        }
        telling[kind](plan, place)

    def _row(self, plan: Plan, *days: int, kind: str | None = None, paid: int = 1) -> Row:
        letters = [Letter(plan, _run(plan.day(day)), paid) for day in days or (0,)]
        return self._add(kind or plan.kind, letters)

    def _add(self, kind: str, letters: list[Letter]) -> Row:
        """Begin a row; what was expected and counted stands even when its story goes wrong."""
        self.rows.append(Row(kind, letters=letters))
        return self.rows[-1]

    def _start(self, plan: Plan) -> None:
        self._bench.slow(plan)
        self._bench.api.unpause(plan.dag_id)

    def _task_killed(self, plan: Plan, place: float) -> None:
        row, dice = self._row(plan), self._bench.dice(plan)
        self._start(plan)
        struck = self._bench.strike(row, plan, "kill task", place)
        if struck and dice.random() < 0.6:
            self._bench.strike(row, plan, "kill task", dice.random(), number=2)
        self._bench.ended_as(plan, "success")
        self._bench.book(row, plan)

    def _killed_once(self, act: str) -> Callable[[Plan, float], None]:
        def story(plan: Plan, place: float) -> None:
            row = self._row(plan)
            self._start(plan)
            self._bench.strike(row, plan, act, place)
            self._bench.ended_as(plan, "success")
            self._bench.book(row, plan)

        return story

    def _late_write(self, plan: Plan, place: float) -> None:
        """Let the database take long with what a try writes down, until the next try has paid.

        The try is checked to be the current one when its write arrives, and it is not when that is committed.
        The list knows nothing meanwhile, so the next try decides for a draft of its own: only what the first
        one reads back keeps it, where it was only frozen, from paying for the other.
        """
        row, bench = self._row(plan), self._bench
        nothing = {"object": "list", "data": [], "has_more": False, "total_available": 0}
        stale = {"kind": "status", "status": 200, "content": nothing, "times": None}
        bench.box.fault("GET", "/prints", phase="before", reference=f"{plan.words} *", **stale)
        bench.api.unpause(plan.dag_id)
        act = "freeze" if place > 0.5 else "kill both"
        bench.until("the write is held back", lambda: bench.stack.holds_back(plan))
        struck = bench.strike(row, plan, act, 0.3)
        if not struck:
            raise StoryError(f"{plan.dag_id}: the first try was gone before it could be struck")
        run_id = bench.ended_as(plan, "success", tries=2)["dag_run_id"]
        if self._first_slot(plan, run_id):
            raise StoryError(f"{plan.dag_id}: what the first try wrote was not late")
        bench.until("what the first try wrote is there", lambda: self._first_slot(plan, run_id))
        row.moments["late register write", "landed after the next try had paid"] += 1
        if act == "freeze":
            bench.wake(struck, apart=0.0)
        bench.book(row, plan)

    def _first_slot(self, plan: Plan, run_id: str) -> bool:
        return any(one["key"].endswith(LATE_SLOT) for one in self._bench.api.register(plan.dag_id, run_id))

    def _killed_while_waiting(self, plan: Plan, place: float) -> None:
        row = self._row(plan)
        self._start(plan)
        self._bench.strike(row, plan, "kill task", 1.0 + place)
        self._bench.ended_as(plan, "success")
        self._bench.book(row, plan)

    def _frozen(self, plan: Plan, place: float) -> None:
        row, dice = self._row(plan), self._bench.dice(plan)
        self._start(plan)
        struck = self._bench.strike(row, plan, "freeze", place)
        if struck:
            self._wake_beside(plan, struck, dice.random(), apart=dice.choice((0.0, 0.5, 2.0)))
        self._bench.ended_as(plan, "success")
        self._bench.book(row, plan)

    def _wake_beside(self, plan: Plan, struck: list[psutil.Process], share: float, *, apart: float) -> None:
        """Wake a frozen try beside the next one, within the paid step of that."""
        following = self._bench.running(plan, 2)
        self._bench.within(plan, following, share)
        self._bench.wake(struck, apart=apart)

    def _cleared_while_running(self, plan: Plan, place: float) -> None:
        row = self._row(plan)
        self._start(plan)
        struck = self._bench.strike(row, plan, "clear", place)
        if struck:
            self._bench.until(f"{plan.dag_id} is tried again", lambda: self._tried_again(plan))
        self._bench.ended_as(plan, "success", tries=2 if struck else 1)
        self._bench.book(row, plan)

    def _tried_again(self, plan: Plan) -> bool:
        """Tell whether a cleared task goes on; cleared as its run ends, it is forgotten: clear it again."""
        seen = self._bench.task(plan) or {}
        api, run_id = self._bench.api, seen["dag_run_id"]
        if seen["state"] is None and api.state(plan.dag_id, run_id) in ("success", "failed"):
            api.clear(plan.dag_id, run_id)
        return bool(seen["try_number"] > 1)

    def _retried(self, plan: Plan, place: float) -> None:
        """Let the service fail until the try fails: executed late or not at all, unpaid, all of it."""
        row = self._row(plan)
        about = {"reference": f"{plan.words} *"}
        box = self._bench.box
        number = round(place * 4 - 0.5)
        if number in (0, 3):
            box.fault("POST", "/prints", phase="before", kind="reset", times=2, **about)
        if number in (1, 3):
            box.fault("POST", "/prints", phase="late", kind="reset", times=2, delay=5 * DELAY, **about)
        if number in (2, 3):
            box.fault("POST", "/prints/{id}", phase="before", kind="status", status=402, **about)
        box.fault("POST", "/prints/{id}", phase="late", kind="reset", times=3, delay=3 * DELAY, **about)
        row.acts += 1
        self._bench.api.unpause(plan.dag_id)
        self._bench.ended_as(plan, "success", tries=2)
        self._bench.book(row, plan)

    def _cleared(self, plan: Plan, place: float) -> None:
        row = self._row(plan)
        self._bench.api.unpause(plan.dag_id)
        ended = self._bench.ended_as(plan, "success")
        for _ in range(1 + (place > 0.5)):
            ended = self._clear(row, plan, ended)
        self._bench.book(row, plan)

    def _clear(self, row: Row, plan: Plan, ended: dict[str, Any]) -> dict[str, Any]:
        self._bench.clear(plan, ended)
        row.acts += 1
        return self._bench.ended_as(plan, "success", tries=ended["try_number"] + 1)

    def _other_file(self, plan: Plan, place: float) -> None:
        row = self._row(plan)
        file = self._letters / f"{plan.dag_id}.pdf"
        write_letter(file, plan.dag_id, pages=2)
        self._start(plan)
        failed = self._bench.ended_as(plan, "failed")
        write_letter(file, f"{plan.dag_id} put right")
        self._bench.clear(plan, failed)
        row.acts += 1
        number = failed["try_number"] + 1
        if place > 0.5:
            self._bench.strike(row, plan, "kill task", place, number=number)
        self._bench.ended_as(plan, "success", tries=number)
        self._bench.book(row, plan)

    def _deleted(self, plan: Plan, place: float) -> None:
        """Delete a run and make it again: after its end, and within its paid step, killed or only frozen."""
        row = self._row(plan)
        api, first, second = self._bench.api, "first", "second"
        if place > 0.5:
            self._bench.slow(plan)
        api.unpause(plan.dag_id)
        api.trigger(plan.dag_id, first, plan.day(0))
        struck = []
        if place > 0.5:
            act = "freeze" if place > 0.75 else "kill both"
            struck = self._bench.strike(row, plan, act, place, run_id=first)
        else:
            self._bench.ended_as(plan, "success", first)
        self._bench.book(row, plan)
        api.give_up(plan.dag_id, first)
        api.delete(plan.dag_id, first)
        row.acts += 1
        api.trigger(plan.dag_id, second, plan.day(0))
        if struck and act == "freeze":
            self._bench.within(plan, self._bench.running(plan, 1, second), 0.4)
            self._bench.wake(struck, apart=1.0)
        self._bench.ended_as(plan, "success", second)
        self._bench.book(row, plan)

    def _scheduled_anew(self, plan: Plan, _place: float) -> None:
        """Delete the newest scheduled run: the scheduler makes it again by itself.

        Not sooner than a human could: a run that begins within 3 s of its time is not looked up, unless the
        operator has look_up="always", as its documentation says of scripts that delete runs.
        """
        row, api = self._row(plan), self._bench.api
        api.unpause(plan.dag_id)
        ended = self._bench.ended_as(plan, "success")
        self._bench.book(row, plan)
        time.sleep(max(0.0, datetime.fromisoformat(ended["run_after"]).timestamp() + _HUMAN - time.time()))
        api.delete(plan.dag_id, ended["dag_run_id"])
        row.acts += 1
        self._bench.until(f"{plan.dag_id} is gone", lambda: not self._bench.task(plan))
        api.read_again(plan.dag_id)
        self._bench.ended_as(plan, "success")
        self._bench.book(row, plan)

    def _backfilled(self, plan: Plan, place: float) -> None:
        """Backfill past dates, two of them under fire, then all of them again with reprocessing."""
        row, days = self._row(plan, 0, 1, 2, 3), range(4)
        api = self._bench.api
        self._bench.slow(plan)
        api.unpause(plan.dag_id)
        number = api.backfill(plan.dag_id, plan.day(0), plan.day(3))
        row.acts += len(days)
        for run_id, share in zip(self._run_ids(plan, 4)[:2], (place, place / 2), strict=True):
            self._bench.strike(row, plan, "kill task", share, run_id=run_id)
        self._bench.until("the backfill ends", lambda: api.backfill_done(number))
        for run_id in self._run_ids(plan, 4):
            self._bench.ended_as(plan, "success", run_id)
        self._bench.book(row, plan)
        again = self._row(plan, *days, kind="backfilled again, reprocessing")
        self._reprocess(again, plan, 3, dict.fromkeys(self._run_ids(plan, 4), "success"))
        self._bench.book(again, plan)
        again.tries -= row.tries
        again.registered -= row.registered

    def _refused(self, plan: Plan, _place: float) -> None:
        row = self._row(plan, 0, 1, 2, paid=0)
        api = self._bench.api
        api.unpause(plan.dag_id)
        api.backfill(plan.dag_id, plan.day(0), plan.day(2))
        row.acts += 3
        for run_id in self._run_ids(plan, 3):
            self._bench.ended_as(plan, "failed", run_id)
        self._bench.book(row, plan)

    def _reprocessed(self, plan: Plan, _place: float) -> None:
        """Backfill over dates that ordinary runs have posted, and one that was not posted; by default."""
        row = self._row(plan, 0, 1, 2)
        row.letters.append(Letter(plan, _run(plan.day(3)), 0))
        api = self._bench.api
        api.unpause(plan.dag_id)
        for day in range(3):
            api.trigger(plan.dag_id, f"by_hand_{day}", plan.day(day))
        for day in range(3):
            self._bench.ended_as(plan, "success", f"by_hand_{day}")
        ends = {f"by_hand_{day}": "success" for day in range(3)}
        self._reprocess(row, plan, 3, ends)
        new = self._bench.until("the date without a run has one", lambda: self._others(plan, set(ends)))
        self._bench.ended_as(plan, "failed", new[0])
        self._bench.book(row, plan)

    def _reprocess(self, row: Row, plan: Plan, last: int, ends: dict[str, str]) -> None:
        api = self._bench.api
        before = {run_id: (self._bench.task(plan, run_id) or {})["try_number"] for run_id in ends}
        number = api.backfill(plan.dag_id, plan.day(0), plan.day(last), reprocess="completed")
        row.acts += len(ends)
        for run_id, state in ends.items():
            self._bench.ended_as(plan, state, run_id, tries=before[run_id] + 1)
        self._bench.until("the backfill ends", lambda: api.backfill_done(number))

    def _run_ids(self, plan: Plan, number: int) -> list[str]:
        """Return the ids of the runs of a DAG, once there are so many."""

        def ask() -> list[str]:
            found = [run["dag_run_id"] for run in self._bench.api.runs(plan.dag_id)]
            return sorted(found) if len(found) >= number else []

        found: list[str] = self._bench.until(f"{plan.dag_id} has {number} runs", ask)
        return found

    def _others(self, plan: Plan, known: set[str]) -> list[str]:
        return [
            run["dag_run_id"] for run in self._bench.api.runs(plan.dag_id) if run["dag_run_id"] not in known
        ]

    def deferred(self, plans: list[Plan]) -> None:
        """Let tasks wait in the triggerer, kill it twice, and clear one task that waits."""
        row = self._add(plans[0].kind, [Letter(plan, _run(plan.day(0))) for plan in plans])
        bench = self._bench
        for plan in plans:
            write_letter(self._letters / f"{plan.dag_id}.pdf", plan.dag_id)
            bench.api.unpause(plan.dag_id)
        for _ in range(2):
            waiting = bench.until("tasks are deferred, or all is over", lambda: self._deferred_or_over(plans))
            if waiting == "over":
                break
            bench.sleep(bench.dice(plans[0]).random() * 2)
            waiting = [plan for plan in plans if (bench.task(plan) or {}).get("state") == "deferred"]
            bench.stack.kill_part("triggerer")
            row.acts += len(waiting)
            row.moments["kill triggerer", "while deferred"] += len(waiting)
            bench.sleep(1.0)
            bench.stack.start_part("triggerer")
            bench.sleep(10.0)
        for plan in plans:
            bench.ended_as(plan, "success")
        for plan in plans:
            bench.book(row, plan)

    def _deferred_or_over(self, plans: list[Plan]) -> str:
        states = [(self._bench.task(plan) or {}).get("state") for plan in plans]
        if all(state == "success" for state in states):
            return "over"
        return "deferred" if "deferred" in states else ""

    def shared(self, first: Plan, second: Plan, place: float) -> None:
        """Kill or freeze a run in the middle of its letter, and start another that asks for the same letter.

        The first goes on beside the second: as the next try, or as the frozen one that wakes up.
        """
        row, bench = self._add(first.kind, [Letter(first, None)]), self._bench
        for plan in (first, second):
            write_letter(self._letters / f"{plan.dag_id}.pdf", first.own_key or "")
        bench.slow(first)
        bench.api.unpause(first.dag_id)
        act = "freeze" if place > 0.5 else "kill task"
        struck = bench.strike(row, first, act, place, between=BETWEEN + SETTLE_SECONDS)
        bench.api.unpause(second.dag_id)
        if struck and place > 0.5:
            self._wake_beside(first, struck, place, apart=0.5)
        for plan in (first, second):
            bench.ended_as(plan, "success")
            bench.book(row, plan)


def _run(moment: datetime) -> str:
    return moment.isoformat()
