"""Clients for tests: no pacing, no real waiting, time limits of a second."""

from __future__ import annotations

import random
from typing import Any

from airflow_provider_print.core.auth import ApiKeyAuth
from airflow_provider_print.core.retry import RetryPolicy
from airflow_provider_print.core.transport import Clock, Timeouts, Transport
from airflow_provider_print.intelliprint.client import IntelliprintClient
from airflow_provider_print.intelliprint.dialect import IntelliprintDialect


class FakeClock:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds


def client_of(url: str, *, api_key: str = "key_sandbox", read_timeout: float = 5.0) -> IntelliprintClient:
    """A client of the sandbox whose waits take no time."""
    clock = FakeClock()
    return IntelliprintClient(
        Transport(
            url,
            dialect=IntelliprintDialect(),
            auth=ApiKeyAuth(f"Bearer {api_key}"),
            secrets=[api_key],
            timeouts=Timeouts(connect=2.0, read=read_timeout, total=20.0),
            policy=RetryPolicy(budget=60.0, fault_budget=20.0),
            clock=Clock(now=clock.now, sleep=clock.sleep, rng=random.Random(1)),
        )
    )


def mailed(box: Any) -> int:
    """How many letters the sandbox has put into the post."""
    return sum(box.invariants()["letters_mailed"].values())
