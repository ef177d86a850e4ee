from __future__ import annotations

import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
import requests

from airflow_provider_print.sandbox import cli

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def serve(*options: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "airflow_provider_print.sandbox.cli", "serve", "--port", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def url_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line.startswith("Sandbox ready at http://127.0.0.1:")
    return line.split()[-1]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_says_when_it_is_ready_and_ends_cleanly(number: signal.Signals) -> None:
    with serve() as process:
        url = url_of(process)
        assert requests.get(url + "/_sandbox/health").json()["status"] == "ok"
        process.send_signal(number)
        out, err = process.communicate(timeout=15)
        assert (process.returncode, out, err) == (0, "", "")


def test_its_options_reach_the_sandbox(tmp_path: Path) -> None:
    with serve("--speed", "5", "--rate-limit", "7", "--data", str(tmp_path / "new" / "folder")) as process:
        url = url_of(process)
        assert requests.get(url + "/_sandbox/clock").json()["speed"] == 5
        assert requests.get(url + "/_sandbox/world").json()["rate_limit"] == 7
        assert list((tmp_path / "new" / "folder").iterdir())


def test_what_was_written_survives_being_killed(tmp_path: Path) -> None:
    job = {"content": "Hello", "testmode": True}
    key = {"Authorization": "key_sandbox"}
    with serve("--data", str(tmp_path)) as process:
        made = requests.post(url_of(process) + "/intelliprint/v1/prints", json=job, headers=key).json()
        process.kill()
        process.wait()
    with serve("--data", str(tmp_path)) as process:
        found = requests.get(f"{url_of(process)}/intelliprint/v1/prints/{made['id']}", headers=key)
        assert found.json()["created"] == made["created"]


def test_a_taken_port_is_said_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        handlers = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)]
        try:
            assert cli.main(["serve", "--port", str(port)]) == 1
        finally:
            for number, handler in zip((signal.SIGTERM, signal.SIGINT), handlers, strict=True):
                signal.signal(number, handler)
    said = capsys.readouterr().err
    assert f"127.0.0.1:{port}" in said
    assert "--port" in said
    assert said.count("\n") == 1


def test_missing_libraries_are_named_with_the_command_that_helps(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli, "_NEEDED", ("starlette", "no_such_library"))
    assert cli.main(["serve"]) == 2
    said = capsys.readouterr().err
    assert "no_such_library" in said
    assert "pip install 'airflow-provider-print[sandbox]'" in said


@pytest.mark.parametrize(
    "options", [["--port", "70000"], ["--speed", "-1"], ["--rate-limit", "-1"], ["--nothing"]]
)
def test_options_that_make_no_sense_are_refused(
    options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["serve", *options])
    assert ended.value.code == 2
    assert "usage: print-sandbox" in capsys.readouterr().err
