"""The example DAGs, unchanged, against the sandbox."""

from __future__ import annotations

import csv
import socket
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from airflow_provider_print.assets import print_job_asset
from airflow_provider_print.hooks.intelliprint import IntelliprintHook
from airflow_provider_print.intelliprint.events import PrintEvent
from tests.airflow.fixtures import posted
from tests.conftest import BUNDLES
from tests.dags.conftest import files_below, load_dag
from tests.support.clients import mailed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

EXAMPLES = sorted(p.stem for p in BUNDLES["examples"].glob("*.py") if "with DAG(" in p.read_text())
FAST = 2_000  # an hour of the sandbox, in which its signed links die, is about two seconds


def customers() -> list[dict[str, str]]:
    with (BUNDLES["examples"] / "files" / "customers.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_there_are_six_examples() -> None:
    assert EXAMPLES == [
        "bulk_notice",
        "monthly_statements",
        "on_sent",
        "postcards",
        "reminders_by_row",
        "statements_backfill",
    ]


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_read_without_connections_and_without_network(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise AssertionError("a DAG file may not open connections while it is read")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.delenv("AIRFLOW_CONN_INTELLIPRINT_DEFAULT", raising=False)
    dag = load_dag("examples", name)
    assert dag.dag_id == name
    assert dag.task_ids


def test_the_main_job_posts_the_run_and_stocks_the_artwork(
    connections: Any, run_dag: Callable[..., Any], tmp_path: Path
) -> None:
    connections.freeze(False)
    connections.set_speed(FAST)
    assets = f"{connections.url}/_sandbox/assets"
    conf = {
        "output": str(tmp_path),
        "artwork": [f"{assets}/artwork-front.png", f"{assets}/artwork-label.png"],
    }
    run, tasks = run_dag("monthly_statements", run_conf=conf)
    assert run.state == "success", {name: ti.state for name, ti in tasks.items()}

    by_post = [row for row in customers() if row["delivery"] == "post"]
    result = tasks["send"].xcom_pull("send")
    assert result["letters"] == {"sent": len(by_post) + 1}, "everybody by post, and the control sheet"
    assert not result["testmode"]
    assert mailed(connections) == len(by_post) + 1

    job = connections.outbox()["jobs"][0]
    names = {letter["address"]["name"] for letter in job["letters"]}
    assert names >= {row["name"] for row in by_post}
    assert result["cost"]["after_tax"] == connections.invariants()["charges"]["after_tax"]
    folder = tmp_path / run.run_id
    saved = files_below(folder / "letters")
    assert sum(path.suffix == ".pdf" for path in saved) == len(by_post) + 1
    rows = (folder / "letters" / "letters.csv").read_text().splitlines()
    assert len(rows) == len(by_post) + 2
    artwork = [ti for name, ti in tasks.items() if name.startswith("artwork[")]
    assert [ti.state for ti in artwork] == ["success", "success"]


def test_reminders_write_one_letter_for_each_row_and_none_twice(
    connections: Any, run_dag: Callable[..., Any]
) -> None:
    owing = sorted(customers(), key=lambda row: -float(row["amount"]))[:3]
    limit = float(owing[-1]["amount"]) - 0.01
    when = datetime(2026, 3, 2, 8, tzinfo=UTC)
    for _ in range(2):
        run, tasks = run_dag("reminders_by_row", logical_date=when, run_conf={"owing_more_than": limit})
        assert run.state == "success", {name: ti.state for name, ti in tasks.items()}
    assert mailed(connections) == len(owing)
    letters = [letter for job in connections.outbox()["jobs"] for letter in job["letters"]]
    assert {letter["address"]["name"] for letter in letters} == {row["name"] for row in owing}


def test_a_month_that_is_run_again_is_not_posted_again(connections: Any, run_dag: Callable[..., Any]) -> None:
    counts = []
    for month in (1, 1, 2):
        when = datetime(2026, month, 1, 7, tzinfo=UTC)
        run, _ = run_dag("statements_backfill", logical_date=when)
        assert run.state == "success"
        counts.append(len(connections.invariants()["paid_jobs"]))
    assert counts == [1, 1, 2]


def test_postcards_go_to_everybody_as_one_job(connections: Any, run_dag: Callable[..., Any]) -> None:
    connections.freeze(False)
    connections.set_speed(FAST)
    run, tasks = run_dag("postcards")
    assert run.state == "success", {name: ti.state for name, ti in tasks.items()}
    (job,) = connections.outbox()["jobs"]
    assert job["type"] == "postcard"
    assert mailed(connections) == len(customers())


def test_a_notice_goes_to_everybody_by_post_in_a_few_print_jobs_and_once(
    connections: Any, run_dag: Callable[..., Any]
) -> None:
    connections.freeze(False)
    connections.set_speed(FAST)
    by_post = [row["name"] for row in customers() if row["delivery"] == "post"]
    for _ in range(2):
        run, tasks = run_dag("bulk_notice")
        assert run.state == "success", {name: ti.state for name, ti in tasks.items()}
    result = tasks["post"].xcom_pull("post")
    assert result["letters"] == {"sent": len(by_post)}
    assert result["already_posted"] == result["print_jobs"] > 1
    jobs = connections.outbox()["jobs"]
    assert len(jobs) == result["print_jobs"]
    assert sorted(letter["address"]["name"] for job in jobs for letter in job["letters"]) == sorted(by_post)


class Triggering:
    """As `triggering_asset_events`: a mapping by assets, which have no hash in every Airflow."""

    def __init__(self, asset: Any, events: list[Any]) -> None:
        self._asset, self._events = asset, events

    def __getitem__(self, asset: Any) -> list[Any]:
        assert asset == self._asset
        return self._events


def test_a_dag_that_is_scheduled_on_sent_jobs_reads_each_of_them_once(
    connections: Any, run_dag: Callable[..., Any]
) -> None:
    run, tasks = run_dag("on_sent")
    assert run.state == "success"
    assert tasks["book"].xcom_pull("book") == [], "nobody has told of a job"

    job = posted(IntelliprintHook(), letters=2)
    event = PrintEvent(
        kind="print_job", status="sent", conn_id="intelliprint_default", print_job=job.id, letters={"sent": 2}
    )
    dag = load_dag("examples", "on_sent")
    told = Triggering(print_job_asset("sent"), [SimpleNamespace(extra=event.payload())] * 2)
    (booked,) = dag.get_task("book").python_callable(triggering_asset_events=told)
    assert booked["id"] == job.id
    assert booked["letters"] == {"sent": 2}
    assert booked["cost"] == str(job.cost.after_tax)
