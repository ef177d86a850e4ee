"""The audit on the sandbox."""

from __future__ import annotations

import copy
import time
from typing import TYPE_CHECKING, Any

import pytest

from airflow_provider_print.core.errors import ForbiddenError, InputError, ServerError, UnexpectedAnswerError
from airflow_provider_print.intelliprint.client.print_jobs import PrintJobs
from airflow_provider_print.nets._rows import RunScope
from airflow_provider_print.nets._sweep import Sweep
from airflow_provider_print.nets.audit import AuditError, AuditReport, audit
from tests.support.letters import RUN, RUN_ID, calls, copies, drafted, own_key, paid, task_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow_provider_print.intelliprint.client import IntelliprintClient
    from airflow_provider_print.intelliprint.models import PrintJob
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


def change(box: PrintSandbox, job_id: str, **changes: Any) -> None:
    """Change a job in the store, behind everybody's back."""
    stored = box.sandbox.store.get("print", job_id)
    assert stored is not None
    box.sandbox.store.put("print", job_id, stored | changes)


def cancel_some(box: PrintSandbox, job_id: str, number: int) -> None:
    """Let some letters of a job be cancelled, and the others be printed."""
    stored = copy.deepcopy(box.sandbox.store.get("print", job_id))
    assert stored is not None
    for n, letter in enumerate(stored["letters"]):
        status = "cancelled" if n < number else "printing"
        letter["events"].append({"at": stored["confirmed_at"], "status": status, "reason": None})
    change(box, job_id, letters=stored["letters"])


def two_of_one(
    client: IntelliprintClient, box: PrintSandbox, *, letters: int = 1, **metadata: str
) -> tuple[PrintJob, PrintJob]:
    """Two paid jobs of one letter; metadata is that of the younger one."""
    first = paid(client, task_key(), letters=letters)
    box.advance(5)
    return first, paid(client, task_key(), letters=letters, **metadata)


def test_a_job_without_metadata_is_known_by_its_reference(
    client: IntelliprintClient, print_sandbox: PrintSandbox
) -> None:
    first, _ = two_of_one(client, print_sandbox)
    change(print_sandbox, first.id, metadata=None)
    assert [double.letter_key for double in look(client).doubles] == [task_key().key]


def test_a_job_of_which_one_letter_goes_on_still_counts(
    client: IntelliprintClient, print_sandbox: PrintSandbox
) -> None:
    first, _ = two_of_one(client, print_sandbox, letters=2)
    cancel_some(print_sandbox, first.id, 1)
    assert [double.letter_key for double in look(client).doubles] == [task_key().key]


def test_the_younger_one_stays_where_the_older_one_is_partly_cancelled(
    client: IntelliprintClient, print_sandbox: PrintSandbox
) -> None:
    first, second = two_of_one(client, print_sandbox, letters=3)
    cancel_some(print_sandbox, first.id, 2)
    report = look(client, run=THIS_RUN, cancel_younger=True)
    assert report.cancelled == []
    assert f"not every letter of {first.id} will be posted" in report.findings[0]
    assert calls(print_sandbox, "DELETE", "{id}") == 0
    assert client.get_print_job(second.id).letters_by_status() == {"waiting_to_print": 3}


def test_the_younger_one_stays_where_the_older_one_has_fewer_letters(
    client: IntelliprintClient, print_sandbox: PrintSandbox
) -> None:
    paid(client, task_key())
    print_sandbox.advance(5)
    paid(client, task_key(), letters=2)
    report = look(client, run=THIS_RUN, cancel_younger=True)
    assert "has fewer letters" in report.findings[0]
    assert calls(print_sandbox, "DELETE", "{id}") == 0


@pytest.mark.parametrize(
    ("edited", "words"),
    [
        ({"reference": task_key("other").reference}, "do not both name this letter"),
        ({"metadata": None}, "do not both name this letter"),
        ({"metadata": {**task_key().metadata(), "environment": "staging"}}, "of another environment"),
        ({"metadata": {**task_key().metadata(), "fingerprint": "another"}}, "another fingerprint"),
        ({"metadata": {**task_key().metadata(), "run": "another"}}, "another run"),
        ({"confirmed_at": None}, "which of them is the older"),
    ],
)
def test_nothing_is_stopped_on_a_word_that_is_not_beyond_doubt(
    client: IntelliprintClient, print_sandbox: PrintSandbox, edited: dict[str, Any], words: str
) -> None:
    _, second = two_of_one(client, print_sandbox)
    change(print_sandbox, second.id, **edited)
    report = look(client, cancel_younger=True)
    assert words in report.findings[0]
    assert calls(print_sandbox, "DELETE", "{id}") == 0


def after_the_first_reading(monkeypatch: pytest.MonkeyPatch, number: int, then: Callable[[], Any]) -> None:
    """Do something after so many jobs were read."""
    read, looks = PrintJobs.get_print_job, [0]

    def read_and_then(self: Any, print_job_id: str, **more: Any) -> Any:
        job = read(self, print_job_id, **more)
        looks[0] += 1
        if looks[0] == number:
            then()
        return job

    monkeypatch.setattr(PrintJobs, "get_print_job", read_and_then)


