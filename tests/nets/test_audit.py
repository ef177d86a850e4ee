"""The audit on the sandbox."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from airflow_provider_print.core.errors import InputError, ServerError
from airflow_provider_print.nets._rows import RunScope
from airflow_provider_print.nets.audit import AuditError, AuditReport, audit
from tests.support.letters import RUN, RUN_ID, calls, copies, drafted, own_key, paid, task_key

if TYPE_CHECKING:
    from airflow_provider_print.intelliprint.client import IntelliprintClient
    from airflow_provider_print.sandbox import PrintSandbox

THIS_RUN = RunScope(dag_id="unit", run=RUN, run_id=RUN_ID)


def look(client: IntelliprintClient, **arguments: Any) -> AuditReport:
    given = {"testmode": False, "since": time.time() - 86400, "second_look": 0.0, **arguments}
    return audit(client, **given)


def test_one_paid_job_for_each_letter_is_what_should_be(client: IntelliprintClient) -> None:
    for name in ("one", "two"):
        paid(client, task_key(name))
    report = look(client, run=THIS_RUN, expected=2)
    assert report.findings == []
    report.raise_for_findings()
    assert (report.jobs, report.letters, report.calls) == (2, 2, 1)


def test_a_letter_that_is_paid_twice_fails_and_names_all_one_needs_to_know(
    client: IntelliprintClient, print_sandbox: PrintSandbox
) -> None:
    key = task_key()
    first = paid(client, key)
    print_sandbox.advance(90)
    second = paid(client, key)
    with pytest.raises(AuditError) as caught:
        look(client, run=THIS_RUN).raise_for_findings()
    text = str(caught.value)
    assert first.cost is not None
    for part in (key.key, first.id, second.id, f"{first.cost.total}", "confirmed 20", "cancel_younger"):
        assert part in text
    assert "Any Road" not in text
    assert "A Reader" not in text
    assert caught.value.letter_key == key.key


def test_a_job_that_was_taken_back_is_no_letter_in_the_post(
    client: IntelliprintClient, print_sandbox: PrintSandbox
) -> None:
    key = task_key()
    client.delete_print_job(paid(client, key).id)
    paid(client, key)
    assert look(client, run=THIS_RUN).findings == []
    assert calls(print_sandbox, "GET", "{id}") == 0


def test_what_the_list_says_is_believed_only_after_the_jobs_themselves_were_read(
    client: IntelliprintClient,
) -> None:
    key = task_key()
    paid(client, key)
    second = paid(client, key)
    listed = client.list_print_jobs

    def taken_back_just_then(**filters: Any) -> Any:
        page = listed(**filters)
        client.delete_print_job(second.id)
        return page

    client.list_print_jobs = taken_back_just_then  # type: ignore[method-assign]
    report = look(client, run=THIS_RUN, cancel_younger=True)
    assert report.findings == []
    assert report.cancelled == []


def test_a_job_of_which_one_letter_goes_on_still_counts(
    client: IntelliprintClient, print_sandbox: PrintSandbox
) -> None:
    key = task_key()
    one = paid(client, key, letters=2)
    stored = print_sandbox.sandbox.store.get("print", one.id)
    assert stored is not None
    print_sandbox.sandbox.store.put("print", one.id, stored | {"metadata": None})
    paid(client, key)
    assert [double.letter_key for double in look(client).doubles] == [key.key]


def test_a_run_without_any_letter_fails(client: IntelliprintClient) -> None:
    paid(client, task_key(dag_id="other"))
    drafted(client, task_key())
    with pytest.raises(AuditError, match="No letter is paid in run scheduled__2026-11-01 of unit"):
        look(client, run=THIS_RUN).raise_for_findings()
    assert look(client, run=THIS_RUN, expected=0).findings == []


def test_a_number_of_letters_is_held_exactly(client: IntelliprintClient) -> None:
    paid(client, task_key("one"))
    assert "of unit: 1. Expected: 2" in look(client, run=THIS_RUN, expected=2).findings[0]
    paid(client, task_key("two"))
    assert look(client, run=THIS_RUN, expected=2).findings == []
    paid(client, task_key("three"))
    assert "of unit: 3. Expected: 2" in look(client, run=THIS_RUN, expected=2).findings[0]


def test_a_letter_that_was_posted_again_on_purpose_counts_once_and_is_not_double(
    client: IntelliprintClient,
) -> None:
    paid(client, task_key())
    paid(client, task_key(resend="again"))
    report = look(client, run=THIS_RUN, expected=1)
    assert report.findings == []
    assert report.jobs == 2


def test_letters_with_keys_of_their_own_belong_to_the_run_that_made_them(client: IntelliprintClient) -> None:
    paid(client, own_key("invoice-77"))
    assert look(client, run=THIS_RUN, expected=1).findings == []
    paid(client, own_key("invoice-78"), made_in="unit send another_run clear 0 try 1")
    assert look(client, run=THIS_RUN, expected=1).findings == []


def test_jobs_that_are_expected_by_id_are_found_however_old_they_are(
    client: IntelliprintClient, print_sandbox: PrintSandbox
) -> None:
    old = paid(client, task_key())
    print_sandbox.advance(3 * 86400)
    report = look(client, since=print_sandbox.now() - 86400, run=THIS_RUN, expected=[old.id, old.id])
    assert report.findings == []
    assert report.letters == 1


def test_an_expected_job_that_is_a_draft_or_gone_or_taken_back_is_missing(client: IntelliprintClient) -> None:
    draft = drafted(client, task_key("quoted"))
    taken_back = paid(client, task_key("cancelled"))
    client.delete_print_job(taken_back.id)
    findings = look(client, run=THIS_RUN, expected=[draft.id, taken_back.id, "print_nowhere"]).findings
    assert len(findings) == 3
    assert all(any(job in text for text in findings) for job in (draft.id, taken_back.id, "print_nowhere"))


def test_what_is_missing_is_looked_for_twice_because_lists_lag(
    client: IntelliprintClient, print_sandbox: PrintSandbox
) -> None:
    print_sandbox.world(list_lag_s=0.4)
    paid(client, task_key())
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        time.sleep(0.5)

    report = look(client, run=THIS_RUN, second_look=5.0, sleep=sleep)
    assert report.findings == []
    assert slept == [5.0]


def test_letters_of_others_that_are_paid_twice_are_told_and_do_not_fail_this_run(
    client: IntelliprintClient, caplog: pytest.LogCaptureFixture
) -> None:
    paid(client, task_key())
    theirs = task_key(dag_id="other")
    paid(client, theirs)
    paid(client, theirs)
    report = look(client, run=THIS_RUN)
    assert report.findings == []
    assert report.elsewhere == 1
    assert theirs.key in caplog.text
    assert len(look(client).findings) == 1


def test_the_younger_one_is_stopped_and_refunded_when_that_is_asked_for(
    client: IntelliprintClient, print_sandbox: PrintSandbox
) -> None:
    key = task_key()
    first = paid(client, key)
    print_sandbox.advance(5)
    second = paid(client, key)
    print_sandbox.advance(5)
    third = paid(client, key)
    report = look(client, run=THIS_RUN, cancel_younger=True)
    assert report.findings == []
    assert report.cancelled == [third.id, second.id]
    print_sandbox.advance(30 * 86400)
    assert print_sandbox.invariants()["letters_mailed"] == {key.reference: 1}
    assert client.get_print_job(first.id).letters_by_status() == {"sent": 1}
    assert look(client, run=THIS_RUN, expected=[second.id]).findings == []


def test_what_cannot_be_stopped_any_more_is_said(
    client: IntelliprintClient, print_sandbox: PrintSandbox
) -> None:
    key = task_key()
    paid(client, key)
    second = paid(client, key)
    print_sandbox.advance(30 * 86400)
    report = look(client, since=0, run=THIS_RUN, cancel_younger=True)
    assert report.cancelled == []
    assert any("not everything could be stopped" in text for text in report.findings)
    assert calls(print_sandbox, "DELETE", "{id}") == 0
    assert second.id in report.findings[0]


def test_test_jobs_and_live_jobs_are_separate(client: IntelliprintClient) -> None:
    paid(client, task_key(testmode=True))
    assert look(client, run=THIS_RUN, testmode=True).findings == []
    assert look(client, run=THIS_RUN).findings != []


def test_the_account_is_read_with_one_call_for_a_thousand_jobs(
    client: IntelliprintClient, print_sandbox: PrintSandbox
) -> None:
    first = paid(client, task_key("first"))
    copies(print_sandbox, first.id, 2400)
    before = calls(print_sandbox)
    report = look(client, run=THIS_RUN, expected=2401)
    assert report.findings == []
    assert (report.jobs, report.calls) == (2401, 3)
    assert calls(print_sandbox) - before == 3


def test_jobs_that_are_confirmed_while_the_account_is_read_are_not_lost(
    client: IntelliprintClient, print_sandbox: PrintSandbox
) -> None:
    first = paid(client, task_key("first"))
    copies(print_sandbox, first.id, 60)
    listed = client.list_print_jobs
    made: list[str] = []

    def confirm_meanwhile(**filters: Any) -> Any:
        page = listed(**filters)
        if len(made) < 3:
            print_sandbox.advance(2)
            made.append(paid(client, task_key(f"late{len(made)}")).id)
        return page

    client.list_print_jobs = confirm_meanwhile  # type: ignore[method-assign]
    report = look(client, run=THIS_RUN, page_size=20)
    assert report.jobs == 64


def test_a_service_that_cannot_be_asked_is_no_finding(
    client: IntelliprintClient, print_sandbox: PrintSandbox
) -> None:
    print_sandbox.fault("GET", "/prints", status=500, times=None)
    with pytest.raises(ServerError):
        look(client, run=THIS_RUN)


@pytest.mark.parametrize("expected", [-1, True, "7", ["../x"]])
def test_nonsense_is_refused_before_any_call(
    client: IntelliprintClient, print_sandbox: PrintSandbox, expected: Any
) -> None:
    with pytest.raises(InputError, match="expected"):
        look(client, expected=expected)
    assert print_sandbox.journal() == []
