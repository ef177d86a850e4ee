"""The few calls of Airflow's REST API that the demo needs."""

from __future__ import annotations

import time
from typing import Any

import requests

TIMEOUT = (5.0, 60.0)
_PARTS = ("metadatabase", "scheduler", "triggerer", "dag_processor")


class AirflowApi:
    """A running Airflow whose simple auth manager lets everybody in.

    :param url: base URL, for example `http://127.0.0.1:8080`.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._http = requests.Session()
        self._http.trust_env = False

    def unhealthy(self) -> list[str]:
        """Return the parts that are not up yet; all of them while nothing answers."""
        try:
            told = self._http.get(f"{self.url}/api/v2/monitor/health", timeout=TIMEOUT).json()
        except (requests.RequestException, ValueError):
            return ["api-server", *_PARTS]
        return [part for part in _PARTS if (told.get(part) or {}).get("status") != "healthy"]

    def log_in(self) -> None:
        """Fetch a token for the calls below."""
        told = self._http.get(f"{self.url}/auth/token", timeout=TIMEOUT)
        told.raise_for_status()
        self._http.headers["Authorization"] = f"Bearer {told.json()['access_token']}"

    def knows(self, dag_id: str) -> bool:
        """Tell whether the DAG has been read; a file that cannot be imported is an error at once."""
        errors = self._get("importErrors")["import_errors"]
        if errors:
            raise RuntimeError("\n".join(f"{e['filename']}: {e['stack_trace']}" for e in errors))
        told = self._http.get(f"{self.url}/api/v2/dags/{dag_id}", timeout=TIMEOUT)
        return told.status_code == requests.codes.ok

    def run(self, dag_id: str, run_id: str, conf: dict[str, Any]) -> None:
        """Switch the DAG on and start one run of it."""
        logical_date = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        body = {"dag_run_id": run_id, "logical_date": logical_date, "conf": conf}
        for method, path, json in (
            ("PATCH", f"dags/{dag_id}?update_mask=is_paused", {"is_paused": False}),
            ("POST", f"dags/{dag_id}/dagRuns", body),
        ):
            told = self._http.request(method, f"{self.url}/api/v2/{path}", json=json, timeout=TIMEOUT)
            if not told.ok:
                raise RuntimeError(
                    f"Airflow answered {told.status_code} to {method} {path}: {told.text[:500]}"
                )

    def state(self, dag_id: str, run_id: str) -> str:
        """Return the state of a run, for example `running` or `success`."""
        return str(self._get(f"dags/{dag_id}/dagRuns/{run_id}")["state"])

    def tasks(self, dag_id: str, run_id: str) -> dict[str, tuple[str, int]]:
        """Return state and try number of each task instance, by name."""
        rows = self._get(f"dags/{dag_id}/dagRuns/{run_id}/taskInstances")["task_instances"]
        return {_name(row): (str(row["state"] or "scheduled"), int(row["try_number"])) for row in rows}

    def log(self, dag_id: str, run_id: str, name: str, try_number: int) -> str:
        """Return the log of one attempt of a task instance, as text."""
        task, _, index = name.partition("[")
        path = f"dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task}/logs/{try_number}"
        told = self._http.get(
            f"{self.url}/api/v2/{path}",
            params={"map_index": index.rstrip("]") or -1, "full_content": "true"},
            headers={"Accept": "text/plain"},
            timeout=TIMEOUT,
        )
        return told.text

    def _get(self, path: str) -> dict[str, Any]:
        told = self._http.get(f"{self.url}/api/v2/{path}", timeout=TIMEOUT)
        told.raise_for_status()
        found: dict[str, Any] = told.json()
        return found


def _name(row: dict[str, Any]) -> str:
    return row["task_id"] + (f"[{row['map_index']}]" if row["map_index"] >= 0 else "")
