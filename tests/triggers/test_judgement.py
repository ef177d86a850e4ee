"""Is the wait over? Decided without asking anybody."""

from __future__ import annotations

import pytest

from airflow_provider_print.core.errors import InputError, NotFoundError, UnexpectedAnswerError
from airflow_provider_print.triggers.failures import ends_waiting
from airflow_provider_print.triggers.judgement import JobView, LetterView, State, check_tolerance, judge

SENT = {"sent"}


def job(name: str, *statuses: str, reason: str | None = None, **more: bool) -> JobView:
    letters = tuple(
        LetterView(id=f"{name}-{n}", status=status, reason=reason) for n, status in enumerate(statuses)
    )
    return JobView(id=name, confirmed=more.pop("confirmed", True), letters=letters, **more)


def views(*jobs: JobView) -> dict[str, JobView]:
    return {one.id: one for one in jobs}


def test_it_is_over_when_every_letter_of_every_job_is_in_the_target_set() -> None:
    seen = views(job("a", "sent", "sent"), job("b", "sent"))
    verdict = judge(["a", "b"], seen, targets=SENT)
    assert verdict.state is State.DONE
    assert verdict.counts == {"sent": 3}


@pytest.mark.parametrize("status", ["draft", "waiting_to_print", "printing", "enclosing", "shipping"])
def test_one_letter_that_is_on_its_way_keeps_everybody_waiting(status: str) -> None:
    assert judge(["a"], views(job("a", "sent", status)), targets=SENT).state is State.WAITING


@pytest.mark.parametrize("status", ["printing", "enclosing", "shipping", "sent"])
def test_a_letter_that_has_passed_a_status_need_not_come_back_to_it(status: str) -> None:
    assert judge(["a"], views(job("a", status)), targets={"printing"}).state is State.DONE
    assert (
        judge(["a"], views(job("a", status, "waiting_to_print")), targets={"printing"}).state is State.WAITING
    )


def test_a_letter_that_failed_has_passed_nothing() -> None:
    assert judge(["a"], views(job("a", "cancelled")), targets={"printing"}).state is State.FAILED


def test_a_job_of_which_nothing_is_known_is_waited_for() -> None:
    assert judge(["a", "b"], views(job("a", "sent")), targets=SENT).state is State.WAITING


def test_a_job_without_letters_is_not_done() -> None:
    assert judge(["a"], views(job("a")), targets=SENT).state is State.WAITING


@pytest.mark.parametrize("status", ["returned", "cancelled", "failed_wrong_address", "invalid_address"])
def test_a_letter_that_will_not_arrive_fails_the_wait_and_is_named_with_its_reason(status: str) -> None:
    verdict = judge(["a"], views(job("a", "sent", status, reason="Gone away")), targets=SENT)
    assert verdict.state is State.FAILED
    assert f"letter a-1 of a is {status} (Gone away)" in str(verdict.failure())


def test_a_failure_that_is_waited_for_is_no_failure() -> None:
    assert judge(["a"], views(job("a", "cancelled")), targets={"cancelled"}).state is State.DONE


@pytest.mark.parametrize(
    ("tolerated", "state"),
    [
        pytest.param(0, State.FAILED, id="none"),
        pytest.param(1, State.FAILED, id="one of two"),
        pytest.param(2, State.DONE, id="both"),
        pytest.param(0.4, State.FAILED, id="less than half"),
        pytest.param(0.5, State.DONE, id="half"),
        pytest.param(1, State.FAILED, id="one letter, not all of them"),
        pytest.param(1.0, State.DONE, id="all of them"),
    ],
)
def test_failures_are_tolerated_by_number_or_by_share(tolerated: float, state: State) -> None:
    seen = views(job("a", "sent", "sent"), job("b", "returned", "cancelled"))
    assert judge(["a", "b"], seen, targets=SENT, tolerated=tolerated).state is state


def test_a_share_is_told_only_when_every_job_is_known() -> None:
    seen = views(job("a", "returned"))
    assert judge(["a", "b"], seen, targets=SENT, tolerated=0.5).state is State.WAITING


def test_tolerated_failures_do_not_end_the_wait_for_the_others() -> None:
    seen = views(job("a", "returned", "printing"))
    assert judge(["a"], seen, targets=SENT, tolerated=1).state is State.WAITING


@pytest.mark.parametrize("wrong", [-1, 1.5, True, "2", None])
def test_a_tolerance_that_is_no_number_and_no_share_is_refused(wrong: float) -> None:
    with pytest.raises(InputError) as caught:
        check_tolerance(wrong)
    assert caught.value.param == "tolerated_failures"


def test_the_wait_for_a_test_job_ends_when_it_is_confirmed() -> None:
    seen = views(job("a", "waiting_to_print", testmode=True))
    verdict = judge(["a"], seen, targets=SENT)
    assert verdict.state is State.DONE
    assert verdict.ended_at_confirmed == ("a",)


def test_a_draft_of_a_test_job_is_waited_for() -> None:
    seen = views(job("a", "draft", testmode=True, confirmed=False))
    assert judge(["a"], seen, targets=SENT).state is State.WAITING


def test_test_letters_are_waited_for_where_the_service_moves_them() -> None:
    seen = views(job("a", "waiting_to_print", testmode=True))
    assert judge(["a"], seen, targets=SENT, test_letters_move=True).state is State.WAITING


def test_a_status_that_nobody_knows_is_an_error_that_names_it_and_ends_the_wait() -> None:
    with pytest.raises(UnexpectedAnswerError, match="teleported") as caught:
        judge(["a"], views(job("a", "teleported")), targets=SENT)
    assert ends_waiting(caught.value)


def test_a_job_that_the_service_does_not_know_ends_the_wait() -> None:
    with pytest.raises(NotFoundError, match="no print job a") as caught:
        judge(["a"], {"a": JobView(id="a", gone=True)}, targets=SENT)
    assert ends_waiting(caught.value)


def test_of_many_failures_a_few_are_named_and_the_rest_counted() -> None:
    verdict = judge(["a"], views(job("a", *["returned"] * 9)), targets=SENT)
    assert "9 of 9 letters" in str(verdict.failure())
    assert "and 4 more" in str(verdict.failure())
