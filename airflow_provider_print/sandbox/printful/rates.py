"""How many calls a minute: each generation of the service counts in its own way.

The first gives a minute's 120 calls back at once, the minute beginning with the first call (recorded: 119
left and 60 seconds to go after one call). The second (`/v2`) has a bucket of 120 that is refilled with two a
second, and names the time until it is full, with fractions (both documented). That the two do not share an
allowance is assumed.
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
_KIND = "_printful_calls"


@dataclass(frozen=True)
class Allowance:
    """What a call found.

    :param remaining: how many calls are left.
    :param reset: real seconds until there are all again.
    :param wait: real seconds to wait when this call is one too many, else None.
    :param limit: how many calls there are.
    """

    remaining: int
    reset: float
    wait: float | None
    limit: int = RATE


def count_call(
    sandbox: Sandbox, request: SandboxRequest, *, version: int
) -> tuple[dict[str, str], ServiceError | None]:
    """Count a call and return its rate limit headers, with an error when it is one too many.

    The count is kept in the store, so that a reset forgets it. A sandbox without a rate limit has none here
    either, but the headers.
    """
    world = sandbox.world
    account = hashlib.sha256((request.header("authorization") or "").encode()).hexdigest()[:16]
    found = Allowance(RATE - 1, 1 / _REFILL if version == 2 else _WINDOW, None)
    if world.rate_limit > 0:
        found = (_in_bucket if version == 2 else _in_minute)(sandbox, account)
    if world.printful_add_limit > 0 and found.wait is None and _adds(request):
        found = _locked_out(sandbox, account, world.printful_add_limit)
    headers = {
        "X-Ratelimit-Limit": str(found.limit),
        "X-Ratelimit-Remaining": str(found.remaining),
        "X-Ratelimit-Reset": f"{found.reset:.4g}" if version == 2 else str(math.ceil(found.reset)),
    }
    if version == 2:
        headers["X-Ratelimit-Policy"] = f"{found.limit};w={_WINDOW};"
    if found.wait is None:
        return headers, None
    wait = max(1, math.ceil(found.wait))
    if version == 2 or world.retry_after:  # documented for the second version alone
        headers["Retry-After"] = str(wait)
    if version == 1 and not world.printful_reset_header:
        del headers["X-Ratelimit-Reset"]
    text = f"You've recently sent too many requests. Please try again after {wait} seconds."
    return headers, ServiceError(429, text, reason=world.printful_rate_reason)


def _adds(request: SandboxRequest) -> bool:
    return request.method == "POST" and request.route in ("/files", "/v2/files")


def _in_minute(sandbox: Sandbox, account: str) -> Allowance:
    now = sandbox.clock.real()
    with sandbox.store.transaction():
        counts = {
            name: count
            for name, count in (sandbox.store.get(_KIND, "minute") or {}).items()
            if now < count["start"] + _WINDOW
        }
        count: dict[str, Any] = counts.setdefault(account, {"start": now, "used": 0})
        count["used"] += 1
        sandbox.store.put(_KIND, "minute", counts)
    reset = max(1.0, count["start"] + _WINDOW - now)
    return Allowance(max(0, RATE - count["used"]), reset, reset if count["used"] > RATE else None)


def _in_bucket(sandbox: Sandbox, account: str) -> Allowance:
    """Count in a bucket, of which only the time is kept at which it will be full again."""
    now = sandbox.clock.real()
    with sandbox.store.transaction():
        buckets: dict[str, float] = sandbox.store.get(_KIND, "buckets") or {}
        buckets = {name: full for name, full in buckets.items() if full > now}
        full = buckets.get(account, now) + 1 / _REFILL
        wait = full - now - _WINDOW
        if wait > 0:
            full -= 1 / _REFILL
        else:
            buckets[account] = full
        sandbox.store.put(_KIND, "buckets", buckets)
    remaining = max(0, math.floor(RATE - (full - now) * _REFILL + 1e-3))
    return Allowance(remaining, full - now, wait if wait > 0 else None)


def _locked_out(sandbox: Sandbox, account: str, limit: int) -> Allowance:
    """Count as the service does where it allows less: who asks once too often waits for a whole minute.

    Documented for products, mockups and others; for files no such limit is.
    """
    now = sandbox.clock.real()
    with sandbox.store.transaction():
        counts = {
            name: count
            for name, count in (sandbox.store.get(_KIND, "lower") or {}).items()
            if now < count["end"]
        }
        count: dict[str, Any] = counts.setdefault(account, {"end": now + _WINDOW, "used": 0, "locked": False})
        count["used"] += 1
        if count["used"] > limit and not count["locked"]:
            count |= {"locked": True, "end": now + _WINDOW}
        sandbox.store.put(_KIND, "lower", counts)
    left = count["end"] - now
    return Allowance(max(0, limit - count["used"]), left, left if count["locked"] else None, limit)
