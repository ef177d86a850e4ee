from __future__ import annotations

import math
import random
from itertools import pairwise

import pytest

from airflow_provider_print.core.outcome import Outcome, outcome_of_status
from airflow_provider_print.core.retry import NO_RETRY, Retrier, RetryPolicy, named_wait
from tests.support.fakes import FakeTime


def retrier(policy: RetryPolicy | None = None, time: FakeTime | None = None, seed: int = 1) -> Retrier:
    return Retrier(policy or RetryPolicy(), (time or FakeTime()).now, random.Random(seed))


@pytest.mark.parametrize(
    ("status", "named", "outcome"),
    [
        (400, False, Outcome.DEFINITIVE),
        (404, True, Outcome.DEFINITIVE),
        (408, False, Outcome.REFUSED),
        (419, False, Outcome.REFUSED),
        (429, False, Outcome.REFUSED),
        (500, True, Outcome.UNKNOWN),
        (503, False, Outcome.UNKNOWN),
        (503, True, Outcome.REFUSED),
        (524, False, Outcome.UNKNOWN),
    ],
)
def test_a_status_is_sorted_by_what_it_says_about_money(status: int, named: bool, outcome: Outcome) -> None:
    assert outcome_of_status(status, wait_named=named) is outcome


@pytest.mark.parametrize("is_write", [True, False])
def test_a_definitive_answer_is_never_asked_for_again(is_write: bool) -> None:
    assert retrier().wait_after(Outcome.DEFINITIVE, 1, is_write) is None


def test_a_write_of_unknown_fate_is_never_repeated() -> None:
    assert retrier().wait_after(Outcome.UNKNOWN, None, True) is None
    assert retrier().wait_after(Outcome.UNKNOWN, None, False) is not None


def test_a_named_wait_is_never_shortened() -> None:
    for seed in range(50):
        wait = retrier(seed=seed).wait_after(Outcome.REFUSED, 100, True)
        assert wait is not None
        assert 100 <= wait <= 160


def test_a_named_wait_that_just_fits_takes_no_spread_and_one_that_does_not_gives_up() -> None:
    assert retrier(RetryPolicy(budget=100)).wait_after(Outcome.REFUSED, 100, True) == 100
    assert retrier(RetryPolicy(budget=99)).wait_after(Outcome.REFUSED, 100, True) is None


def test_the_budget_is_elapsed_time() -> None:
    time = FakeTime()
    one = retrier(RetryPolicy(budget=100, spread=0), time)
    time.moment += 95
    assert one.elapsed == 95
    assert one.wait_after(Outcome.REFUSED, 5, True) == 5
    assert one.wait_after(Outcome.REFUSED, 6, True) is None


def test_our_own_waits_have_full_jitter_and_grow_to_a_cap() -> None:
    policy = RetryPolicy(fault_budget=1e6)
    rows = []
    for seed in range(300):
        one = retrier(policy, seed=seed)
        rows.append([one.wait_after(Outcome.NOT_DELIVERED, None, True) or 0.0 for _ in range(8)])
    means = [sum(column) / len(column) for column in zip(*rows, strict=True)]
    assert all(later > earlier for earlier, later in pairwise(means[:5]))
    assert max(max(row) for row in rows) <= 30
    assert min(min(row) for row in rows) < 0.05


def test_a_lost_read_waits_at_least_as_long_as_the_service_asks() -> None:
    assert retrier().wait_after(Outcome.UNKNOWN, 20, False) == 20
    assert retrier().wait_after(Outcome.UNKNOWN, 50, False) is None


@pytest.mark.parametrize("outcome", [Outcome.REFUSED, Outcome.NOT_DELIVERED, Outcome.UNKNOWN])
def test_without_a_budget_nothing_is_tried_again(outcome: Outcome) -> None:
    assert retrier(NO_RETRY).wait_after(outcome, None, False) is None
    assert retrier(NO_RETRY).wait_after(outcome, 0, False) is None


@pytest.mark.parametrize("value", [-1, math.nan, math.inf])
def test_a_policy_of_nonsense_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="budget"):
        RetryPolicy(budget=value)


@pytest.mark.parametrize(
    ("headers", "text", "wait"),
    [
        ({"Retry-After": "5", "X-Ratelimit-Reset": "9"}, "in 7 seconds", 5),
        ({"retry-after": "soon", "x-ratelimit-reset": "9"}, "in 7 seconds", 9),
        ({}, "Please try again after 37 seconds.", 37),
        ({}, "try again in 1.5 s", 1.5),
        ({}, "You have sent 120 requests. Try again in 2 minutes.", 120),
        ({}, "Try again in 1 HOUR", 3600),
        ({"X-Ratelimit-Reset": "0.5"}, None, 0.5),
        ({"X-Ratelimit-Reset": ".5"}, None, 0.5),
        ({"X-Ratelimit-Reset": "1800000042"}, None, 42),
        ({"X-Ratelimit-Reset": "1800000042500"}, None, 42.5),
        ({"X-Ratelimit-Reset": "1799999999"}, None, 0),
        ({"RateLimit-Reset": "12"}, None, 12),
        ({"Retry-After": "5, 30"}, None, 30),
        ({"Retry-After": "1.25"}, None, 1.25),
        ({"Retry-After": "Fri, 15 Jan 2027 08:00:30 GMT"}, None, 30),
        ({"Retry-After": "Friday, 15-Jan-27 08:00:30 GMT"}, None, 30),
        ({"Retry-After": "Fri Jan 15 08:00:30 2027"}, None, 30),
        ({"Retry-After": "Fri, 15 Jan 2027 09:00:30 +0100"}, None, 30),
        ({"Retry-After": ""}, None, None),
        ({"Retry-After": "nan"}, None, None),
        ({"Retry-After": "inf"}, None, None),
        ({"Retry-After": "-5"}, None, None),
        ({"Retry-After": "1e9"}, None, None),
        ({"Retry-After": "Thu, 01 Jan 1970 00:00:10 GMT"}, None, 0),
        ({"Retry-After": "Fri, 99 Foo 2026"}, None, None),
        ({}, "no number", None),
        ({}, None, None),
    ],
)
def test_the_wait_is_read_wherever_it_is_named(
    headers: dict[str, str], text: str | None, wait: float | None
) -> None:
    assert named_wait(headers, text, 1_800_000_000) == wait
