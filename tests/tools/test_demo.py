"""The demo ends with one line that says what happened, and with everything stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests

from tests.support.stub import Stub, answer, reset_at_once
from tools import demo
from tools.airflow_api import AirflowApi, AirflowError

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

RUNNING = answer(200, {"state": "running"})
SUCCESS = answer(200, {"state": "success"})
FAILED = answer(200, {"state": "failed"})
TASKS = answer(
    200, {"task_instances": [{"task_id": "post", "map_index": -1, "state": "failed", "try_number": 1}]}
)


class Alive:
    """A process that goes on, or has ended."""

    def __init__(self, code: int | None = None) -> None:
        self.code = code

    def poll(self) -> int | None:
        return self.code


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "HOME", tmp_path / "home")
    monkeypatch.setattr(demo, "OUTPUT", tmp_path / "output")
    monkeypatch.setattr(demo, "POLL_SECONDS", 0.01)
    monkeypatch.setattr(demo.signal, "signal", lambda *_: None)
    (tmp_path / "home").mkdir()


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (demo.DemoError("the run failed"), "the run failed"),
        (AirflowError("Airflow answered 500 to GET x"), "Airflow answered 500"),
        (RuntimeError("letters.py:\n  no module"), "letters.py: no module"),
        (requests.ConnectionError("refused"), "refused"),
        (requests.HTTPError("404 Client Error"), "404 Client Error"),
        (FileNotFoundError(2, "No such file", "print-sandbox"), "print-sandbox"),
        (KeyboardInterrupt(), "interrupted"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_whatever_goes_wrong_is_one_line_and_exit_code_1_with_everything_stopped(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: BaseException, words: str
) -> None:
    started: list[subprocess.Popen[bytes]] = []

    def show(launch: Any) -> None:
        started.append(launch("sleeper", "sleep", "60", env={"PATH": "/usr/bin:/bin"}))
        raise error

    monkeypatch.setattr(demo, "_show", show)
    assert demo.main() == 1
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert words in lines[0]
    assert "stopped everything" in lines[1]
    assert started[0].returncode is not None


def test_answers_that_are_lost_on_the_way_do_not_end_a_run() -> None:
    unsure = [reset_at_once, answer(500, b"busy"), TASKS, reset_at_once, TASKS, RUNNING, TASKS, SUCCESS]
    with Stub(unsure) as stub:
        demo._follow(AirflowApi(stub.url), "r", Alive())
        assert len(stub.seen) == 6


def test_an_airflow_that_stays_away_ends_the_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "PATIENCE", 0.1)
    with (
        Stub([answer(500, b"broken")]) as stub,
        pytest.raises(demo.DemoError, match="answered 500") as caught,
    ):
        demo._follow(AirflowApi(stub.url), "r", Alive())
    assert "airflow.log" in str(caught.value)


def test_an_airflow_that_has_ended_is_told_at_once() -> None:
    with Stub([reset_at_once]) as stub, pytest.raises(demo.DemoError, match="stopped by itself"):
        demo._follow(AirflowApi(stub.url), "r", Alive(1))


def test_a_failed_run_names_its_task_also_when_its_log_cannot_be_fetched() -> None:
    with (
        Stub([TASKS, FAILED, answer(500, b"no log")]) as stub,
        pytest.raises(demo.DemoError, match="failed at post"),
    ):
        demo._follow(AirflowApi(stub.url), "r", Alive())
    assert "answered 500" in (demo.HOME / "post.log").read_text()


def test_an_airflow_that_stumbles_while_it_starts_is_waited_for() -> None:
    healthy = {part: {"status": "healthy"} for part in ("metadatabase", "scheduler", "triggerer")}
    well = answer(200, {**healthy, "dag_processor": {"status": "healthy"}})
    token, none = answer(200, {"access_token": "t"}), answer(200, {"import_errors": []})
    steps = [well, answer(500, b"not yet"), well, token, reset_at_once, well, token, none, answer(200, {})]
    with Stub(steps) as stub:
        demo._wait_for_airflow(AirflowApi(stub.url), Alive())
        assert len(stub.seen) == 8
