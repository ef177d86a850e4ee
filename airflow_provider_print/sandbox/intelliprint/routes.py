"""The endpoints of the service, and what happens at its door: API key, rate limit, body, errors.

The order is route, API key, rate limit, body. An official live test sends an empty body without a boundary
to an unknown path and gets 404, so routing comes before the body (observed); that it also comes before the
API key is assumed.
"""

from __future__ import annotations

import base64
import binascii
import math
from typing import TYPE_CHECKING

from airflow_provider_print.sandbox.bodies import BodyFormatError
from airflow_provider_print.sandbox.intelliprint import (
    backgrounds,
    errors,
    jobs,
    mailing_lists,
    merge,
    prints,
)
from airflow_provider_print.sandbox.intelliprint.errors import ServiceError
from airflow_provider_print.sandbox.routing import ALL_METHODS, endpoint

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

    from airflow_provider_print.sandbox.core import Answer, Handler, Sandbox, SandboxRequest

API_KEYS = {"key_sandbox": jobs.ACCOUNT}
"""The API keys that work, with their account."""


def routes(_sandbox: Sandbox) -> list[BaseRoute]:
    """Every endpoint; updates are POST, there is no PUT or PATCH (documented)."""
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
        ("POST", recipients, mailing_lists.create_recipient),
        ("GET", recipients, mailing_lists.index_recipients),
        ("GET", recipients + "/{recipient}", mailing_lists.retrieve_recipient),
        ("POST", recipients + "/{recipient}", mailing_lists.update_recipient),
        ("DELETE", recipients + "/{recipient}", mailing_lists.remove_recipient),
        ("POST", "/v1/tools/merge", merge.merge),
    ]
    known: list[BaseRoute] = [
        endpoint(path, _answering(_behind_the_door(handler)), [method]) for method, path, handler in table
    ]
    return [*known, endpoint("/{rest:path}", _answering(_no_route), ALL_METHODS)]


def reference_of(sandbox: Sandbox, request: SandboxRequest) -> str | None:
    """Return the reference that a request names, or that of the job it is about."""
    if not request.route.startswith("/v1/prints"):
        return None
    if request.method == "GET" and request.route == "/v1/prints":
        return dict(request.query).get("reference")
    if "id" in request.path_params:
        job = sandbox.store.get(jobs.KIND, request.path_params["id"])
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
        403: ServiceError(
            403, "forbidden", "The API key is not allowed to do this", kind="authentication_error"
        ),
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
        ("POST", path, create),
        ("GET", path, index),
        ("GET", path + "/{id}", retrieve),
        ("POST", path + "/{id}", update),
        ("DELETE", path + "/{id}", remove),
    ]


def _answering(handler: Handler) -> Handler:
    """Put errors into the service's shape, and a request-id on every answer (seen live on errors)."""

    def answering(sandbox: Sandbox, request: SandboxRequest) -> Answer:
        try:
            answer = handler(sandbox, request)
        except ServiceError as error:
            answer = error.answer()
        except BodyFormatError as error:
            answer = errors.body_format(str(error)).answer()
        answer.headers["request-id"] = sandbox.ids.text("req_", 16)
        return answer

    return answering


def _behind_the_door(handler: Handler) -> Handler:
    def checked(sandbox: Sandbox, request: SandboxRequest) -> Answer:
        account = _account(request)
        wait = sandbox.admit(account)
        if wait is not None:
            return _refuse(sandbox, wait)
        if request.body_too_large:
            raise errors.body_too_large()
        return handler(sandbox, request)

    return checked


def _no_route(_sandbox: Sandbox, request: SandboxRequest) -> Answer:
    """Say that there is no such path; the text is the service's own, with method and path (observed live)."""
    raise ServiceError(404, "not_found", f"No such resource exists: {request.method} {request.path[:200]}")


def _refuse(sandbox: Sandbox, wait: float) -> Answer:
    """Refuse a call over the limit; that the wait is named is assumed and can be switched off."""
    answer = errors.rate_limited(math.ceil(wait)).answer()
    if sandbox.world.retry_after:
        answer.headers["Retry-After"] = str(max(1, math.ceil(wait)))
    return answer


def _account(request: SandboxRequest) -> str:
    """Return the account of the API key: Bearer (documented), bare (seen live), Basic (old documentation)."""
    header = (request.header("authorization") or "").strip()
    if not header:
        raise errors.no_api_key()
    scheme, _, rest = header.partition(" ")
    key = header
    if scheme.lower() == "bearer":
        key = rest.strip()
    elif scheme.lower() == "basic":
        try:
            key = base64.b64decode(rest, validate=True).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            raise errors.invalid_api_key() from None
    account = API_KEYS.get(key)
    if account is None:
        raise errors.invalid_api_key()
    return account
