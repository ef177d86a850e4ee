"""One letter for each row of a CSV, each with a letter key of its own.

A map index is a position: when the upstream list comes in another order, index 3 is somebody else. So each
letter is keyed by the customer and the month. Only customer numbers pass through XCom; name and address are
read on the worker.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from airflow.sdk import DAG, Param, task
from customers import read_customers, recipient

from airflow_provider_print.operators.intelliprint import IntelliprintSubmitPrintJobOperator

FILES = Path(__file__).parent / "files"


def number_of(context: Any) -> str:
    """Return the customer number of this mapped task: the last word of its letter key."""
    key: str = context["task"].idempotency_key
    return key.rpartition(" ")[2]


def addressee(context: Any, jinja_env: Any) -> list[dict[str, Any]]:  # noqa: ARG001 - Airflow hands over both
    """Return the customer of this mapped task as the only recipient."""
    return [recipient(read_customers(context["params"]["files"])[number_of(context)])]


def reminder(context: Any, jinja_env: Any) -> str:
    """Return the letter's HTML with the row filled in."""
    row = read_customers(context["params"]["files"])[number_of(context)]
    text: str = jinja_env.get_template("files/reminder.html").render(customer=row)
    return text


with DAG(
    dag_id="reminders_by_row",
    description="One reminder letter for each customer who owes more than a limit",
    schedule="0 8 * * 1",
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    default_args={"retries": 2, "retry_delay": timedelta(minutes=1)},
    params={
        "files": Param(str(FILES), type="string", description="Folder with customers.csv"),
        "owing_more_than": Param(400.0, type="number", description="GBP"),
    },
    tags=["print"],
) as dag:

    @task
    def letters(
        params: dict[str, Any] | None = None, run_id: str | None = None, ds: str | None = None
    ) -> list[str]:
        """Return a letter key for each customer to write to."""
        assert params is not None
        rows = read_customers(params["files"])
        owing = [n for n, row in rows.items() if float(row["amount"]) > params["owing_more_than"]]
        return [f"reminder {ds or run_id} {number}" for number in owing]

    IntelliprintSubmitPrintJobOperator.partial(
        task_id="post",
        content=reminder,
        recipients=addressee,
        max_cost_after_tax="2.50 GBP",
        expected_letters=1,
        wait_for_completion=False,
        map_index_template="{{ task.idempotency_key }}",
    ).expand(idempotency_key=letters())
