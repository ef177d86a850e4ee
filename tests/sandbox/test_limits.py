from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from airflow_provider_print.sandbox.limits import Limiter

if TYPE_CHECKING:
    from airflow_provider_print.sandbox import PrintSandbox
    from tests.sandbox.calls import Api


def test_no_limit_admits_all() -> None:
    limiter = Limiter("fixed", 0)
    assert all(limiter.admit(0) is None for _ in range(1000))


@pytest.mark.behaviour("sandbox.limits.kinds")
def test_a_fixed_window_starts_anew_every_minute() -> None:
    limiter = Limiter("fixed", 2)
    assert [limiter.admit(59), limiter.admit(59), limiter.admit(59)] == [None, None, 1]
    assert [limiter.admit(60), limiter.admit(61), limiter.admit(62)] == [None, None, 58]


@pytest.mark.behaviour("sandbox.limits.kinds")
def test_a_sliding_window_forgets_after_sixty_seconds() -> None:
    limiter = Limiter("sliding", 2)
    assert [limiter.admit(0), limiter.admit(30), limiter.admit(40)] == [None, None, 20]
    assert limiter.admit(60) is None
    assert limiter.admit(61) == 29


@pytest.mark.behaviour("sandbox.limits.kinds")
def test_a_sliding_window_that_counts_refusals_stays_shut_for_who_keeps_knocking() -> None:
    limiter = Limiter("sliding_counting", 2)
    assert [limiter.admit(0), limiter.admit(1)] == [None, None]
    assert [limiter.admit(50), limiter.admit(55)] == [11, 55]
    assert limiter.admit(61) == 54
    assert limiter.admit(200) is None


@pytest.mark.behaviour("sandbox.limits.kinds")
def test_a_bucket_fills_evenly() -> None:
    limiter = Limiter("bucket", 60)
    assert [limiter.admit(0) for _ in range(60)] == [None] * 60
    assert limiter.admit(0) == 1
    assert limiter.admit(1) is None
    assert limiter.admit(1) == 1
    assert [limiter.admit(100_000) for _ in range(61)] == [None] * 60 + [1]  # it holds 60


@pytest.mark.parametrize("kind", ["fixed", "sliding", "sliding_counting", "bucket"])
def test_over_the_limit_the_service_answers_429_with_the_wait(
    print_sandbox: PrintSandbox, api: Api, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    print_sandbox.world(rate_limit=3, limiter=kind)
    monkeypatch.setattr(
        print_sandbox.sandbox.clock, "_real", lambda: 1_800_000_000.0
    )  # the minute must not end
    statuses = [api.get("/prints").status_code for _ in range(4)]
    refused = api.get("/prints")
    assert statuses == [200, 200, 200, 429]
    assert refused.json()["error"]["type"] == refused.json()["error"]["code"] == "rate_limited"
    assert 1 <= int(refused.headers["Retry-After"]) <= 60


def test_the_wait_can_be_left_unnamed(print_sandbox: PrintSandbox, api: Api) -> None:
    print_sandbox.world(rate_limit=1, limiter="sliding", retry_after=False)
    api.get("/prints")
    refused = api.get("/prints")
    assert refused.status_code == 429
    assert "Retry-After" not in refused.headers


def test_calls_without_an_api_key_do_not_use_up_the_limit(print_sandbox: PrintSandbox, api: Api) -> None:
    print_sandbox.world(rate_limit=1, limiter="sliding")
    assert [api.get("/prints", headers={"Authorization": "no"}).status_code for _ in range(3)] == [401] * 3
    assert api.get("/prints").status_code == 200
