"""One notice to every customer by post: a table of rows, a handful of print jobs, two calls for each of them.

The task reads the table itself, so no address passes through XCom. Each customer is known by the number in
the table: a retry, a clear or a second run of the same month posts to nobody twice, and a customer who was
added meanwhile gets a letter, too.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from airflow.sdk import DAG, Param
from customers import read_customers

from airflow_provider_print.operators.intelliprint import IntelliprintSubmitRowsOperator

if TYPE_CHECKING:
    from collections.abc import Iterator

FILES = Path(__file__).parent / "files"
NOTICE = """
<header style="height: 95mm"></header>
<h1>New opening hours</h1>
<p>Dear customer,</p>
<p>From the first of next month the trade counter is open from seven in the morning, Monday to Saturday.</p>
<p>Yours sincerely,<br>Fernhill Supplies</p>
"""


def by_post(context: Any, jinja_env: Any) -> Iterator[dict[str, str]]:  # noqa: ARG001 - Airflow hands over both
    """Yield the rows of all customers who want letters. A path of a `.csv` would do for all of its rows."""
    for row in read_customers(context["params"]["files"]).values():
        if row["delivery"] == "post":
            yield row


with DAG(
    dag_id="bulk_notice",
    description="The same notice to every customer by post",
    schedule=None,
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    default_args={"retries": 3, "retry_delay": timedelta(minutes=5)},
    params={
        "files": Param(str(FILES), type="string", description="Folder with customers.csv"),
        "notice": Param("opening-hours-2026", type="string", description="Which notice: it is sent once"),
    },
    tags=["print"],
) as dag:
    IntelliprintSubmitRowsOperator(
        task_id="post",
        idempotency_key="notice {{ params.notice }}",
        rows=by_post,
        row_key="number",
        address={
            "name": "name",
            "line": ["address_1", "address_2", "town"],
            "postcode": "postcode",
            "country": "country",
        },
        content=NOTICE,
        rows_per_chunk=40,
        max_cost_after_tax="150.00 GBP",
        tolerated_failures=0.02,
        deferrable=True,
    )
