"""The audit and the janitor in Airflow's own hands: what they ask about runs and tasks is answered by it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from airflow_provider_print._compat import NEVER_EXPIRE

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


def test_a_run_of_which_one_task_has_failed_is_not_made_a_success_by_its_audit(
    run_dag: Callable[..., Any], connections: Any
) -> None:
    run, tasks = run_dag("nets_half", bundle="tests", logical_date=datetime(2026, 11, 4, tzinfo=UTC))
    assert {name: task.state for name, task in tasks.items()} == {
        "sends": "success",
        "fails": "failed",
        "audit": "failed",
    }
    assert run.state == "failed"
    assert len(connections.invariants()["paid_jobs"]) == 1


if NEVER_EXPIRE is not None:  # since Airflow 3.3 there is a register

    def test_a_draft_that_was_decided_for_and_could_not_be_paid_is_named_by_the_register(
        run_dag: Callable[..., Any], connections: Any
    ) -> None:
        from airflow_provider_print.commands._register import RegisterJudge
        from airflow_provider_print.hooks.intelliprint import IntelliprintHook
        from airflow_provider_print.nets.janitor import drafts

        connections.world(balance=0)
        run, tasks = run_dag("nets", bundle="tests", logical_date=datetime(2026, 11, 3, tzinfo=UTC))
        assert run.state == "failed"
        assert (tasks["send"].state, tasks["audit"].state) == ("failed", "failed")
        judge = RegisterJudge.open()
        assert judge is not None
        found = drafts(IntelliprintHook(), testmode=False, environment="", before=connections.now() + 3600)
        assert {draft.metadata["task_id"]: judge(draft).why for draft in found} == {
            "quote": "its run has ended, and no register names it",
            "send": "a register names it",
        }
