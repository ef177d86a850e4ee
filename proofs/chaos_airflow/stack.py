"""Airflow in its parts, each a process of its own, so that one of them can be killed."""

from __future__ import annotations

import base64
import json
import os
import secrets
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from proofs.chaos_airflow.api import Api
from proofs.chaos_airflow.plan import BEGAN, LATE_LOCKS, LATE_SQL, Plan
from proofs.chaos_airflow.postgres import Postgres
from tools.airflow_api import AirflowError
from tools.processes import free_port, start, stop, stop_leftovers

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import IO

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
#: Seconds without a heartbeat after which the scheduler gives a task up.
HEARTBEAT_TIMEOUT = 20
_DATABASE = "postgres"
_DRIFT_SECONDS = 2.0  # the system corrects what the start of a process is counted from
PARTS = ("api-server", "scheduler", "dag-processor", "triggerer")
_WAIT_SECONDS = 300.0


class StackError(RuntimeError):
    """Airflow cannot be run; the text says where to look."""


class Stack:
    """Database and Airflow, started and stopped together.

    :param home: folder for everything that is written.
    :param service_url: base URL of the print service.
    :param began: when the proof began, in seconds since the epoch.
    :param say: told of progress.
    """

    def __init__(self, home: Path, service_url: str, *, began: int, say: Callable[[str], None]) -> None:
        self._home, self._say = home, say
        self._logs: dict[str, IO[bytes]] = {}
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._database = Postgres(home)
        self._url = f"http://127.0.0.1:{free_port(0)}"
        self._env = {
            **_environment(home, service_url, self._url, self._database.url),
            BEGAN: str(began),
        }
        self.api = Api(self._url)

    def start(self, plans: list[Plan]) -> None:
        """Start everything, and return when all of it is up and every DAG has been read.

        :param plans: the DAGs.
        """
        self._make_tables()
        self._database.execute(LATE_SQL)
        for part in PARTS:
            self.start_part(part)
        self._wait({plan.dag_id for plan in plans})

    def _make_tables(self) -> None:
        self._running[_DATABASE] = self._database.start(self._log(_DATABASE))
        self._say("PostgreSQL is up; making Airflow's tables")
        made = subprocess.run(
            self._airflow("db", "migrate"),
            env=self._env,
            stdout=self._log("migrate"),
            stderr=subprocess.STDOUT,
        )
        if made.returncode:
            raise StackError(f"Airflow could not make its tables: see {self._home / 'migrate.log'}")

    def start_part(self, part: str) -> None:
        """Start one part of Airflow, again if it was killed."""
        self._running[part] = start(
            self._airflow(part), log=self._log(part), folder=self._home, env=self._env
        )

    def kill_part(self, part: str) -> None:
        """Kill one part of Airflow, with all of its processes, at once."""
        process = self._running.pop(part)
        family = _family(process.pid)
        process.kill()
        for one in family:
            _kill(one)
        stop(process, self._home)

    def holds_back(self, plan: Plan) -> bool:
        """Tell whether the database is holding back what a late try writes into its register."""
        return any(plan.dag_id.endswith(f"_{row[0]}") for row in self._database.execute(LATE_LOCKS))

    def owns(self, process: psutil.Process) -> bool:
        """Tell whether a process was started by our scheduler."""
        scheduler = self._running["scheduler"].pid
        with suppress(psutil.NoSuchProcess):
            return any(parent.pid == scheduler for parent in process.parents())
        return False

    def note(self, task: psutil.Process) -> None:
        """Note a task, which is a group of its own, so that a later run stops it if this one cannot."""
        with suppress(psutil.NoSuchProcess):
            (self._home / f"{task.pid}.group").write_text(str(task.create_time()))

    def check(self) -> None:
        """Raise when a part has ended by itself."""
        for part, process in list(self._running.items()):
            if process.poll() is not None:
                raise StackError(f"{part} ended by itself: see {self._home / part}.log")

    def stop(self) -> None:
        """Stop everything and delete the database. Airflow is killed: it would wait for tasks that hang."""
        for part in [part for part in self._running if part != _DATABASE]:
            self.kill_part(part)
        for server in self._running.values():
            server.send_signal(signal.SIGINT)  # closes its connections and ends
            stop(server, self._home)
        self._database.remove()
        for log in self._logs.values():
            log.close()

    def _airflow(self, *arguments: str) -> list[str]:
        return [str(BIN / "airflow"), *arguments]

    def _log(self, name: str) -> IO[bytes]:
        if name not in self._logs:
            self._logs[name] = (self._home / f"{name}.log").open("wb")
        return self._logs[name]

    def _wait(self, wanted: set[str]) -> None:
        until = time.monotonic() + _WAIT_SECONDS
        while time.monotonic() < until:
            self.check()
            if not self.api.unhealthy() and self._has_read(wanted):
                return
            time.sleep(1.0)
        raise StackError(f"Airflow was not ready in time: see the logs in {self._home}")

    def _has_read(self, wanted: set[str]) -> bool:
        try:
            self.api.log_in()
            return wanted <= self.api.dags()
        except AirflowError:
            return False  # it has only just begun to answer


