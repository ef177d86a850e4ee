"""Start a command as a process group of its own, and stop all of it, also when the last demo was cut off."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

GRACE_SECONDS = 20.0


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
    (folder / f"{process.pid}.group").write_text(_started(process.pid) or "")
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
        if _members(pid) and _started(pid) in (None, note.read_text()):
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
    listed = subprocess.run(["ps", "-e", "-o", "pgid=,stat="], capture_output=True, text=True, check=True)
    rows = (line.split() for line in listed.stdout.splitlines())
    return any(row[0] == str(group) and not row[1].startswith("Z") for row in rows)


def _started(pid: int) -> str | None:
    """Return when a process was started, to tell it from a later one with the same number."""
    told = subprocess.run(
        ["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return told.stdout.strip() or None
