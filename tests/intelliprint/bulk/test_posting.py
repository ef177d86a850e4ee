"""A bulk on a real socket: every row is posted once, whatever becomes of workers, answers and rows."""

from __future__ import annotations

import logging
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from airflow_provider_print.core.errors import (
    CheckError,
    InputError,
    LetterFailedError,
    PaymentError,
    PrintError,
    UnknownOutcomeError,
)
from airflow_provider_print.core.money import Money
from airflow_provider_print.intelliprint.bulk.rows import digest_of
from airflow_provider_print.intelliprint.client import IntelliprintClient
from tests.intelliprint.bulk.conftest import Customer, names, rows_of

if TYPE_CHECKING:
    from airflow_provider_print.sandbox import PrintSandbox

TEN = rows_of(range(10))
KEY = Customer(None).key.key  # type: ignore[arg-type]


def keep_to(customer: Customer, keys: range) -> None:
    """Hold what must be true at the end: each row has one letter, and each letter key one paid job."""
    assert customer.posted() == names(keys)
    assert max(customer.box.invariants()["paid_jobs"].values()) == 1


def test_a_thousand_rows_are_one_print_job_and_two_calls(customer: Customer) -> None:
    result = customer.post(rows_of(range(1000)))
    assert customer.calls() == ["POST /prints", "POST /prints/{id}"]
    assert (result.rows, result.chunks, result.print_jobs) == (1000, 1, 1)
    assert result.letters == {"waiting_to_print": 1000}
    keep_to(customer, range(1000))


def test_many_chunks_are_two_calls_each_and_nothing_is_paid_before_all_are_drafted(
    customer: Customer,
) -> None:
    result = customer.post(rows_of(range(40)), most=10)
    jobs = result.print_jobs
    assert jobs == result.chunks >= 4
    assert customer.calls() == ["POST /prints"] * jobs + ["POST /prints/{id}"] * jobs
    assert (result.already_posted, result.late, result.confirmed, result.rows) == (0, 0, True, 40)
    assert result.cost["after_tax"] == customer.box.invariants()["charges"]["after_tax"]
    keep_to(customer, range(40))


def test_without_a_register_each_draft_settles_and_is_looked_up_before_it_is_paid(
    without_register: Customer,
) -> None:
    result = without_register.post(rows_of(range(20)), most=10)
    jobs = result.print_jobs
    assert without_register.calls() == (
        ["GET /prints", "POST /prints"] * jobs + ["GET /prints", "POST /prints/{id}"] * jobs
    )
    keep_to(without_register, range(20))


def test_a_bulk_that_is_posted_costs_one_call_for_each_chunk_to_find_again(customer: Customer) -> None:
    first = customer.post(TEN, most=4)
    customer.calls()
    again = customer.post(TEN[::-1], most=4)
    assert customer.calls() == ["GET /prints/{id}"] * first.print_jobs
    assert again.already_posted == again.print_jobs == first.print_jobs
    assert again.ids == first.ids
    keep_to(customer, range(10))


def test_the_names_of_the_chunks_are_in_the_dashboard_and_no_row_key_is_anywhere(customer: Customer) -> None:
    customer.post(rows_of([f"customer-{n}" for n in range(10)]), most=4)
    references = [job["reference"].split(" af1-")[0] for job in customer.box.outbox()["jobs"]]
    assert "march/1" in references
    told = repr([job["metadata"] for job in customer.box.outbox()["jobs"]])
    assert "customer" not in told
    assert "bulk_rows_1" in told


# What a later attempt finds.


@pytest.mark.parametrize("paid", [0, 1, 2])
def test_a_worker_that_dies_between_two_payments_is_gone_on_with(customer: Customer, paid: int) -> None:
    posting = customer.begin(TEN, most=4)
    posting.quote()
    for part in posting.parts[:paid]:
        part.held.finish()
    customer.calls()
    result = customer.post(TEN, most=4)
    jobs = result.print_jobs
    assert (result.already_posted, jobs) == (paid, len(posting.parts))
    looked_up = ["GET /prints", "GET /prints/{id}"] * (jobs - paid)
    assert sorted(customer.calls()) == sorted(
        ["GET /prints/{id}"] * paid + looked_up + ["POST /prints/{id}"] * (jobs - paid)
    )
    keep_to(customer, range(10))


