"""How calls and time grow with the number of letters, as a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.report import Report

_SHOWN = {
    "ours": ("tab:green", "o"),
    "http": ("tab:red", "s"),
    "vendor": ("tab:orange", "^"),
    "exponential": ("tab:blue", "v"),
    "unpaced": ("tab:gray", "x"),
}


def plot(report: Report, path: Path) -> None:
    """Draw what `limiters.growth` has found.

    :param path: of an SVG file.
    :raises ImportError: when the library is not installed.
    """
    import matplotlib

    matplotlib.use("Agg")
    matplotlib.rcParams["svg.hashsalt"] = "the same picture for the same figures"
    from matplotlib import pyplot

    from benchmarks.limiters import ideal

    figure, (calls, minutes) = pyplot.subplots(1, 2, figsize=(11, 4.2))
    for who, points in sorted(report.growth.items()):
        letters = [point[0] for point in points]
        colour, marker = _SHOWN.get(who, ("black", "."))
        style = {"color": colour, "marker": marker, "label": who}
        calls.plot(letters, [point[1] / point[0] for point in points], **style)
        minutes.plot(letters, [point[2] / 60 for point in points], **style)
    letters = sorted({point[0] for points in report.growth.values() for point in points})
    minutes.plot(letters, [ideal(count) / 60 for count in letters], "k--", label="ideal")
    calls.axhline(2, color="black", linestyle="--", label="ideal")
    for axes, title, unit in (
        (calls, "Calls per letter", "calls"),
        (minutes, "Time", "minutes at 100 calls a minute"),
    ):
        axes.set(title=title, xlabel="letters", ylabel=unit)
        axes.set_ylim(bottom=0)
        axes.grid(alpha=0.3)
        axes.legend()
    figure.tight_layout()
    figure.savefig(path, format="svg", metadata={"Date": None})
    pyplot.close(figure)
