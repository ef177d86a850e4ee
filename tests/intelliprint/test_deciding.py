"""Which draft is paid for: the register, the settling, and what is refused, decision by decision."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from airflow_provider_print.core.errors import (
    AuthenticationError,
    BadRequestError,
    CheckError,
    InputError,
    LetterFailedError,
    NotFoundError,
    PrintError,
    RateLimitError,
    RegisterError,
    SupersededError,
    UnknownOutcomeError,
)
from airflow_provider_print.core.identity import LetterKey
from airflow_provider_print.intelliprint.calls import (
    Call,
    Confirm,
    Create,
    Decide,
    Decided,
    Find,
    Found,
    Gone,
    Outcome,
    Read,
    Recall,
    Refused,
    Remembered,
    Settle,
    Settled,
    Told,
    Unanswered,
)
from airflow_provider_print.intelliprint.letter import Attempt, Letter, Notice, Policy
from airflow_provider_print.intelliprint.models import PrintJob
from airflow_provider_print.intelliprint.submission import Submission, submit

KEY = LetterKey.for_task(
    base_url="https://api.example/v1",
    testmode=False,
    environment="",
    dag_id="d",
    run_part="r",
    task_id="t",
)
LETTER = Letter(key=KEY, fingerprint="print-a", request_digest="all-a", content_digest="bytes-a")
OTHER_FILE = Letter(key=KEY, fingerprint="print-a", request_digest="all-b", content_digest="bytes-b")
MADE_IN = "d t run-1 clear 0 try 1"
NOBODY = Found([])
NOTHING = Remembered(None)
REGISTERED = Attempt(number=1, registered=True, settle=0, look_up=False, made_in=MADE_IN)
SECOND_TRY = Attempt(number=2, registered=True, settle=0, look_up=True, made_in="d t run-1 clear 0 try 2")
SETTLING = Attempt(number=1, registered=False, settle=2.0, look_up=False)


def slot(number: int, generation: int = 0) -> str:
    return f"{KEY.key}.{number}.{generation}"


def job(job_id: str = "print_1", letter: Letter = LETTER, made_in: str = MADE_IN, **fields: Any) -> PrintJob:
    values = {"confirmed": False, "created": 100, "metadata": letter.metadata(made_in)}
    return PrintJob.model_validate({"id": job_id, "reference": KEY.reference, **values, **fields})


def posted(
    job_id: str = "print_1", letter: Letter = LETTER, made_in: str = MADE_IN, **fields: Any
) -> PrintJob:
    letters = [{"id": "ltr_1", "status": "waiting_to_print"}]
    return job(job_id, letter, made_in, confirmed=True, letters=letters, **fields)


class Play:
    """Plays one attempt: every call and the outcome that it gets."""

    def __init__(
        self, attempt: Attempt, letter: Letter = LETTER, policy: Policy | None = None, **options: Any
    ) -> None:
        self.told: list[Notice] = []
        options = {"verify": lambda _: None, "tell": self.told.append, **options}
        self.steps = submit(letter, attempt=attempt, policy=policy, **options)
        self.call: Call | None = None
        self.done: Submission | None = None
        self._go(lambda: next(self.steps))

    def _go(self, step: Any) -> None:
        try:
            self.call = step()
        except StopIteration as end:
            self.call, self.done = None, end.value

    def then(self, asked: Call, outcome: Outcome) -> Play:
        assert self.call == asked
        self._go(lambda: self.steps.send(outcome))
        return self

    def fails(self, asked: Call, error: PrintError) -> Play:
        assert self.call == asked
        self._go(lambda: self.steps.throw(error))
        return self

    def result(self) -> Submission:
        assert self.done is not None, f"still asking for {self.call}"
        return self.done


def decided(play: Play, number: int, job_id: str = "print_1", generation: int = 0) -> Play:
    play.then(Decide(slot(number, generation), job_id), Decided())
    return play.then(Recall(slot(number, generation)), Remembered(job_id))


def test_a_first_try_with_a_register_drafts_decides_reads_back_and_confirms() -> None:
    play = Play(REGISTERED).then(Create(), Told(job()))
    done = decided(play, 1).then(Confirm("print_1"), Told(posted())).result()
    assert done == Submission(posted())


def test_a_second_try_goes_on_with_what_the_first_has_decided() -> None:
    play = Play(SECOND_TRY).then(Recall(slot(1, 1)), NOTHING).then(Recall(slot(1)), Remembered("print_7"))
    play.then(Read("print_7"), Told(job("print_7")))
    done = decided(play, 2, "print_7").then(Confirm("print_7"), Told(posted("print_7"))).result()
    assert done.resumed_draft


def test_a_decided_job_that_is_paid_is_adopted_without_a_confirm() -> None:
    play = Play(SECOND_TRY).then(Recall(slot(1, 1)), NOTHING).then(Recall(slot(1)), Remembered("print_7"))
    done = decided(play.then(Read("print_7"), Told(posted("print_7"))), 2, "print_7").result()
    assert done.already_posted
    assert Notice.ADOPTED in play.told


def test_the_highest_try_counts_and_in_it_the_last_generation() -> None:
    play = Play(Attempt(number=3, registered=True, settle=0, made_in=MADE_IN))
    play.then(Recall(slot(2, 1)), Remembered("print_9"))
    assert play.call == Read("print_9")


def test_a_second_try_that_finds_nothing_decided_looks_the_letter_up() -> None:
    play = Play(SECOND_TRY).then(Recall(slot(1, 1)), NOTHING).then(Recall(slot(1)), NOTHING)
    play.then(Find(KEY.reference), NOBODY).then(Create(), Told(job()))
    assert decided(play, 2).call == Confirm("print_1")


def test_a_try_that_was_given_up_pays_nothing_and_says_so(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    play = Play(REGISTERED).then(Create(), Told(job()))
    with pytest.raises(SupersededError) as caught:
        play.fails(Decide(slot(1), "print_1"), SupersededError("given up"))
    assert caught.value.letter_key == KEY.key
    assert play.told == [Notice.FENCED]
    assert [r for r in caplog.messages if KEY.key in r and "print_1" in r and "newer attempt" in r]


@pytest.mark.parametrize("held", [None, "print_2"])
def test_what_was_written_must_be_there_when_it_is_read_back(held: str | None) -> None:
    play = Play(REGISTERED).then(Create(), Told(job())).then(Decide(slot(1), "print_1"), Decided())
    with pytest.raises(SupersededError):
        play.then(Recall(slot(1)), Remembered(held))


def test_a_register_that_cannot_be_written_stops_before_the_confirm() -> None:
    play = Play(REGISTERED).then(Create(), Told(job()))
    with pytest.raises(RegisterError):
        play.fails(Decide(slot(1), "print_1"), RegisterError("away"))


def test_a_check_that_fails_has_decided_nothing() -> None:
    def too_dear(_: PrintJob) -> None:
        raise CheckError("too dear", param="max_cost_after_tax")

    play = Play(REGISTERED, verify=too_dear)
    with pytest.raises(CheckError):
        play.then(Create(), Told(job()))


def test_a_quote_decides_nothing() -> None:
    done = Play(REGISTERED, quote_only=True).then(Create(), Told(job())).result()
    assert done == Submission(job())


def test_a_guard_stops_before_the_first_draft_is_made() -> None:
    def stop() -> None:
        raise InputError("a backfill", param="on_backfill")

    with pytest.raises(InputError):
        Play(REGISTERED, may_pay=stop)
    play = Play(SECOND_TRY, may_pay=stop).then(Recall(slot(1, 1)), NOTHING).then(Recall(slot(1)), NOTHING)
    play.then(Find(KEY.reference), Found([posted()])).then(Read("print_1"), Told(posted()))
    assert decided(play, 2).result().already_posted


# -- vanished -----------------------------------------------------------------


def test_a_decided_draft_that_is_gone_is_left_to_a_human() -> None:
    play = Play(SECOND_TRY).then(Recall(slot(1, 1)), NOTHING).then(Recall(slot(1)), Remembered("print_7"))
    with pytest.raises(LetterFailedError, match="on_missing") as caught:
        play.then(Read("print_7"), Gone())
    assert caught.value.param == "on_missing"
    assert "print_7" in str(caught.value)
    assert play.told == [Notice.VANISHED]


def test_a_draft_that_is_gone_is_made_again_in_a_slot_of_its_own() -> None:
    play = Play(REGISTERED, policy=Policy(on_missing="recreate")).then(Create(), Told(job()))
    decided(play, 1).then(Confirm("print_1"), Refused(NotFoundError("no such job"))).then(
        Read("print_1"), Gone()
    )
    play.then(Find(KEY.reference), Found([job()])).then(Create(), Told(job("print_2")))
    done = (
        decided(play, 1, "print_2", generation=1).then(Confirm("print_2"), Told(posted("print_2"))).result()
    )
    assert done.job.id == "print_2"


def test_a_second_loss_in_one_try_is_a_failure() -> None:
    play = Play(REGISTERED, policy=Policy(on_missing="recreate")).then(Create(), Told(job()))
    decided(play, 1).then(Confirm("print_1"), Refused(NotFoundError("gone"))).then(Read("print_1"), Gone())
    play.then(Find(KEY.reference), NOBODY).then(Create(), Told(job("print_2")))
    decided(play, 1, "print_2", generation=1).then(Confirm("print_2"), Refused(NotFoundError("gone")))
    with pytest.raises(UnknownOutcomeError, match="print_2"):
        play.then(Read("print_2"), Gone())


# -- other bytes, other recipients --------------------------------------------


def recalled(letter: Letter, attempt: Attempt = SECOND_TRY, **options: Any) -> Play:
    play = Play(attempt, letter, **options)
    return play.then(Recall(slot(1, 1)), NOTHING).then(Recall(slot(1)), Remembered("print_7"))


def test_an_undecided_draft_with_other_bytes_is_passed_over_and_a_new_one_made() -> None:
    play = Play(SECOND_TRY, OTHER_FILE).then(Recall(slot(1, 1)), NOTHING).then(Recall(slot(1)), NOTHING)
    play.then(Find(KEY.reference), Found([job("print_old")])).then(
        Create(), Told(job("print_new", OTHER_FILE))
    )
    assert play.call == Decide(slot(2), "print_new")
    assert play.told == [Notice.LOOKED_UP, Notice.PASSED_OVER]


def test_a_decided_draft_with_other_bytes_is_what_will_be_posted() -> None:
    play = recalled(OTHER_FILE).then(Read("print_7"), Told(job("print_7")))
    assert play.call == Decide(slot(2), "print_7")


def test_a_paid_job_with_other_bytes_is_taken_within_the_tries_of_one_run() -> None:
    play = recalled(OTHER_FILE).then(Read("print_7"), Told(posted("print_7")))
    assert decided(play, 2, "print_7").result().already_posted


@pytest.mark.parametrize("made_in", ["d t run-1 clear 1 try 2", "d t run-2 clear 0 try 2", MADE_IN, None])
def test_a_paid_job_with_other_bytes_is_refused_after_a_clear_and_in_another_run(made_in: str | None) -> None:
    attempt = Attempt(number=2, registered=True, settle=0, made_in=made_in)
    with pytest.raises(LetterFailedError, match="resend") as caught:
        recalled(OTHER_FILE, attempt).then(Read("print_7"), Told(posted("print_7")))
    assert "bytes-a" in str(caught.value)
    assert "bytes-b" in str(caught.value)
    assert caught.value.letter_key == KEY.key


def test_a_paid_job_with_other_bytes_is_adopted_where_that_is_wanted() -> None:
    attempt = Attempt(number=2, registered=True, settle=0, made_in="d t run-1 clear 1 try 4")
    play = recalled(OTHER_FILE, attempt, policy=Policy(on_mismatch="adopt"))
    assert decided(play.then(Read("print_7"), Told(posted("print_7"))), 2, "print_7").result().already_posted


@pytest.mark.parametrize("known", [job("print_7"), posted("print_7")])
def test_a_decided_or_paid_job_for_other_recipients_is_refused(known: PrintJob) -> None:
    other = Letter(key=KEY, fingerprint="print-b", request_digest="all-b")
    with pytest.raises(LetterFailedError, match="other recipients or options") as caught:
        recalled(other).then(Read("print_7"), Told(known))
    assert caught.value.param == "on_mismatch"


def test_a_dead_job_is_no_success_and_nothing_is_decided_for_it() -> None:
    dead = job("print_7", confirmed=True, letters=[{"id": "ltr_1", "status": "cancelled"}])
    with pytest.raises(LetterFailedError, match="resend"):
        recalled(LETTER).then(Read("print_7"), Told(dead))


@pytest.mark.parametrize("paid", [False, True])
def test_several_jobs_are_named_where_that_is_wanted(paid: bool) -> None:
    play = Play(SECOND_TRY, policy=Policy(on_ambiguous="fail"))
    play.then(Recall(slot(1, 1)), NOTHING).then(Recall(slot(1)), NOTHING)
    several = [posted("print_a"), posted("print_b")] if paid else [job("print_a"), job("print_b")]
    with pytest.raises(LetterFailedError, match="print_a, print_b") as caught:
        play.then(Find(KEY.reference), Found(several))
    assert caught.value.param == "on_ambiguous"


def test_two_paid_jobs_are_an_error_in_the_log_and_the_first_is_taken(
    caplog: pytest.LogCaptureFixture,
) -> None:
    play = Play(SECOND_TRY).then(Recall(slot(1, 1)), NOTHING).then(Recall(slot(1)), NOTHING)
    play.then(Find(KEY.reference), Found([posted("print_b", created=2), posted("print_a", created=1)]))
    assert play.call == Read("print_a")
    assert [r.levelname for r in caplog.records if "2 paid print jobs" in r.message] == ["ERROR"]


@pytest.mark.parametrize("name", ["on_mismatch", "on_missing", "on_ambiguous"])
def test_a_word_that_means_nothing_is_refused_by_name(name: str) -> None:
    words: Any = {name: "sometimes"}
    with pytest.raises(InputError, match=name) as caught:
        Policy(**words)
    assert caught.value.param == name


# -- settling -----------------------------------------------------------------


def test_without_a_register_a_draft_settles_and_is_looked_up_before_it_is_paid() -> None:
    play = Play(SETTLING).then(Create(), Told(job())).then(Settle(2.0), Settled())
    play.then(Find(KEY.reference), Found([job()]))
    assert play.then(Confirm("print_1"), Told(posted())).result().job.confirmed


def test_of_two_drafts_made_at_once_both_attempts_take_the_first() -> None:
    for mine in ("print_1", "print_2"):
        play = Play(SETTLING).then(Create(), Told(job(mine))).then(Settle(2.0), Settled())
        play.then(Find(KEY.reference), Found([job("print_2"), job("print_1")]))
        if mine == "print_2":
            play.then(Read("print_1"), Told(job("print_1")))
        assert play.call == Confirm("print_1")


def test_a_job_that_was_paid_while_the_draft_settled_is_taken() -> None:
    play = Play(SETTLING).then(Create(), Told(job("print_2"))).then(Settle(2.0), Settled())
    play.then(Find(KEY.reference), Found([job("print_2"), posted("print_1")]))
    assert play.then(Read("print_1"), Told(posted("print_1"))).result().already_posted


def test_a_draft_of_ours_that_somebody_else_has_paid_is_not_paid_again() -> None:
    play = Play(SETTLING).then(Create(), Told(job())).then(Settle(2.0), Settled())
    play.then(Find(KEY.reference), Found([posted()]))
    assert play.then(Read("print_1"), Told(posted())).result().already_posted


def test_a_draft_counts_although_the_list_is_behind() -> None:
    play = Play(SETTLING).then(Create(), Told(job())).then(Settle(2.0), Settled())
    assert play.then(Find(KEY.reference), NOBODY).call == Confirm("print_1")


def test_a_key_of_the_users_own_settles_and_is_written_down() -> None:
    play = Play(Attempt(number=1, registered=True, settle=2.0, look_up=True)).then(
        Find(KEY.reference), NOBODY
    )
    play.then(Create(), Told(job())).then(Settle(2.0), Settled()).then(Find(KEY.reference), Found([job()]))
    assert decided(play, 1).call == Confirm("print_1")


def test_an_older_rival_of_other_content_goes_first() -> None:
    rival = job("print_0", OTHER_FILE, made_in="elsewhere")
    play = Play(SETTLING).then(Create(), Told(job("print_1", created=130))).then(Settle(2.0), Settled())
    play.then(Find(KEY.reference), Found([job("print_1", created=130), rival])).then(Settle(60.0), Settled())
    paid = posted("print_0", OTHER_FILE, made_in="elsewhere")
    play.then(Find(KEY.reference), Found([job("print_1", created=130), paid]))
    with pytest.raises(LetterFailedError, match="other content"):
        play.then(Read("print_0"), Told(paid))


@pytest.mark.parametrize(
    ("rival", "attempt"),
    [
        (job("print_0", OTHER_FILE, "elsewhere", created=60), SETTLING),  # a leftover
        (job("print_9", OTHER_FILE, "elsewhere", created=130), SETTLING),  # younger: it waits for us
        (
            job("print_0", OTHER_FILE, created=120),
            Attempt(number=4, registered=True, settle=2.0, made_in="d t run-1 clear 1 try 4", look_up=False),
        ),  # corrected
    ],
)
def test_other_drafts_of_other_content_are_not_waited_for(rival: PrintJob, attempt: Attempt) -> None:
    mine = job("print_1", created=130)
    play = Play(attempt)
    for slot_read in attempt.slots_read(KEY.key):
        play.then(Recall(slot_read), NOTHING)
    play.then(Create(), Told(mine)).then(Settle(2.0), Settled()).then(
        Find(KEY.reference), Found([rival, mine])
    )
    assert play.call == (Decide(slot(4), "print_1") if attempt.registered else Confirm("print_1"))


def test_a_rival_that_was_left_behind_is_waited_for_once() -> None:
    rival, mine = job("print_0", OTHER_FILE, made_in="elsewhere"), job("print_1", created=130)
    play = Play(SETTLING).then(Create(), Told(mine)).then(Settle(2.0), Settled())
    play.then(Find(KEY.reference), Found([mine, rival])).then(Settle(60.0), Settled())
    assert play.then(Find(KEY.reference), Found([mine, rival])).call == Confirm("print_1")


def test_a_lost_draft_is_looked_up_even_on_the_first_try() -> None:
    play = (
        Play(REGISTERED)
        .then(Create(), Unanswered(PrintError("lost")))
        .then(Find(KEY.reference), Found([job()]))
    )
    play.then(Read("print_1"), Told(job()))
    assert decided(play, 1).call == Confirm("print_1")


# -- a letter key that two runs hold -------------------------------------------

SHARED = Attempt(number=2, registered=True, settle=2.0, look_up=True, made_in="d t run-1 clear 0 try 2")


def shared(letter: Letter = LETTER) -> Play:
    play = Play(SHARED, letter).then(Recall(slot(1, 1)), NOTHING).then(Recall(slot(1)), Remembered("print_7"))
    return play.then(Read("print_7"), Told(job("print_7"))).then(Settle(2.0), Settled())


def test_a_decided_draft_is_not_paid_when_another_run_has_paid_another_meanwhile() -> None:
    other = posted("print_8", OTHER_FILE, made_in="d t run-2 clear 0 try 1")
    play = shared().then(Find(KEY.reference), Found([job("print_7"), other]))
    with pytest.raises(LetterFailedError, match="print_8"):
        play.then(Read("print_8"), Told(other))


def test_a_decided_draft_waits_for_a_younger_rival_and_is_paid_when_that_was_left_behind() -> None:
    rival = job("print_8", OTHER_FILE, made_in="d t run-2 clear 0 try 1", created=900)
    play = shared().then(Find(KEY.reference), Found([job("print_7"), rival])).then(Settle(60.0), Settled())
    play.then(Find(KEY.reference), Found([job("print_7"), rival]))
    assert play.call == Decide(slot(2), "print_7")


def test_a_decided_draft_stays_decided_although_an_older_one_of_the_same_request_is_there() -> None:
    play = shared().then(Find(KEY.reference), Found([job("print_1", created=1), job("print_7")]))
    assert play.call == Decide(slot(2), "print_7")


def test_a_leftover_that_is_found_again_waits_for_a_younger_rival() -> None:
    rival = job("print_8", OTHER_FILE, made_in="d t run-2 clear 0 try 1", created=900)
    play = Play(Attempt(settle=2.0, look_up=True)).then(Find(KEY.reference), Found([job(), rival]))
    play.then(Read("print_1"), Told(job())).then(Settle(2.0), Settled())
    assert play.then(Find(KEY.reference), Found([job(), rival])).call == Settle(60.0)


@pytest.mark.parametrize("created", [{"created": None}, {}])
def test_a_rival_whose_age_nobody_knows_is_waited_for(created: dict[str, Any]) -> None:
    rival = job("print_0", OTHER_FILE, made_in="elsewhere", **created)
    mine = job("print_1", created=130 if created else None)
    play = Play(SETTLING).then(Create(), Told(mine)).then(Settle(2.0), Settled())
    assert play.then(Find(KEY.reference), Found([rival])).call == Settle(60.0)


def test_without_a_register_the_draft_of_an_earlier_try_is_taken_although_its_bytes_differ() -> None:
    earlier = job("print_0", made_in="d t run-1 clear 0 try 1")
    attempt = Attempt(number=2, settle=2.0, look_up=True, made_in="d t run-1 clear 0 try 2")
    play = Play(attempt, OTHER_FILE).then(Find(KEY.reference), Found([earlier]))
    play.then(Read("print_0"), Told(earlier)).then(Settle(2.0), Settled())
    assert play.then(Find(KEY.reference), Found([earlier])).call == Confirm("print_0")


def test_without_a_register_the_draft_from_before_a_clear_is_passed_over_and_waited_for() -> None:
    earlier = job("print_0", made_in="d t run-1 clear 0 try 1")
    attempt = Attempt(number=2, settle=2.0, look_up=True, made_in="d t run-1 clear 1 try 2")
    play = Play(attempt, OTHER_FILE).then(Find(KEY.reference), Found([earlier]))
    mine = job("print_1", OTHER_FILE, made_in="d t run-1 clear 1 try 2", created=130)
    play.then(Create(), Told(mine)).then(Settle(2.0), Settled())
    assert play.then(Find(KEY.reference), Found([earlier, mine])).call == Settle(60.0)


# -- what a register and a list may hold -----------------------------------------


@pytest.mark.parametrize(
    "foreign",
    [
        job("print_7", metadata={"letter_key": "af1-other"}),
        job("print_7", metadata=None, reference=None),
        job("print_7", metadata=None, reference="made in the dashboard"),
    ],
)
def test_a_register_that_names_somebody_elses_job_is_not_believed(foreign: PrintJob) -> None:
    with pytest.raises(RegisterError, match="print_7"):
        recalled(LETTER).then(Read("print_7"), Told(foreign))


def test_what_this_very_try_has_decided_is_gone_on_with() -> None:
    play = Play(Attempt(number=1, registered=True, settle=0, look_up=False, known="print_7"))
    play.then(Read("print_7"), Told(posted("print_7")))
    assert decided(play, 1, "print_7").result().already_posted


def test_a_draft_of_which_nobody_knows_what_it_asks_for_is_passed_over() -> None:
    bare = job("print_7", metadata=None)
    play = Play(SECOND_TRY).then(Recall(slot(1, 1)), NOTHING).then(Recall(slot(1)), NOTHING)
    play.then(Find(KEY.reference), Found([bare])).then(Read("print_7"), Told(bare))
    assert play.call == Create()
    assert Notice.PASSED_OVER in play.told


def test_drafts_are_taken_in_the_order_of_their_making() -> None:
    play = Play(SECOND_TRY).then(Recall(slot(1, 1)), NOTHING).then(Recall(slot(1)), NOTHING)
    play.then(Find(KEY.reference), Found([job("print_a", created=9), job("print_b", created=2)]))
    assert play.call == Read("print_b")


@pytest.mark.parametrize("status", ["cancelled", "failed_wrong_address", "invalid_address"])
def test_a_living_job_goes_before_an_older_dead_one(status: str) -> None:
    dead = job("print_a", created=1, confirmed=True, letters=[{"id": "l", "status": status}])
    living = posted("print_b", created=2)
    play = Play(SECOND_TRY).then(Recall(slot(1, 1)), NOTHING).then(Recall(slot(1)), NOTHING)
    play.then(Find(KEY.reference), Found([dead, living])).then(Read("print_a"), Told(dead))
    play.then(Read("print_b"), Told(living))
    assert decided(play, 2, "print_b").result().already_posted


@pytest.mark.parametrize("status", ["cancelled", "failed_wrong_address", "invalid_address"])
def test_a_dead_job_is_not_followed_by_a_draft(status: str) -> None:
    dead = job("print_a", confirmed=True, letters=[{"id": "l", "status": status}])
    play = Play(SECOND_TRY).then(Recall(slot(1, 1)), NOTHING).then(Recall(slot(1)), NOTHING)
    play.then(Find(KEY.reference), Found([dead, job("print_b")])).then(Read("print_a"), Told(dead))
    with pytest.raises(LetterFailedError, match="set resend"):
        play.then(Read("print_b"), Told(job("print_b")))


def test_leftovers_of_other_content_are_not_ambiguous() -> None:
    play = Play(SECOND_TRY, OTHER_FILE, policy=Policy(on_ambiguous="fail"))
    play.then(Recall(slot(1, 1)), NOTHING).then(Recall(slot(1)), NOTHING)
    play.then(Find(KEY.reference), Found([job("print_a"), job("print_b", OTHER_FILE)]))
    assert play.call == Read("print_b")


# -- paying ------------------------------------------------------------------------


def test_a_guard_stops_before_a_draft_that_was_found_or_recalled_is_paid() -> None:
    def stop() -> None:
        raise InputError("a backfill", param="on_backfill")

    play = Play(SECOND_TRY, may_pay=stop).then(Recall(slot(1, 1)), NOTHING).then(Recall(slot(1)), NOTHING)
    play.then(Find(KEY.reference), Found([job()]))
    with pytest.raises(InputError):
        play.then(Read("print_1"), Told(job()))
    with pytest.raises(InputError):
        recalled(LETTER, may_pay=stop).then(Read("print_7"), Told(job("print_7")))


@pytest.mark.parametrize("error", [RateLimitError("wait", retry_after=30), AuthenticationError("no")])
def test_when_the_job_cannot_be_asked_after_a_lost_confirm_it_may_be_paid(error: PrintError) -> None:
    play = decided(Play(REGISTERED).then(Create(), Told(job())), 1)
    play.then(Confirm("print_1"), Unanswered(PrintError("lost")))
    with pytest.raises(UnknownOutcomeError, match="may be paid") as caught:
        play.fails(Read("print_1"), error)
    assert caught.value.retry_after == error.retry_after
    assert caught.value.letter_key == KEY.key


def test_a_decided_draft_that_the_service_refuses_names_the_way_out() -> None:
    play = decided(Play(REGISTERED).then(Create(), Told(job())), 1)
    play.then(Confirm("print_1"), Refused(BadRequestError("no address", status=400)))
    with pytest.raises(BadRequestError, match="set resend"):
        play.then(Read("print_1"), Told(job()))


def test_an_adopted_and_a_resumed_quote_are_counted() -> None:
    for found, notice in ((posted(), Notice.ADOPTED), (job(), Notice.RESUMED)):
        play = (
            Play(SECOND_TRY, quote_only=True).then(Recall(slot(1, 1)), NOTHING).then(Recall(slot(1)), NOTHING)
        )
        play.then(Find(KEY.reference), Found([found])).then(Read("print_1"), Told(found)).result()
        assert play.told == [Notice.LOOKED_UP, notice]


def test_a_draft_whose_answer_was_lost_is_no_draft_of_an_earlier_attempt() -> None:
    play = Play(REGISTERED).then(Create(), Unanswered(PrintError("lost")))
    play.then(Find(KEY.reference), Found([job()])).then(Read("print_1"), Told(job()))
    assert not decided(play, 1).then(Confirm("print_1"), Told(posted())).result().resumed_draft
