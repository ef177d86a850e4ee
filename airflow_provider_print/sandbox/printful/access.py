"""Who may ask: tokens, store keys, stores, and how many calls a minute."""

from __future__ import annotations

import base64
import binascii
import hashlib
import math
from typing import TYPE_CHECKING, Any

from airflow_provider_print.sandbox.printful.answers import ServiceError

if TYPE_CHECKING:
    from airflow_provider_print.sandbox.core import Sandbox, SandboxRequest

#: The stores of the sandbox by id. The API keys of the documentation belong to the first.
STORES = {11001: "Sandbox store", 11002: "Second sandbox store"}
HOME_STORE = 11001
#: A token for one store, and one for the whole account, which must name its store with each call.
STORE_TOKEN, ACCOUNT_TOKEN = "printful_sandbox", "printful_sandbox_account"
#: A store key of the first generation, for HTTP Basic.
LEGACY_KEY = "sandbox0-file-libr:aryk-eysandbox00"

#: Calls a minute (documented); the whole allowance comes back with each new minute.
RATE = 120
_WINDOW = 60


def authorize(sandbox: Sandbox, request: SandboxRequest) -> int | None:
    """Return the store that the credential belongs to, None for the whole account.

    :raises ServiceError: 401, with the texts that others have seen
    """
    header = request.header("authorization")
    if not header:
        raise ServiceError(401)
    scheme, _, credential = header.strip().partition(" ")
    credential = credential.strip()
    known: dict[str, int | None] = {}
    if scheme.lower() == "bearer":
        known = {STORE_TOKEN: HOME_STORE, ACCOUNT_TOKEN: None}
    elif scheme.lower() == "basic":
        credential = _decoded(credential)
        if sandbox.world.printful_profile == "legacy":
            known = {LEGACY_KEY: HOME_STORE}
    else:
        credential = ""
    if not credential:
        raise ServiceError(401, "Malformed Authorization header.")
    if credential not in known:
        raise ServiceError(401, "The access token provided is invalid.")
    return known[credential]


def store_of(request: SandboxRequest, own: int | None) -> int:
    """Return the store that a call is about.

    :param own: the store of the credential; None for an account, which names the store in `X-PF-Store-Id` or
        (undocumented, used by several projects) in the query
    :raises ServiceError: 400 when an account names no store; 403 for a store that is not its own (assumed)
    """
    named = request.header("x-pf-store-id") or dict(request.query).get("store_id") or ""
    if not named.strip():
        if own is None:
            raise ServiceError(400, "This endpoint requires `store_id`!")
        return own
    allowed = {str(own)} if own is not None else {str(store) for store in STORES}
    if named.strip() not in allowed:
        raise ServiceError(403, "The store does not belong to this access token.")
    return int(named)


def count_call(sandbox: Sandbox, request: SandboxRequest) -> tuple[dict[str, str], ServiceError | None]:
    """Count a call and return its rate limit headers, with an error when it is one too many.

    The count is kept in the store, so that a reset forgets it. A sandbox without a rate limit has none here
    either.
    """
    account = hashlib.sha256((request.header("authorization") or "").encode()).hexdigest()[:16]
    now = sandbox.clock.real()
    window = math.floor(now / _WINDOW)
    with sandbox.store.transaction():
        counts: dict[str, Any] = sandbox.store.get("printful_calls", "counts") or {}
        if counts.get("window") != window:
            counts = {"window": window}
        used = counts.get(account, 0) + 1
        counts[account] = used
        sandbox.store.put("printful_calls", "counts", counts)
    wait = max(1, math.ceil((window + 1) * _WINDOW - now))
    limited = sandbox.world.rate_limit > 0
    headers = {
        "X-Ratelimit-Limit": str(RATE),
        "X-Ratelimit-Remaining": str(max(0, RATE - used) if limited else RATE - 1),
        "X-Ratelimit-Reset": str(wait),
    }
    if request.path.startswith("/v2/"):
        headers["X-Ratelimit-Policy"] = f"{RATE};w={_WINDOW};"
    if not limited or used <= RATE:
        return headers, None
    if sandbox.world.retry_after:
        headers["Retry-After"] = str(wait)
    text = f"You've recently sent too many requests. Please try again after {wait} seconds."
    return headers, ServiceError(429, text)


def _decoded(credential: str) -> str:
    try:
        return base64.b64decode(credential, validate=True).decode()
    except (binascii.Error, ValueError):
        return ""
