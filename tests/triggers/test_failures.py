"""What an error becomes in Airflow's own task runner: an end, a retry, or a later run that costs none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from airflow_provider_print._compat import AirflowFailException, AirflowRescheduleException
from airflow_provider_print.core.errors import InputError, RateLimitError, RegisterError, UnknownOutcomeError
from airflow_provider_print.core.retry import RetryPolicy
from airflow_provider_print.operators.intelliprint import IntelliprintSubmitPrintJobOperator
from airflow_provider_print.triggers.failures import airflow_errors
from tests.airflow.fixtures import RECIPIENT
from tests.airflow.harness import Ran, Supervisor, dag, run_task

if TYPE_CHECKING:
    from airflow_provider_print.hooks.intelliprint import IntelliprintHook
    from airflow_provider_print.sandbox import PrintSandbox

TOO_MANY = {"error": {"message": "Too many requests", "type": "rate_limited", "code": "rate_limited"}}


def submit(content: str = "Dear reader", **run: Any) -> Ran:
    with dag():
        op = IntelliprintSubmitPrintJobOperator(
            task_id="send",
            content=content,
            recipients=[RECIPIENT],
            idempotency_key="invoice-1",
            wait_for_completion=False,
        )
    return run_task(op, **run)


def refuse(box: PrintSandbox, method: str, path: str, after: str) -> None:
    box.fault(method, path, status=429, headers={"Retry-After": after}, content=TOO_MANY, times=1)


@pytest.mark.parametrize(("method", "path"), [("POST", "/prints"), ("POST", "/prints/{id}")])
def test_a_named_wait_that_does_not_fit_gives_the_slot_up_and_costs_no_retry(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox, method: str, path: str
) -> None:
    refuse(print_sandbox, method, path, "7200")
    register: dict[str, Any] = {}
    begun = datetime.now(UTC)
    later = begun - timedelta(hours=2)
    first = submit(supervisor=Supervisor(register=register))
    assert first.state == "up_for_reschedule", "although the task has no retries"
    wait = first.message.reschedule_date - begun
    assert timedelta(hours=2) <= wait <= timedelta(hours=2, seconds=120)
    again = Supervisor(register=register, first_reschedule=later)
    second = submit(supervisor=again, reschedules=1)
    assert second.state == "success"
    jobs = list(intelliprint.iterate_print_jobs(testmode=False))
    assert [job.confirmed for job in jobs] == [True], "one draft, paid once"
    third = submit(supervisor=Supervisor(register=register, first_reschedule=later), reschedules=2)
    assert third.result["id"] == second.result["id"]


@pytest.mark.parametrize("registered", [True, False])
def test_a_letter_that_was_paid_before_its_try_was_put_off_is_taken_although_its_file_has_other_bytes(
    intelliprint: IntelliprintHook,
    print_sandbox: PrintSandbox,
    monkeypatch: pytest.MonkeyPatch,
    registered: bool,
) -> None:
    if not registered:
        monkeypatch.setattr("airflow_provider_print.hooks._attempt.register_of", lambda _: None)
        monkeypatch.setattr("airflow_provider_print.hooks.intelliprint.register_of", lambda _: None)
    print_sandbox.fault("POST", "/prints/{id}", phase="after", kind="reset", times=1)
    refuse(print_sandbox, "GET", "/prints/{id}", "7200")
    register: dict[str, Any] = {}
    first = submit("printed at 7:00", supervisor=Supervisor(register=register))
    assert first.state == "up_for_reschedule"
    begun = datetime.now(UTC) - timedelta(hours=2)
    again = Supervisor(register=register, first_reschedule=begun)
    second = submit("printed at 9:00", supervisor=again, reschedules=1)
    assert second.state == "success", second.error
    assert [job.confirmed for job in intelliprint.iterate_print_jobs(testmode=False)] == [True]


def test_a_wait_in_the_text_of_the_refusal_is_kept_as_well(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    told = {"error": {**TOO_MANY["error"], "message": "Please try again after 5400 seconds."}}
    print_sandbox.fault("POST", "/prints", status=429, content=told, times=1)
    ran = submit()
    assert ran.state == "up_for_reschedule"
    assert ran.message.reschedule_date - datetime.now(UTC) > timedelta(minutes=89)


def test_who_was_put_off_for_a_day_follows_the_retries(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    refuse(print_sandbox, "POST", "/prints", "7200")
    yesterday = datetime.now(UTC) - timedelta(hours=23)
    ran = submit(supervisor=Supervisor(first_reschedule=yesterday), reschedules=9)
    assert ran.state == "failed"
    assert isinstance(ran.error, RateLimitError)
    assert "retry-after=7200 s" in str(ran.error)


@pytest.mark.parametrize("known", [True, False])
def test_who_is_back_before_the_time_or_cannot_be_told_when_it_was_put_off_follows_the_retries(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox, known: bool
) -> None:
    refuse(print_sandbox, "POST", "/prints", "7200")
    first = datetime.now(UTC) if known else None
    ran = submit(supervisor=Supervisor(first_reschedule=first), reschedules=1)
    assert ran.state == "failed", "Airflow 3.1.0 runs ordinary tasks again at once"
    assert isinstance(ran.error, RateLimitError)


def test_a_wait_of_years_follows_the_retries(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    refuse(print_sandbox, "POST", "/prints", "99999999999")
    assert submit().state == "failed"


def test_a_write_to_the_register_that_may_still_land_is_never_followed_by_the_same_try(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("airflow_provider_print.triggers.failures._began", lambda now: now)
    limited = RateLimitError("too many", retry_after=3600)
    with pytest.raises(RegisterError), airflow_errors():
        raise RegisterError("no answer", retry_after=3600) from limited


def test_a_refusal_that_names_no_wait_follows_the_retries(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "airflow_provider_print.core.transport.RetryPolicy", lambda: RetryPolicy(budget=0, fault_budget=0)
    )
    print_sandbox.fault("POST", "/prints", status=429, content=TOO_MANY, times=1)
    assert submit().state == "failed"


def test_outside_a_task_an_error_stays_what_it_is() -> None:
    with pytest.raises(RateLimitError), airflow_errors():
        raise RateLimitError("too many", retry_after=7200)
    with pytest.raises(AirflowFailException), airflow_errors():
        raise InputError("wrong", param="x")


def test_a_letter_whose_fate_hangs_on_a_rate_limit_is_looked_at_when_that_is_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("airflow_provider_print.triggers.failures._began", lambda now: now)
    limited = RateLimitError("too many", retry_after=3600)
    with pytest.raises(AirflowRescheduleException), airflow_errors():
        raise UnknownOutcomeError("may be paid", retry_after=3600) from limited
    with pytest.raises(UnknownOutcomeError), airflow_errors():
        raise UnknownOutcomeError("may be paid", retry_after=3600)
