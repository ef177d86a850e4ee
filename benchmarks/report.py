"""What is measured, beside its goal and what others take, and how that is shown."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_LIBRARIES = (
    "airflow-provider-print",
    "apache-airflow",
    "apache-airflow-providers-http",
    "apache-airflow-providers-dbt-cloud",
    "requests",
    "urllib3",
    "tenacity",
    "redis",
)


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One line of the table.

    :param what: what was measured.
    :param goal: in words.
    :param ours: our figure.
    :param met: whether it reaches the goal; None for what has no goal, or was not measured here.
    :param peers: figures of what a user would pick instead, by name.
    :param ratio: ours to what the goal names, in words.
    """

    what: str
    goal: str
    ours: str
    met: bool | None
    peers: dict[str, str] = field(default_factory=dict)
    ratio: str = ""


@dataclass(frozen=True)
class Options:
    """How large the measurements are.

    :param letters: letters of each run.
    :param processes: at a time.
    :param scale: scaled seconds in a real second.
    :param peers_at_once: runs of others at a time; ours always has the machine for itself.
    :param rounds: the best of so many is taken, where time is measured.
    :param waits: waiting jobs at most.
    :param megabytes: size of the larger upload.
    :param growth: numbers of letters for the plot.
    """

    letters: int = 1000
    processes: int = 32
    scale: float = 12.0
    peers_at_once: int = 2
    rounds: int = 5
    waits: int = 10_000
    megabytes: int = 500
    growth: tuple[int, ...] = (125, 250, 500)


@dataclass
class Report:
    """Everything that one run has found."""

    options: Options
    figures: list[Figure] = field(default_factory=list)
    configuration: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    #: What the plot shows: by contender, (letters, calls, scaled seconds).
    growth: dict[str, list[tuple[int, int, float]]] = field(default_factory=dict)

    def add(self, figure: Figure) -> None:
        """Add a line, and show it at once."""
        self.figures.append(figure)
        peers = "; ".join(f"{name}: {value}" for name, value in figure.peers.items())
        print(
            f"{_sign(figure.met):6}  {figure.what}: {figure.ours} (goal: {figure.goal})"
            + (f" | {peers}" if peers else ""),
            flush=True,
        )

    @property
    def missed(self) -> list[Figure]:
        """Return what misses its goal."""
        return [figure for figure in self.figures if figure.met is False]

    def table(self) -> str:
        """Return the table as Markdown."""
        lines = ["| Figure | Goal | Ours | Others | Ratio | Met |", "| --- | --- | --- | --- | --- | --- |"]
        for one in self.figures:
            peers = "<br>".join(f"{name}: {value}" for name, value in one.peers.items())
            cells = (one.what, one.goal, one.ours, peers, one.ratio, _sign(one.met))
            lines.append(f"| {' | '.join(cells)} |")
        return "\n".join(lines)

    def page(self, *, command: str, seconds: float, plot: str | None) -> str:
        """Return the whole page of results as Markdown.

        :param command: that has measured.
        :param seconds: it took.
        :param plot: name of the picture beside the page.
        """
        parts = [
            "# Results",
            f"Written by `{command}`, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {seconds / 60:.0f} minutes.",
            f"{machine()}\n\n{versions()}",
            self.table(),
            _bullets("How each was configured", (f"**{k}**: {v}" for k, v in self.configuration.items())),
            _bullets("Notes", self.notes),
        ]
        if plot is not None:
            parts.append(f"## How cost grows\n\n![calls and time by number of letters]({plot})")
        return "\n\n".join(part for part in parts if part) + "\n"


def machine() -> str:
    """Return what this machine is."""
    model = next(
        (line.split(":", 1)[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")),
        platform.processor() or platform.machine(),
    )
    total = next((int(line.split()[1]) for line in _lines("/proc/meminfo") if line.startswith("MemTotal")), 0)
    load = os.getloadavg()[0]
    return (
        f"Machine: {os.cpu_count()} cores ({model}), {total / 2**20:.0f} GiB, {platform.system()} "
        f"{platform.release()}; load when written {load:.1f}."
    )


def versions() -> str:
    """Return what was measured with."""
    found = [f"Python {platform.python_version()}"]
    for name in _LIBRARIES:
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            found.append(f"{name} not installed")
    try:
        curl = subprocess.run(["curl", "--version"], capture_output=True, text=True, check=True).stdout
        found.append(" ".join(curl.split()[:2]))
    except (OSError, subprocess.CalledProcessError):
        found.append("curl not installed")
    return f"Versions: {', '.join(found)}."


def warn_if_busy() -> None:
    """Say so when the machine has other work: jitter is taken for calls that come too early."""
    if os.getloadavg()[0] > 0.7:
        print(f"The machine is busy (load {os.getloadavg()[0]:.1f}): figures will be worse.", file=sys.stderr)


def _sign(met: bool | None) -> str:
    return {True: "yes", False: "**NO**", None: "-"}[met]


def _bullets(title: str, lines: Iterable[str]) -> str:
    listed = "\n".join(f"* {line}" for line in lines)
    return f"## {title}\n\n{listed}" if listed else ""


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text().splitlines()
    except OSError:
        return []
