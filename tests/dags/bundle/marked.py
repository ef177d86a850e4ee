"""A run whose recipients, content and bytes are marked; the marks may be found only in the letters."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from airflow.sdk import DAG, Param

from airflow_provider_print.operators.intelliprint import (
    IntelliprintSaveLettersOperator,
    IntelliprintSubmitPrintJobOperator,
)
from airflow_provider_print.sensors.intelliprint import IntelliprintPrintJobSensor


def secret(name: str) -> Any:
    """Return a callable that reads a file of the run's folder when the field is rendered."""

    def read(context: Any, jinja_env: Any) -> Any:
        return json.loads((Path(context["params"]["folder"]) / name).read_text())

    return read


with DAG(
    dag_id="marked",
    schedule=None,
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    params={"folder": Param("", type="string")},
) as dag:
    written = IntelliprintSubmitPrintJobOperator(
        task_id="written",
        content=secret("content.json"),
        recipients=secret("recipients.json"),
        wait_for_completion=False,
    )
    printed = IntelliprintSubmitPrintJobOperator(
        task_id="printed",
        file="{{ params.folder }}/letter.pdf",
        recipients=secret("recipients.json"),
        deferrable=True,
        poll_interval=0.2,
    )
    waited = IntelliprintPrintJobSensor(
        task_id="waited",
        print_job_id="{{ ti.xcom_pull('written')['id'] }}",
        deferrable=True,
        poke_interval=0.2,
    )
    saved = IntelliprintSaveLettersOperator(
        task_id="saved",
        print_job_id="{{ ti.xcom_pull('written')['id'] }}",
        target="{{ params.folder }}/letters",
    )
    refused = IntelliprintSubmitPrintJobOperator(
        task_id="refused",
        content=secret("content.json"),
        recipients=secret("faulty.json"),
        wait_for_completion=False,
    )
    unreadable = IntelliprintSubmitPrintJobOperator(
        task_id="unreadable",
        content=secret("content.json"),
        recipients=secret("recipients.json"),
        postage={"service": "uk_first_class"},
        max_cost_after_tax="0.01 GBP",
        wait_for_completion=False,
    )
    written >> waited >> saved
