"""The audit as a task."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from airflow.sdk.execution_time import comms

from airflow_provider_print.nets import audit as audit_module
from airflow_provider_print.operators.intelliprint import (
    IntelliprintAuditOperator,
    IntelliprintSubmitPrintJobOperator,
)
from tests.airflow.fixtures import RECIPIENT
from tests.airflow.harness import Ran, Supervisor, dag, run_task
from tests.support.letters import calls, own_key, paid, task_key

if TYPE_CHECKING:
    from airflow_provider_print.hooks.intelliprint import IntelliprintHook
    from airflow_provider_print.sandbox import PrintSandbox


@pytest.fixture(autouse=True)
def no_second_look(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = audit_module.audit
    monkeypatch.setattr(audit_module, "audit", lambda *a, **k: plain(*a, **{**k, "second_look": 0.0}))


def audit(
    supervisor: Supervisor | None = None, *, run: dict[str, Any] | None = None, **arguments: Any
) -> Ran:
    with dag():
        op = IntelliprintAuditOperator(task_id="audit", retries=2, **arguments)
    return run_task(op, supervisor=supervisor, **(run or {}))


def submit(**arguments: Any) -> Ran:
    with dag():
        op = IntelliprintSubmitPrintJobOperator(
            task_id="send",
            content="Dear reader",
            recipients=[RECIPIENT],
            wait_for_completion=False,
            **arguments,
        )
    return run_task(op)


def test_the_letters_of_a_run_are_found_as_the_submit_task_left_them(intelliprint: IntelliprintHook) -> None:
    sent = submit()
    assert sent.state == "success"
    ran = audit(expected=1)
    assert ran.state == "success"
    assert ran.result["letters"] == 1
    assert ran.result["paid_twice"] == []


def test_a_letter_with_an_own_key_is_found_by_its_run_and_by_the_result_of_its_task(
    intelliprint: IntelliprintHook,
) -> None:
    sent = submit(idempotency_key="invoice-77")
    assert audit(expected=1).result["letters"] == 1
    supervisor = Supervisor({"send": sent.result})
    for expected in (sent.result["id"], sent.result, "{{ ti.xcom_pull(task_ids='send') }}"):
        ran = audit(supervisor, expected=expected)
        assert ran.state == "success", ran.error
        assert ran.result["letters"] == 1


def test_results_of_a_mapped_task_are_all_expected(intelliprint: IntelliprintHook) -> None:
    jobs = [paid(intelliprint, own_key(f"invoice-{n}")) for n in range(3)]
    results = [{"id": job.id, "confirmed": True} for job in jobs]
    assert audit(expected=results).result["letters"] == 3
    ran = audit(expected=[*results, {"id": "print_nowhere"}])
    assert ran.state == "failed"
    assert "print_nowhere" in str(ran.error)


def test_a_letter_that_is_paid_twice_fails_the_task_for_good(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    jobs = [paid(intelliprint, task_key()) for _ in range(2)]
    ran = audit()
    assert ran.state == "failed"
    for text in (task_key().key, *(job.id for job in jobs)):
        assert text in str(ran.error)
    assert calls(print_sandbox, "DELETE", "{id}") == 0


def test_the_younger_one_is_stopped_when_the_dag_says_so(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    paid(intelliprint, task_key())
    print_sandbox.advance(5)
    younger = paid(intelliprint, task_key())
    ran = audit(cancel_younger="{{ params.stop }}", run={"params": {"stop": True}})
    assert ran.state == "success", ran.error
    assert ran.result["cancelled"] == [younger.id]
    print_sandbox.advance(30 * 86400)
    assert sum(print_sandbox.invariants()["letters_mailed"].values()) == 1


def test_a_run_without_a_letter_fails_unless_none_are_expected(intelliprint: IntelliprintHook) -> None:
    ran = audit()
    assert ran.state == "failed"
    assert "No letter is paid" in str(ran.error)
    assert audit(expected=0).state == "success"
    assert audit(expected="0").state == "success"


def test_the_whole_account_is_judged_when_that_is_asked_for(intelliprint: IntelliprintHook) -> None:
    paid(intelliprint, task_key(dag_id="other"))
    paid(intelliprint, task_key(dag_id="other"))
    assert audit(expected=0).result["elsewhere"] == 1
    assert audit(whole_account=True).state == "failed"


def test_test_mode_is_that_of_the_connection(intelliprint_in_testmode: IntelliprintHook) -> None:
    paid(intelliprint_in_testmode, task_key(testmode=True))
    ran = audit(expected=1)
    assert ran.state == "success"
    assert ran.result["testmode"] is True


def test_letters_since_the_run_was_due_are_looked_at(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    paid(intelliprint, task_key())
    in_a_month = time.time() + 30 * 86400
    from airflow_provider_print.operators.intelliprint import auditing

    monkeypatch.setattr(auditing.time, "time", lambda: in_a_month)
    assert audit(expected=1).state == "success"
    ran = audit(expected=1, since=timedelta(days=7))
    assert ran.state == "failed"
    ran = audit(expected=0, since="604800")
    assert ran.state == "success"
    assert ran.result["since"] == int(in_a_month - 7 * 86400)


def test_a_date_that_is_run_by_hand_is_looked_at_from_that_date_on(intelliprint: IntelliprintHook) -> None:
    due = datetime(2026, 1, 1, tzinfo=UTC)
    ran = audit(expected=0, run={"logical_date": due})
    assert ran.result["since"] == int(due.timestamp())


@pytest.mark.parametrize("expected", ["{{ params.nothing }}", "{{ ti.xcom_pull(task_ids='send') }}"])
def test_where_the_task_that_posts_has_no_result_the_audit_looks_all_the_same(
    intelliprint: IntelliprintHook, expected: str
) -> None:
    jobs = [paid(intelliprint, task_key()) for _ in range(2)]
    ran = audit(Supervisor({"send": []}), expected=expected, run={"params": {"nothing": ""}})
    assert ran.state == "failed"
    assert jobs[0].id in str(ran.error)
    assert "has no result" in str(ran.error)


@pytest.mark.parametrize("expected", [[], "[]", [None], "[None]"])
def test_an_empty_list_of_results_is_no_permission_to_post_nothing(
    intelliprint: IntelliprintHook, expected: Any
) -> None:
    ran = audit(expected=expected)
    assert ran.state == "failed"
    assert "`expected`" in str(ran.error)
    paid(intelliprint, task_key())
    assert audit(expected=expected).state == "failed"


def test_results_that_are_missing_among_others_are_counted(intelliprint: IntelliprintHook) -> None:
    job = paid(intelliprint, task_key())
    ran = audit(expected=[None, {"id": job.id}, None])
    assert ran.state == "failed"
    assert "2 of 3 results in `expected` are missing" in str(ran.error)


def test_a_test_job_is_no_letter_of_a_live_connection(intelliprint: IntelliprintHook) -> None:
    job = paid(intelliprint, task_key(testmode=True))
    ran = audit(expected=job.id)
    assert ran.state == "failed"
    assert f"{job.id} is in `expected` and is no letter: it is a test job" in str(ran.error)


class OtherTasks(Supervisor):
    """Answers what became of the other tasks of this run."""

    def __init__(self, **states: str | None) -> None:
        super().__init__()
        self.states = states

    def _GetTaskStates(self, msg: Any) -> Any:  # noqa: N802 - Airflow's message
        found = {name: self.states[name] for name in self.states if name.split("_")[0] in msg.task_ids}
        return comms.TaskStatesResult(task_states={msg.run_ids[0]: found})


def audit_beside(supervisor: Supervisor, **arguments: Any) -> Ran:
    with dag():
        IntelliprintSubmitPrintJobOperator(task_id="send", content="Dear reader", recipients=[RECIPIENT])
        IntelliprintSubmitPrintJobOperator.partial(task_id="mapped", recipients=[RECIPIENT]).expand(
            content=["a"]
        )
        op = IntelliprintAuditOperator(task_id="audit", trigger_rule="all_done", **arguments)
    return run_task(op, supervisor=supervisor)


@pytest.mark.parametrize("states", [{"send": "failed"}, {"send": "upstream_failed"}, {"mapped_3": "failed"}])
def test_a_task_that_posts_and_has_failed_is_not_covered_up(
    intelliprint: IntelliprintHook, states: dict[str, str | None]
) -> None:
    job = paid(intelliprint, task_key())
    for arguments in ({}, {"expected": job.id}):
        ran = audit_beside(OtherTasks(**states), **arguments)
        assert ran.state == "failed"
        assert f"Tasks of this run have failed: {next(iter(states))}" in str(ran.error)
    assert audit_beside(OtherTasks(**states), expected=1).state == "success"
    assert audit_beside(OtherTasks(send="success", mapped_3="skipped", other="failed")).state == "success"


@pytest.mark.parametrize(
    ("arguments", "param"),
    [
        ({"expected": "[broken"}, "expected"),
        ({"expected": -1}, "expected"),
        ({"expected": 1.5}, "expected"),
        ({"expected": [{"no": "id"}]}, "expected"),
        ({"since": "yesterday"}, "since"),
        ({"since": -5}, "since"),
        ({"cancel_younger": "perhaps"}, "cancel_younger"),
    ],
)
def test_nonsense_fails_at_once_and_names_the_argument(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox, arguments: dict[str, Any], param: str
) -> None:
    ran = audit(**arguments)
    assert ran.state == "failed"
    assert f"param={param}" in str(ran.error)
    assert print_sandbox.journal() == []


def test_a_service_that_cannot_be_asked_is_asked_again_later(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    print_sandbox.fault("GET", "/prints", status=429, headers={"Retry-After": "7200"}, times=None)
    ran = audit()
    assert ran.state == "up_for_reschedule"
