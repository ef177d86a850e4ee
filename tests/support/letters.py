"""Letters of ours on the sandbox, as the paid step leaves them there."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from airflow_provider_print.core.identity import LetterKey
from airflow_provider_print.intelliprint.requests import PrintJobRequest
from tests.airflow.fixtures import RECIPIENT

if TYPE_CHECKING:
    from airflow_provider_print.intelliprint.client import IntelliprintClient
    from airflow_provider_print.intelliprint.models import PrintJob
    from airflow_provider_print.sandbox import PrintSandbox

RUN = "2026-11-01T07:00:00+00:00"
RUN_ID = "scheduled__2026-11-01"


def task_key(
    task_id: str = "send",
    *,
    dag_id: str = "unit",
    run: str = RUN,
    index: int = -1,
    environment: str = "",
    testmode: bool = False,
    resend: str | None = None,
) -> LetterKey:
    return LetterKey.for_task(
        base_url="http://127.0.0.1/v1",
        testmode=testmode,
        environment=environment,
        dag_id=dag_id,
        run_part=run,
        task_id=task_id,
        map_index=index,
        resend=resend,
    )


def own_key(name: str, *, environment: str = "", testmode: bool = False) -> LetterKey:
    return LetterKey.for_user(
        base_url="http://127.0.0.1/v1", testmode=testmode, environment=environment, idempotency_key=name
    )


def made_in(key: LetterKey, *, run_id: str = RUN_ID, task: str = "unit send") -> str:
    parts = key.parts
    if "dag_id" in parts:
        index = f"[{parts['map_index']}]" if parts["map_index"] != "-1" else ""
        task = f"{parts['dag_id']} {parts['task_id']}{index}"
    return f"{task} {run_id} clear 0 try 1"


def drafted(client: IntelliprintClient, key: LetterKey, *, letters: int = 1, **metadata: str) -> PrintJob:
    """Make a draft that carries a letter key; more metadata by name, an empty one is left out."""
    stored = {**key.metadata(), "made_in": made_in(key), **metadata}
    request = PrintJobRequest.build(
        content="Dear reader",
        recipients=[RECIPIENT] * letters,
        testmode=key.parts["testmode"] == "true",
        reference=key.reference,
        metadata={name: value for name, value in stored.items() if value},
    )
    return client.create_print_job(request)


def paid(client: IntelliprintClient, key: LetterKey, *, letters: int = 1, **metadata: str) -> PrintJob:
    """Make a confirmed job that carries a letter key."""
    return client.confirm_print_job(drafted(client, key, letters=letters, **metadata).id)


def copies(box: PrintSandbox, job_id: str, number: int, **changes: Any) -> list[str]:
    """Put copies of a job into the store, one second apart, each with another letter key."""
    store = box.sandbox.store
    original = store.get("print", job_id)
    assert original is not None
    ids = []
    for n in range(number):
        job = copy.deepcopy(original)
        key = task_key(f"copy{n}")
        at = int(original["created"]) - n - 1
        job |= {"id": f"print_copy{n:06d}", "reference": key.reference, "metadata": key.metadata()}
        job |= {"created": at, "confirmed_at": at if job["confirmed"] else None, **changes}
        store.put("print", job["id"], job)
        ids.append(job["id"])
    return ids


def calls(box: PrintSandbox, method: str = "GET", route: str = "/prints") -> int:
    """How often a route was called."""
    return sum(one["method"] == method and one["route"].endswith(route) for one in box.journal())
