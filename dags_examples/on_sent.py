"""Runs when print jobs are sent, whoever has posted them: no task waits for the post.

The event comes by webhook, or, where the API server cannot be reached from outside, from a watcher: then
write `print_job_asset("sent", watch=True)`. Airflow may hand several events to one run, and one event twice.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any

from airflow.sdk import DAG, task

from airflow_provider_print.assets import print_job_asset, read_event

log = logging.getLogger(__name__)
SENT = print_job_asset("sent")

with DAG(
    dag_id="on_sent",
    description="What is to be done once letters are in the post",
    schedule=[SENT],
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    tags=["print"],
) as dag:

    @task(retries=2)
    def book(triggering_asset_events: Any = None) -> list[dict[str, Any]]:
        """Read each print job anew (an event is news, not proof) and return what it has cost."""
        from airflow_provider_print.hooks.intelliprint import IntelliprintHook

        events = [read_event(event) for event in triggering_asset_events[SENT]]
        booked = []
        for event in {event.print_job: event for event in events}.values():
            job = IntelliprintHook(event.conn_id).get_print_job(event.print_job)
            cost = str(job.cost.after_tax) if job.cost else None
            booked.append(
                {"id": job.id, "reference": event.reference, "letters": event.letters, "cost": cost}
            )
        log.info("Booked %d print jobs.", len(booked))
        return booked

    book()
