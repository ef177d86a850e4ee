"""The few calls of Airflow's REST API that the demo needs."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import requests

if TYPE_CHECKING:
    from collections.abc import Sequence

TIMEOUT = (5.0, 60.0)
_PARTS = ("metadatabase", "scheduler", "triggerer", "dag_processor")


class AirflowError(RuntimeError):
    """Airflow did not answer, or answered with an error; it may pass."""


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
        token = _json(self._call("GET", "auth/token"))["access_token"]
        self._http.headers["Authorization"] = f"Bearer {token}"

    def knows(self, dag_id: str) -> bool:
        """Tell whether the DAG has been read; a file that cannot be imported is an error at once."""
        errors = self._get("importErrors")["import_errors"]
        if errors:
            raise RuntimeError("; ".join(_import_error(error) for error in errors))
        told = self._call("GET", f"api/v2/dags/{dag_id}", fine=(requests.codes.not_found,))
        return told.ok

    def run(self, dag_id: str, run_id: str, conf: dict[str, Any]) -> None:
        """Switch the DAG on and start one run of it."""
        logical_date = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        body = {"dag_run_id": run_id, "logical_date": logical_date, "conf": conf}
        self._call("PATCH", f"api/v2/dags/{dag_id}?update_mask=is_paused", json={"is_paused": False})
        self._call("POST", f"api/v2/dags/{dag_id}/dagRuns", json=body)

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
        params = {"map_index": index.rstrip("]") or -1, "full_content": "true"}
        return self._call("GET", f"api/v2/{path}", params=params, headers={"Accept": "text/plain"}).text

    def _get(self, path: str) -> dict[str, Any]:
        return _json(self._call("GET", f"api/v2/{path}"))

    def _call(self, method: str, path: str, *, fine: Sequence[int] = (), **options: Any) -> requests.Response:
        """Make a call; raise `AirflowError` for no answer, and for an error that is not fine."""
        try:
            told = self._http.request(method, f"{self.url}/{path}", timeout=TIMEOUT, **options)
        except requests.RequestException as error:
            raise AirflowError(f"Airflow did not answer {method} {path} ({type(error).__name__})") from error
        if told.ok or told.status_code in fine:
            return told
        said = " ".join(told.text.split())[:500]
        raise AirflowError(f"Airflow answered {told.status_code} to {method} {path}: {said}")


def _json(told: requests.Response) -> dict[str, Any]:
    try:
        found: dict[str, Any] = told.json()
    except ValueError:
        raise AirflowError(f"Airflow answered {told.url} with something that is not JSON") from None
    return found


def _import_error(error: dict[str, Any]) -> str:
    """Return file and reason; the last line of a traceback says it."""
    lines = str(error["stack_trace"]).strip().splitlines() or ["cannot be read"]
    return f"{error['filename']}: {lines[-1].strip()}"


def _name(row: dict[str, Any]) -> str:
    return row["task_id"] + (f"[{row['map_index']}]" if row["map_index"] >= 0 else "")