@pytest.mark.parametrize("nth", [1, 2, 3])
@pytest.mark.parametrize("phase", ["before", "after"])
def test_a_lost_answer_to_a_draft_is_looked_up(customer: Customer, phase: str, nth: int) -> None:
    customer.box.fault("POST", "/prints", phase=phase, kind="reset", nth=nth)
    customer.post(TEN, most=4)
    keep_to(customer, range(10))


@pytest.mark.parametrize("nth", [1, 2, 3])
@pytest.mark.parametrize("phase", ["before", "after", "twice"])
def test_a_lost_answer_to_a_payment_is_asked_for(customer: Customer, phase: str, nth: int) -> None:
    customer.box.fault(
        "POST", "/prints/{id}", phase=phase, nth=nth, **({} if phase == "twice" else {"kind": "reset"})
    )
    customer.post(TEN, most=4)
    keep_to(customer, range(10))


def test_a_payment_whose_fate_stays_unknown_holds_up_its_own_chunk_and_is_named(customer: Customer) -> None:
    posting = customer.begin(TEN, most=4)
    posting.quote()
    lost = posting.parts[1]
    customer.box.fault("POST", "/prints/{id}", phase="after", kind="reset", nth=2)
    customer.box.fault("GET", "/prints/{id}", phase="before", kind="reset", times=50)
    with pytest.raises(PrintError) as caught:
        posting.pay()
    assert not isinstance(caught.value, LetterFailedError), "another attempt heals it"
    assert isinstance(caught.value.__cause__, UnknownOutcomeError)
    jobs = len(posting.parts)
    rest = sum(len(part.rows) for part in posting.parts if part is not lost)
    assert f"{jobs - 1} of {jobs} print jobs with {rest} of 10 rows are posted" in str(caught.value)
    assert f"chunk {lost.name}: " in str(caught.value)
    assert customer.paid() == jobs
    customer.box.clear_faults()
    assert customer.post(TEN, most=4).already_posted == jobs
    keep_to(customer, range(10))


def test_nothing_else_is_paid_while_the_first_chunk_is_not(customer: Customer) -> None:
    customer.box.fault("POST", "/prints/{id}", kind="status", status=400, nth=1)
    with pytest.raises(LetterFailedError, match="0 of"):
        customer.post(TEN, most=4)
    assert customer.paid() == 0


def test_an_account_that_cannot_pay_ends_the_attempt_and_the_next_one_goes_on(customer: Customer) -> None:
    content = {"error": {"type": "payment_error", "code": "payment_error", "message": "no money"}}
    customer.box.fault("POST", "/prints/{id}", kind="status", status=402, content=content, nth=2)
    with pytest.raises(PrintError, match="1 of") as caught:
        customer.post(TEN, most=4)
    assert not isinstance(caught.value, LetterFailedError)
    assert isinstance(caught.value.__cause__, PaymentError)
    assert customer.paid() == 1
    assert customer.post(TEN, most=4).already_posted == 1
    keep_to(customer, range(10))


def test_a_print_job_is_not_paid_while_one_before_it_in_its_chunk_is_not(customer: Customer) -> None:
    posting = customer.begin(rows_of(range(12)), most=1)
    posting.quote()
    places = [part.chunk for part in posting.parts]
    at = next(n for n in range(1, len(places)) if places.count(places[n]) > 1 and places[n] != 1)
    customer.box.fault("POST", "/prints/{id}", kind="status", status=400, nth=at + 1)
    with pytest.raises(LetterFailedError, match=f"chunk {places[at]}: "):
        posting.pay()
    held_up = places.count(places[at])
    assert customer.paid() == 12 - held_up
    customer.post(rows_of(range(12)), most=1)
    keep_to(customer, range(12))


