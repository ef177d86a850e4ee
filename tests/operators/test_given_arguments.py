"""An argument that was given and rendered to nothing never switches off what it was given for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from airflow.sdk import task

from airflow_provider_print.operators.intelliprint import (
    IntelliprintConfirmPrintJobOperator,
    IntelliprintSubmitPrintJobOperator,
)
from tests.airflow.fixtures import RECIPIENT, draft, pdf
from tests.airflow.harness import Ran, Supervisor, dag, run_task

if TYPE_CHECKING:
    from pathlib import Path

    from airflow_provider_print.hooks.intelliprint import IntelliprintHook
    from airflow_provider_print.sandbox import PrintSandbox

LETTER = {"content": "Dear reader", "recipients": [RECIPIENT], "wait_for_completion": False}
NONE = "{{ params.none }}"
EMPTY = "{{ params.empty }}"
GUARDS = (
    "max_cost_after_tax",
    "expected_letters",
    "min_letters",
    "max_pages_per_letter",
    "expected_pages",
    "quote_only",
    "testmode",
    "idempotency_key",
)


def paid(box: PrintSandbox) -> int:
    return sum(1 for one in box.journal() if one["method"] == "POST")


def submit(*, native: bool = False, **arguments: Any) -> Ran:
    with dag(params={"none": None, "empty": ""}, render_template_as_native_obj=native):
        op = IntelliprintSubmitPrintJobOperator(task_id="send", retries=2, **arguments)
    return run_task(op)


@pytest.mark.parametrize("name", GUARDS)
@pytest.mark.parametrize(
    ("native", "template"),
    [
        pytest.param(False, EMPTY, id="an empty text"),
        pytest.param(False, NONE, id="the word None"),
        pytest.param(True, NONE, id="None itself"),
    ],
)
def test_a_guard_that_renders_to_nothing_stops_the_task_before_any_call(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox, native: bool, template: str, name: str
) -> None:
    ran = submit(native=native, **LETTER, **{name: template})
    assert ran.state == "failed", "no retry can heal it"
    assert name in str(ran.error)
    assert print_sandbox.journal() == []


@pytest.mark.parametrize("name", ["splitting", "recipients"])
def test_a_file_is_not_sent_in_one_piece_when_its_splitting_or_recipients_render_to_nothing(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox, tmp_path: Path, name: str
) -> None:
    (tmp_path / "run.pdf").write_bytes(pdf("one", "two"))
    ran = submit(native=True, file=str(tmp_path / "run.pdf"), wait_for_completion=False, **{name: NONE})
    assert ran.state == "failed"
    assert f"param={name}" in str(ran.error)
    assert paid(print_sandbox) == 0


@pytest.mark.parametrize("name", GUARDS)
def test_a_guard_with_an_unknown_name_in_it_stops_the_task_before_any_call(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox, name: str
) -> None:
    ran = submit(native=True, **LETTER, **{name: "{{ nobody }}"})
    assert ran.state != "success"  # before 3.3, Airflow itself stumbles over such a value first
    assert print_sandbox.journal() == []


@pytest.mark.parametrize("native", [True, False], ids=["native", "text"])
@pytest.mark.parametrize("template", [EMPTY, NONE])
@pytest.mark.parametrize("name", ["resend", "label"])
def test_a_resend_and_a_label_may_be_empty(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox, name: str, template: str, native: bool
) -> None:
    first = submit(**LETTER)
    again = submit(native=native, **LETTER, **{name: template})
    assert first.state == again.state == "success"
    assert again.result["already_posted"]
    assert sum(print_sandbox.invariants()["confirmed_jobs"].values()) == 1


@pytest.mark.parametrize("name", ["max_cost_after_tax", "expected_letters"])
@pytest.mark.parametrize("template", [EMPTY, NONE])
def test_a_draft_is_not_paid_when_a_limit_of_its_confirmation_renders_to_nothing(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox, name: str, template: str
) -> None:
    job = draft(intelliprint)
    with dag(params={"none": None, "empty": ""}):
        op = IntelliprintConfirmPrintJobOperator(
            task_id="confirm", print_job_id=job.id, retries=2, **{name: template}
        )
    ran = run_task(op)
    assert ran.state == "failed"
    assert name in str(ran.error)
    assert intelliprint.get_print_job(job.id).confirmed is False


def test_a_mapped_limit_that_an_earlier_task_did_not_give_stops_that_letter(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    with dag():

        @task
        def budgets() -> list[str | None]:
            return ["9.00 GBP", None]

        op = IntelliprintSubmitPrintJobOperator.partial(
            task_id="send", content="Dear reader", recipients=[RECIPIENT], wait_for_completion=False
        ).expand(max_cost_after_tax=budgets(), idempotency_key=["invoice-1", "invoice-2"])
    earlier = Supervisor({"budgets": ["9.00 GBP", None]})
    assert run_task(op, map_index=0, supervisor=earlier).state == "success"
    refused = run_task(op, map_index=2, supervisor=earlier)
    assert refused.state == "failed"
    assert "max_cost_after_tax" in str(refused.error)


@pytest.mark.parametrize("name", ["wait_for_completion", "deferrable", "quote_only", "testmode"])
@pytest.mark.parametrize("value", ["maybe", 1, "none"])
def test_a_switch_that_is_no_switch_names_itself(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox, name: str, value: Any
) -> None:
    ran = submit(**{**LETTER, "wait_timeout": 0.1, name: value})
    assert ran.state == "failed"
    assert f"param={name}" in str(ran.error)
    assert paid(print_sandbox) == 0


def test_a_switch_about_waiting_that_is_written_as_text_is_not_silently_true(
    intelliprint: IntelliprintHook,
) -> None:
    ran = submit(**{**LETTER, "wait_for_completion": "False"}, wait_timeout=0.1)
    assert ran.state == "failed"
    assert "param=wait_for_completion" in str(ran.error)
