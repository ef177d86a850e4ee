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


@pytest.mark.behaviour("sandbox.data.answered")
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


@pytest.mark.behaviour("sandbox.clock.restart")
def test_time_never_goes_back_when_it_is_killed(tmp_path: Path) -> None:
    with serve("--data", str(tmp_path), "--speed", "1000000") as process:
        url = url_of(process)
        for path in ("/_sandbox/clock", "/intelliprint/v1/prints", "/_sandbox/health"):
            requests.get(url + path)
        told = requests.get(url + "/_sandbox/clock").json()["now"]
        process.kill()
        process.wait()
    with serve("--data", str(tmp_path), "--speed", "0") as process:
        assert requests.get(url_of(process) + "/_sandbox/clock").json()["now"] >= told


@pytest.mark.behaviour("sandbox.data.one")
def test_one_folder_serves_one_sandbox(tmp_path: Path) -> None:
    with serve("--data", str(tmp_path)) as first:
        url = url_of(first)
        with serve("--data", str(tmp_path)) as second:
            out, err = second.communicate(timeout=15)
        assert (second.returncode, out) == (1, "")
        assert err == f"Another sandbox keeps its state in {tmp_path}.\n"
        assert requests.get(url + "/_sandbox/health").status_code == 200
        first.send_signal(signal.SIGTERM)
        first.wait(15)
    with serve("--data", str(tmp_path)) as third:
        assert url_of(third)


def test_a_folder_that_is_a_file_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for path in ("file", "file/below"):
        with serve("--data", str(tmp_path / path)) as process:
            out, err = process.communicate(timeout=15)
        assert (process.returncode, out, err.count("\n")) == (1, "", 1)
        assert str(tmp_path / path) in err
        assert "--port" not in err


def test_a_damaged_database_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "sandbox.sqlite3").write_bytes(b"no database " * 1000)
    with serve("--data", str(tmp_path)) as process:
        out, err = process.communicate(timeout=15)
    assert (process.returncode, out, err.count("\n")) == (1, "", 1)
    assert "sandbox.sqlite3" in err


def test_under_every_address_it_prints_one_that_can_be_used() -> None:
    with serve("--host", "0.0.0.0", "--allow-host", "print-box") as process:
        url = url_of(process)
        for host, status in (("print-box", 200), ("10.1.2.3:5", 200), ("other", 421)):
            assert requests.get(url + "/_sandbox/health", headers={"Host": host}).status_code == status


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
    "options",
    [["--port", "70000"], ["--speed", "-1"], ["--rate-limit", "-1"], ["--nothing"], ["--host", " "]],
)
def test_options_that_make_no_sense_are_refused(
    options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["serve", *options])
    assert ended.value.code == 2
    assert "usage: print-sandbox" in capsys.readouterr().err
