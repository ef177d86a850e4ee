"""The endpoints of the service, and what happens at its door: API key, rate limit, body, errors.

The order is route, API key, rate limit, body. An official live test sends an empty body without a boundary
to an unknown path and gets 404, so routing comes before the body (observed); that it also comes before the
API key is assumed, and a rule of the world turns these two round.
"""

from __future__ import annotations

import base64
import binascii
import math
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from airflow_provider_print.sandbox.bodies import BodyFormatError
from airflow_provider_print.sandbox.core import Answer
from airflow_provider_print.sandbox.intelliprint import (
    backgrounds,
    errors,
    jobs,
    mailing_lists,
    merge,
    prints,
    templates,
)
from airflow_provider_print.sandbox.intelliprint.errors import ServiceError
from airflow_provider_print.sandbox.routing import ALL_METHODS, endpoint

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.routing import BaseRoute

    from airflow_provider_print.sandbox.core import Handler, Sandbox, SandboxRequest

API_KEYS = {"key_sandbox": jobs.ACCOUNT, "key_sandbox_other": "acc_other"}
"""The API keys that work, with their account; each serves test and live jobs (documented)."""
REFUSED_KEYS: dict[str, Callable[[], ServiceError]] = {
    "key_sandbox_revoked": errors.invalid_api_key,
    "key_sandbox_expired": errors.invalid_api_key,
    "key_sandbox_logged_out": errors.logged_out,
    "key_sandbox_forbidden": errors.forbidden,
}
"""API keys with which every call fails, so that a client can be shown each way."""
LIMITED_KEY = "key_sandbox_limited"
"""An API key of the first account with which only reading works: it has reached its limit for the rest."""
_STATUS_UNKNOWN = ("payment_error", "body_too_large")

_QUICK: dict[Handler, Callable[[SandboxRequest], bool]] = {
    **dict.fromkeys(
        (
            prints.retrieve,
            backgrounds.retrieve,
            mailing_lists.retrieve,
            mailing_lists.retrieve_recipient,
        ),
        lambda _request: True,
    ),
    prints.index: lambda request: any(name == "reference" for name, _ in request.query),
}
"""Which requests to which handlers look at a few documents only."""


def routes(sandbox: Sandbox) -> list[BaseRoute]:
    """Every endpoint; updates are POST, there is no PUT or PATCH (documented)."""
    sandbox.store.peek_all(jobs.KIND)  # from here on jobs are kept decoded, for lists
    lists, recipients = "/v1/mailing_lists", "/v1/mailing_lists/{id}/recipients"
    table: list[tuple[str, str, Handler]] = [
        *_five("/v1/prints", prints.create, prints.index, prints.retrieve, prints.update, prints.remove),
        *_five(
            "/v1/backgrounds",
            backgrounds.create,
            backgrounds.index,
            backgrounds.retrieve,
            backgrounds.update,
            backgrounds.remove,
        ),
        *_five(
            lists,
            mailing_lists.create,
            mailing_lists.index,
            mailing_lists.retrieve,
            mailing_lists.update,
            mailing_lists.remove,
        ),
        ("POST", recipients, _created(mailing_lists.create_recipient)),
        ("GET", recipients, mailing_lists.index_recipients),
        ("GET", recipients + "/{recipient}", mailing_lists.retrieve_recipient),
        ("POST", recipients + "/{recipient}", mailing_lists.update_recipient),
        ("DELETE", recipients + "/{recipient}", mailing_lists.remove_recipient),
        ("POST", "/v1/tools/merge", _created(merge.merge)),
    ]
    known: list[BaseRoute] = [
        endpoint(path, _answering(_behind_the_door(handler)), [method], quick=_QUICK.get(handler))
        for method, path, handler in table
    ]
    return [*known, endpoint("/{rest:path}", _answering(_no_route), ALL_METHODS)]


def reference_of(sandbox: Sandbox, request: SandboxRequest) -> str | None:
    """Return the reference that a request names, or that of the job it is about."""
    if not request.route.startswith("/v1/prints"):
        return None
    if request.method == "GET" and request.route == "/v1/prints":
        return dict(request.query).get("reference")
    if "id" in request.path_params:
        job = sandbox.store.peek(jobs.KIND, request.path_params["id"])
        return None if job is None else job["reference"]
    try:
        reference = request.json_or_form().get("reference")
    except BodyFormatError:
        return None
    return reference if isinstance(reference, str) else None


def fault_answer(sandbox: Sandbox, _request: SandboxRequest, status: int) -> Answer:
    """Return what the service says with a status, for faults that name nothing else."""
    error = {
        401: errors.invalid_api_key(),
        402: errors.payment(),
        403: errors.forbidden(),
        404: ServiceError(404, "not_found", "No such resource exists"),
        413: errors.body_too_large(),
        429: errors.rate_limited(60),
    }.get(status)
    if error is None:
        error = errors.internal() if status >= 500 else ServiceError(status, "parameter_invalid", "Refused")
    answer = error.answer()
    answer.status = status
    answer.headers["request-id"] = sandbox.ids.text("req_", 16)
    return answer


