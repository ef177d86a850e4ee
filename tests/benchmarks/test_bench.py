"""The command: what it measures is told with goals, and a goal that is missed is an exit code."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from benchmarks import __main__ as bench
from benchmarks.report import Figure

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.report import Report


def test_a_letter_costs_the_calls_that_are_promised(capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.main(["--only", "calls"]) == 0
    told = capsys.readouterr().out
    assert "| calls per letter, first scheduled run | 2 | 2 |" in told
    assert "| calls per letter, bulk of 1,000 | 0.002 | 0.002 |" in told


@pytest.mark.parametrize(("met", "code"), [(True, 0), (None, 0), (False, 1)])
def test_a_goal_that_is_missed_is_an_exit_code_and_is_written_down(
    met: bool | None, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def measure(report: Report) -> None:
        report.add(Figure(what="speed", goal="light", ours="sound", met=met, peers={"others": "on foot"}))
        report.configuration["others"] = "boots"

    monkeypatch.setattr(bench, "PARTS", {"speed": measure})
    page = tmp_path / "page.md"
    assert bench.main(["--write", str(page)]) == code
    text = page.read_text()
    assert "| speed | light | sound | others: on foot |" in text
    assert "**others**: boots" in text
    assert ("**NO**" in text) == (met is False)


def test_a_part_that_fails_costs_no_other_part_and_is_an_exit_code(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_report: Report) -> None:
        raise RuntimeError("there is no curl")

    def whole(report: Report) -> None:
        report.add(Figure(what="speed", goal="light", ours="sound", met=True))

    monkeypatch.setattr(bench, "PARTS", {"uploads": broken, "speed": whole})
    assert bench.main(["--rounds", "1"]) == 1
    told = capsys.readouterr().out
    assert "| uploads | to be measured | RuntimeError: there is no curl |" in told
    assert "| speed | light | sound |" in told
