"""Statements made to be backfilled: a scheduled run and a backfill of the same month are one letter.

The letter key is made from the logical date, so repeating a month (a retry, a clear, `airflow backfill
create`) goes on with what was already posted. A first backfill over past months would post their letters now,
so it is refused unless it is told to:

    airflow backfill create --dag-id statements_backfill --from-date 2026-08-01 --to-date 2026-10-01
        --dag-run-conf '{"on_backfill": "testmode"}'

("testmode" rehearses them, "run" posts them, "skip" leaves them out.)
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from airflow.sdk import DAG, Param

from airflow_provider_print.operators.intelliprint import IntelliprintSubmitPrintJobOperator

FILES = Path(__file__).parent / "files"

with DAG(
    dag_id="statements_backfill",
    description="A month's statements, once however often the month is run",
    schedule="0 7 1 * *",
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    default_args={"retries": 2, "retry_delay": timedelta(minutes=1)},
    params={
        "files": Param(str(FILES), type="string", description="Folder with the print runs"),
        "on_backfill": Param(
            "fail",
            enum=["fail", "run", "skip", "testmode"],
            description="What a backfill does with letters of past months that were never posted",
        ),
    },
    tags=["print"],
) as dag:
    IntelliprintSubmitPrintJobOperator(
        task_id="post",
        file="{{ params.files }}/statements.pdf",
        splitting={"method": "split_on_phrase", "phrase": "Statement of account"},
        remove_letters={"with_phrase": "EMAIL ONLY"},
        label="statements of {{ logical_date.strftime('%B %Y') }}",
        max_cost_after_tax="200.00 GBP",
        on_backfill="{{ params.on_backfill }}",
        wait_for_completion=False,
    )
