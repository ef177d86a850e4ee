"""Who may ask: tokens, store keys and stores."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

from airflow_provider_print.sandbox.printful.answers import ServiceError

if TYPE_CHECKING:
    from airflow_provider_print.sandbox.core import Sandbox, SandboxRequest

#: The stores of the sandbox by id. The API keys of the documentation belong to the first.
STORES = {11001: "Sandbox store", 11002: "Second sandbox store"}
HOME_STORE = 11001
#: A token for one store, and one for the whole account, which must name its store with each call and works
#: only where a rule of the world says so.
STORE_TOKEN, ACCOUNT_TOKEN = "printful_sandbox", "printful_sandbox_account"
#: A store key of the first generation, for HTTP Basic.
LEGACY_KEY = "sandbox0-file-libr:aryk-eysandbox00"


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
        known = {STORE_TOKEN: HOME_STORE}
        if sandbox.world.printful_account_token:
            known[ACCOUNT_TOKEN] = None
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


def _decoded(credential: str) -> str:
    try:
        return base64.b64decode(credential, validate=True).decode()
    except (binascii.Error, ValueError):
        return ""