@pytest.mark.parametrize("number", [10, 25])
def test_a_first_try_that_comes_across_a_bulk_that_is_posted_looks_up_all_of_it(
    customer: Customer, number: int
) -> None:
    customer.post(TEN, most=4)
    forgetful = Customer(customer.box)  # a first try with an empty register, as after a lost database
    customer.box.fault("POST", "/prints", phase="before", kind="reset", nth=1)
    result = forgetful.post(rows_of(range(number)), most=4)
    assert result.already_posted > 1
    keep_to(forgetful, range(number))


# Rows that come, go and change.


def test_rows_that_change_before_anything_is_decided_are_just_other_rows(customer: Customer) -> None:
    customer.begin(TEN, most=4).quote()
    result = customer.post([*rows_of(range(1, 10), street="Other Road"), *rows_of([10])], most=4)
    assert result.already_posted == result.late == 0
    keep_to(customer, range(1, 11))


def test_row_keys_that_change_before_anything_is_decided_are_just_other_rows(customer: Customer) -> None:
    customer.begin(TEN[:1]).quote()
    assert customer.post([{**TEN[0], "number": "another"}]).rows == 1
    keep_to(customer, range(1))


def test_a_row_that_comes_late_is_one_print_job_more_of_its_own_chunk(customer: Customer) -> None:
    first = customer.post(TEN, most=4)
    customer.calls()
    second = customer.post(rows_of(range(11)), most=4)
    assert (second.late, second.already_posted) == (1, first.print_jobs)
    assert second.rows == 11
    assert customer.calls().count("POST /prints") == 1
    keep_to(customer, range(11))
    third = customer.post(rows_of(range(11)), most=4)
    assert third.already_posted == third.print_jobs == second.print_jobs
    keep_to(customer, range(11))


def test_rows_that_come_late_again_and_again_are_each_posted_once(customer: Customer) -> None:
    for number in range(1, 8):
        customer.post(rows_of(range(number)))
        keep_to(customer, range(number))
    (references,) = [sorted(job["metadata"]["chunk"] for job in customer.box.outbox()["jobs"])]
    assert references == ["1", "1+1", "1+2", "1+3", "1+4", "1+5", "1+6"]


def test_many_more_rows_do_not_cut_a_bulk_anew_that_is_partly_paid(customer: Customer) -> None:
    posting = customer.begin(TEN, most=5)
    posting.quote()
    posting.parts[0].held.finish()
    result = customer.post(rows_of(range(60)), most=5)
    assert (result.rows, result.already_posted) == (60, 1)
    jobs = [job for job in customer.box.outbox()["jobs"] if job["confirmed"]]
    assert len({job["metadata"]["bulk_split"] for job in jobs}) == 1
    keep_to(customer, range(60))
    assert customer.post(rows_of(range(60)), most=5).already_posted == result.print_jobs


def test_another_limit_does_not_cut_a_bulk_anew_that_is_posted(customer: Customer) -> None:
    first = customer.post(TEN, most=3)
    for most in (2, 5, 1000):
        again = customer.post(TEN, most=most)
        assert again.already_posted == again.print_jobs == first.print_jobs
    keep_to(customer, range(10))


def test_a_late_row_goes_beside_a_chunk_that_was_decided_and_never_paid(customer: Customer) -> None:
    posting = customer.begin(TEN, most=1000)
    posting.quote()
    customer.box.fault("POST", "/prints/{id}", kind="status", status=402, times=1)
    with pytest.raises(PrintError):
        posting.pay()
    assert customer.slots, "it was decided"
    result = customer.post(rows_of(range(12)))
    assert (result.print_jobs, result.late, result.already_posted) == (2, 1, 0)
    keep_to(customer, range(12))


@pytest.mark.parametrize("which", ["missing", "changed"])
def test_a_row_that_is_missing_or_changed_after_it_was_posted_stops_everything_before_it_is_paid(
    customer: Customer, which: str
) -> None:
    posting = customer.begin(TEN, most=4)
    posting.quote()
    posting.parts[0].held.finish()
    chosen = max(posting.parts[1:], key=lambda part: len(part.rows))
    chosen.held.finish()
    name = chosen.held.job.letters[0].address.name
    rest = [row for row in TEN if row["name"] != name]
    changed = [{**row, "line": "1 Other Road"} for row in TEN if row["name"] == name]
    rows = rest if which == "missing" else [*rest, *changed]
    with pytest.raises(LetterFailedError) as caught:
        customer.post(rows, most=4)
    words = "1 of its" if which == "missing" else "rows are the same, but what they say is not"
    assert words in str(caught.value)
    assert f"is print job {chosen.held.job.id}, decided or posted before" in str(caught.value)
    assert f"Chunk {chosen.name} of" in str(caught.value)
    assert "Reader" not in str(caught.value)
    assert customer.paid() == 2
    result = customer.post(rows, most=4, on_mismatch="adopt")
    assert result.already_posted == 2
    keep_to(customer, range(10))


