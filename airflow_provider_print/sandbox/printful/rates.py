"""How many calls a minute: each generation of the service counts in its own way.

The first gives 120 calls back with each new minute. The second (`/v2`) has a bucket of 120 that is refilled
with two a second, and names the time until it is full, with fractions (both documented). That the two do not
share an allowance is assumed.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from airflow_provider_print.sandbox.printful.answers import ServiceError

if TYPE_CHECKING:
    from airflow_provider_print.sandbox.core import Sandbox, SandboxRequest

RATE = 120
_WINDOW = 60
_REFILL = RATE / _WINDOW
"""Calls a second."""


@dataclass(frozen=True)
class Allowance:
    """What a call found.

    :param remaining: how many calls are left.
    :param reset: real seconds until there are 120 again.
    :param wait: real seconds to wait when this call is one too many, else None.
    """

    remaining: int
    reset: float
    wait: float | None


def count_call(
    sandbox: Sandbox, request: SandboxRequest, *, version: int
) -> tuple[dict[str, str], ServiceError | None]:
    """Count a call and return its rate limit headers, with an error when it is one too many.

    The count is kept in the store, so that a reset forgets it. A sandbox without a rate limit has none here
    either.
    """
    account = hashlib.sha256((request.header("authorization") or "").encode()).hexdigest()[:16]
    count = _in_bucket if version == 2 else _in_minute
    limited = sandbox.world.rate_limit > 0
    found = count(sandbox, account) if limited else Allowance(RATE - 1, 1 / _REFILL, None)
    headers = {
        "X-Ratelimit-Limit": str(RATE),
        "X-Ratelimit-Remaining": str(found.remaining),
        "X-Ratelimit-Reset": f"{found.reset:.4g}" if version == 2 else str(math.ceil(found.reset)),
    }
    if version == 2:
        headers["X-Ratelimit-Policy"] = f"{RATE};w={_WINDOW};"
    if found.wait is None:
        return headers, None
    wait = max(1, math.ceil(found.wait))
    if sandbox.world.retry_after:
        headers["Retry-After"] = str(wait)
    text = f"You've recently sent too many requests. Please try again after {wait} seconds."
    return headers, ServiceError(429, text)


def _in_minute(sandbox: Sandbox, account: str) -> Allowance:
    now = sandbox.clock.real()
    window = math.floor(now / _WINDOW)
    with sandbox.store.transaction():
        counts: dict[str, Any] = sandbox.store.get("_printful_calls", "minute") or {}
        if counts.get("window") != window:
            counts = {"window": window}
        used = counts.get(account, 0) + 1
        counts[account] = used
        sandbox.store.put("_printful_calls", "minute", counts)
    reset = max(1.0, (window + 1) * _WINDOW - now)
    return Allowance(max(0, RATE - used), reset, reset if used > RATE else None)


def _in_bucket(sandbox: Sandbox, account: str) -> Allowance:
    """Count in a bucket, of which only the time is kept at which it will be full again."""
    now = sandbox.clock.real()
    with sandbox.store.transaction():
        buckets: dict[str, float] = sandbox.store.get("_printful_calls", "buckets") or {}
        buckets = {name: full for name, full in buckets.items() if full > now}
        full = buckets.get(account, now) + 1 / _REFILL
        wait = full - now - _WINDOW
        if wait > 0:
            full -= 1 / _REFILL
        else:
            buckets[account] = full
        sandbox.store.put("_printful_calls", "buckets", buckets)
    remaining = max(0, math.floor(RATE - (full - now) * _REFILL + 1e-3))
    return Allowance(remaining, full - now, wait if wait > 0 else None)
