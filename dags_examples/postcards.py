"""Postcards: a two-page PDF (picture, text), sent to everybody in a CSV as one job of two calls."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from airflow.sdk import DAG, Param
from customers import read_customers, recipient

from airflow_provider_print.operators.intelliprint import IntelliprintSubmitPrintJobOperator
from airflow_provider_print.sensors.intelliprint import IntelliprintPrintJobSensor

FILES = Path(__file__).parent / "files"


def everybody(context: Any, jinja_env: Any) -> list[dict[str, Any]]:  # noqa: ARG001 - Airflow hands over both
    """Return all customers as recipients, read on the worker."""
    return [recipient(row) for row in read_customers(context["params"]["files"]).values()]


with DAG(
    dag_id="postcards",
    description="A postcard to every customer",
    schedule=None,
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    default_args={"retries": 2, "retry_delay": timedelta(minutes=1)},
    params={"files": Param(str(FILES), type="string", description="Folder with CSV and PDF")},
    tags=["print"],
) as dag:
    post = IntelliprintSubmitPrintJobOperator(
        task_id="post",
        type="postcard",
        file="{{ params.files }}/postcard.pdf",
        recipients=everybody,
        postage={"service": "uk_second_class", "ideal_envelope": "postcard_a6"},
        printing={"matt_finish": True},
        max_cost_after_tax="150.00 GBP",
        wait_for_completion=False,
    )
    sent = IntelliprintPrintJobSensor(
        task_id="sent",
        print_job_id="{{ ti.xcom_pull('post')['id'] }}",
        tolerated_failures=0.02,
        poke_interval=60,
        deferrable=True,
    )
    post >> sent