def test_a_letter_to_a_row_that_has_gone_is_not_paid_for_although_it_was_decided(customer: Customer) -> None:
    posting = customer.begin(TEN)
    posting.quote()
    customer.box.fault("POST", "/prints/{id}", kind="status", status=402, times=1)
    with pytest.raises(PrintError):
        posting.pay()
    assert customer.slots, "it was decided"
    for on_mismatch in ("fail", "adopt"):
        with pytest.raises(PrintError, match=r"paid nothing\."):
            customer.post(TEN[1:], on_mismatch=on_mismatch)
    assert customer.paid() == 0


def test_a_bulk_of_which_the_whole_first_chunk_is_gone_is_refused(customer: Customer) -> None:
    posting = customer.begin(TEN, most=4)
    posting.quote()
    posting.parts[0].held.finish()
    gone = {letter.address.name for letter in posting.parts[0].held.job.letters}
    rest = [row for row in TEN if row["name"] not in gone]
    for on_mismatch in ("fail", "adopt"):
        with pytest.raises(LetterFailedError):
            customer.post(rest, most=4, on_mismatch=on_mismatch)
    assert customer.paid() == 1


def test_a_row_that_is_in_another_chunk_under_another_row_key_is_refused_whatever_is_wanted(
    customer: Customer,
) -> None:
    keys = [*range(10), *(f"new-{n}" for n in range(99))]
    customer.post(TEN, most=4)
    again = customer.begin(TEN, most=4)
    again.quote()
    chunk_of = {key: again._split.chunk_of(digest_of(str(key), bulk=KEY)) for key in keys}
    filled = [chunk_of[key] for key in range(10)]
    moved = next(key for key in range(10) if filled.count(chunk_of[key]) > 1)
    name = next(key for key in keys[10:] if chunk_of[key] in set(filled) - {chunk_of[moved]})
    renamed = [{**row, "number": name} if row["number"] == moved else row for row in TEN]
    for on_mismatch in ("fail", "adopt"):
        with pytest.raises(LetterFailedError):
            customer.post(renamed, most=4, on_mismatch=on_mismatch)
    keep_to(customer, range(10))


def test_rows_that_go_and_others_that_come_in_one_chunk_are_refused_whatever_is_wanted(
    customer: Customer,
) -> None:
    customer.post(TEN)
    renamed = [{**row, "number": f"new-{row['number']}"} for row in TEN[:3]] + TEN[3:]
    for on_mismatch in ("fail", "adopt"):
        with pytest.raises(LetterFailedError):
            customer.post(renamed, on_mismatch=on_mismatch)
    keep_to(customer, range(10))


def test_a_print_job_that_lost_its_digests_stops_late_rows_but_not_a_mere_repetition(
    customer: Customer,
) -> None:
    (job_id,) = customer.post(TEN).ids
    store = customer.box.sandbox.store
    job: Any = store.get("print", job_id)
    job["metadata"].pop("bulk_rows_1")
    store.put("print", job_id, job)
    with pytest.raises(LetterFailedError, match=r"does not tell \(any more\) which rows"):
        customer.post(rows_of(range(11)))
    keep_to(customer, range(10))


def test_a_first_chunk_that_lost_the_cut_stops_the_bulk(customer: Customer) -> None:
    (job_id,) = customer.post(TEN).ids
    store = customer.box.sandbox.store
    job: Any = store.get("print", job_id)
    job["metadata"].pop("bulk_split")
    store.put("print", job_id, job)
    with pytest.raises(LetterFailedError, match="does not tell how this bulk was cut"):
        customer.post(TEN)
    keep_to(customer, range(10))


