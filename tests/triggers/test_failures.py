"""What an error becomes in Airflow's own task runner: an end, a retry, or a later run that costs none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from airflow_provider_print._compat import AirflowFailException, AirflowRescheduleException
from airflow_provider_print.core.errors import InputError, RateLimitError, UnknownOutcomeError
from airflow_provider_print.core.retry import RetryPolicy
from airflow_provider_print.operators.intelliprint import IntelliprintSubmitPrintJobOperator
from airflow_provider_print.triggers.failures import airflow_errors
from tests.airflow.fixtures import RECIPIENT
from tests.airflow.harness import Ran, Supervisor, dag, run_task

if TYPE_CHECKING:
    from airflow_provider_print.hooks.intelliprint import IntelliprintHook
    from airflow_provider_print.sandbox import PrintSandbox

TOO_MANY = {"error": {"message": "Too many requests", "type": "rate_limited", "code": "rate_limited"}}


def submit(**run: Any) -> Ran:
    with dag():
        op = IntelliprintSubmitPrintJobOperator(
            task_id="send",
            content="Dear reader",
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
    first = submit(supervisor=Supervisor(register=register))
    assert first.state == "up_for_reschedule", "although the task has no retries"
    wait = first.message.reschedule_date - begun
    assert timedelta(hours=2) <= wait <= timedelta(hours=2, seconds=120)
    again = Supervisor(register=register, first_reschedule=begun)
    second = submit(supervisor=again, reschedules=1)
    assert second.state == "success"
    jobs = list(intelliprint.iterate_print_jobs(testmode=False))
    assert [job.confirmed for job in jobs] == [True], "one draft, paid once"
    third = submit(supervisor=Supervisor(register=register, first_reschedule=begun), reschedules=2)
    assert third.result["id"] == second.result["id"]


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
