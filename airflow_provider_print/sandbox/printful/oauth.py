"""Tokens of a public app: an access token lives an hour, a refresh token dies when it is not used.

The service has this on another host (`https://www.printful.com/oauth/token`, documented), the sandbox beside
the rest. The store owner's consent, for which the service has a page, is the fixed `CODE` here.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING, Any

from airflow_provider_print.sandbox.bodies import BodyFormatError, read_json
from airflow_provider_print.sandbox.core import Answer
from airflow_provider_print.sandbox.printful.answers import JSON, ServiceError

if TYPE_CHECKING:
    from airflow_provider_print.sandbox.core import Sandbox, SandboxRequest

#: The app of the sandbox, and the code that its user has given it; the code may be used again and again.
CLIENT_ID, CLIENT_SECRET, CODE = "printful-sandbox-app", "printful-sandbox-secret", "printful-sandbox-code"
#: Sandbox seconds for which an access token and an unused refresh token live (documented).
ACCESS_SECONDS, REFRESH_SECONDS = 60 * 60, 90 * 24 * 60 * 60

_ACCESS, _REFRESH = "_printful_access", "_printful_refresh"


def is_valid(sandbox: Sandbox, token: str) -> bool:
    """Whether an access token was given out here and has not expired."""
    kept = sandbox.store.get(_ACCESS, _digest(token))
    return kept is not None and sandbox.clock.now() < kept["expires"]


def give_token(sandbox: Sandbox, request: SandboxRequest) -> Answer:
    """Answer with a fresh pair of tokens, for a code or for a refresh token, which is then used up (assumed).

    :raises ServiceError: 400 for a body or a grant that is none, 401 for another app (assumed)
    """
    fields = _fields(request)
    if (fields.get("client_id"), fields.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
        raise ServiceError(401)
    kind = fields.get("grant_type")
    with sandbox.store.transaction():
        if kind == "refresh_token":
            good = _used_up(sandbox, str(fields.get("refresh_token")))
        else:
            good = kind == "authorization_code" and fields.get("code") == CODE
        if not good:
            raise ServiceError(400, "The grant is not valid.")
        now = sandbox.clock.now()
        access, refresh = (secrets.token_urlsafe(32) for _ in range(2))
        expires = int(now) + ACCESS_SECONDS
        sandbox.store.put(_ACCESS, _digest(access), {"expires": expires})
        sandbox.store.put(_REFRESH, _digest(refresh), {"expires": now + REFRESH_SECONDS})
    body = {"access_token": access, "expires_at": str(expires), "token_type": "bearer"}
    return Answer(200, body | {"refresh_token": refresh}, content_type=JSON)


def _used_up(sandbox: Sandbox, refresh: str) -> bool:
    kept = sandbox.store.get(_REFRESH, _digest(refresh))
    sandbox.store.delete(_REFRESH, _digest(refresh))
    return kept is not None and sandbox.clock.now() < kept["expires"]


def _fields(request: SandboxRequest) -> dict[str, Any]:
    try:
        if (request.header("content-type") or "").startswith("application/json"):
            body = read_json(request.raw)
            return body if isinstance(body, dict) else {}
        return request.json_or_form()
    except BodyFormatError:
        raise ServiceError(400, "The body cannot be read.") from None


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
