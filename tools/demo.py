"""`make demo`: the main job in real Airflow against the sandbox, from nothing to pages you can look at.

Everything it starts and writes is its own: an Airflow home in `.demo/`, free ports, and `demo-output/` for
what is worth looking at. Every figure it prints is read back from the sandbox after the run, none from the
DAG.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING

from tools.airflow_api import AirflowApi, AirflowError
from tools.demo_report import report, save_first_pages
from tools.processes import free_port, start, stop, stop_leftovers

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

    State = tuple[str, int]  # of a task, and the number of its try

ROOT = Path(__file__).parent.parent
HOME = ROOT / ".demo"
OUTPUT = ROOT / "demo-output"
BIN = Path(sys.executable).parent
DAG_ID = "monthly_statements"
MINUTES = 60.0
WAIT_FOR_AIRFLOW = 5 * MINUTES
WAIT_FOR_RUN = 8 * MINUTES
PATIENCE = 1 * MINUTES  # with an Airflow that cannot be asked while the run goes on
POLL_SECONDS = 1.0
_BEGAN = time.monotonic()


class DemoError(RuntimeError):
    """The demo could not be shown; the text says where to look."""


def say(text: str) -> None:
    """Print one line of progress, with the seconds since the start."""
    print(f"[{time.monotonic() - _BEGAN:4.0f} s] {text}", flush=True)


def main() -> int:
    """Run the demo and return its exit code."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    HOME.mkdir(exist_ok=True)
    if stop_leftovers(HOME):
        say("stopped what an interrupted demo had left running")
    shutil.rmtree(HOME)
    shutil.rmtree(OUTPUT, ignore_errors=True)
    HOME.mkdir()
    OUTPUT.mkdir()
    started: list[subprocess.Popen[bytes]] = []
    logs: list[IO[bytes]] = []

    def launch(name: str, *command: str, env: dict[str, str]) -> subprocess.Popen[bytes]:
        logs.append((HOME / f"{name}.log").open("wb"))
        started.append(start(command, log=logs[-1], folder=HOME, env=env))
        return started[-1]

    try:
        _show(launch)
    except KeyboardInterrupt:
        say("interrupted")
        return 1
    except (RuntimeError, OSError) as error:  # all errors of requests are among the latter
        say(" ".join(str(error).split()) or type(error).__name__)
        return 1
    finally:
        for process in reversed(started):
            stop(process, HOME)
        for log in logs:
            log.close()
        say("stopped everything that was started")
    return 0


def _show(launch: Callable[..., subprocess.Popen[bytes]]) -> None:
    sandbox_url = _start_sandbox(launch)
    airflow_url = f"http://127.0.0.1:{free_port(8632)}"
    airflow = launch(
        "airflow", str(BIN / "airflow"), "standalone", env=_environment(sandbox_url, airflow_url)
    )
    api = AirflowApi(airflow_url)
    say("starting Airflow (scheduler, triggerer, API server, DAG processor): its set-up takes a minute")
    _wait_for_airflow(api, airflow)
    run_id = "demo"
    files = ROOT / "dags_examples" / "files"
    assets = f"{sandbox_url}/_sandbox/assets"
    conf = {
        "files": str(files),
        "output": str(OUTPUT),
        "artwork": [f"{assets}/artwork-front.png", f"{assets}/artwork-label.png"],
    }
    api.run(DAG_ID, run_id, conf)
    say(f"started the DAG {DAG_ID}")
    _follow(api, run_id, airflow)
    pages = save_first_pages(sandbox_url, OUTPUT)
    say(f"saved {pages} rendered first pages")
    print("\n" + report(sandbox_url) + "\n", flush=True)
    print(f"Look at the letters:   {OUTPUT.relative_to(ROOT)}/   (pages as PNG, letters as PDF, a table)")
    print("Read the DAG:          dags_examples/monthly_statements.py")
    print("Try it yourself:       make sandbox, then open http://127.0.0.1:8631\n", flush=True)


def _start_sandbox(launch: Callable[..., subprocess.Popen[bytes]]) -> str:
    port = str(free_port(8631))
    env = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")}
    sandbox = launch(
        "sandbox", str(BIN / "print-sandbox"), "serve", "--port", port, "--speed", "240", env=env
    )
    until = time.monotonic() + MINUTES
    while time.monotonic() < until and sandbox.poll() is None:
        for line in (HOME / "sandbox.log").read_text(errors="replace").splitlines():
            if line.startswith("Sandbox ready at "):
                say(line)
                return line.removeprefix("Sandbox ready at ").strip()
        time.sleep(0.1)
    raise DemoError(f"the sandbox did not start: see {HOME / 'sandbox.log'}")


