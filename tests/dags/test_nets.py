"""The audit and the janitor in Airflow's own hands: what they ask about runs and tasks is answered by it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


def test_a_run_is_audited_and_the_quote_of_an_older_run_is_cleaned_up(
    run_dag: Callable[..., Any], connections: Any
) -> None:
    first, _ = run_dag("nets", bundle="tests", logical_date=datetime(2026, 11, 1, tzinfo=UTC))
    assert first.state == "success"
    assert connections.invariants()["drafts"] == 1

    store = connections.sandbox.store
    (quote,) = (job for job in store.all("print") if not job["confirmed"])
    assert quote["metadata"]["made_in"].startswith("nets quote ")
    store.put("print", quote["id"], quote | {"created": quote["created"] - 8 * 86400})

    second, _ = run_dag("nets", bundle="tests", logical_date=datetime(2026, 11, 2, tzinfo=UTC))
    assert second.state == "success"
    left = [job["metadata"]["run"] for job in store.all("print") if not job["confirmed"]]
    assert left == ["2026-11-02T00:00:00+00:00"]
    assert len(connections.invariants()["paid_jobs"]) == 2
