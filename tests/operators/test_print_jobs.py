"""Print job operators in the real task runner, on a real socket."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from airflow.sdk import task

from airflow_provider_print.operators.intelliprint import (
    IntelliprintCancelPrintJobOperator,
    IntelliprintConfirmPrintJobOperator,
    IntelliprintCreatePrintJobOperator,
    IntelliprintSubmitPrintJobOperator,
)
from tests.airflow.fixtures import API_KEY, RECIPIENT, connect, draft, pdf, posted
from tests.airflow.harness import Ran, Supervisor, dag, run_task

if TYPE_CHECKING:
    from pathlib import Path

    from airflow_provider_print.hooks.intelliprint import IntelliprintHook
    from airflow_provider_print.sandbox import PrintSandbox

HOUR = 3600
LETTER = {"content": "Dear reader", "recipients": [RECIPIENT]}
SENT = {**LETTER, "wait_for_completion": False}
RESULT = {
    "id",
    "reference",
    "letters",
    "pages",
    "sheets",
    "cost",
    "testmode",
    "confirmed",
    "already_posted",
    "resumed_draft",
}


def submit(map_index: int = -1, *, run: dict[str, Any] | None = None, **arguments: Any) -> Ran:
    with dag():
        op = IntelliprintSubmitPrintJobOperator(task_id="send", **arguments)
    return run_task(op, map_index=map_index, **(run or {}))


def mailed(box: PrintSandbox) -> int:
    return sum(box.invariants()["letters_mailed"].values())


def requests_of(box: PrintSandbox, method: str, route: str) -> int:
    return sum(1 for one in box.journal() if one["method"] == method and one["route"].endswith(route))


def test_a_draft_is_made_and_quoted_and_nothing_is_paid(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    with dag():
        op = IntelliprintCreatePrintJobOperator(task_id="quote", **LETTER)
    ran = run_task(op)
    assert ran.state == "success"
    assert set(ran.result) == RESULT
    assert ran.result["confirmed"] is False
    assert ran.result["cost"]["after_tax"] > 0
    assert mailed(print_sandbox) == 0
    again = run_task(op)
    assert again.result["id"] == ran.result["id"], "a retry goes on with the draft"
    assert again.result["resumed_draft"] is True
    assert intelliprint.get_print_job(ran.result["id"]).confirmed is False


def test_a_letter_is_sent_once_however_often_its_task_runs(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    first, second = submit(**SENT), submit(**SENT, run={"try_number": 2})
    assert first.state == second.state == "success"
    assert first.result["confirmed"] is True
    assert first.result["already_posted"] is False
    assert second.result["already_posted"] is True
    assert second.result["id"] == first.result["id"]
    assert len(json.dumps(first.result)) < 4096
    print_sandbox.advance(2 * HOUR)
    assert mailed(print_sandbox) == 1


@pytest.mark.parametrize(
    ("other", "same"),
    [
        pytest.param({"run_id": "backfill__2026-11-01"}, True, id="a backfill of the same date"),
        pytest.param({"logical_date": datetime(2026, 12, 1, 7, tzinfo=UTC)}, False, id="another date"),
        pytest.param({"logical_date": None}, False, id="a run without a date"),
    ],
)
def test_the_date_of_the_run_says_which_letter_it_is(
    intelliprint: IntelliprintHook, other: dict[str, Any], same: bool
) -> None:
    first, second = submit(**SENT), submit(**SENT, run=other)
    assert (first.result["id"] == second.result["id"]) is same


def test_a_letter_with_a_key_of_its_own_is_the_same_from_any_run_and_resend_posts_it_again(
    intelliprint: IntelliprintHook,
) -> None:
    keyed = {**SENT, "idempotency_key": "invoice-{{ params.number }}"}

    def ids(**more: Any) -> str:
        with dag(params={"number": 77}):
            op = IntelliprintSubmitPrintJobOperator(task_id="send", **keyed, **more)
        identity: str = run_task(op, run_id="other", logical_date=None).result["id"]
        return identity

    assert ids() == ids()
    assert ids(resend="returned in May") not in {ids(), ids(resend="returned in June")}


def test_the_id_and_the_link_are_there_when_the_task_fails_after_its_draft(
    print_sandbox: PrintSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect(
        monkeypatch,
        "intelliprint_default",
        "intelliprint",
        print_sandbox.intelliprint_url,
        API_KEY,
        testmode=False,
        job_link="https://dashboard.example/jobs/{id}",
    )
    ran = submit(**SENT, max_cost_after_tax="0.10 GBP")
    assert ran.state == "failed"
    assert "max_cost_after_tax" in str(ran.error)
    xcoms = ran.supervisor.xcoms
    assert xcoms["print_job_id"].startswith("print_")
    assert xcoms["_link_PrintJobLink"] == f"https://dashboard.example/jobs/{xcoms['print_job_id']}"
    assert mailed(print_sandbox) == 0


@pytest.mark.parametrize(
    ("limits", "param"),
    [
        ({"max_cost_after_tax": "0.01 GBP"}, "max_cost_after_tax"),
        ({"expected_letters": 2}, "expected_letters"),
        ({"min_letters": "2"}, "min_letters"),
        ({"max_cost_after_tax": "a pound"}, "max_cost_after_tax"),
        ({"expected_letters": "some"}, "expected_letters"),
    ],
)
def test_a_limit_that_is_not_kept_fails_the_task_at_once_and_names_itself(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox, limits: dict[str, Any], param: str
) -> None:
    ran = submit(**SENT, **limits, retries=3)
    assert ran.state == "failed", "no retry can heal it"
    assert param in str(ran.error)
    assert requests_of(print_sandbox, "POST", "/prints/{id}") == 0


def test_a_phrase_that_is_nowhere_in_the_file_is_noticed_before_anything_is_paid(
    intelliprint: IntelliprintHook, tmp_path: Path
) -> None:
    (tmp_path / "run.pdf").write_bytes(pdf("one", "two"))
    ran = submit(
        file=str(tmp_path / "run.pdf"),
        splitting={"method": "split_on_phrase", "phrase": "Statement"},
        wait_for_completion=False,
    )
    assert ran.state == "failed"
    assert "min_letters" in str(ran.error)
    assert "splitting.phrase" in str(ran.error)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param({}, "file", id="nothing to print"),
        pytest.param({**LETTER, "recipients": "not json"}, "recipients", id="recipients that are no list"),
        pytest.param({**LETTER, "poll_interval": -1}, "poll_interval", id="an interval below zero"),
        pytest.param({**LETTER, "wait_timeout": "long"}, "wait_timeout", id="a time-out that is no number"),
        pytest.param({**LETTER, "target_statuses": ["posted"]}, "target_statuses", id="no such status"),
        pytest.param({**LETTER, "target_statuses": None}, "target_statuses", id="no statuses"),
        pytest.param({**LETTER, "target_statuses": 5}, "target_statuses", id="a number for statuses"),
        pytest.param({**LETTER, "metadata": "a text"}, "metadata", id="metadata that is text"),
        pytest.param({**LETTER, "metadata": ["a"]}, "metadata", id="metadata that is a list"),
        pytest.param({**LETTER, "tolerated_failures": -1}, "tolerated_failures", id="no such tolerance"),
        pytest.param({**LETTER, "testmode": "maybe"}, "testmode", id="a switch that is no switch"),
        pytest.param({**LETTER, "idempotency_key": " "}, "idempotency_key", id="an empty letter key"),
        pytest.param({**LETTER, "file": "/nowhere/x.pdf", "content": None}, "file", id="no such file"),
    ],
)
def test_wrong_input_fails_the_task_before_any_call_that_costs(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox, arguments: dict[str, Any], words: str
) -> None:
    ran = submit(**arguments, retries=3)
    assert ran.state == "failed"
    assert words in str(ran.error)
    assert requests_of(print_sandbox, "POST", "/prints") == 0


def test_many_faulty_recipients_are_named_by_row_and_not_by_what_they_say(
    intelliprint: IntelliprintHook, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    wrong = {"address": {"name": "Zorgwald", "line": "", "country": "Zorgland"}}
    ran = submit(content="Dear Zorgwald", recipients=[RECIPIENT, wrong, wrong], wait_for_completion=False)
    assert ran.state == "failed"
    assert "recipients" in str(ran.error)
    assert "Zorg" not in "".join(capfd.readouterr()) + caplog.text + repr(ran.supervisor.told)


@pytest.mark.parametrize(
    ("status", "kind", "state"),
    [
        pytest.param(400, "invalid_request_error", "failed", id="400"),
        pytest.param(401, "authentication_error", "failed", id="401"),
        pytest.param(403, "permission_error", "failed", id="403"),
        pytest.param(402, "payment_error", "up_for_retry", id="402"),
    ],
)
def test_refusals_end_the_task_and_a_lack_of_money_may_be_retried(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox, status: int, kind: str, state: str
) -> None:
    told = {"error": {"message": "No.", "type": kind, "code": "some_code"}}
    print_sandbox.fault("POST", "/prints", status=status, content=told)
    ran = submit(**SENT, retries=3)
    assert ran.state == state
    assert f"status={status}" in str(ran.error)


def test_an_unknown_outcome_of_the_paid_step_may_be_retried_and_posts_one_letter(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    print_sandbox.fault("POST", "/prints/{id}", phase="after", kind="reset", times=1)
    ran = submit(**SENT, retries=3)
    assert ran.state == "success", "the job itself was asked"
    print_sandbox.advance(2 * HOUR)
    assert mailed(print_sandbox) == 1


def test_a_missing_api_key_is_a_clear_error_that_no_retry_heals(
    print_sandbox: PrintSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect(monkeypatch, "intelliprint_default", "intelliprint", print_sandbox.intelliprint_url, "")
    ran = submit(**SENT, retries=3)
    assert ran.state == "failed"
    assert "password" in str(ran.error)


def test_a_connection_in_test_mode_makes_test_jobs_and_the_wait_ends_at_confirmed(
    intelliprint_in_testmode: IntelliprintHook, caplog: pytest.LogCaptureFixture
) -> None:
    ran = submit(**LETTER)
    assert ran.state == "success"
    assert ran.result["testmode"] is True
    assert ran.result["letters"] == {"waiting_to_print": 1}
    assert "the wait for them ends here" in caplog.text


def test_an_operator_may_force_test_mode_but_never_live(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert submit(**SENT, testmode="{{ 'True' }}").result["testmode"] is True
    assert submit(**SENT, testmode=False).result["testmode"] is False
    connect(monkeypatch, "intelliprint_default", "intelliprint", print_sandbox.intelliprint_url, API_KEY)
    ran = submit(**SENT, testmode=False)
    assert ran.state == "failed"
    assert "testmode" in str(ran.error)


def test_quote_only_stops_at_the_quote_and_a_later_run_goes_on_with_that_draft(
    intelliprint: IntelliprintHook,
) -> None:
    quote = submit(**SENT, quote_only="{{ 'true' }}")
    assert quote.result["confirmed"] is False
    sent = submit(**SENT)
    assert sent.result["confirmed"] is True
    assert sent.result["resumed_draft"] is True
    assert sent.result["id"] == quote.result["id"]


def test_words_and_metadata_of_the_user_are_stored_beside_the_job(intelliprint: IntelliprintHook) -> None:
    ran = submit(**SENT, label="run of {{ ds }}", metadata={"order": "77"})
    job = intelliprint.get_print_job(ran.result["id"])
    assert job.metadata is not None
    assert job.metadata["label"] == "run of 2026-11-01"
    assert job.metadata["order"] == "77"
    assert ran.rendered["job_label"] == "run of 2026-11-01"


def test_recipients_may_be_json_text_or_the_results_of_mapped_tasks(intelliprint: IntelliprintHook) -> None:
    text = submit(content="Dear reader", recipients=json.dumps([RECIPIENT] * 2), wait_for_completion=False)
    assert text.result["letters"] == {"waiting_to_print": 2}
    with dag():

        @task
        def person(number: int) -> dict[str, Any]:
            return RECIPIENT

        op = IntelliprintSubmitPrintJobOperator(
            task_id="all",
            content="Dear reader",
            recipients=person.expand(number=[1, 2, 3]),
            wait_for_completion=False,
        )
    ran = run_task(op, supervisor=Supervisor({"person": [RECIPIENT] * 3}))
    assert ran.state == "success"
    assert ran.result["letters"] == {"waiting_to_print": 3}


def test_each_map_index_is_a_letter_of_its_own(intelliprint: IntelliprintHook) -> None:
    with dag():
        op = IntelliprintSubmitPrintJobOperator.partial(
            task_id="send", content="Dear reader", wait_for_completion=False
        ).expand(recipients=[[RECIPIENT], [RECIPIENT]])
    first, second = run_task(op, map_index=0), run_task(op, map_index=1)
    assert first.state == second.state == "success"
    assert first.result["id"] != second.result["id"]
    assert first.rendered["recipients"] == "(hidden: 1 recipients)"


def test_a_mapped_task_without_mapped_recipients_needs_a_letter_key(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox, tmp_path: Path
) -> None:
    (tmp_path / "a.pdf").write_bytes(pdf("one"))
    files = [str(tmp_path / "a.pdf")]
    common = {"wait_for_completion": False, "retries": 2}
    with dag():

        @task
        def people() -> list[dict[str, Any]]:
            return [LETTER]

        operator = IntelliprintSubmitPrintJobOperator
        bare = [
            operator.partial(task_id="file", **common).expand(file=files),
            operator.partial(task_id="text", recipients=[RECIPIENT], **common).expand(content=["a", "b"]),
            operator.partial(task_id="rows", **common).expand_kwargs(people()),
        ]
        keyed = operator.partial(task_id="keyed", **common).expand_kwargs(
            [{"file": files[0], "idempotency_key": "invoice-1"}]
        )
    for op in bare:
        refused = run_task(op, map_index=0, supervisor=Supervisor({"people": [LETTER]}))
        assert refused.state == "failed", op.task_id
        assert "param=idempotency_key" in str(refused.error)
    assert requests_of(print_sandbox, "POST", "/prints") == 0
    assert run_task(keyed, map_index=0).state == "success"


def test_rows_that_are_written_out_may_bring_their_own_recipients(intelliprint: IntelliprintHook) -> None:
    with dag():
        op = IntelliprintSubmitPrintJobOperator.partial(
            task_id="send", wait_for_completion=False
        ).expand_kwargs([LETTER, {**LETTER, "content": "Dear other reader"}])
    assert run_task(op, map_index=1).state == "success"


def test_a_wait_on_the_worker_ends_when_the_letters_are_sent(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    print_sandbox.freeze(False)
    print_sandbox.set_speed(100_000)
    ran = submit(**LETTER, poll_interval=0.05)
    assert ran.state == "success"
    assert ran.result["letters"] == {"sent": 1}
    assert ran.result["already_posted"] is False


def test_a_wait_that_is_too_long_ends_with_the_state_of_the_letters_and_is_not_retried(
    intelliprint: IntelliprintHook,
) -> None:
    ran = submit(**LETTER, poll_interval=0.05, wait_timeout=0.1, retries=3)
    assert ran.state == "failed"
    assert "1 waiting_to_print" in str(ran.error)
    assert "wait_timeout" in str(ran.error)


def test_a_deferred_wait_comes_back_with_the_same_result_as_a_wait_on_the_worker(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    quote = submit(**SENT, quote_only=True)
    deferred = submit(**LETTER, deferrable=True)
    assert deferred.state == "deferred"
    trigger = deferred.trigger
    assert trigger.print_job_ids == [quote.result["id"]]
    print_sandbox.advance(2 * HOUR)
    event = {
        "outcome": "ready",
        "ids": trigger.print_job_ids,
        "deadline": trigger.deadline,
        "message": "",
        "carry": trigger.carry,
    }
    resumed = submit(**LETTER, deferrable=True, run={"event": event})
    assert resumed.state == "success"
    waited = submit(**LETTER, poll_interval=0.05)
    assert resumed.result["resumed_draft"] is True
    assert resumed.result == {**waited.result, "already_posted": False, "resumed_draft": True}
    assert resumed.supervisor.xcoms["_link_PrintJobLink"].endswith(quote.result["id"])


def test_a_job_that_is_done_already_costs_no_trigger(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    submit(**SENT)
    print_sandbox.advance(2 * HOUR)
    ran = submit(**LETTER, deferrable=True)
    assert ran.state == "success"
    assert ran.result["letters"] == {"sent": 1}


def resume(job_id: str, outcome: str, *, deadline: float = 2e9, message: str = "", **more: Any) -> Ran:
    event = {"outcome": outcome, "ids": [job_id], "deadline": deadline, "message": message, "carry": {}}
    return submit(**LETTER, deferrable=True, run={"event": event}, **more)


def test_a_resume_believes_the_service_and_not_the_event(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    job = posted(intelliprint)
    early = resume(job.id, "ready")
    assert early.state == "deferred", "the letters are not there, so it waits on"
    assert early.trigger.deadline == 2e9
    assert resume(job.id, "timeout", retries=3).state == "failed"
    print_sandbox.advance(2 * HOUR)
    assert resume(job.id, "timeout").state == "success", "the last look has seen it"


def test_a_resume_after_an_error_of_the_trigger_alone_waits_on_until_the_same_deadline(
    intelliprint: IntelliprintHook,
) -> None:
    job = posted(intelliprint)
    ran = resume(job.id, "error", message="no route to host")
    assert ran.state == "deferred", "the triggerer could not ask, this worker can"
    assert ran.trigger.deadline == 2e9


def test_an_event_that_makes_no_sense_is_no_success(intelliprint: IntelliprintHook) -> None:
    ran = submit(**LETTER, deferrable=True, run={"event": {"status": "success"}})
    assert ran.state == "failed"


def test_a_returned_letter_fails_the_wait_with_its_id_and_the_reason_unless_tolerated(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    from airflow_provider_print.sandbox.intelliprint.outbox import move_letter

    two = {**LETTER, "recipients": [RECIPIENT] * 2}
    job = intelliprint.get_print_job(submit(**{**two, "wait_for_completion": False}).result["id"])
    print_sandbox.advance(2 * HOUR)
    move_letter(print_sandbox.sandbox, str(job.letters[1].id), status="returned", reason="Gone away")
    ran = submit(**two, retries=3)
    assert ran.state == "failed"
    assert str(job.letters[1].id) in str(ran.error)
    assert "Gone away" in str(ran.error)
    assert submit(**two, tolerated_failures=1).result["letters"] == {"sent": 1, "returned": 1}


def test_killing_says_what_goes_on_and_talks_to_nobody(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox, capfd: pytest.CaptureFixture[str]
) -> None:
    from airflow_provider_print.intelliprint.result import PrintJobResult

    with dag():
        op = IntelliprintSubmitPrintJobOperator(task_id="send", **SENT)
    result = run_task(op).result
    asked = len(print_sandbox.journal())
    op.on_kill()
    assert "nothing was paid" in capfd.readouterr().out
    op._print_job_id = result["id"]
    op.on_kill()
    assert f"{result['id']} was being confirmed" in capfd.readouterr().out
    op._sent = PrintJobResult(**result)
    op.on_kill()
    assert "will be billed" in capfd.readouterr().out
    assert len(print_sandbox.journal()) == asked


def confirm(**arguments: Any) -> Ran:
    with dag():
        op = IntelliprintConfirmPrintJobOperator(task_id="confirm", **arguments)
    return run_task(op)


def test_a_draft_is_confirmed_once_and_again_is_harmless(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    job = draft(intelliprint)
    first, second = confirm(print_job_id=job.id), confirm(print_job_id={"id": job.id})
    assert first.result["confirmed"] is second.result["confirmed"] is True
    assert first.result["already_posted"] is False
    assert second.result["already_posted"] is True
    assert requests_of(print_sandbox, "POST", "/prints/{id}") == 1


@pytest.mark.parametrize("phase", ["before", "after"])
def test_a_confirmation_whose_answer_is_lost_is_looked_up(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox, phase: str
) -> None:
    job = draft(intelliprint)
    print_sandbox.fault("POST", "/prints/{id}", phase=phase, kind="reset", times=1)
    assert confirm(print_job_id=job.id).result["confirmed"] is True
    print_sandbox.advance(2 * HOUR)
    assert mailed(print_sandbox) == 1


def test_a_draft_over_the_budget_is_not_confirmed(intelliprint: IntelliprintHook) -> None:
    job = draft(intelliprint)
    ran = confirm(print_job_id=job.id, max_cost_after_tax="0.05 GBP")
    assert ran.state == "failed"
    assert "max_cost_after_tax" in str(ran.error)
    assert intelliprint.get_print_job(job.id).confirmed is False


def test_a_live_draft_is_not_confirmed_through_a_connection_in_test_mode(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = draft(intelliprint)
    connect(monkeypatch, "intelliprint_default", "intelliprint", print_sandbox.intelliprint_url, API_KEY)
    ran = confirm(print_job_id=job.id)
    assert ran.state == "failed"
    assert "testmode" in str(ran.error)
    assert intelliprint.get_print_job(job.id).confirmed is False


def test_confirming_an_unknown_or_missing_job_names_the_field(intelliprint: IntelliprintHook) -> None:
    unknown = str(confirm(print_job_id="print_nosuch").error)
    assert "404" in unknown
    assert "param=print_job_id" in unknown
    assert "param=print_job_id" in str(confirm(print_job_id="a/b").error)
    assert "print_job_id" in str(confirm(print_job_id="").error)
    assert "print_job_id" in str(confirm(print_job_id=["print_1", "print_2"]).error)


def cancel(job_id: str) -> Ran:
    with dag():
        op = IntelliprintCancelPrintJobOperator(task_id="cancel", print_job_id=job_id)
    return run_task(op)


def test_cancelling_a_draft_deletes_it(intelliprint: IntelliprintHook) -> None:
    report = cancel(draft(intelliprint).id).result
    assert report["deleted"] is True
    assert report["still_billed"] == {"after_tax": 0, "currency": "GBP"}


def test_cancelling_what_is_gone_has_nothing_left_to_do(intelliprint: IntelliprintHook) -> None:
    job_id = draft(intelliprint).id
    first, again = cancel(job_id), cancel(job_id)
    assert first.state == again.state == "success"
    assert again.result["deleted"] is True
    assert again.result["stopped"] == 0


def test_cancelling_in_time_stops_every_letter(intelliprint: IntelliprintHook) -> None:
    report = cancel(posted(intelliprint, letters=3).id).result
    assert (report["deleted"], report["stopped"], report["going_on"]) == (False, 3, 0)
    assert report["letters"] == {"cancelled": 3}
    assert report["still_billed"]["after_tax"] == 0


def test_what_cannot_be_stopped_any_more_is_reported_with_what_it_costs(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    from airflow_provider_print.sandbox.intelliprint.outbox import move_letter

    job = posted(intelliprint, letters=3)
    move_letter(print_sandbox.sandbox, str(job.letters[0].id), status="printing")
    report = cancel(job.id).result
    assert (report["stopped"], report["going_on"]) == (2, 1)
    assert report["still_billed"]["after_tax"] == job.letters[0].cost.after_tax
    again = cancel(job.id)
    assert again.state == "success"
    assert (again.result["stopped"], again.result["going_on"]) == (0, 1)


def test_a_retry_waits_for_what_is_left_and_not_anew(
    intelliprint: IntelliprintHook, monkeypatch: pytest.MonkeyPatch
) -> None:
    confirmed_at = intelliprint.get_print_job(submit(**SENT).result["id"]).confirmed_at
    assert confirmed_at is not None
    # Three hours pass for us, and none for the letter.
    monkeypatch.setattr(time, "time", lambda: confirmed_at + 3.0 * HOUR)
    left = submit(**LETTER, deferrable=True, wait_timeout=4 * HOUR, run={"try_number": 2})
    over = submit(**LETTER, wait_timeout=2 * HOUR, run={"try_number": 2})
    monkeypatch.undo()
    assert left.trigger.deadline == confirmed_at + 4 * HOUR
    assert over.state == "failed"
    assert "wait_timeout" in str(over.error)


def test_a_service_whose_clock_is_ahead_does_not_make_the_wait_longer(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    print_sandbox.advance(400 * 24 * HOUR)
    deferred = submit(**LETTER, deferrable=True, wait_timeout=timedelta(minutes=1))
    assert deferred.state == "deferred"
    assert deferred.trigger.deadline <= time.time() + 60


def test_a_confirmed_job_of_which_nothing_was_posted_is_no_success(intelliprint: IntelliprintHook) -> None:
    job = posted(intelliprint)
    intelliprint.delete_print_job(job.id)
    ran = confirm(print_job_id=job.id)
    assert ran.state == "failed"
    assert "cancelled" in str(ran.error)
