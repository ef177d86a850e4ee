"""What the demo starts it also stops, whole families of it, and nothing else."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from tools import processes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

#: Tells the number of its child, and waits for it.
FAMILY = "sleep 60 & echo $!; wait"
#: The same, and deaf to a polite request, as its child is.
STUBBORN = f"trap '' TERM; {FAMILY}"
#: Tells the number of its child, and leaves it alone.
ORPHAN = "sleep 60 & echo $!"


@pytest.fixture(autouse=True)
def short_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "GRACE_SECONDS", 0.5)


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[Any]:
    """Start a shell as a group of its own: `(the process, the number of its child)`."""
    started: list[subprocess.Popen[bytes]] = []

    def start(script: str) -> tuple[subprocess.Popen[bytes], int]:
        told = tmp_path / f"{len(started)}.log"
        with told.open("wb") as log:
            command = ("sh", "-c", script)
            started.append(processes.start(command, log=log, folder=tmp_path, env=dict(os.environ)))
        assert soon(lambda: told.read_text().endswith("\n"))
        return started[-1], int(told.read_text())

    yield start
    for process in started:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
        finally:
            process.wait()


def soon(true: Callable[[], bool]) -> bool:
    until = time.monotonic() + 5
    while not true() and time.monotonic() < until:
        time.sleep(0.01)
    return true()


def lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def notes(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*.group"))


@pytest.mark.parametrize("script", [FAMILY, STUBBORN, ORPHAN], ids=["polite", "stubborn", "orphan"])
def test_the_whole_group_is_stopped_with_grandchildren(tmp_path: Path, launch: Any, script: str) -> None:
    process, child = launch(script)
    assert lives(child)
    assert notes(tmp_path) == [f"{process.pid}.group"]
    processes.stop(process, tmp_path)
    assert process.returncode is not None
    assert soon(lambda: not lives(child))
    assert notes(tmp_path) == []


def test_what_has_ended_by_itself_can_be_stopped(tmp_path: Path) -> None:
    with (tmp_path / "log").open("wb") as log:
        process = processes.start(("true",), log=log, folder=tmp_path, env=dict(os.environ))
    process.wait()
    processes.stop(process, tmp_path)
    assert notes(tmp_path) == []


@pytest.mark.parametrize("script", [FAMILY, STUBBORN, ORPHAN], ids=["polite", "stubborn", "orphan"])
def test_leftovers_of_a_crash_are_stopped_by_the_next_one(tmp_path: Path, launch: Any, script: str) -> None:
    process, child = launch(script)
    if script is ORPHAN:
        process.wait()
    assert processes.stop_leftovers(tmp_path) == 1
    assert soon(lambda: not lives(child) and not lives(process.pid))
    assert notes(tmp_path) == []
    assert processes.stop_leftovers(tmp_path) == 0


def test_a_leftover_whose_leader_was_killed_still_loses_its_grandchildren(
    tmp_path: Path, launch: Any
) -> None:
    process, child = launch(FAMILY)
    process.kill()
    process.wait()
    assert lives(child)
    assert processes.stop_leftovers(tmp_path) == 1
    assert soon(lambda: not lives(child))


@pytest.mark.parametrize("noted", ["", "12.5", "not a time"], ids=["never seen", "long ago", "nonsense"])
def test_a_number_that_another_process_has_now_is_left_alone(tmp_path: Path, launch: Any, noted: str) -> None:
    process, child = launch(FAMILY)
    (tmp_path / f"{process.pid}.group").write_text(noted)
    assert processes.stop_leftovers(tmp_path) == 0
    assert lives(process.pid)
    assert lives(child)
    assert notes(tmp_path) == []


def test_a_group_of_nobody_is_forgotten(tmp_path: Path) -> None:
    ended = subprocess.Popen(("true",), start_new_session=True)
    ended.wait()
    (tmp_path / f"{ended.pid}.group").write_text("12.5")
    assert processes.stop_leftovers(tmp_path) == 0
    assert notes(tmp_path) == []


def test_no_other_program_is_needed_to_look_at_processes(
    tmp_path: Path, launch: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    process, child = launch(FAMILY)
    monkeypatch.setenv("PATH", str(tmp_path))
    processes.stop(process, tmp_path)
    assert soon(lambda: not lives(child))


def test_a_process_that_cannot_be_noted_is_not_left_running(tmp_path: Path) -> None:
    mark = f"SLEEPER_{os.getpid()}"
    with (tmp_path / "log").open("wb") as log, pytest.raises(FileNotFoundError):
        processes.start(("sleep", "60"), log=log, folder=tmp_path / "nowhere", env={**os.environ, mark: "1"})
    children = psutil.Process().children()
    assert not [one for one in children if lives(one.pid) and mark in one.environ()]


def test_a_preferred_port_is_taken_only_while_nobody_listens_there() -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        taken = server.getsockname()[1]
        assert processes.free_port(taken) != taken
    assert processes.free_port(taken) == taken