def test_the_younger_one_stays_where_the_older_one_is_stopped_meanwhile(
    client: IntelliprintClient, print_sandbox: PrintSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = two_of_one(client, print_sandbox)
    after_the_first_reading(monkeypatch, 2, lambda: client.delete_print_job(first.id))
    report = look(client, run=THIS_RUN, cancel_younger=True)
    assert report.cancelled == []
    assert client.get_print_job(second.id).letters_by_status() == {"waiting_to_print": 1}


def test_where_both_were_stopped_in_one_moment_nobody_says_that_one_is_left(
    client: IntelliprintClient, print_sandbox: PrintSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = two_of_one(client, print_sandbox)
    after_the_first_reading(monkeypatch, 4, lambda: client.delete_print_job(first.id))
    report = look(client, run=THIS_RUN, cancel_younger=True)
    assert len(report.doubles) == 1
    assert "LEFT IN THE POST is: nothing" in report.findings[0]
    assert "resend" in report.findings[0]
    assert report.as_dict()["paid_twice"] == [task_key().key]


def test_a_stop_that_was_refused_for_now_is_not_sent_again_without_a_look_at_both(
    client: IntelliprintClient, print_sandbox: PrintSandbox
) -> None:
    first, second = two_of_one(client, print_sandbox)
    print_sandbox.fault("DELETE", "/prints/{id}", status=429, headers={"Retry-After": "9"})
    sleep = client.transport.clock.sleep

    def somebody_stops_the_older_one(seconds: float) -> None:
        cancel_some(print_sandbox, first.id, 1)
        sleep(seconds)

    object.__setattr__(client.transport.clock, "sleep", somebody_stops_the_older_one)
    assert look(client, run=THIS_RUN, cancel_younger=True).cancelled == []
    assert client.get_print_job(second.id).letters_by_status() == {"waiting_to_print": 1}
    assert calls(print_sandbox, "DELETE", "{id}") == 1


def test_what_was_found_is_told_although_stopping_is_not_allowed(
    client: IntelliprintClient, print_sandbox: PrintSandbox
) -> None:
    jobs = []
    for name in ("one", "two"):
        for _ in range(2):
            jobs.append(paid(client, task_key(name)))
            print_sandbox.advance(5)
    print_sandbox.fault("DELETE", "/prints/{id}", status=403)
    report = look(client, run=THIS_RUN, cancel_younger=True)
    with pytest.raises(AuditError, match="Not everything could be asked") as caught:
        report.raise_for_findings()
    text = str(caught.value)
    assert "403" in text
    assert task_key("one").key in text
    assert task_key("two").key in text


def test_what_was_stopped_is_told_although_a_later_call_fails(
    client: IntelliprintClient, print_sandbox: PrintSandbox
) -> None:
    for name in ("one", "two"):
        for _ in range(2):
            paid(client, task_key(name))
            print_sandbox.advance(5)
    print_sandbox.fault("DELETE", "/prints/{id}", status=403, nth=2)
    report = look(client, run=THIS_RUN, cancel_younger=True)
    assert len(report.cancelled) == 1
    assert len(report.findings) == 2
    assert "Stopping was broken off" in report.findings[0]


def test_where_nothing_was_found_yet_a_call_that_fails_fails_the_whole(
    client: IntelliprintClient, print_sandbox: PrintSandbox
) -> None:
    two_of_one(client, print_sandbox)
    print_sandbox.fault("GET", "/prints/{id}", status=403)
    with pytest.raises(ForbiddenError):
        look(client, run=THIS_RUN)


def test_an_older_one_that_can_still_be_stopped_is_named(
    client: IntelliprintClient, print_sandbox: PrintSandbox
) -> None:
    first, second = two_of_one(client, print_sandbox)
    cancel_some(print_sandbox, second.id, 0)  # all of it is printing
    text = look(client, run=THIS_RUN, cancel_younger=True).findings[0]
    assert f"but {first.id} still can" in text


def test_a_list_that_is_never_whole_is_no_clean_audit(
    client: IntelliprintClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    paid(client, task_key())
    monkeypatch.setattr(Sweep, "_down", lambda _: (False, False))
    with pytest.raises(UnexpectedAnswerError):
        look(client, expected=0)


def test_a_test_job_that_is_expected_by_its_id_is_no_live_letter(client: IntelliprintClient) -> None:
    job = paid(client, task_key(testmode=True))
    report = look(client, run=THIS_RUN, expected=[job.id])
    assert f"{job.id} is in `expected` and is no letter: it is a test job" in report.findings[0]
    assert report.letters == 0
    assert look(client, run=THIS_RUN, expected=[job.id], testmode=True).findings == []


def test_an_expected_job_that_is_known_to_be_paid_is_read_once(
    client: IntelliprintClient, print_sandbox: PrintSandbox
) -> None:
    old = paid(client, task_key())
    print_sandbox.advance(3 * 86400)
    given = {"since": print_sandbox.now() - 86400, "second_look": 5.0, "sleep": lambda _: None}
    assert len(look(client, expected=[old.id, "print_nowhere"], **given).findings) == 1
    assert calls(print_sandbox, "GET", "{id}") == 3


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
    assert "can be stopped any more" in report.findings[0]
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


@pytest.mark.parametrize("expected", [-1, True, "7", ["../x"], []])
def test_nonsense_is_refused_before_any_call(
    client: IntelliprintClient, print_sandbox: PrintSandbox, expected: Any
) -> None:
    with pytest.raises(InputError, match="expected"):
        look(client, expected=expected)
    assert print_sandbox.journal() == []
