"""The mistakes of the first hour: each gives one clear message that names the field, and costs nothing."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import pytest

from airflow_provider_print.core.retry import RetryPolicy
from airflow_provider_print.hooks import intelliprint as hook_module
from airflow_provider_print.operators.intelliprint import IntelliprintSubmitPrintJobOperator
from tests.airflow.fixtures import API_KEY, RECIPIENT, connect, pdf
from tests.airflow.harness import Ran, dag, run_task

if TYPE_CHECKING:
    from pathlib import Path

    from airflow_provider_print.hooks.intelliprint import IntelliprintHook
    from airflow_provider_print.sandbox import PrintSandbox

LETTER = {"content": "Dear reader", "recipients": [RECIPIENT]}


def submit(**arguments: Any) -> Ran:
    with dag():
        op = IntelliprintSubmitPrintJobOperator(
            task_id="send", retries=2, wait_for_completion=False, **arguments
        )
    return run_task(op)


def nothing_paid(box: PrintSandbox) -> bool:
    confirmed = [one for one in box.journal() if one["method"] == "POST" and one["route"].endswith("{id}")]
    box.advance(7200)
    return not confirmed and not any(box.invariants()["letters_mailed"].values())


@pytest.mark.parametrize(
    ("data", "words"),
    [pytest.param(b"", "empty", id="empty"), pytest.param(b"GIF89a...", "none of PDF", id="another kind")],
)
def test_a_file_that_cannot_be_a_letter_is_refused_before_any_call(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox, tmp_path: Path, data: bytes, words: str
) -> None:
    (tmp_path / "letter.pdf").write_bytes(data)
    ran = submit(file=str(tmp_path / "letter.pdf"))
    assert ran.state == "failed"
    assert words in str(ran.error)
    assert "param=file" in str(ran.error)
    assert print_sandbox.journal() == []


def test_a_wrong_api_key_names_the_field_of_the_connection(
    print_sandbox: PrintSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = print_sandbox.intelliprint_url
    connect(monkeypatch, "intelliprint_default", "intelliprint", url, "key_of_somebody_else", testmode=False)
    ran = submit(**LETTER)
    assert ran.state == "failed"
    assert "status=401" in str(ran.error)
    assert "password field of the connection" in str(ran.error)
    assert "key_of_somebody_else" not in str(ran.error)
    assert nothing_paid(print_sandbox)


def test_an_unreachable_host_names_itself_and_may_be_tried_again(
    print_sandbox: PrintSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as taken:  # bound and not listening: nobody answers here
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/v1"
        connect(monkeypatch, "intelliprint_default", "intelliprint", url, API_KEY, testmode=False)
        make = hook_module.make_transport

        def impatient(settings: Any, **arguments: Any) -> Any:
            return make(settings, **{**arguments, "policy": RetryPolicy(fault_budget=0.3)})

        monkeypatch.setattr(hook_module, "make_transport", impatient)
        ran = submit(**LETTER)
    assert ran.state == "up_for_retry"
    assert "127.0.0.1" in str(ran.error)
    assert "Check host, network and proxy of the connection" in str(ran.error)
    assert print_sandbox.journal() == []


def test_waiting_for_a_host_inside_one_call_is_short_because_airflow_tries_again_itself() -> None:
    assert RetryPolicy().fault_budget <= 30


def test_an_unknown_background_names_the_field(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    ran = submit(**LETTER, background={"first_page": "bg_nosuch"})
    assert ran.state == "failed"
    assert "background" in str(ran.error)
    assert nothing_paid(print_sandbox)


def test_a_budget_that_is_too_small_names_itself_with_both_sums(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    ran = submit(**LETTER, max_cost_after_tax="0.01 GBP")
    assert ran.state == "failed"
    assert "param=max_cost_after_tax" in str(ran.error)
    assert "0.01 GBP" in str(ran.error)
    assert nothing_paid(print_sandbox)


def test_a_phrase_that_is_nowhere_in_the_file_names_itself(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox, tmp_path: Path
) -> None:
    (tmp_path / "run.pdf").write_bytes(pdf("one", "two"))
    ran = submit(
        file=str(tmp_path / "run.pdf"), splitting={"method": "split_on_phrase", "phrase": "Statement"}
    )
    assert ran.state == "failed"
    assert "splitting.phrase" in str(ran.error)
    assert nothing_paid(print_sandbox)
