"""Letters under fire, in small; and whether the counts of the fire can be trusted."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from proofs.chaos import plan, points

_ROOT = Path(__file__).parents[2]


def test_a_few_letters_under_fire_are_each_mailed_once(tmp_path: Path) -> None:
    counts = tmp_path / "counts.json"
    command = [sys.executable, "-m", "proofs.chaos", "--seed", "7", "--letters", "20", "--peers", "0"]
    ran = subprocess.run(
        [*command, "--no-second", "--json", str(counts)],
        cwd=_ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert ran.returncode == 0, ran.stdout[-5000:] + ran.stderr[-5000:]
    (ours,) = json.loads(counts.read_text())
    assert (ours["letters"], ours["twice"], ours["never"]) == (20, 0, 0)
    assert ours["killed"] > 0
    assert ours["frozen"] > 0
    assert ours["tries"] > 20


def test_the_same_seed_deals_the_same_blows_and_another_deals_others() -> None:
    def blows(seed: int) -> list[plan.Blow]:
        return [plan.blow(seed, letter, number) for letter in range(50) for number in range(1, 6)]

    assert blows(1) == blows(1)
    assert blows(1) != blows(2)
    assert {blow.kind for blow in blows(1)} == {"kill", "freeze", "none"}
    assert {blow.by for blow in blows(1)} == {"time", "wire", "bytes", "steps", "marks"}


def test_after_five_tries_nobody_is_hurt() -> None:
    late = [plan.blow(1, letter, number) for letter in range(50) for number in (6, 7, 40)]
    assert {blow.kind for blow in late} == {"none"}


def test_the_chances_of_the_faults_make_the_shares_that_are_promised() -> None:
    left, shares = 1.0, {"before": 0.0, "after": 0.0, "late": 0.0}
    for rule in plan.fault_rules():
        if rule.get("status") == 402:
            continue
        shares[rule["phase"]] += left * rule["probability"]
        left *= 1 - rule["probability"]
    assert shares == pytest.approx({"before": 0.08, "after": 0.12, "late": 0.06})


class _Try:
    """A try as the fire knows it.

    :param marks: what it has written down.
    :param struck: when it was hit.
    """

    def __init__(
        self, marks: list[str], struck: float, *, role: str = "try", overtaken: bool = False
    ) -> None:
        self.marks = [mark.split(" ") for mark in marks]
        self.struck, self.role, self.overtaken = struck, role, overtaken
        self.tag, self.stretch, self.ended, self.how = "0/1/0", 0, -9, "killed"


CREATING = ["1 begin 1 POST /v1/prints", "2 sent 1"]
CREATED = [*CREATING, "3 answered 1 200"]
DECIDING = [*CREATED, "4 asking SetTaskStateStore key"]
DECIDED = [*DECIDING, "5 told SetTaskStateStore key"]
CONFIRMING = [*DECIDED, "6 begin 2 POST /v1/prints/print_1", "7 sent 2"]
CONFIRMED = [*CONFIRMING, "8 answered 2 200"]


def _seen(*executed: tuple[str, float, bool], status: int = 200) -> points.Testimony:
    rows: list[dict[str, Any]] = [
        {"tag": f"0/1/0/{call}", "at": at, "entry": 1, "status": status, "confirmed": confirmed}
        for call, at, confirmed in executed
    ]
    journal = [{"id": 1, "reference": "letter 0"}]
    return points.Testimony(report={"journal": journal, "witness": rows, "invariants": {"paid_jobs": {}}})


@pytest.mark.parametrize(
    ("marks", "struck", "executed", "point"),
    [
        pytest.param([], 1.0, [], "c0", id="nothing was sent"),
        pytest.param(CREATING[:1], 1.5, [], "c0", id="the file was being sent"),
        pytest.param(CREATING, 2.5, [], "c1", id="the create is on its way"),
        pytest.param(CREATING, 2.5, [("1", 3.0, False)], "c1", id="the create will be late"),
        pytest.param(CREATING, 2.5, [("1", 2.2, False)], "c2", id="the create was executed"),
        pytest.param(CREATED, 3.5, [("1", 2.2, False)], "c2", id="the id is known and not stored"),
        pytest.param(DECIDING, 4.5, [("1", 2.2, False)], "c3", id="the decision is on its way"),
        pytest.param(DECIDED, 5.5, [("1", 2.2, False)], "c4", id="decided"),
        pytest.param(CONFIRMING, 7.5, [("1", 2.2, False)], "c5", id="the confirm is on its way"),
        pytest.param(
            CONFIRMING, 7.5, [("1", 2.2, False), ("2", 7.2, True)], "c6", id="the confirm was executed"
        ),
        pytest.param(CONFIRMED, 8.5, [("1", 2.2, False), ("2", 7.2, True)], "c7", id="known to be paid"),
    ],
)
def test_the_crash_point_is_told_from_what_was_sent_executed_and_answered(
    marks: list[str], struck: float, executed: list[tuple[str, float, bool]], point: str
) -> None:
    assert points.point_of(_Try(marks, struck), _seen(*executed)) == point  # type: ignore[arg-type]


def test_a_refused_payment_is_a_crash_point_of_its_own() -> None:
    marks = [*CONFIRMING, "8 answered 2 402"]
    tried = _Try(marks, 9.0)
    assert points.point_of(tried, _seen(("1", 2.2, False))) == "c8"  # type: ignore[arg-type]


def test_a_frozen_try_counts_as_awake_only_if_it_did_something_beside_a_newer_one() -> None:
    woke = _Try([*CREATING, "9 answered 1 200"], 2.5, overtaken=True)
    slept = _Try(CREATING, 2.5, overtaken=True)
    assert points.went_on(woke)  # type: ignore[arg-type]
    assert not points.went_on(slept)  # type: ignore[arg-type]
