"""A letter, another one that fails, and an audit that alone decides whether the run is a success."""

from __future__ import annotations

from datetime import UTC, datetime

from airflow.sdk import DAG

from airflow_provider_print.operators.intelliprint import (
    IntelliprintAuditOperator,
    IntelliprintSubmitPrintJobOperator,
)

READER = {"address": {"name": "A Reader", "line": "7 Any Road"}}
LETTER = {"recipients": [READER], "wait_for_completion": False}

with DAG("nets_half", schedule=None, start_date=datetime(2026, 1, 1, tzinfo=UTC)) as dag:
    sends = IntelliprintSubmitPrintJobOperator(task_id="sends", content="Dear reader", **LETTER)
    fails = IntelliprintSubmitPrintJobOperator(task_id="fails", content="{{ '' }}", **LETTER)
    [sends, fails] >> IntelliprintAuditOperator(task_id="audit", trigger_rule="all_done")
