"""The paid step as a task: how many calls a letter costs, what a clear, a backfill and a second run do."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from airflow_provider_print._compat import NEVER_EXPIRE
from airflow_provider_print.operators.intelliprint import (
    IntelliprintConfirmPrintJobOperator,
    IntelliprintCreatePrintJobOperator,
    IntelliprintSubmitPrintJobOperator,
)
from tests.airflow.fixtures import RECIPIENT, draft
from tests.airflow.harness import Ran, Supervisor, dag, run_task

if TYPE_CHECKING:
    from collections.abc import Iterator

    from airflow_provider_print.hooks.intelliprint import IntelliprintHook
    from airflow_provider_print.sandbox import PrintSandbox

LETTER = {"content": "Dear reader", "recipients": [RECIPIENT]}
OTHERS = {"address": {"name": "Another Reader", "line": "8 Any Road\nANYTOWN", "postcode": "AB1 2CD"}}
SCHEDULED = {"run_type": "scheduled"}
BACKFILL = {"run_type": "backfill"}
REGISTERED = NEVER_EXPIRE is not None  # Airflow 3.3 and newer keep what a task has decided


def submit(
    supervisor: Supervisor | None = None, *, run: dict[str, Any] | None = None, **arguments: Any
) -> Ran:
    with dag():
        given = {**LETTER, "wait_for_completion": False, **arguments}
        op = IntelliprintSubmitPrintJobOperator(task_id="send", retries=2, **given)
    return run_task(op, supervisor=supervisor, **(run or SCHEDULED))


def calls(box: PrintSandbox) -> list[str]:
    return [f"{one['method']} {one['route'].removeprefix('/intelliprint/v1')}" for one in box.journal()]


def paid(box: PrintSandbox) -> int:
    return sum(box.invariants()["paid_jobs"].values())


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, str]]]:
    """What the task counts in Airflow's metrics."""
    seen: list[tuple[str, dict[str, str]]] = []
    monkeypatch.setattr(
        "airflow_provider_print.hooks._attempt.incr", lambda name, tags: seen.append((name, tags))
    )
    return seen


