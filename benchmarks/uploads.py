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

    def text(self) -> str:
        """Return it in words."""
        memory = f", {self.peak / 1e6:.1f} MB" if self.peak else ""
        return f"{self.seconds:.2f} s{memory}"


def uploads(report: Report) -> None:
    """Measure both sizes."""
    report.configuration |= {
        "upload by ours": "Transport.request with Body.of_form; with the digest, as the paid step sends: read "
        "once to digest it, then read, digested, compared and sent",
        "upload by requests": "Session.post(data=, files=) with an open file",
        "upload by curl": "curl -F file=@... -H 'Expect:' over HTTP/1.1, time_total; its memory is not measured",
    }
    with tempfile.TemporaryDirectory(prefix="print-bench-") as folder:
        small, large = Path(folder, "small.pdf"), Path(folder, "large.pdf")
        _fill(small, _LARGEST)
        with servers.sandbox() as box:
            url = f"{box.url}/intelliprint/v1"
            _measure(report, f"{_LARGEST >> 20} MiB to the sandbox", url, small, digest=True)
        size = report.options.megabytes
        _fill(large, size * 10**6)
        with servers.Child("benchmarks.sink") as sink:
            _measure(report, f"{size} MB to a sink", sink.url, large, digest=False)


def _measure(report: Report, what: str, url: str, path: Path, *, digest: bool) -> None:
    found = {name: Sent() for name in ("ours", "ours, digest before", "requests", "curl")}
    if not digest:
        del found["ours, digest before"]
    for _ in range(report.options.rounds):
        found["ours"].add(_child("ours", url, path))
        if digest:
            found["ours, digest before"].add(_child("ours", url, path, "digest"))
        found["requests"].add(_child("requests", url, path))
        if shutil.which("curl"):
            found["curl"].add({"seconds": _curl(url, path), "peak": 0})
    if not found["curl"].peak and found["curl"].seconds == float("inf"):
        report.notes.append("curl is not installed: uploads have nothing to be compared with.")
    mine = found.pop("ours, digest before" if digest else "ours")
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
