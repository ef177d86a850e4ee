"""Sends every hostile file to a sandbox, looks at what it makes of it, and measures what it takes."""

from __future__ import annotations

import json
import os
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

from airflow_provider_print.sandbox import PrintSandbox
from proofs.fuzz import files
from proofs.fuzz.hostile_files import HOSTILE, Hostile

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

CHILD_LIMIT = 1024 * 1024 * 1024
"""Bytes that a child may take: the limit that it sets itself."""
SERVER_LIMIT = 300 * 1024 * 1024
"""Bytes by which the server itself may grow: what is sent to it, in base64 and out of it, and the answers."""
_LOOK_EVERY = 0.02
_OPENER = build_opener(ProxyHandler({}))


@dataclass(frozen=True)
class Outcome:
    """What came of a file.

    :param status: of making a print job of it.
    :param problem: what was wrong with that, None when nothing was.
    :param seconds: until the answer, and until the pictures of an accepted one.
    :param peak: largest resident size of a child meanwhile, in bytes.
    """

    file: Hostile
    size: int
    status: int
    problem: str | None
    seconds: float
    peak: int


class Watch:
    """Looks how large the children of this process get."""

    def __init__(self) -> None:
        self.peak = 0

    def look(self) -> None:
        """Look once at every child."""
        for child in _children(os.getpid()):
            self.peak = max(self.peak, _resident(child))


@contextmanager
def watching() -> Iterator[Watch]:
    """Look at the children again and again while the context lasts."""
    watch, over = Watch(), threading.Event()

    def look() -> None:
        while not over.wait(_LOOK_EVERY):
            watch.look()

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield watch
    finally:
        watch.look()
        over.set()
        thread.join()


def send(box: PrintSandbox, file: Hostile) -> Outcome:
    """Make a print job of a file and look at its first letter."""
    data = file.make()
    began = time.monotonic()
    with watching() as watch:
        body = {
            "file": {"content": files.in_base64.__wrapped__(data), "name": "run.pdf"},
            "testmode": True,
            "splitting": {"method": "split_on_phrase", "phrase": "Dear"},
        }
        status, found = _call(f"{box.intelliprint_url}/prints", body)
        problem = _problem(file, status, found)
        if status == 200 and found["letters"]:
            for url in (
                found["letters"][0]["pdf"],
                f"{box.url}/_sandbox/outbox/letters/{found['letters'][0]['id']}/pages/0.png",
            ):
                looked, _ = _call(url)
                problem = problem or (
                    f"{url.rsplit('/', 1)[-1][:12]} gave {looked}" if looked >= 500 else None
                )
        alive, _ = _call(f"{box.url}/_sandbox/health")
    problem = problem or (None if alive == 200 else "the sandbox is gone")
    if watch.peak > CHILD_LIMIT:
        problem = f"a child took {watch.peak // 2**20} MB"
    return Outcome(file, len(data), status, problem, time.monotonic() - began, watch.peak)


def report(hostile: Sequence[Hostile] = HOSTILE) -> bool:
    """Send all files, print a table, and return whether each got the right answer within bounds."""
    print(f"\n{'hostile file':<44} {'bytes':>9} {'answer':>6} {'seconds':>7} {'child MB':>8}")
    fine = True
    with PrintSandbox(port=0, rate_limit=0, seed=1) as box:
        before = _resident(os.getpid())
        for file in hostile:
            outcome = send(box, file)
            fine &= outcome.problem is None
            print(
                f"{file.name:<44} {outcome.size:>9} {outcome.status:>6} {outcome.seconds:>7.1f}"
                f" {outcome.peak // 2**20:>8}  {outcome.problem or ''}".rstrip()
            )
        grown = _resident(os.getpid()) - before
    print(f"The server itself grew by {grown // 2**20} MB.")
    return fine and grown <= SERVER_LIMIT


def _problem(file: Hostile, status: int, found: Any) -> str | None:
    if status not in file.expected:
        return f"{status} is not the right answer: {json.dumps(found)[:200]}"
    if status == 400 and found["error"]["code"] != "parameter_invalid":
        return f"the code is {found['error']['code']}"
    return None


def _call(url: str, body: Any = None) -> tuple[int, Any]:
    data = None if body is None else json.dumps(body).encode()
    headers = {
        "Authorization": "Bearer key_sandbox",
        "Content-Type": "application/json",
        "User-Agent": "fuzz",
    }
    try:
        with _OPENER.open(Request(url, data, headers), timeout=300) as answer:
            raw, status = answer.read(), answer.status
    except HTTPError as error:
        raw, status = error.read(), error.code
    return status, json.loads(raw) if raw.startswith(b"{") else None


def _children(parent: int) -> list[int]:
    tasks = Path(f"/proc/{parent}/task")
    found: list[int] = []
    for task in tasks.iterdir() if tasks.exists() else ():
        try:
            found += [int(child) for child in (task / "children").read_text().split()]
        except OSError:  # the thread has ended meanwhile
            continue
    return found


def _resident(process: int) -> int:
    """Return the largest resident size that a process has had so far, 0 when it is gone."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM")), 0)
