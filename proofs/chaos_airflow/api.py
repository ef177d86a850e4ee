"""The calls of Airflow's REST API that the proof needs beyond those of the demo."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from proofs.chaos_airflow.plan import TASK
from tools.airflow_api import AirflowApi, AirflowError

if TYPE_CHECKING:
    from datetime import datetime

_PATIENCE = 60.0
_PAGE = 100


class Api(AirflowApi):
    """A running Airflow. Calls are made one after the other; a read is made again while it is too busy."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self._turn = threading.RLock()

    def _call(self, method: str, path: str, **options: Any) -> Any:
        """Make a call; a read that found no answer is made again."""
        until = time.monotonic() + (_PATIENCE if method == "GET" else 0)
        while True:
            try:
                with self._turn:
                    return super()._call(method, path, **options)
            except AirflowError:
                if time.monotonic() >= until:
                    raise
            time.sleep(1.0)

    def unpause(self, dag_id: str) -> None:
        """Let the scheduler have a DAG."""
        self._call("PATCH", f"api/v2/dags/{dag_id}?update_mask=is_paused", json={"is_paused": False})

    def dags(self) -> set[str]:
        """Return the ids of the DAGs that have been read; a file that cannot be imported is an error."""
        self.knows("-")
        return {row["dag_id"] for row in self._pages("dags", "dags")}

    def tasks_now(self) -> list[dict[str, Any]]:
        """Return every task instance as it stands."""
        path = "dags/~/dagRuns/~/taskInstances"
        return self._pages(path, "task_instances")

    def runs(self, dag_id: str = "~") -> list[dict[str, Any]]:
        """Return the runs of a DAG, or of all."""
        return self._pages(f"dags/{dag_id}/dagRuns", "dag_runs")

    def trigger(self, dag_id: str, run_id: str, logical_date: datetime) -> None:
        """Make a run by hand."""
        body = {"dag_run_id": run_id, "logical_date": logical_date.isoformat()}
        self._call("POST", f"api/v2/dags/{dag_id}/dagRuns", json=body)

    def clear(self, dag_id: str, run_id: str) -> None:
        """Clear the task of a run, whatever its state."""
        body = {"dry_run": False, "only_failed": False, "reset_dag_runs": True, "dag_run_id": run_id}
        self._call("POST", f"api/v2/dags/{dag_id}/clearTaskInstances", json=body)

    def give_up(self, dag_id: str, run_id: str) -> None:
        """Mark a run as failed; one that runs cannot be deleted."""
        path = f"api/v2/dags/{dag_id}/dagRuns/{quote(run_id, safe='')}"
        self._call("PATCH", path, json={"state": "failed"})

    def delete(self, dag_id: str, run_id: str) -> None:
        """Delete a run with all that belongs to it."""
        self._call("DELETE", f"api/v2/dags/{dag_id}/dagRuns/{quote(run_id, safe='')}")

    def read_again(self, dag_id: str) -> None:
        """Have the file of a DAG read again, as happens by itself now and then."""
        token = self._get(f"dags/{dag_id}")["file_token"]
        self._call("PUT", f"api/v2/parseDagFile/{token}", fine=(409,))

    def backfill(self, dag_id: str, first: datetime, last: datetime, *, reprocess: str = "none") -> int:
        """Backfill a DAG and return the id of the backfill."""
        body = {
            "dag_id": dag_id,
            "from_date": first.isoformat(),
            "to_date": last.isoformat(),
            "reprocess_behavior": reprocess,
            "max_active_runs": 3,
        }
        return int(self._call("POST", "api/v2/backfills", json=body).json()["id"])

    def backfill_done(self, number: int) -> bool:
        """Tell whether a backfill has ended."""
        return self._get(f"backfills/{number}")["completed_at"] is not None

    def tries(self, dag_id: str, run_id: str) -> list[dict[str, Any]]:
        """Return all tries of the task of a run, the latest included."""
        path = f"dags/{dag_id}/dagRuns/{quote(run_id, safe='')}/taskInstances/{TASK}/tries"
        return list(self._get(path)["task_instances"])

    def register(self, dag_id: str, run_id: str) -> list[dict[str, Any]]:
        """Return the rows of the state store of the task of a run."""
        path = f"dags/{dag_id}/dagRuns/{quote(run_id, safe='')}/taskInstances/{TASK}/state-store"
        return list(self._get(path)["task_state_store"])

    def _pages(self, path: str, name: str) -> list[dict[str, Any]]:
        """Return all pages of a list."""
        rows: list[dict[str, Any]] = []
        while True:
            told = self._get(f"{path}?limit={_PAGE}&offset={len(rows)}")
            rows += told[name]
            if not told[name] or len(rows) >= told["total_entries"]:
                return rows
