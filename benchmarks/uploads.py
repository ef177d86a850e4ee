"""Memory and time of a large upload, beside `requests` with `files=` and curl."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.report import Figure
from benchmarks.sandbox import servers
from benchmarks.sandbox.statements import statement_run

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.report import Report

_LARGEST = 95 << 20  # what the service takes, less what a form adds
MEMORY, TIME = 10e6, 1.15


@dataclass
class Sent:
    """The best of several uploads: seconds, and bytes of memory (the most of all rounds)."""

    seconds: float = float("inf")
    peak: int = 0

    def add(self, told: dict[str, float]) -> None:
        """Add a round."""
        self.seconds = min(self.seconds, told["seconds"])
        self.peak = max(self.peak, int(told["peak"]))


def uploads(report: Report) -> None:
    """Measure both sizes.

    :raises RuntimeError: when there is no curl.
    """
    if shutil.which("curl") is None:
        raise RuntimeError("There is no curl to compare with. Type:  sudo apt-get install curl")
    report.configuration |= {
        "upload by ours": (
            "Transport.request with Body.of_form; with the digest before, as the paid step sends: read and "
            "digested, then read, digested, compared and sent"
        ),
        "upload by requests": "Session.post(data=, files=) with an open file",
        "upload by curl": "curl -F file=@... -H 'Expect:' over HTTP/1.1, time_total; memory is not looked at",
    }
    with tempfile.TemporaryDirectory(prefix="print-bench-") as folder:
        small, large = Path(folder, "small.pdf"), Path(folder, "large.pdf")
        _fill(small, _LARGEST)
        _measure(report, f"{_LARGEST >> 20} MiB to the sandbox", servers.sandbox, small, digest=True)
        size = report.options.megabytes
        _fill(large, size * 10**6)
        _measure(report, f"{size} MB to a sink", _sink, large, digest=False)


def _sink() -> servers.Child:
    return servers.Child("benchmarks.sink")


def _measure(
    report: Report, what: str, server: Callable[[], servers.Child], path: Path, *, digest: bool
) -> None:
    """Send a file by each client, to a fresh server each time, because it keeps what it was sent."""
    ways: dict[str, Callable[[str], dict[str, float]]] = {
        "ours, digest before": lambda url: _child("ours", url, path, "digest"),
        "ours": lambda url: _child("ours", url, path),
        "requests": lambda url: _child("requests", url, path),
        "curl": lambda url: {"seconds": _curl(url, path), "peak": 0},
    }
    if not digest:
        del ways["ours, digest before"]
    found = {name: Sent() for name in ways}
    for _ in range(report.options.rounds):
        for name, send in ways.items():
            with server() as box:
                found[name].add(send(f"{box.url}/intelliprint/v1"))
    mine = found.pop(next(iter(ways)))
    ratio = mine.seconds / found["curl"].seconds
    about = ", digest before" if digest else ""
    report.add(
        Figure(
            what=f"{what}{about}: memory above the idle process",
            goal="under 10 MB",
            ours=f"{mine.peak / 1e6:.1f} MB",
            met=mine.peak < MEMORY,
            peers={"requests files=": f"{found['requests'].peak / 1e6:.1f} MB"},
            ratio=f"{mine.peak / found['requests'].peak:.3f} of requests",
        )
    )
    report.add(
        Figure(
            what=f"{what}{about}: time",
            goal=f"at most {TIME} times curl",
            ours=f"{mine.seconds:.3f} s",
            met=ratio <= TIME,
            peers={name: f"{one.seconds:.3f} s" for name, one in found.items()},
            ratio=f"{ratio:.2f} of curl",
        )
    )


def _child(who: str, url: str, path: Path, *more: str) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.upload", who, url, str(path), *more]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{who} did not upload: {done.stderr[-2000:]}")
    told: dict[str, float] = json.loads(done.stdout)
    return told


def _curl(url: str, path: Path) -> float:
    form = ["-F", "testmode=true", "-F", f"file=@{path};type=application/pdf"]
    header = ["-H", "Authorization: Bearer key_sandbox", "-H", "Expect:"]
    shown = ["-s", "-f", "-o", "/dev/null", "-w", "%{time_total}"]
    command = ["curl", "--noproxy", "*", *shown, *header, *form, f"{url}/prints"]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def _fill(path: Path, size: int) -> None:
    """Write a real PDF that is so long because of what follows it."""
    data = statement_run(letters=2, pages=4)
    block = b"%" + bytes(range(33, 97)) * 16_384 + b"\n"
    with path.open("wb") as file:
        file.write(data)
        left = size - len(data)
        while left > 0:
            left -= file.write(block[:left])
