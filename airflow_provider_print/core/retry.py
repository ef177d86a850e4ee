"""When to try again, and how long to wait: pure decisions, no sleeping.

The budget is elapsed time, not a count: with many tasks at one limit, counting attempts loses jobs
(measured: 500 to 800 of 1,000). The wait that the service names is never shortened; when it does not fit,
the call gives up with the wait on its error, so that Airflow can come back later. Our own waits have full
jitter, or everybody comes back at the same moment.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, fields
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from airflow_provider_print.core.outcome import Outcome

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Mapping

#: A wait of this many seconds or less is rounded up to it, so that `Retry-After: 0` is no endless loop.
_SHORTEST = 1.0


@dataclass(frozen=True, kw_only=True)
class RetryPolicy:
    """How much time a call may take, all attempts together. All values are seconds.

    :param budget: for calls that the service refused without doing anything
    :param fault_budget: for calls that were not delivered, and for reads whose answer was lost: enough for a
        restart in between; what lasts longer should be told, and Airflow comes back later by itself
    :param base: longest wait before the second attempt; it doubles with each
    :param cap: longest wait of our own
    :param spread: up to this much is added to a named wait, for on some servers calls that come too early
        count too (measured: anything narrower than a minute collapses there)
    :param unnamed: wait after a refusal that names none
    """

    budget: float = 900.0
    fault_budget: float = 30.0
    base: float = 1.0
    cap: float = 30.0
    spread: float = 60.0
    unnamed: float = 15.0

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not math.isfinite(value) or value < 0:
                raise ValueError(f"{field.name} must be a number of seconds, not {value!r}")


#: Asks once. For questions that somebody is waiting for, such as the test of a connection.
NO_RETRY = RetryPolicy(budget=0, fault_budget=0)


class Retrier:
    """Decides for one call; made right before its first attempt.

    :param policy: the budgets
    :param now: monotonic clock, seconds
    :param rng: where the jitter comes from
    """

    def __init__(self, policy: RetryPolicy, now: Callable[[], float], rng: random.Random) -> None:
        self._policy = policy
        self._now = now
        self._rng = rng
        self._start = now()
        self._failures = 0
        self._excused = 0.0

    @property
    def elapsed(self) -> float:
        """Seconds since the first attempt."""
        return self._now() - self._start

    def excuse(self, seconds: float) -> None:
        """Leave a wait that was asked of us out of the budget for faults, which has nothing to do with it.

        :param seconds: waited for a turn or because the service said so
        """
        self._excused += seconds

    def wait_after(self, outcome: Outcome, named_wait: float | None, is_write: bool) -> float | None:
        """Seconds to wait before the next attempt, or `None` to give up.

        :param outcome: what the failed attempt says about money
        :param named_wait: seconds that the service asked for
        :param is_write: the call may not be made twice
        """
        if outcome is Outcome.DEFINITIVE or (outcome is Outcome.UNKNOWN and is_write):
            return None
        self._failures += 1
        policy = self._policy
        if outcome is Outcome.REFUSED:
            wait = max(policy.unnamed if named_wait is None else named_wait, _SHORTEST)
            room = policy.budget - self.elapsed - wait
            if room < 0:
                return None
            wait += self._rng.uniform(0, min(policy.spread, room))
            self.excuse(wait)
            return wait
        ceiling = min(policy.cap, policy.base * 2 ** min(self._failures - 1, 30))
        wait = max(self._rng.uniform(0, ceiling), named_wait or 0.0)
        return None if self.elapsed - self._excused + wait >= policy.fault_budget else wait


def named_wait(headers: Mapping[str, str], text: str | None, now: float) -> float | None:
    """Seconds that a refusal asks us to wait.

    From `Retry-After`, else `X-Ratelimit-Reset` (or the same without `X-`), else the time in its text; `None`
    when it names nothing, or nothing that can be understood.

    :param headers: of the answer; names in any case
    :param text: the service's message; Printful says "try again after 37 seconds" (observed by others)
    :param now: seconds since the epoch, for dates
    """
    lower = {name.lower(): value.strip() for name, value in headers.items()}
    for wait in (
        _after(lower.get("retry-after"), now),
        _reset(lower.get("x-ratelimit-reset"), now),
        _reset(lower.get("ratelimit-reset"), now),
        _in_text(text),
    ):
        if wait is not None:
            return wait
    return None


def _after(value: str | None, now: float) -> float | None:
    """Read seconds or a date; of several, as a proxy may leave them, the longest."""
    if not value:
        return None
    parts = [_seconds(part.strip()) for part in value.split(",")]
    seconds = [part for part in parts if part is not None]
    if len(seconds) == len(parts):
        return max(seconds)
    try:
        moment = parsedate_to_datetime(value)
        return max(0.0, (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - now)
    except (ValueError, TypeError, OverflowError):
        return None


def _reset(value: str | None, now: float) -> float | None:
    """Seconds until the limit is restored; a far larger number is the moment itself, or its milliseconds."""
    seconds = _seconds(value)
    if seconds is None or seconds < 1e8:
        return seconds
    return max(0.0, (seconds / 1000 if seconds > 1e11 else seconds) - now)


_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}
_TIME = re.compile(
    r"\b(\d{1,5}(?:\.\d+)?) ?(s(?:ec(?:ond)?s?)?|m(?:in(?:ute)?s?)?|h(?:(?:ou)?rs?)?)\b", re.IGNORECASE
)


def _in_text(text: str | None) -> float | None:
    """Return the first time that a text names: "37 seconds", "1 minute"."""
    found = _TIME.search((text or "")[:1000])
    return None if found is None else float(found.group(1)) * _UNITS[found.group(2)[0].lower()]


def _seconds(value: str | None) -> float | None:
    if value is None or not re.fullmatch(r"\d{1,14}(\.\d{1,12})?|\.\d{1,12}", value, re.ASCII):
        return None
    return float(value)
