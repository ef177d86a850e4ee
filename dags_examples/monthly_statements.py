"""The main job: a month's statements from print run to post, and artwork to the file library.

Runs as it is against the sandbox (`make demo`). For the real services point the connections
`intelliprint_default` and `printful_default` at them, and give `artwork` a URL that the world can reach.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from airflow.sdk import DAG, Param, task

from airflow_provider_print.operators.intelliprint import (
    IntelliprintCreateBackgroundOperator,
    IntelliprintMergeFilesOperator,
    IntelliprintSaveLettersOperator,
    IntelliprintSubmitPrintJobOperator,
)
from airflow_provider_print.operators.printful import PrintfulAddFileOperator

FILES = Path(__file__).parent / "files"

with DAG(
    dag_id="monthly_statements",
    description="Post the month's statements of account and stock the artwork",
    schedule="0 7 1 * *",
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    default_args={"retries": 2, "retry_delay": timedelta(minutes=1)},
    params={
        "files": Param(str(FILES), type="string", description="Folder or storage URL with the input files"),
        "output": Param("/tmp/monthly_statements", type="string", description="Where letters are saved"),  # noqa: S108
        "artwork": Param(
            ["http://127.0.0.1:8631/_sandbox/assets/artwork-front.png"],
            type="array",
            items={"type": "string"},
            description="URLs of print artwork, where the file library can fetch them",
        ),
    },
    render_template_as_native_obj=True,
    tags=["print"],
) as dag:
    letterhead = IntelliprintCreateBackgroundOperator(
        task_id="letterhead",
        file="{{ params.files }}/letterhead.pdf",
        name="Statement letterhead",
    )
    continuation = IntelliprintCreateBackgroundOperator(
        task_id="continuation",
        file="{{ params.files }}/continuation.pdf",
        name="Statement continuation sheet",
    )
    print_run = IntelliprintMergeFilesOperator(
        task_id="print_run",
        files=["{{ params.files }}/statements.pdf", "{{ params.files }}/enclosure.pdf"],
        target="{{ params.output }}/{{ run_id }}/print-run.pdf",
    )
    # One job for the whole run: each page with the phrase begins a letter of its own, and letters marked as
    # electronic only are taken out. The checks look at the free draft; only then is it confirmed and paid.
    send = IntelliprintSubmitPrintJobOperator(
        task_id="send",
        file="{{ params.output }}/{{ run_id }}/print-run.pdf",
        splitting={"method": "split_on_phrase", "phrase": "Statement of account"},
        remove_letters={"with_phrase": "EMAIL ONLY"},
        background={
            "first_page": "{{ ti.xcom_pull('letterhead')['id'] }}",
            "other_pages": "{{ ti.xcom_pull('continuation')['id'] }}",
        },
        extra_documents=[{"document": "{{ params.files }}/leaflet.pdf"}],
        printing={"double_sided": "yes"},
        postage={"service": "uk_second_class", "ideal_envelope": "c5"},
        label="monthly statements",
        min_letters=50,
        max_pages_per_letter=6,
        max_cost_after_tax="200.00 GBP",
        wait_for_completion=True,
        poll_interval=10,
        deferrable=True,
    )
    save = IntelliprintSaveLettersOperator(
        task_id="save",
        print_job_id="{{ ti.xcom_pull('send')['id'] }}",
        target="{{ params.output }}/{{ run_id }}/letters",
    )
    [letterhead, continuation, print_run] >> send >> save

    @task
    def artwork_urls(params: dict[str, Any] | None = None) -> list[str]:
        assert params is not None
        urls: list[str] = params["artwork"]
        return urls

    # The file library needs seconds, not days, so this wait stays on the worker.
    PrintfulAddFileOperator.partial(task_id="artwork", wait_for_completion=True, poll_interval=2).expand(
        url=artwork_urls()
    )