def _environment(sandbox_url: str, airflow_url: str) -> dict[str, str]:
    """Return an environment in which nothing of the user's own Airflow is seen or touched."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")}
    intelliprint = {
        "conn_type": "intelliprint",
        "host": f"{sandbox_url}/intelliprint/v1",
        "password": "key_sandbox",
        # "live" in the sandbox: the letters are charged and posted there, so that the whole way can be seen
        "extra": {"testmode": False, "job_link": f"{sandbox_url}/#{{id}}"},
    }
    printful = {"conn_type": "printful", "host": f"{sandbox_url}/printful", "password": "printful_sandbox"}
    return {
        **kept,
        "PATH": f"{BIN}{os.pathsep}{kept.get('PATH', '')}",
        "AIRFLOW_HOME": str(HOME / "airflow"),
        "AIRFLOW_CONN_INTELLIPRINT_DEFAULT": json.dumps(intelliprint),
        "AIRFLOW_CONN_PRINTFUL_DEFAULT": json.dumps(printful),
        "AIRFLOW__API__BASE_URL": airflow_url,
        "AIRFLOW__API__PORT": airflow_url.rpartition(":")[2],
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags_examples"),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{airflow_url}/execution/",
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__PARALLELISM": "4",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
        "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "5",
        "AIRFLOW__SCHEDULER__USE_JOB_SCHEDULE": "False",  # only the run that the demo starts
    }


def _wait_for_airflow(api: AirflowApi, airflow: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + WAIT_FOR_AIRFLOW
    missing: list[str] = []
    while time.monotonic() < until:
        _check_alive(airflow)
        now_missing = api.unhealthy()
        for part in missing:
            if part not in now_missing:
                say(f"  {part} is up")
        missing = now_missing
        if not missing and _is_ready(api):
            return
        time.sleep(POLL_SECONDS)
    raise DemoError(
        f"Airflow was not ready in time (waiting for {missing or DAG_ID}): see {HOME / 'airflow.log'}"
    )


def _is_ready(api: AirflowApi) -> bool:
    try:
        api.log_in()
        return api.knows(DAG_ID)
    except AirflowError:
        return False  # it has only just begun to answer


def _check_alive(airflow: subprocess.Popen[bytes]) -> None:
    if airflow.poll() is not None:
        raise DemoError(f"Airflow stopped by itself: see {HOME / 'airflow.log'}")


def _follow(api: AirflowApi, run_id: str, airflow: subprocess.Popen[bytes]) -> None:
    """Tell each change of each task until the run has ended."""
    now = time.monotonic()
    until, answered = now + WAIT_FOR_RUN, now
    seen: dict[str, State] = {}
    while time.monotonic() < until:
        _check_alive(airflow)
        try:
            tasks, state = api.tasks(DAG_ID, run_id), api.state(DAG_ID, run_id)
        except AirflowError as error:
            if time.monotonic() - answered > PATIENCE:
                raise DemoError(f"{error}: see {HOME / 'airflow.log'}") from error
            time.sleep(POLL_SECONDS)
            continue
        answered = time.monotonic()
        _tell_changes(seen, tasks)
        seen = tasks
        if state == "success":
            return
        if state == "failed":
            raise DemoError(f"the run failed at {_save_logs(api, run_id, tasks)}: see the logs in {HOME}")
        time.sleep(POLL_SECONDS)
    raise DemoError(f"the run did not end in time; its tasks are {seen}: see {HOME / 'airflow.log'}")


def _tell_changes(before: dict[str, State], tasks: dict[str, State]) -> None:
    for name, now in tasks.items():
        if before.get(name) != now and now[0] not in ("scheduled", "queued", "None"):
            say(f"  {name}: {now[0]}" + (f" (try {now[1]})" if now[1] > 1 else ""))


def _save_logs(api: AirflowApi, run_id: str, tasks: dict[str, State]) -> str:
    """Save the logs of the tasks that failed; return their names."""
    failed = {name: tries for name, (state, tries) in tasks.items() if state == "failed"}
    for name, tries in failed.items():
        try:
            text = api.log(DAG_ID, run_id, name, tries)
        except AirflowError as error:
            text = f"{error}\n"
        (HOME / f"{name}.log").write_text(text)
    return ", ".join(failed)


if __name__ == "__main__":
    sys.exit(main())
