"""What came of a part, in numbers and, for a letter that went wrong, as its whole story."""

from __future__ import annotations

import statistics
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from proofs.chaos import points

if TYPE_CHECKING:
    from proofs.chaos.fire import Fire, Part
    from proofs.chaos.points import Histogram, Testimony


@dataclass(kw_only=True)
class Result:
    """What came of a part.

    :param quiet_calls: requests for each letter that was posted in peace, by our operator.
    :param points: crash points that this way of posting has.
    """

    part: Part
    fire: Fire
    seen: Testimony
    register_log: list[dict[str, Any]]
    seconds: float
    quiet_calls: float
    points: tuple[str, ...] = ()
    histogram: Histogram = field(init=False)
    paid: dict[int, int] = field(init=False)

    def __post_init__(self) -> None:
        """Count."""
        self.histogram = points.histogram(self.fire.processes, self.seen)
        self.paid = {letter: self.seen.paid(letter) for letter in self.part.letters}

    @property
    def twice(self) -> list[int]:
        """Letters that were mailed more than once."""
        return [letter for letter, count in self.paid.items() if count > 1]

    @property
    def never(self) -> list[int]:
        """Letters that were not mailed at all."""
        return [letter for letter, count in self.paid.items() if count == 0]

    @property
    def unfinished(self) -> dict[int, str]:
        """Letters whose task did not end as a success."""
        return {letter: end for letter, end in self.fire.outcomes.items() if end != "posted"}

    @property
    def empty(self) -> list[str]:
        """Crash points that should have been hit and were not."""
        return [point for point in self.points if not self.histogram.total(point)]

    def as_dict(self) -> dict[str, Any]:
        """Return the counts."""
        hit = self.histogram
        return {
            "part": self.part.name,
            "letters": len(self.part.letters),
            "twice": len(self.twice),
            "worst": max(self.paid.values(), default=0),
            "never": len(self.never),
            "tries": sum(process.role == "try" and not process.stretch for process in self.fire.processes),
            "killed": sum(hit.killed.values()),
            "frozen": sum(hit.frozen.values()) - hit.frozen["c9"],
            "calls": self.seen.calls() / len(self.part.letters),
            "drafts": self.seen.report["invariants"]["drafts"],
            "seconds": self.seconds,
            "unfinished": len(self.unfinished),
            "points": {point: hit.total(point) for point in points.POINTS},
        }

    def row(self) -> str:
        """Return the numbers in one line of the table."""
        one = self.as_dict()
        return (
            f"{one['part']:28} {one['letters']:7} {one['twice']:6} {one['worst']:6} {one['never']:6} "
            f"{one['tries']:6} {one['killed']:7} {one['frozen']:7} {one['calls']:7.2f} {one['drafts']:7} "
            f"{one['seconds']:8.0f}"
        )

    def points_table(self) -> str:
        """Return the histogram over the crash points."""
        hit = self.histogram
        lines = [f"Crash points, {self.part.name}", "        " + "".join(f"{p:>6}" for p in points.POINTS)]
        for title, column in (("killed", hit.killed), ("frozen", hit.frozen), ("alone", hit.alone)):
            lines.append(f"{title:8}" + "".join(f"{column[p]:6}" for p in points.POINTS))
        lines.append(
            f"        while the file was being sent: {hit.uploads}; "
            f"woke beside a newer try: {hit.frozen['c9']}, of which the register refused {hit.refused}"
        )
        scale = self.part.scale
        if scale is not None:
            lines.append(
                f"        in peace a try takes {scale.seconds:.2f} s, of these {scale.wire:.2f} s since its "
                f"first request, {scale.bytes} bytes and {self.quiet_calls:.2f} calls"
            )
        return "\n".join(lines)

    def oddities(self) -> list[str]:
        """Return what is no failure by itself and should be looked at all the same."""
        odd = [f"{self.part.name}: letter {one} ended as '{end}'" for one, end in self.unfinished.items()]
        if self.empty:
            odd.append(f"{self.part.name}: nobody was hit at {', '.join(self.empty)}")
        if self.seen.unmapped():
            odd.append(f"{self.part.name}: {self.seen.unmapped()} paid jobs belong to no letter")
        several = [one for one, found in self.seen.references.items() if len(found) > 1]
        if several:
            odd.append(f"{self.part.name}: letters with more than one reference: {several}")
        late = sum(row.get("late", False) for row in self.register_log if row["op"] == "set")
        two = [row for row in self.register_log if row.get("other") not in (None, row.get("value"))]
        refused = sum(row["op"] == "refused" for row in self.register_log)
        if any(row["op"] in ("set", "refused") for row in self.register_log):
            odd.append(
                f"{self.part.name}: the register refused {refused} stale writes, committed {late} after a "
                f"newer try had begun, and overwrote a slot with another value {len(two)} times"
            )
        ends = Counter(
            mark[3]
            for one in self.fire.processes
            for mark in one.marks
            if mark[1] == "end" and mark[2] in ("failed", "up_for_retry")
        )
        odd.append(f"{self.part.name}: tries that failed by themselves: {dict(ends)}")
        waits = points.waits_after_losses(self.fire.processes, self.seen)
        if waits:
            odd.append(
                f"{self.part.name}: after {len(waits)} lost answers {statistics.mean(waits):.2f} s passed on "
                f"average until the next request, {max(waits):.2f} s at most"
            )
        return odd

    def story(self, letter: int) -> str:
        """Return all that is known of one letter, in the order of time."""
        rows: list[tuple[float, str]] = []
        for process in self.fire.processes:
            if process.letter == letter:
                rows.append((process.began, f"{process.role} {process.tag} begins; its blow: {process.blow}"))
                if process.struck:
                    rows.append((process.struck, f"{process.role} {process.tag} is {process.how}"))
                rows += [(float(m[0]), f"  {process.tag}: {' '.join(m[1:])}") for m in process.marks]
        for row in self.register_log:
            if row["scope"] == str(letter):
                told = {name: value for name, value in row.items() if name not in ("t", "scope")}
                rows.append((row["t"], f"    register: {told}"))
        for row in self.seen.report["witness"]:
            if row["tag"].split("/")[0] == str(letter):
                rows.append((row.get("at") or row["arrived"], f"    service: {row}"))
        rows.sort()
        head = f"Letter {letter} of {self.part.name}, seed {self.part.seed}: paid {self.paid[letter]} times"
        return "\n".join([head, *(f"{at:.4f} {text}" for at, text in rows)])


def header() -> str:
    """Return the head of the table."""
    return (
        f"{'':28} {'letters':>7} {'twice':>6} {'worst':>6} {'never':>6} {'tries':>6} "
        f"{'killed':>7} {'frozen':>7} {'calls':>7} {'drafts':>7} {'seconds':>8}"
    )
