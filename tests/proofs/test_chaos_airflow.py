"""What the proof under a real scheduler judges by, and what it says when something is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from proofs.chaos_airflow import postgres
from proofs.chaos_airflow.bench import Letter, Row, moment
from proofs.chaos_airflow.plan import KINDS, Plan, plans
from proofs.chaos_airflow.verdict import begun_with_a_draft, deviations, merged, table

if TYPE_CHECKING:
    from pathlib import Path

PLAN = plans(1_770_000_000)[0]
OWN = Plan(kind="x", dag_id="x_1", first=PLAN.first, own_key="shared-1")
RUN = PLAN.day(0).isoformat()


def job(
    name: str, *, letter_key: str = "af1-a", confirmed: bool = True, **metadata: str
) -> dict[str, object]:
    told = {"dag_id": PLAN.dag_id, "run": RUN, "letter_key": letter_key, **metadata}
    return {"id": name, "reference": name, "confirmed": confirmed, "testmode": False, "metadata": told}


def rows(*letters: Letter) -> list[Row]:
    return [Row("some kind", acts=1, letters=list(letters))]


def test_one_paid_job_and_an_idle_draft_are_as_promised() -> None:
    assert deviations(rows(Letter(PLAN, RUN)), [job("one"), job("draft", confirmed=False)]) == []


def test_a_letter_that_was_paid_twice_is_told_with_both_jobs() -> None:
    told = deviations(rows(Letter(PLAN, RUN)), [job("one"), job("two")])
    assert told == [
        f"{PLAN.dag_id} {RUN} has 2 paid jobs instead of 1: one, two",
        "letter key af1-a has 2 paid jobs: one, two",
    ]


def test_a_letter_that_was_never_paid_is_told() -> None:
    assert deviations(rows(Letter(PLAN, RUN)), [job("draft", confirmed=False)]) == [
        f"{PLAN.dag_id} {RUN} has 0 paid jobs instead of 1: none"
    ]


def test_a_letter_that_was_paid_though_nobody_allowed_it_is_told() -> None:
    assert deviations(rows(Letter(PLAN, RUN, 0)), [job("one")]) == [
        f"{PLAN.dag_id} {RUN} has 1 paid jobs instead of 0: one"
    ]


def test_one_letter_under_two_letter_keys_is_told() -> None:
    told = deviations(rows(Letter(PLAN, RUN)), [job("one"), job("two", letter_key="af1-b")])
    assert told == [f"{PLAN.dag_id} {RUN} has 2 paid jobs instead of 1: one, two"]


def test_a_paid_job_that_nobody_expected_is_told() -> None:
    told = deviations(rows(Letter(PLAN, RUN)), [job("one"), job("stray", letter_key="af1-c", run="another")])
    assert told == ["paid job stray (stray) belongs to no letter"]


def test_a_key_of_the_users_own_is_one_letter_in_all_runs() -> None:
    jobs = [job("one", idempotency_key="shared-1"), job("two", idempotency_key="shared-1", run="another")]
    assert len(deviations(rows(Letter(OWN, None)), jobs)) == 2


def test_the_rows_of_one_kind_become_one_line_with_what_was_read_back() -> None:
    parts = [
        Row("k", runs=1, tries=2, acts=3, letters=[Letter(PLAN, RUN)]),
        Row("k", runs=4, tries=5, acts=6),
    ]
    whole = merged(parts, Row)
    assert [(row.kind, row.runs, row.tries, row.acts) for row in whole] == [("k", 5, 7, 9)]
    line = next(line for line in table(whole, [job("one")]).splitlines() if "│ k " in line)
    assert [cell.strip() for cell in line.strip("│").split("│")] == ["k", "5", "9", "1", "1", "1", "7", "0"]


@pytest.mark.parametrize(
    ("call", "told"),
    [
        ({"answered": True, "executed": True}, "after confirm"),
        ({"answered": False, "executed": True}, "confirm done, not answered"),
        ({"answered": False, "executed": False}, "confirm not yet done"),
    ],
)
def test_a_moment_is_told_by_the_last_call_of_the_try(call: dict[str, bool], told: str) -> None:
    assert moment([{"method": "POST", "route": "/intelliprint/v1/prints/{id}", **call}]) == told
    assert moment([]) == "before its first call"


def test_letters_that_began_with_no_look_up_are_counted() -> None:
    prints = {"route": "/intelliprint/v1/prints"}
    calls = [
        {"method": "GET", "reference": "looked up", **prints},
        {"method": "POST", "reference": "looked up", **prints},
        {"method": "POST", "reference": "at once", **prints},
        {"method": "GET", "reference": "at once", **prints},
        {"method": "GET", "reference": None, **prints},
    ]
    assert begun_with_a_draft(calls) == 1


def test_there_are_thirty_dags_at_least_with_names_of_their_own() -> None:
    names = [plan.dag_id for plan in plans(1_770_000_000)]
    assert len(set(names)) == len(names) >= 30
    assert {plan.kind for plan in plans(1_770_000_000)} == set(KINDS)


def test_without_a_server_the_package_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(postgres, "_PLACES", ())
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(postgres.PostgresError, match="apt-get install postgresql"):
        postgres.Postgres(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_only_a_folder_of_an_earlier_proof_is_deleted(tmp_path: Path) -> None:
    precious = tmp_path / "chaos-airflow-mine"
    precious.mkdir()
    (tmp_path / "database.folder").write_text(str(precious))
    postgres.remove_leftovers(tmp_path)
    assert precious.is_dir()
