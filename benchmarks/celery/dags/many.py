"""The DAG that is run: one letter for each mapped task."""

from __future__ import annotations

import os
from datetime import timedelta

from airflow.sdk import DAG

from airflow_provider_print.operators.intelliprint import IntelliprintSubmitPrintJobOperator

_ADDRESSES = [
    {"name": f"Reader {number}", "line": f"{number} Any Road\nANYTOWN", "postcode": "AB1 2CD"}
    for number in range(1, int(os.environ["BENCH_LETTERS"]) + 1)
]

with DAG(
    dag_id="many",
    schedule=None,
    max_active_tasks=64,
    default_args={"retries": 3, "retry_delay": timedelta(seconds=5)},
) as dag:
    IntelliprintSubmitPrintJobOperator.partial(
        task_id="post", content="Hello", wait_for_completion=False
    ).expand(recipients=[[{"address": address}] for address in _ADDRESSES])
