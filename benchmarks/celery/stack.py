"""Airflow with Celery: what `proofs.chaos_airflow` starts, and workers that share a Redis server only."""

from __future__ import annotations

import importlib.util
import json
from typing import TYPE_CHECKING

from proofs.chaos_airflow.stack import PARTS, ROOT, Stack, StackError
from tools.processes import start

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class CeleryStack(Stack):
    """Database, Airflow and workers, started and stopped together.

    :param home: folder for everything that is written.
    :param service_url: base URL of the print service.
    :param redis_url: of a Redis server, without a database: 0 is for Celery, 1 for the rate limit.
    :param letters: how many the DAG posts.
    :param rate: calls a minute that the connection allows.
    :param workers: how many, each with a folder for temporary files of its own, as on a machine of its own.
    :param slots: tasks that each of them runs at a time.
    """

    def __init__(
        self,
        home: Path,
        service_url: str,
        *,
        redis_url: str,
        letters: int,
        rate: float,
        workers: int,
        slots: int,
        say: Callable[[str], None],
    ) -> None:
        if importlib.util.find_spec("celery") is None:
            raise StackError(
                "Airflow has no CeleryExecutor here. Type:  pip install 'airflow-provider-print[proofs]'"
            )
        super().__init__(home, service_url, began=0, say=say)
        self._workers, self._slots = workers, slots
        connection = {
            "conn_type": "intelliprint",
            "host": service_url,
            "password": "key_sandbox",
            "extra": {"testmode": False, "rate": rate, "rate_store": f"{redis_url}/1"},
        }
        self._env |= {
            "AIRFLOW_CONN_INTELLIPRINT_DEFAULT": json.dumps(connection),
            "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "benchmarks" / "celery" / "dags"),
            "AIRFLOW__CORE__EXECUTOR": "CeleryExecutor",
            "AIRFLOW__CORE__PARALLELISM": "64",
            "AIRFLOW__CELERY__BROKER_URL": f"{redis_url}/0",
            "AIRFLOW__CELERY__RESULT_BACKEND": f"db+{self._database.url}",
            "AIRFLOW__CELERY__WORKER_CONCURRENCY": str(slots),
            "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "300",
            "BENCH_LETTERS": str(letters),
        }

    def start_all(self) -> None:
        """Start everything, and return when all of it is up and the DAG has been read.

        :raises StackError: when it does not come up; the text says where to look.
        """
        self._make_tables()
        for part in PARTS:
            self.start_part(part)
        self._wait({"many"})
        for number in range(1, self._workers + 1):
            self._start_worker(f"worker{number}")

    def _start_worker(self, name: str) -> None:
        place = self._home / name
        place.mkdir()
        command = self._airflow(
            *("celery", "worker", "--skip-serve-logs", "--without-mingle", "--without-gossip"),
            *("--celery-hostname", f"{name}@localhost", "--pid", str(place / "pid")),
        )
        env = {**self._env, "TMPDIR": str(place)}
        self._running[name] = start(command, log=self._log(name), folder=self._home, env=env)
