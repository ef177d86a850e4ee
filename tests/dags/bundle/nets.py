"""A quote, a letter, the audit of both, and the janitor."""

from __future__ import annotations

from datetime import UTC, datetime

from airflow.sdk import DAG

from airflow_provider_print.operators.intelliprint import (
    IntelliprintAuditOperator,
    IntelliprintCleanUpDraftsOperator,
    IntelliprintCreatePrintJobOperator,
    IntelliprintSubmitPrintJobOperator,
)

LETTER = {"content": "Dear reader", "recipients": [{"address": {"name": "A Reader", "line": "7 Any Road"}}]}

with DAG("nets", schedule=None, start_date=datetime(2026, 1, 1, tzinfo=UTC)) as dag:
    quote = IntelliprintCreatePrintJobOperator(task_id="quote", **LETTER)
    send = IntelliprintSubmitPrintJobOperator(task_id="send", wait_for_completion=False, **LETTER)
    audit = IntelliprintAuditOperator(task_id="audit", expected=send.output, trigger_rule="all_done")
    clean = IntelliprintCleanUpDraftsOperator(task_id="clean", delete=True)
    quote >> send >> audit >> clean
