"""Who may ask: tokens, store keys, scopes and stores."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import TYPE_CHECKING

from airflow_provider_print.sandbox.printful import oauth
from airflow_provider_print.sandbox.printful.answers import ServiceError

if TYPE_CHECKING:
    from airflow_provider_print.sandbox.core import Sandbox, SandboxRequest

#: The stores of the sandbox by id. The API keys of the documentation belong to the first.
STORES = {11001: "Sandbox store", 11002: "Second sandbox store"}
HOME_STORE = 11001
#: What a token may do with files (documented). The v2 documentation also spells it with a dash.
WRITE, READ = "file_library", "file_library/read"
#: A token for one store, and one for the whole account, which must name its store with each call and works
#: only where a rule of the world says so.
STORE_TOKEN, ACCOUNT_TOKEN = "printful_sandbox", "printful_sandbox_account"
#: Tokens of the first store that may only read files, and that have nothing to do with files.
READER_TOKEN, ORDERS_TOKEN = "printful_sandbox_read", "printful_sandbox_orders"
#: Store keys of the first generation, for HTTP Basic: 36 characters in the form 8-4-4:4-12, one per store.
LEGACY_KEYS = {
    "sandbox0-file-libr:aryk-eysandbox000": 11001,
    "sandbox0-file-libr:aryk-eysandbox002": 11002,
}


@dataclass(frozen=True)
class Credential:
    """What a token or store key stands for.

    :param store: its store, None for the whole account
    :param scopes: what it may do
    :param key: whether it is a store key and no token
    """

    store: int | None
    scopes: frozenset[str] = frozenset({WRITE, READ})
    key: bool = False


_TOKENS = {
    STORE_TOKEN: Credential(HOME_STORE),
    ACCOUNT_TOKEN: Credential(None),
    READER_TOKEN: Credential(HOME_STORE, frozenset({READ})),
    ORDERS_TOKEN: Credential(HOME_STORE, frozenset()),
}


def authorize(sandbox: Sandbox, request: SandboxRequest) -> Credential:
    """Return what the credential of a call stands for.

    :raises ServiceError: 401, with the texts that others have seen
    """
    header = request.header("authorization")
    if not header:
        raise ServiceError(401)
    scheme, _, text = header.strip().partition(" ")
    text = text.strip()
    credential = None
    if scheme.lower() == "bearer":
        credential = _token(sandbox, text)
    elif scheme.lower() == "basic":
        text = _decoded(text)
        store = LEGACY_KEYS.get(text)
        if store is not None and sandbox.world.printful_profile == "legacy":
            credential = Credential(store, key=True)
    else:
        text = ""
    if not text:
        raise ServiceError(401, "Malformed Authorization header.")
    if credential is None:
        raise ServiceError(401, "The access token provided is invalid.")
    return credential


def authorize_by_token(sandbox: Sandbox, request: SandboxRequest) -> Credential:
    """Return what the token of a call stands for, where a store key is not enough.

    :raises ServiceError: 401 (observed by others), or 403 with the number as its reason (documented)
    """
    status = sandbox.world.printful_oauth_only
    refusal = ServiceError(
        status, "This endpoint requires Oauth authentication!", reason=403 if status == 403 else None
    )
    if not request.header("authorization"):
        raise refusal
    credential = authorize(sandbox, request)
    if credential.key:
        raise refusal
    return credential


def require(credential: Credential, scope: str) -> None:
    """See to it that a credential may do something.

    :raises ServiceError: 403, of which only the status is documented
    """
    if scope not in credential.scopes:
        raise ServiceError(403)


def store_of(sandbox: Sandbox, request: SandboxRequest, own: int | None) -> int:
    """Return the store that a call is about.

    :param own: the store of the credential; None for an account, which names the store in `X-PF-Store-Id` or
        (undocumented, used by several projects) in the query
    :raises ServiceError: 400 when an account names no store; 403 for a store that is not its own (assumed)
    """
    named = request.header("x-pf-store-id") or dict(request.query).get("store_id") or ""
    if not named.strip():
        if own is None or sandbox.world.printful_store_header == "always":
            raise ServiceError(400, "This endpoint requires `store_id`!")
        return own
    allowed = {str(own)} if own is not None else {str(store) for store in STORES}
    if named.strip() not in allowed:
        raise ServiceError(403, "The store does not belong to this access token.")
    return int(named)


def _token(sandbox: Sandbox, text: str) -> Credential | None:
    if text == ACCOUNT_TOKEN and not sandbox.world.printful_account_token:
        return None
    if text in _TOKENS:
        expired = 0 < sandbox.world.printful_token_expires <= sandbox.clock.now()
        return None if expired else _TOKENS[text]
    return Credential(HOME_STORE) if oauth.is_valid(sandbox, text) else None


def _decoded(credential: str) -> str:
    try:
        return base64.b64decode(credential, validate=True).decode()
    except (binascii.Error, ValueError):
        return ""
