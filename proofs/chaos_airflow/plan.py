"""Which letters there are, and what is to happen to them: read by the DAG file and by the proof alike."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

TASK = "send"
#: Where the DAG file finds when the proof began: seconds since the epoch.
BEGAN = "CHAOS_BEGAN"
#: The kind whose runs the scheduler makes again as soon as they are deleted; all of them are on time.
AT_ONCE = "deleted, scheduled anew"
#: When the first run that is on time is due, and how long after it the next, in seconds.
_FIRST_DUE, _NEXT_DUE = 60, 6
#: The kind whose first try writes into the register for so long, and the end of the name of what it writes.
LATE = "late register write"
LATE_SLOT = ".1.0"
LATE_SECONDS = 75
_PAST = datetime(2026, 1, 5, tzinfo=UTC)
#: Sandbox seconds a real second: a letter is printed after about 4 real seconds and sent after about 22.
SPEED = 180.0


#: Has the database take long before it takes what such a try writes: the try has been checked to be the
#: current one by then, and is not any more when that is committed. The lock tells that it is on its way.
LATE_SQL = f"""
CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF NEW.dag_id LIKE '{LATE.replace(" ", "_")}%' AND NEW.key LIKE '%{LATE_SLOT}' THEN
    PERFORM pg_advisory_xact_lock(1, substring(NEW.dag_id from '[0-9]+$')::int);
    PERFORM pg_sleep({LATE_SECONDS});
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER late BEFORE INSERT ON task_state_store FOR EACH ROW EXECUTE FUNCTION late();
"""
LATE_LOCKS = "SELECT objid FROM pg_locks WHERE locktype = 'advisory' AND classid = 1"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One DAG with one letter a run.

    :param kind: what is to happen to its runs.
    :param dag_id: of the DAG.
    :param first: logical date of its first run.
    :param daily: scheduled daily, for backfills; otherwise it is run once, by the scheduler.
    :param waits_for: statuses that the task waits for; none when it ends with the payment.
    :param deferrable: whether it waits in the triggerer.
    :param own_key: the user's own key of the letter; None for the one made from DAG, run and task.
    :param on_backfill: the operator's argument; None leaves it at its default.
    """

    kind: str
    dag_id: str
    first: datetime
    daily: bool = False
    waits_for: tuple[str, ...] = ()
    deferrable: bool = False
    own_key: str | None = None
    on_backfill: str | None = None

    @property
    def words(self) -> str:
        """What the reference of its letters begins with."""
        return self.own_key or f"{self.dag_id}.{TASK}"

    def day(self, number: int) -> datetime:
        """Return the logical date of its run of that number."""
        return self.first + timedelta(days=number)


#: Kind of run, how many DAGs it has, and what is special about them.
KINDS: dict[str, tuple[int, dict[str, object]]] = {
    AT_ONCE: (2, {}),
    LATE: (4, {}),
    "frozen": (9, {}),
    "both killed": (7, {}),
    "supervisor killed": (2, {}),
    "deferred": (5, {"waits_for": ("sent",), "deferrable": True}),
    "task killed": (8, {}),
    "cleared while running": (3, {}),
    "retried": (4, {}),
    "killed while waiting": (2, {"waits_for": ("printing", "enclosing", "shipping", "sent")}),
    "cleared after success": (3, {}),
    "cleared, other file": (4, {}),
    "one key, two runs": (4, {}),
    "backfilled": (1, {"daily": True, "on_backfill": "run"}),
    "backfill refused": (1, {"daily": True}),
    "ordinary, then reprocessed": (1, {"daily": True}),
    "deleted, made again": (4, {"daily": True}),
}


def plans(began: int) -> list[Plan]:
    """Return every DAG of the proof.

    A scheduled run that is on time begins with no look-up, a late one with one: of most kinds there are both.
    Those on time are due one after the other; a story that is told late finds its run late, too.

    :param began: when the proof began, in seconds since the epoch.
    """
    found: list[Plan] = []
    due = datetime.fromtimestamp(began + _FIRST_DUE, tz=UTC)
    for kind, (number, special) in KINDS.items():
        for index in range(1, number + 1):
            own = f"shared-{(index + 1) // 2}" if kind == "one key, two runs" else None
            on_time = not special.get("daily") and (index % 2 == 1 or kind == AT_ONCE)
            place = {"dag_id": f"{_name(kind)}_{index}", "own_key": own, "first": due if on_time else _PAST}
            found.append(Plan(kind=kind, **place, **special))  # type: ignore[arg-type]
            due += timedelta(seconds=_NEXT_DUE if on_time else 0)
    return found


def _name(kind: str) -> str:
    return kind.replace(", ", "_").replace(" ", "_")
