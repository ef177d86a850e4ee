"""DAGs that are scheduled on assets of two connections, the least there is to them."""

from __future__ import annotations

from datetime import UTC, datetime

from airflow.sdk import DAG

from airflow_provider_print.assets import letter_asset, print_job_asset

LETTERS = {"letter_sent": "sent", "letter_printing": "printing", "letter_returned": "returned"}
JOBS = {"job_sent": "sent", "job_failed": "failed", "job_finished": "finished"}


def dag(name: str, asset: object) -> DAG:
    return DAG(
        name,
        schedule=[asset],
        start_date=datetime(2026, 1, 1, tzinfo=UTC),
        is_paused_upon_creation=False,
    )


for name, status in LETTERS.items():
    globals()[name] = dag(name, letter_asset(status, intelliprint_conn_id="hooked"))
watched = dag("watched", print_job_asset("sent", intelliprint_conn_id="watched", watch=True))
for name, outcome in JOBS.items():
    globals()[name] = dag(name, print_job_asset(outcome, intelliprint_conn_id="hooked"))