@pytest.fixture(autouse=True)
def _log_of_ours(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    with caplog.at_level(logging.INFO, logger="airflow_provider_print"):
        yield


def test_a_letter_of_a_first_scheduled_run_costs_two_calls_and_one_more_without_a_register(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    supervisor = Supervisor()
    ran = submit(supervisor)
    assert ran.state == "success"
    settled = [] if REGISTERED else ["GET /prints"]
    assert calls(print_sandbox) == ["POST /prints", *settled, "POST /prints/{id}"]
    assert list(supervisor.register.values()) == ([ran.result["id"]] if REGISTERED else [])
    assert set(supervisor.expires.values()) <= {None}


def test_a_letter_with_a_key_of_its_own_costs_at_most_four_calls(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    submit(idempotency_key="invoice-7")
    assert calls(print_sandbox) == ["GET /prints", "POST /prints", "GET /prints", "POST /prints/{id}"]


@pytest.mark.parametrize(
    "run",
    [
        {"run_type": "manual"},
        {"run_type": "asset_triggered"},
        {**SCHEDULED, "clear_number": 1},
        {**SCHEDULED, "run_after": datetime.now(UTC) - timedelta(hours=2)},
        {**BACKFILL},
    ],
    ids=["manual", "asset", "cleared", "late", "backfill"],
)
def test_a_run_that_may_have_been_before_looks_its_letter_up(
    run: dict[str, Any], intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    submit(run=run, on_backfill="run")
    assert calls(print_sandbox)[0] == "GET /prints"
    assert paid(print_sandbox) == 1


def test_every_run_looks_its_letter_up_where_that_is_wanted(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    submit(look_up="always")
    assert calls(print_sandbox)[0] == "GET /prints"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("look_up", "sometimes"),
        ("on_mismatch", "ignore"),
        ("on_missing", "ignore"),
        ("on_ambiguous", "newest"),
        ("on_backfill", "maybe"),
    ],
)
def test_a_word_that_means_nothing_is_refused_by_name_before_any_call(
    name: str, value: str, intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    ran = submit(**{name: value})
    assert ran.state == "failed"
    assert f"param={name}" in str(ran.error)
    assert print_sandbox.journal() == []


def test_a_second_run_with_the_same_key_and_other_recipients_is_refused_before_anything_is_paid(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    first = submit(idempotency_key="invoice-7")
    before = len(print_sandbox.journal())
    ran = submit(
        idempotency_key="invoice-7",
        recipients=[OTHERS],
        run={**SCHEDULED, "run_id": "another", "logical_date": datetime(2026, 12, 1, tzinfo=UTC)},
    )
    assert ran.state == "failed"
    assert "other recipients or options" in str(ran.error)
    assert first.result["id"] in str(ran.error)
    assert "resend" in str(ran.error)
    assert calls(print_sandbox)[before:] == ["GET /prints", "GET /prints/{id}"]
    assert paid(print_sandbox) == 1


def test_a_second_try_goes_on_with_the_draft_that_the_first_has_decided(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    supervisor = Supervisor()
    print_sandbox.fault("POST", "/prints/{id}", phase="before", kind="status", status=402)
    assert submit(supervisor).state == "up_for_retry"
    ran = submit(supervisor, run={**SCHEDULED, "try_number": 2})
    assert ran.state == "success"
    assert ran.result["resumed_draft"]
    assert calls(print_sandbox).count("POST /prints") == 1


def test_a_try_that_airflow_has_given_up_pays_nothing(
    intelliprint: IntelliprintHook,
    print_sandbox: PrintSandbox,
    counted: list[tuple[str, dict[str, str]]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    ran = submit(Supervisor(refuses_writes=404))
    assert paid(print_sandbox) == (0 if REGISTERED else 1)
    if REGISTERED:
        assert ran.state == "up_for_retry"
        assert "given this attempt up" in str(ran.error)
        assert counted == [("intelliprint.letters.fenced", {"dag_id": "unit", "task_id": "send"})]
        assert [m for m in caplog.messages if "af1-" in m and "print_" in m and "newer attempt" in m]


def test_an_airflow_that_cannot_keep_a_decision_lets_nothing_be_paid(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    ran = submit(Supervisor(refuses_writes=500))
    assert paid(print_sandbox) == (0 if REGISTERED else 1)
    assert ran.state == ("up_for_retry" if REGISTERED else "success")


def test_after_a_failed_check_a_corrected_file_is_posted_and_the_wrong_one_is_not(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox, counted: list[tuple[str, dict[str, str]]]
) -> None:
    supervisor = Supervisor()
    wrong = submit(supervisor, max_cost_after_tax="0.10 GBP")
    assert wrong.state == "failed"
    assert supervisor.register == {}
    cleared = {**SCHEDULED, "try_number": 4, "clear_number": 1}
    ran = submit(supervisor, content="Dear reader, corrected", run=cleared)
    assert ran.state == "success"
    assert not ran.result["resumed_draft"]
    names = [name for name, _ in counted]
    assert names == ["intelliprint.letters.looked_up", "intelliprint.letters.passed_over"]
    assert paid(print_sandbox) == 1


def test_a_paid_letter_with_another_file_is_a_failure_after_a_clear_and_adopted_on_request(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    supervisor = Supervisor()
    first = submit(supervisor)
    cleared = {**SCHEDULED, "try_number": 2, "clear_number": 1}
    ran = submit(supervisor, content="Dear reader, another file", run=cleared)
    assert ran.state == "failed"
    assert "with other content (digest " in str(ran.error)
    assert "resend" in str(ran.error)
    adopted = submit(supervisor, content="Dear reader, another file", on_mismatch="adopt", run=cleared)
    assert adopted.result["id"] == first.result["id"]
    assert paid(print_sandbox) == 1


def test_a_paid_letter_is_taken_as_it_is_by_the_next_try_of_the_same_run(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox, counted: list[tuple[str, dict[str, str]]]
) -> None:
    supervisor = Supervisor()
    first = submit(supervisor)
    again = submit(supervisor, content="rendered to other bytes", run={**SCHEDULED, "try_number": 2})
    assert again.result["already_posted"]
    assert again.result["id"] == first.result["id"]
    assert ("intelliprint.letters.adopted", {"dag_id": "unit", "task_id": "send"}) in counted


def test_a_decided_draft_that_somebody_deleted_is_left_to_a_human(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    supervisor = Supervisor()
    print_sandbox.fault("POST", "/prints/{id}", phase="before", kind="status", status=402)
    submit(supervisor)
    (made,) = [one.id for one in intelliprint.iterate_print_jobs(testmode=False, fields=["id"])]
    intelliprint.delete_print_job(made)
    second = {**SCHEDULED, "try_number": 2}
    ran = submit(supervisor, run=second)
    if REGISTERED:
        assert ran.state == "failed"
        assert "param=on_missing" in str(ran.error)
        assert paid(print_sandbox) == 0
        ran = submit(supervisor, on_missing="recreate", run=second)
    assert ran.state == "success"
    assert paid(print_sandbox) == 1


# -- backfills ----------------------------------------------------------------


def test_a_backfill_posts_no_letters_of_the_past(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    ran = submit(run=BACKFILL)
    assert ran.state == "failed"
    assert "param=on_backfill" in str(ran.error)
    assert calls(print_sandbox) == ["GET /prints"]


def test_a_backfill_that_repeats_a_run_finds_its_letter_and_is_content(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    supervisor = Supervisor()
    submit(supervisor)
    ran = submit(supervisor, run={**BACKFILL, "try_number": 2, "clear_number": 1})
    assert ran.result["already_posted"]
    assert paid(print_sandbox) == 1


@pytest.mark.parametrize(
    ("choice", "state", "jobs"), [("run", "success", 1), ("skip", "skipped", 0), ("testmode", "success", 0)]
)
def test_a_backfill_does_what_it_is_told(
    choice: str, state: str, jobs: int, intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    ran = submit(run=BACKFILL, on_backfill=choice)
    assert ran.state == state
    assert paid(print_sandbox) == jobs
    if choice == "testmode":
        assert ran.result["testmode"]


def test_a_backfill_in_test_mode_needs_no_word(
    intelliprint_in_testmode: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    assert submit(run=BACKFILL).result["testmode"]


def test_a_backfill_may_quote_and_may_not_confirm(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    with dag():
        quote = IntelliprintCreatePrintJobOperator(task_id="quote", **LETTER)
    assert run_task(quote, **BACKFILL).state == "success"
    with dag():
        confirm = IntelliprintConfirmPrintJobOperator(task_id="confirm", print_job_id=draft(intelliprint).id)
    ran = run_task(confirm, **BACKFILL)
    assert ran.state == "failed"
    assert "param=on_backfill" in str(ran.error)
    assert paid(print_sandbox) == 0
    assert run_task(confirm, **SCHEDULED).state == "success"


@pytest.mark.parametrize("wanted", [True, False])
def test_a_deferred_task_hands_its_trigger_what_a_kill_is_to_do(
    wanted: bool, intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    ran = submit(wait_for_completion=True, deferrable=True, cancel_on_kill=wanted)
    assert ran.state == "deferred"
    assert ran.trigger.cancel_on_kill is wanted
    assert paid(print_sandbox) == 1


def test_a_kill_never_cancels_a_job_that_another_run_has_made(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    waiting = {"wait_for_completion": True, "deferrable": True, "cancel_on_kill": True}
    first = submit(idempotency_key="invoice-7", **waiting)
    second = submit(idempotency_key="invoice-7", run={**SCHEDULED, "run_id": "another"}, **waiting)
    assert (first.trigger.cancel_on_kill, second.trigger.cancel_on_kill) == (True, False)
    assert first.trigger.print_job_ids == second.trigger.print_job_ids


def test_two_runs_with_one_key_and_other_recipients_pay_once_although_the_first_was_only_decided(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    first, second = Supervisor(), Supervisor()
    run = {**SCHEDULED, "run_id": "another"}
    print_sandbox.fault("POST", "/prints/{id}", phase="before", kind="status", status=402)
    assert submit(first, idempotency_key="invoice-7").state == "up_for_retry"
    print_sandbox.advance(120)
    assert submit(second, idempotency_key="invoice-7", recipients=[OTHERS], run=run).state == "success"
    again = submit(first, idempotency_key="invoice-7", run={**SCHEDULED, "try_number": 2})
    assert again.state == "failed"
    assert "already posted" in str(again.error)
    assert paid(print_sandbox) == 1


def test_a_draft_in_steps_is_not_paid_when_its_letter_is_in_the_post_as_another_job(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    def quote(run_id: str, content: str) -> str:
        with dag():
            op = IntelliprintCreatePrintJobOperator(
                task_id="quote", idempotency_key="invoice-7", **{**LETTER, "content": content}
            )
        return str(run_task(op, **{**SCHEDULED, "run_id": run_id}).result["id"])

    def confirm(job_id: str) -> Ran:
        with dag():
            op = IntelliprintConfirmPrintJobOperator(task_id="confirm", print_job_id=job_id)
        return run_task(op, **SCHEDULED)

    one, other = quote("run-1", "one"), quote("run-2", "other")
    assert one != other
    assert confirm(one).state == "success"
    refused = confirm(other)
    assert refused.state == "failed"
    assert one in str(refused.error)
    assert "letter-key=af1-" in str(refused.error)
    assert confirm(one).result["already_posted"]
    assert paid(print_sandbox) == 1


def test_a_hook_called_twice_for_one_letter_in_one_task_posts_it_once_and_another_file_is_no_success(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    from airflow.sdk import get_current_context, task

    @task
    def loop(contents: list[str]) -> list[bool]:
        request = {"recipients": [RECIPIENT]}
        return [
            intelliprint.send_print_job(
                {**request, "content": text}, letter_key="statements", context=get_current_context()
            ).already_posted
            for text in contents
        ]

    with dag():
        op = loop(["one", "one"]).operator
    assert run_task(op, **SCHEDULED).result == [False, True]
    with dag():
        op = loop(["one", "another"]).operator
    ran = run_task(op, **SCHEDULED)
    assert ran.state == "failed"
    assert "with other content" in str(ran.error)
    assert paid(print_sandbox) == 1
