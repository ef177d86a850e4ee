"""The DAGs of the proof: one letter a run, written once for every kind of run."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

from airflow.sdk import DAG

from airflow_provider_print.operators.intelliprint import IntelliprintSubmitPrintJobOperator
from proofs.chaos_airflow.plan import BEGAN, TASK, Plan, plans

ADDRESS = {"name": "Ann Example", "line": "1 High Street\nZetford", "postcode": "ZZ1 1AA", "country": "GB"}


def _arguments(plan: Plan) -> dict[str, Any]:
    """Return what differs from plan to plan."""
    given: dict[str, Any] = {"wait_for_completion": bool(plan.waits_for), "deferrable": plan.deferrable}
    if plan.waits_for:
        given["target_statuses"] = plan.waits_for
    if plan.own_key is not None:
        given["idempotency_key"] = plan.own_key
    if plan.on_backfill is not None:
        given["on_backfill"] = plan.on_backfill
    return given


for _plan in plans(int(os.environ[BEGAN])):
    with DAG(
        dag_id=_plan.dag_id,
        schedule="@daily" if _plan.daily else "@once",
        start_date=_plan.day(0),
        end_date=_plan.day(20),
        catchup=False,
        default_args={"retries": 8, "retry_delay": timedelta(seconds=1)},
    ) as _dag:
        IntelliprintSubmitPrintJobOperator(
            task_id=TASK,
            file=f"{os.environ['CHAOS_LETTERS']}/{_plan.dag_id}.pdf",
            recipients=[{"address": ADDRESS}],
            max_pages_per_letter=1,
            poll_interval=1,
            **_arguments(_plan),
        )
    globals()[_plan.dag_id] = _dag
