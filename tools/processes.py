"""Start a command as a process group of its own, and stop all of it, also when the last demo was cut off."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from typing import IO, TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

GRACE_SECONDS = 20.0
#: Seconds by which the same start may be told differently: it is counted from a boot time that the system
#: corrects now and then.
_DRIFT_SECONDS = 2.0


def free_port(preferred: int) -> int:
    """Return the preferred port if nobody listens on it, else one that the system picks."""
    for port in (preferred, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("no free port on 127.0.0.1")


def start(
    command: Sequence[str], *, log: IO[bytes], folder: Path, env: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    """Start a command in a session of its own, and note its group for a later `stop_leftovers`."""
    process = subprocess.Popen(
        command,
        stdout=log,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        env=env,
        start_new_session=True,
    )
    try:
        (folder / f"{process.pid}.group").write_text(str(_started(process.pid) or ""))
    except BaseException:
        _stop_group(process.pid)
        process.wait()
        raise
    return process


def stop(process: subprocess.Popen[bytes], folder: Path) -> None:
    """Stop the whole group of a process: politely, then for good."""
    _stop_group(process.pid)
    process.wait()
    (folder / f"{process.pid}.group").unlink(missing_ok=True)


def stop_leftovers(folder: Path) -> int:
    """Stop what an interrupted demo left behind; a number now used by another process is left alone."""
    stopped = 0
    for note in folder.glob("*.group"):
        pid = int(note.stem)
        if _members(pid) and _is_same(_started(pid), note.read_text()):
            _stop_group(pid)
            stopped += 1
        note.unlink()
    return stopped


def _stop_group(group: int) -> None:
    for sent in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(group, sent)
        except ProcessLookupError:
            return
        until = time.monotonic() + GRACE_SECONDS
        while _members(group) and time.monotonic() < until:
            time.sleep(0.1)


def _members(group: int) -> bool:
    """Tell whether a living process (not one that only waits to be collected) is in the group."""
    for process in psutil.process_iter():
        try:
            if os.getpgid(process.pid) == group and process.status() != psutil.STATUS_ZOMBIE:
                return True
        except (ProcessLookupError, psutil.Error):
            continue
    return False


def _started(pid: int) -> float | None:
    """Return when a process was started, in seconds since the epoch; `None` when there is none."""
    try:
        return psutil.Process(pid).create_time()
    except psutil.Error:
        return None


def _is_same(started: float | None, noted: str) -> bool:
    """Tell a process from a later one with its number; as long as a group lives, nobody else gets it."""
    if started is None:
        return True
    try:
        return abs(started - float(noted)) <= _DRIFT_SECONDS
    except ValueError:
        return False