def end_leftovers(home: Path) -> int:
    """End what an earlier run left behind, frozen tasks included; return how many groups there were.

    :param home: the folder of that run.
    """
    found = []
    for note in home.glob("*.group"):
        with suppress(psutil.NoSuchProcess, ValueError):
            process = psutil.Process(int(note.stem))
            if abs(process.create_time() - float(note.read_text())) <= _DRIFT_SECONDS:
                found.append(process)
    servers = [process for process in found if process.name() == _DATABASE]
    for process in found:
        for one in [] if process in servers else [process, *_family(process.pid)]:
            _kill(one)
    for server in servers:
        server.send_signal(signal.SIGINT)
    return max(len(found), stop_leftovers(home))


def _family(pid: int) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.Error:
        return []


def _kill(process: psutil.Process) -> None:
    with suppress(psutil.NoSuchProcess):
        process.kill()


def _environment(home: Path, service_url: str, url: str, database: str) -> dict[str, str]:
    """Return an environment in which nothing of the user's own Airflow is seen or touched."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")}
    connection = {
        "conn_type": "intelliprint",
        "host": service_url,
        "password": "key_sandbox",
        # "live" in the sandbox: what is paid there is what is counted
        "extra": {"testmode": False, "rate": 0},
    }
    settings = {
        "API__BASE_URL": url,
        "API__HOST": "127.0.0.1",
        "API__PORT": url.rpartition(":")[2],
        "API__SECRET_KEY": secrets.token_hex(32),
        "API__WORKERS": 1,
        "API_AUTH__JWT_SECRET": secrets.token_hex(32),
        "CORE__DAGS_FOLDER": Path(__file__).parent / "dags",
        "CORE__EXECUTION_API_SERVER_URL": f"{url}/execution/",
        "CORE__EXECUTOR": "LocalExecutor",
        "CORE__FERNET_KEY": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "CORE__LOAD_EXAMPLES": False,
        "CORE__PARALLELISM": 10,
        "CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": True,
        "DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": 3600,
        "DAG_PROCESSOR__PARSING_PROCESSES": 1,
        "DATABASE__SQL_ALCHEMY_CONN": database,
        "LOGGING__TRIGGER_LOG_SERVER_PORT": free_port(0),
        "LOGGING__WORKER_LOG_SERVER_PORT": free_port(0),
        "SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": 0.5,
        "SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": HEARTBEAT_TIMEOUT,
        "SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": 2.0,
        "TRIGGERER__JOB_HEARTBEAT_SEC": 2,
        "TRIGGERER__TRIGGERER_HEALTH_CHECK_THRESHOLD": 10,
        "WORKERS__MIN_HEARTBEAT_INTERVAL": 3,
    }
    return {
        **kept,
        "PATH": f"{BIN}{os.pathsep}{kept.get('PATH', '')}",
        "PYTHONPATH": str(ROOT),
        "AIRFLOW_HOME": str(home / "airflow"),
        "AIRFLOW_CONN_INTELLIPRINT_DEFAULT": json.dumps(connection),
        "CHAOS_LETTERS": str(home / "letters"),
        **{f"AIRFLOW__{name}": str(value) for name, value in settings.items()},
    }