def _five(
    path: str, create: Handler, index: Handler, retrieve: Handler, update: Handler, remove: Handler
) -> list[tuple[str, str, Handler]]:
    return [
        ("POST", path, _created(create)),
        ("GET", path, index),
        ("GET", path + "/{id}", retrieve),
        ("POST", path + "/{id}", update),
        ("DELETE", path + "/{id}", remove),
    ]


def _answering(handler: Handler) -> Handler:
    """Put errors into the service's shape, and a request-id on every answer (seen live on errors)."""

    def answering(sandbox: Sandbox, request: SandboxRequest) -> Answer:
        if sandbox.world.front_end and (request.header("user-agent") or "").startswith("Python-urllib"):
            return _front_end()
        try:
            answer = handler(sandbox, request)
        except ServiceError as error:
            answer = _error(sandbox, error)
        except BodyFormatError as error:
            answer = _error(sandbox, errors.body_format(str(error)))
        if answer.status >= 400 or sandbox.world.request_ids == "all":
            answer.headers["request-id"] = sandbox.ids.text("req_", 16)
        return answer

    return answering


def _error(sandbox: Sandbox, error: ServiceError) -> Answer:
    answer = error.answer(brackets=sandbox.world.error_param == "brackets")
    if sandbox.world.plain_errors and error.code in _STATUS_UNKNOWN:
        answer.status = 400
    return answer


def _front_end() -> Answer:
    """Refuse a client that does not say who it is, as the service's front end does (observed by others)."""
    page = "<!DOCTYPE html>\n<title>Access denied</title>\n<p>error code: 1010\n"
    return Answer(403, page, {"Server": "cloudflare"}, content_type="text/html; charset=UTF-8")


def _behind_the_door(handler: Handler) -> Handler:
    def checked(sandbox: Sandbox, request: SandboxRequest) -> Answer:
        request.account = _account(sandbox, request)
        caller = request.client if sandbox.world.rate_per == "address" else request.account
        wait = sandbox.admit(caller, testmode=_is_about_a_test(sandbox, request))
        if wait is not None:
            return _refuse(sandbox, wait)
        if request.body_too_large:
            raise errors.body_too_large()
        return handler(sandbox, request)

    return checked


def _created(handler: Handler) -> Handler:
    def creating(sandbox: Sandbox, request: SandboxRequest) -> Answer:
        answer = handler(sandbox, request)
        answer.status = sandbox.world.created_status
        return answer

    return creating


def _is_about_a_test(sandbox: Sandbox, request: SandboxRequest) -> bool:
    """Tell the mode of a call, where a limit depends on it: what it says itself, or that of its job."""
    if sandbox.world.rate_rule != "second" or not request.route.startswith("/v1/prints"):
        return False
    said: Any = None
    with suppress(BodyFormatError):
        said = request.json_or_form().get("testmode", dict(request.query).get("testmode"))
    if said is None and "id" in request.path_params:
        said = (sandbox.store.get(jobs.KIND, request.path_params["id"]) or {}).get("testmode")
    return str(said).lower() == "true"


def _no_route(sandbox: Sandbox, request: SandboxRequest) -> Answer:
    """Say that there is no such path; the text is the service's own, with method and path (observed live)."""
    if sandbox.world.key_before_route:
        request.account = _account(sandbox, request)
    if sandbox.world.templates and (request.method, request.path) == ("GET", "/v1/templates"):
        return _behind_the_door(templates.index)(sandbox, request)
    raise ServiceError(404, "not_found", f"No such resource exists: {request.method} {request.path[:200]}")


def _refuse(sandbox: Sandbox, wait: float) -> Answer:
    """Refuse a call over the limit; that the wait is named is assumed and can be switched off."""
    answer = errors.rate_limited(math.ceil(wait)).answer()
    if sandbox.world.retry_after:
        answer.headers["Retry-After"] = str(max(1, math.ceil(wait)))
    return answer


def _account(sandbox: Sandbox, request: SandboxRequest) -> str:
    """Return the account of the API key: Bearer (documented) or bare (seen live).

    Basic is of the documentation of the old address, and a rule of the world has it here as well.
    """
    header = (request.header("authorization") or "").strip()
    if not header:
        raise errors.no_api_key()
    key = _key_in(header, basic=sandbox.world.basic_auth)
    if key in REFUSED_KEYS:
        raise REFUSED_KEYS[key]()
    if key == LIMITED_KEY:
        if request.method != "GET":
            raise errors.refused()
        return jobs.ACCOUNT
    account = API_KEYS.get(key)
    if account is None:
        raise errors.invalid_api_key()
    return account


def _key_in(header: str, *, basic: bool) -> str:
    scheme, _, rest = header.partition(" ")
    if scheme.lower() == "bearer":
        return rest.strip()
    if scheme.lower() != "basic" or not basic:
        return header
    try:
        return base64.b64decode(rest, validate=True).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        raise errors.invalid_api_key() from None
