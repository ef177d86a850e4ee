"""The paid step, decision by decision: what it asks for, and what it makes of each outcome."""

from __future__ import annotations

from typing import Any

import pytest

from airflow_provider_print.core.errors import (
    BadRequestError,
    CheckError,
    LetterFailedError,
    PrintError,
    UnknownOutcomeError,
)
from airflow_provider_print.core.identity import LetterKey
from airflow_provider_print.intelliprint.calls import (
    Confirm,
    Create,
    Find,
    Found,
    Gone,
    Outcome,
    Read,
    Refused,
    Told,
    Unanswered,
)
from airflow_provider_print.intelliprint.letter import Attempt, Letter
from airflow_provider_print.intelliprint.models import PrintJob
from airflow_provider_print.intelliprint.submission import Submission, submit

KEY = LetterKey.for_user(
    base_url="https://api.example/v1", testmode=True, environment="", idempotency_key="invoice-7"
)
LETTER = Letter(key=KEY, fingerprint="print-a", request_digest="all-a", content_digest="bytes-a")
LOST = Unanswered(UnknownOutcomeError("no answer"))
NOBODY = Found([])


def job(job_id: str = "print_1", **fields: Any) -> PrintJob:
    values = {"confirmed": False, "created": 100, "metadata": LETTER.metadata(), "reference": KEY.reference}
    return PrintJob.model_validate({"id": job_id, **values, **fields})


def posted(job_id: str = "print_1", **fields: Any) -> PrintJob:
    return job(job_id, confirmed=True, letters=[{"id": "ltr_1", "status": "waiting_to_print"}], **fields)


def play(*outcomes: Outcome, **options: Any) -> tuple[list[Any], Submission]:
    """Feed the outcomes one by one; return the calls that were asked for and the end."""
    steps = submit(LETTER, **{"verify": lambda _: None, "attempt": Attempt(settle=0), **options})
    calls = [next(steps)]
    try:
        for outcome in outcomes:
            calls.append(steps.send(outcome))
    except StopIteration as end:
        return calls, end.value
    raise AssertionError(f"still asking for {calls[-1]}")


def test_a_first_attempt_finds_nothing_makes_a_draft_and_confirms_it() -> None:
    calls, done = play(NOBODY, Told(job()), Told(posted()))
    assert calls == [Find(KEY.reference), Create(), Confirm("print_1")]
    assert done == Submission(posted())


def test_a_paid_job_of_an_earlier_attempt_is_taken_and_nothing_is_sent() -> None:
    calls, done = play(Found([posted()]), Told(posted()))
    assert calls == [Find(KEY.reference), Read("print_1")]
    assert done.already_posted


def test_a_draft_of_an_earlier_attempt_is_gone_on_with() -> None:
    calls, done = play(Found([job()]), Told(job()), Told(posted()))
    assert calls == [Find(KEY.reference), Read("print_1"), Confirm("print_1")]
    assert done.resumed_draft
    assert not done.already_posted


def test_of_several_drafts_the_oldest_is_taken() -> None:
    drafts = [job("print_b", created=7), job("print_c", created=9), job("print_a", created=7)]
    calls, _ = play(Found(drafts), Told(job("print_a", created=7)), Told(posted("print_a")))
    assert calls[1] == Read("print_a")


def test_a_paid_job_goes_before_an_older_draft() -> None:
    calls, _ = play(Found([job("print_a", created=1), posted("print_b", created=2)]), Told(posted("print_b")))
    assert calls[1] == Read("print_b")


def test_a_strangers_job_with_the_same_reference_is_not_touched() -> None:
    stranger = job("print_x", confirmed=True, metadata={"letter_key": "af1-other"})
    calls, _ = play(Found([stranger]), Told(job()), Told(posted()))
    assert calls == [Find(KEY.reference), Create(), Confirm("print_1")]


def test_a_paid_job_whose_metadata_the_list_leaves_out_is_still_this_letter() -> None:
    calls, done = play(Found([posted(metadata=None)]), Told(posted()))
    assert calls == [Find(KEY.reference), Read("print_1")]
    assert done.already_posted


def test_a_paid_job_that_has_lost_its_metadata_is_taken_by_its_reference() -> None:
    lost = posted(metadata={"note": "edited in the dashboard"})
    _, done = play(Found([lost]), Told(lost))
    assert done.already_posted


def test_a_draft_whose_metadata_the_list_leaves_out_is_read_before_it_is_judged() -> None:
    calls, done = play(Found([job(metadata=None)]), Told(job()), Told(posted()))
    assert calls == [Find(KEY.reference), Read("print_1"), Confirm("print_1")]
    assert done.resumed_draft


def test_a_draft_that_turns_out_to_be_paid_meanwhile_is_not_paid_again() -> None:
    calls, done = play(Found([job()]), Told(posted()))
    assert calls == [Find(KEY.reference), Read("print_1")]
    assert done.already_posted


