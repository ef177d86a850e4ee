"""The processes that are measured: the sandbox as users start it, and yardsticks of the same libraries."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType


class Child:
    """A Python module in a process of its own that says in its first line of output where it answers.

    :param module: run with `python -m`.
    :param options: its arguments.
    """

    def __init__(self, module: str, *options: str) -> None:
        self._command = [sys.executable, "-m", module, *options]

    def __enter__(self) -> Self:
        self.process = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "NO_PROXY": "*"},
        )
        self.url = self._line().split()[-1]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            pipe.close()
        self.process.terminate()
        self.process.wait(15)

    def ask(self, **question: Any) -> Any:
        """Send a line of JSON to a yardstick and return what it answers."""
        assert self.process.stdin is not None
        print(json.dumps(question), file=self.process.stdin, flush=True)
        return json.loads(self._line())

    def _line(self) -> str:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{' '.join(self._command[1:3])} ended")
        return line


def sandbox(*options: str) -> Child:
    """Return the sandbox as its command starts it, without a rate limit."""
    module = "airflow_provider_print.sandbox.cli"
    return Child(module, "serve", "--port", "0", "--rate-limit", "0", *options)


def empty_handler() -> Child:
    """Return an empty handler of the same framework and server."""
    return Child("benchmarks.sandbox.empty")


def raw_extraction() -> Child:
    """Return the library alone: it is told a file and answers with the seconds that its text takes."""
    return Child("benchmarks.sandbox.raw")


class PeakMemory:
    """The most memory that a process and its children hold at one time while the context lasts, in bytes.

    What is counted is the resident set size, so that pages which they share count more than once.

    :param process: the parent.
    """

    def __init__(self, process: int) -> None:
        self._process, self._ended = process, threading.Event()
        self.peak = 0

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.is_set():
            held = sum(_resident(process) for process in [self._process, *_children(self._process)])
            self.peak = max(self.peak, held)
            self._ended.wait(0.02)


def _children(process: int) -> Sequence[int]:
    found: list[int] = []
    with suppress(OSError):  # it may end meanwhile
        for thread in Path(f"/proc/{process}/task").iterdir():
            for child in (thread / "children").read_text().split():
                found += [int(child), *_children(int(child))]
    return found


def _resident(process: int) -> int:
    with suppress(OSError):
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            if line.startswith("Rss:"):
                return int(line.split()[1]) * 1024
    return 0
