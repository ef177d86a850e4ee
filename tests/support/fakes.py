"""Time that moves when it is told to, and a transport on it."""

from __future__ import annotations

import random
from typing import Any

from airflow_provider_print.core.auth import ApiKeyAuth
from airflow_provider_print.core.transport import Clock, Timeouts, Transport
from airflow_provider_print.intelliprint.dialect import IntelliprintDialect

API_KEY = "key_SECRET0123456789"


class FakeTime:
    """A clock that only sleeping moves."""

    def __init__(self, start: float = 1_800_000_000.0) -> None:
        self.moment = start
        self.slept: list[float] = []

    def now(self) -> float:
        return self.moment

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.moment += seconds

    def clock(self) -> Clock:
        return Clock(now=self.now, sleep=self.sleep, wall=self.now, rng=random.Random(7))


def transport(url: str, time: FakeTime | None = None, **options: Any) -> Transport:
    given: dict[str, Any] = {
        "dialect": IntelliprintDialect(),
        "auth": ApiKeyAuth(f"Bearer {API_KEY}"),
        "secrets": [API_KEY],
        "timeouts": Timeouts(connect=0.3, read=0.3, total=5),
        "clock": (time or FakeTime()).clock(),
    }
    return Transport(url, **given | options)