def test_a_paid_job_that_cannot_be_read_stops_the_attempt_instead_of_being_posted_again() -> None:
    with pytest.raises(UnknownOutcomeError, match="print_1") as caught:
        play(Found([posted()]), Gone())
    assert caught.value.letter_key == KEY.key


def test_a_draft_that_differs_in_anything_is_passed_over() -> None:
    old = job("print_old", metadata={**LETTER.metadata(), "request_digest": "all-b"})
    calls, done = play(Found([old]), Told(job()), Told(posted()))
    assert calls == [Find(KEY.reference), Create(), Confirm("print_1")]
    assert not done.resumed_draft


def test_a_paid_job_with_other_recipients_is_refused_before_anything_is_sent() -> None:
    other = posted(metadata={**LETTER.metadata(), "fingerprint": "print-b"})
    with pytest.raises(LetterFailedError, match="resend") as caught:
        play(Found([other]), Told(other))
    assert caught.value.letter_key == KEY.key
    assert "print_1" in str(caught.value)


def test_a_posted_job_whose_letters_were_all_cancelled_is_a_failure_that_names_resend() -> None:
    dead = job(confirmed=True, letters=[{"id": "ltr_1", "status": "cancelled"}])
    with pytest.raises(LetterFailedError, match="resend"):
        play(Found([dead]), Told(dead))


def test_a_lost_draft_is_looked_up_and_adopted_instead_of_made_again() -> None:
    calls, done = play(NOBODY, LOST, Found([job()]), Told(job()), Told(posted()))
    assert calls == [Find(KEY.reference), Create(), Find(KEY.reference), Read("print_1"), Confirm("print_1")]
    assert done.resumed_draft


def test_a_lost_draft_that_is_nowhere_is_made_again_because_drafts_are_free() -> None:
    calls, _ = play(NOBODY, LOST, NOBODY, Told(job()), Told(posted()))
    assert calls.count(Create()) == 2


def test_two_lost_drafts_end_the_attempt_with_the_letter_key_and_without_paying() -> None:
    with pytest.raises(UnknownOutcomeError, match="has paid nothing") as caught:
        play(NOBODY, LOST, NOBODY, LOST, NOBODY)
    assert caught.value.letter_key == KEY.key


def test_a_found_draft_that_vanishes_before_it_is_read_is_made_again() -> None:
    calls, _ = play(Found([job("print_0")]), Gone(), Told(job()), Told(posted()))
    assert calls == [Find(KEY.reference), Read("print_0"), Create(), Confirm("print_1")]


def test_a_lost_confirm_asks_the_job_and_finds_it_paid() -> None:
    calls, done = play(NOBODY, Told(job()), LOST, Told(posted()))
    assert calls[2:] == [Confirm("print_1"), Read("print_1")]
    assert done.job.confirmed


def test_a_lost_confirm_that_did_not_arrive_is_repeated_on_the_same_id() -> None:
    calls, _ = play(NOBODY, Told(job()), LOST, Told(job()), Told(posted()))
    assert calls[2:] == [Confirm("print_1"), Read("print_1"), Confirm("print_1")]


def test_a_refused_confirm_of_a_job_that_is_paid_counts_as_done() -> None:
    _, done = play(NOBODY, Told(job()), Refused(BadRequestError("already confirmed")), Told(posted()))
    assert done.job.confirmed


def test_a_refused_confirm_of_a_job_that_is_still_a_draft_is_the_services_error() -> None:
    with pytest.raises(BadRequestError, match="no address") as caught:
        play(NOBODY, Told(job()), Refused(BadRequestError("no address")), Told(job()))
    assert caught.value.letter_key == KEY.key


def test_a_confirm_that_stays_unknown_ends_the_attempt_and_names_the_job() -> None:
    with pytest.raises(UnknownOutcomeError, match="print_1"):
        play(NOBODY, Told(job()), LOST, Told(job()), LOST, Told(job()), LOST, Told(job()))


def test_a_draft_that_vanishes_before_it_is_paid_is_a_failure_that_says_so() -> None:
    with pytest.raises(LetterFailedError, match="gone"):
        play(NOBODY, Told(job()), LOST, Gone())


def test_a_check_that_fails_stops_before_the_confirm() -> None:
    def too_dear(_: PrintJob) -> None:
        raise CheckError("too dear", param="max_cost_after_tax")

    steps = submit(LETTER, verify=too_dear)
    assert next(steps) == Find(KEY.reference)
    assert steps.send(NOBODY) == Create()
    with pytest.raises(CheckError):
        steps.send(Told(job()))


def test_a_quote_stops_at_the_draft() -> None:
    calls, done = play(NOBODY, Told(job()), quote_only=True)
    assert Confirm("print_1") not in calls
    assert not done.job.confirmed


def test_the_id_is_told_before_anything_can_fail() -> None:
    told: list[str] = []

    def broken(_: PrintJob) -> None:
        raise PrintError("stop")

    with pytest.raises(PrintError):
        play(NOBODY, Told(job()), verify=broken, on_id=told.append)
    assert told == ["print_1"]
