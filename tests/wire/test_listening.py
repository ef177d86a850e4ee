"""Whoever listens hears of each answer; whoever has waited before is not made to wait again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from airflow_provider_print.core.errors import RateLimitError
from airflow_provider_print.core.pacing import Pace
from tests.support.fakes import FakeTime, transport
from tests.support.stub import Stub, answer

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

BUSY = answer(429, {"error": {"message": "Slow down"}}, {"Retry-After": "3", "X-RateLimit-Limit": "100"})
OK = answer(200, {"object": "list", "data": []})


def test_a_listener_hears_of_every_answer_of_a_call_until_it_stops_listening() -> None:
    heard: list[tuple[int, str | None]] = []

    def listen(status: int, headers: Mapping[str, str]) -> None:
        heard.append((status, headers.get("x-ratelimit-limit")))

    with Stub([BUSY, OK]) as stub:
        there = transport(stub.url)
        with there.on_answer(listen):
            there.request("GET", "/prints")
        there.request("GET", "/prints")
    assert heard == [(429, "100"), (200, None)]


def test_without_waiting_a_call_takes_no_turn_and_a_refusal_is_raised_at_once(tmp_path: Path) -> None:
    time = FakeTime()
    pace = Pace("account", root=tmp_path, now=time.now)
    pace.hold(50)
    with Stub([BUSY, OK]) as stub:
        patient = transport(stub.url, time, pace=pace)
        hasty = patient.without_waiting()
        with pytest.raises(RateLimitError) as caught:
            hasty.request("GET", "/prints")
        assert (caught.value.retry_after, time.slept, len(stub.seen)) == (3, [], 1)
        patient.request("GET", "/prints")
    assert sum(time.slept) >= 50, "the other one is as patient as before"


def test_a_copy_that_is_listened_to_does_not_tell_of_the_calls_of_others() -> None:
    heard: list[int] = []
    with Stub([OK]) as stub:
        patient = transport(stub.url)
        hasty = patient.without_waiting()
        with hasty.on_answer(lambda status, _: heard.append(status)):
            patient.request("GET", "/prints")
            assert heard == []
            hasty.request("GET", "/prints")
    assert heard == [200]
