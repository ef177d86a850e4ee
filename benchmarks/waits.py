"""What waiting jobs cost, for the table: measured by `benchmarks.waiting`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.report import Figure

if TYPE_CHECKING:
    from benchmarks.report import Report

_SECONDS = 60.0
_MEMORY, _CPU = 200, 0.25


def waits(report: Report) -> None:
    """Measure 1, 100 and the most waiting jobs in one process."""
    from benchmarks.waiting import fits, measure

    most = report.options.waits
    numbers = sorted({1, min(100, most), most})
    report.configuration["waiting"] = (
        "one event loop as in a triggerer, interval 60 s, watched for a minute after the first look; HTTP "
        "sensor: a trigger for each job that makes its own call every 60 s with one shared client; calls are "
        "counted by the sandbox"
    )
    rows = {(row.kind, row.jobs): row for row in measure(numbers, _SECONDS)}
    for number in numbers:
        mine, peer = rows["hub", number], rows["http sensor", number]
        report.add(
            Figure(
                what=f"calls a minute for {number:,} waiting jobs at an interval of 60 s",
                goal="sweep pages only",
                ours=f"{mine.calls:.0f}",
                met=fits(mine),
                peers={"HTTP sensors": f"{peer.calls:,.0f}"},
                ratio=f"{mine.calls / max(peer.calls, 1):.4f} of the sensors" if number > 1 else "",
            )
        )
    mine, peer = rows["hub", most], rows["http sensor", most]
    report.add(
        Figure(
            what=f"memory above the idle triggerer, {most:,} waits in one process",
            goal=f"at most {_MEMORY} MB",
            ours=f"{mine.memory:.0f} MB",
            met=mine.memory <= _MEMORY,
            peers={"HTTP sensors": f"{peer.memory:.0f} MB"},
        )
    )
    report.add(
        Figure(
            what=f"processor of the triggerer, {most:,} waits in one process",
            goal=f"at most {_CPU:.0%} of a core",
            ours=f"{mine.cpu:.1%}, loop lag {mine.lag:.2f} s",
            met=mine.cpu <= _CPU,
            peers={"HTTP sensors": f"{peer.cpu:.1%}, loop lag {peer.lag:.2f} s"},
        )
    )