@pytest.mark.parametrize("lost", ["bulk_rows_1", "bulk_split"])
def test_a_service_that_does_not_keep_what_is_stored_beside_a_draft_is_noticed_before_anything_is_paid(
    customer: Customer, monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    create = IntelliprintClient.create_print_job

    def forgetful(self: IntelliprintClient, request: Any) -> Any:
        job = create(self, request)
        known = {name: text for name, text in (job.metadata or {}).items() if name != lost}
        return job.model_copy(update={"metadata": known})

    monkeypatch.setattr(IntelliprintClient, "create_print_job", forgetful)
    with pytest.raises(PrintError) as caught:
        customer.post(TEN)
    assert caught.value.param == "metadata"
    assert customer.paid() == 0


def test_a_bulk_whose_first_chunk_was_deleted_is_not_cut_anew(without_register: Customer) -> None:
    first, *_ = without_register.post(TEN, most=4).ids
    without_register.box.sandbox.store.delete("print", first)
    paid = without_register.paid()
    with pytest.raises(LetterFailedError, match=r"but chunk 1, .* is not: was it deleted\?"):
        without_register.post(TEN, most=4)
    with pytest.raises(LetterFailedError, match=r"This attempt has paid nothing\."):
        without_register.post(rows_of(range(11)), most=4)
    assert without_register.paid() == paid


# Two at once.


def test_two_attempts_beside_each_other_pay_for_the_same_jobs(without_register: Customer) -> None:
    one = without_register.begin(TEN, most=4)
    one.quote()
    other = without_register.begin(TEN, most=4)
    other.quote()
    other.pay()
    one.pay()
    keep_to(without_register, range(10))


def test_workers_at_one_and_the_same_time_post_each_row_once(print_sandbox: PrintSandbox) -> None:
    workers = [Customer(print_sandbox, registered=False, settle=0.5, sleep=time.sleep) for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        results = list(pool.map(lambda worker: worker.post(TEN, most=4), workers))
    assert len({tuple(result.ids) for result in results}) == 1
    keep_to(workers[0], range(10))


def test_an_attempt_that_is_overtaken_while_it_asks_for_quotes_pays_nothing_and_the_next_one_heals_it(
    without_register: Customer,
) -> None:
    slow = without_register.begin(TEN[1:], most=4)
    original, seen = slow._bulk.hold, []

    def overtaken(request: Any, key: Any, **how: Any) -> Any:
        held = original(request, key, **how)
        if not seen:
            seen.append(key)
            without_register.post(changed, most=4)
        return held

    gone = slow._split.assign(slow._rows)[1]
    changed = [row for row in TEN if digest_of(str(row["number"]), bulk=KEY) not in {gone[0].digest}]
    object.__setattr__(slow._bulk, "hold", overtaken)
    with pytest.raises(PrintError) as caught:
        slow.quote()
    paid = without_register.posted()
    assert paid == sorted(row["name"] for row in changed)
    assert "Another attempt has posted chunk 1 meanwhile" in str(caught.value)
    without_register.post(TEN, most=4)
    keep_to(without_register, range(10))


def test_an_attempt_that_was_overtaken_with_other_rows_pays_nothing_more_and_the_next_one_heals_it(
    without_register: Customer,
) -> None:
    one = without_register.begin(TEN, most=4)
    one.quote()
    without_register.post(rows_of(range(30)), most=4)
    paid = without_register.paid()
    with pytest.raises(PrintError) as caught:
        one.pay()
    assert not isinstance(caught.value, LetterFailedError)
    assert without_register.paid() == paid
    keep_to(without_register, range(30))
    without_register.post(rows_of(range(31)), most=4)
    keep_to(without_register, range(31))


def test_a_worker_that_woke_up_beside_its_successor_pays_nothing_of_its_own(customer: Customer) -> None:
    frozen = customer.begin(TEN, most=4)
    frozen.quote()
    customer.post(rows_of(range(20)), most=4)
    paid = customer.paid()
    with pytest.raises(PrintError, match="given up"):
        frozen.pay()
    assert customer.paid() == paid
    keep_to(customer, range(20))


def test_a_draft_of_the_same_words_and_other_rows_that_goes_before_is_noticed(
    without_register: Customer,
) -> None:
    store = without_register.box.sandbox.store
    one = without_register.begin(TEN[:1])
    one.quote()
    (older,) = one.ids
    hidden = store.get("print", older)
    store.delete("print", older)
    without_register.box.advance(5)
    other = without_register.begin([{**TEN[0], "number": "another"}])
    other.quote()
    store.put("print", older, hidden)
    with pytest.raises(PrintError, match="another attempt made it of other rows"):
        other.pay()
    assert without_register.paid() == 1


# Limits, refusals, words.


def test_the_budget_is_for_all_print_jobs_and_is_checked_before_the_first_is_paid(customer: Customer) -> None:
    with pytest.raises(CheckError, match=r"the budget is 2\.00 GBP") as caught:
        customer.post(TEN, most=4, budget="2.00 GBP")
    assert caught.value.param == "max_cost_after_tax"
    assert customer.paid() == 0
    customer.post(TEN, most=4, budget="40.00 GBP")
    with pytest.raises(CheckError, match="paid before"):
        customer.post(rows_of(range(11)), most=4, budget="2.00 GBP")
    keep_to(customer, range(10))


def test_each_chunk_must_have_a_letter_for_each_row(customer: Customer, monkeypatch: Any) -> None:
    posting = customer.begin(TEN)
    original = posting._bulk.hold

    def one_less(request: Any, key: Any, **how: Any) -> Any:
        return original(request.model_copy(update={"recipients": request.recipients[1:]}), key, **how)

    object.__setattr__(posting._bulk, "hold", one_less)
    with pytest.raises(CheckError, match=r"Chunk 1 of 1 \(10 rows\): 10 letters are expected"):
        posting.quote()
    assert customer.paid() == 0


def test_drafts_of_an_earlier_attempt_are_held_against_the_limits_before_the_first_is_paid(
    without_register: Customer,
) -> None:
    long = "<p>Dear reader</p>" * 200
    without_register.begin(TEN, most=4, content=long).quote()
    again = without_register.begin(TEN, most=4, content=long)
    object.__setattr__(again._bulk, "max_pages_per_letter", 1)
    with pytest.raises(CheckError) as caught:
        again.quote()
    assert caught.value.param == "max_pages_per_letter"
    assert without_register.calls().count("POST /prints/{id}") == 0


@pytest.mark.parametrize(
    ("wrong", "param"),
    [
        ({"most": 0}, "rows_per_chunk"),
        ({"most": True}, "rows_per_chunk"),
        ({"most": 5001}, "rows_per_chunk"),
        ({"most": "many"}, "rows_per_chunk"),
        ({"mailing_list": "ml_1"}, "mailing_list"),
        ({"metadata": {"bulk_rows": "1"}}, "metadata.bulk_rows"),
    ],
)
def test_what_makes_no_sense_for_one_letter_a_row_is_refused_before_any_call(
    customer: Customer, wrong: dict[str, Any], param: str
) -> None:
    with pytest.raises(InputError) as caught:
        customer.begin(TEN, **wrong)
    assert caught.value.param == param
    assert customer.calls() == []


def test_progress_is_in_the_log_and_no_row_is(customer: Customer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    customer.post(TEN, most=4)
    total = Money(customer.box.invariants()["charges"]["after_tax"])
    jobs = customer.paid()
    assert "10 rows in" in caplog.text
    assert f"so far {total} with VAT." in caplog.text
    assert f"{jobs} of {jobs} print jobs are paid, {total} with VAT." in caplog.text
    assert "Reader" not in caplog.text
    assert "Any Road" not in caplog.text


def test_a_result_is_small_however_many_print_jobs_there_are(customer: Customer) -> None:
    result = customer.post(rows_of(range(104)), most=1)
    assert (result.print_jobs, len(result.ids)) == (104, 100)
    assert len(repr(result.as_dict())) < 4096
    assert result.summary.startswith("104 print jobs of 104 rows in ")
