"""The endpoints. The order of checks is the live service's: first the route, then the credential."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from airflow_provider_print.sandbox.core import Answer, Handler, Sandbox, SandboxRequest
from airflow_provider_print.sandbox.printful import access, fields, library, rates
from airflow_provider_print.sandbox.printful.answers import (
    JSON,
    ServiceError,
    error_body,
    file_view,
    success,
)
from airflow_provider_print.sandbox.routing import ALL_METHODS, endpoint

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

#: Answers a call for a store that it may use.
StoreHandler = Callable[[Sandbox, SandboxRequest, int], Answer]


def routes(sandbox: Sandbox) -> list[BaseRoute]:
    """Return the endpoints, and go on with the files that were waiting when the sandbox was stopped."""
    library.resume(sandbox)
    known: list[tuple[str, Handler, str]] = [
        ("/files", _in_store(_list_files), "GET"),
        ("/files", _in_store(_add_file), "POST"),
        ("/files/{id}", _in_store(_get_file), "GET"),
        ("/stores", _list_stores, "GET"),
        ("/v2/files", _in_store(_removed), "GET"),
        ("/v2/files", _in_store(_add_file), "POST"),
        ("/v2/files/{id}", _in_store(_get_file), "GET"),
    ]
    found: list[BaseRoute] = [endpoint(path, _guarded(handler), (method,)) for path, handler, method in known]
    for path in dict.fromkeys(path for path, _, _ in known):  # 404 and not 405, observed by others
        found.append(endpoint(path, _guarded(_wrong_method), ALL_METHODS))
    found.append(endpoint("/storage/{folder}/{name}", _picture))
    found.append(endpoint("/{rest:path}", _guarded(_no_such_page), ALL_METHODS))
    return found


def fault_answer(_sandbox: Sandbox, request: SandboxRequest, status: int) -> Answer:
    """Return the answer that the service would give with a status, for fault rules."""
    return Answer(status, error_body(ServiceError(status), version=_version(request)), content_type=JSON)


def _version(request: SandboxRequest) -> int:
    return 2 if request.path.startswith("/v2/") else 1


def _modern(sandbox: Sandbox) -> bool:
    return sandbox.world.printful_profile == "modern"


def _guarded(handler: Handler) -> Handler:
    """Count the call, and turn errors into answers; the rate limit headers are on all of them."""

    def guarded(sandbox: Sandbox, request: SandboxRequest) -> Answer:
        headers, refusal = rates.count_call(sandbox, request, version=_version(request))
        try:
            if refusal is not None:
                raise refusal
            answer = handler(sandbox, request)
        except ServiceError as error:
            answer = Answer(error.status, error_body(error, version=_version(request)), content_type=JSON)
        answer.headers |= headers
        return answer

    return guarded


def _in_store(handler: StoreHandler) -> Handler:
    def authorized(sandbox: Sandbox, request: SandboxRequest) -> Answer:
        store = access.store_of(request, access.authorize(sandbox, request))
        return handler(sandbox, request, store)

    return authorized


def _add_file(sandbox: Sandbox, request: SandboxRequest, store: int) -> Answer:
    version = _version(request)
    checked = fields.new_file(fields.body_of(request), version=version)
    return _one(sandbox, request, library.add(sandbox, store, checked))


def _get_file(sandbox: Sandbox, request: SandboxRequest, store: int) -> Answer:
    doc = library.get(sandbox, store, request.path_params["id"])
    if doc is None:
        raise ServiceError(404)
    return _one(sandbox, request, doc)


def _one(sandbox: Sandbox, request: SandboxRequest, doc: library.Document) -> Answer:
    version, modern = _version(request), _modern(sandbox)
    view = file_view(doc, request.origin, version=version, modern=modern)
    return success(view, version=version, modern=modern)


def _list_files(sandbox: Sandbox, request: SandboxRequest, store: int) -> Answer:
    if sandbox.world.printful_list == "gone":
        raise ServiceError(410)
    status, offset, limit = fields.page_of(request)
    docs, modern = library.listing(sandbox, store, status), _modern(sandbox)
    page = [file_view(doc, request.origin, version=1, modern=modern) for doc in docs[offset : offset + limit]]
    paging = {"total": len(docs), "offset": offset, "limit": limit}
    return success(page, version=1, modern=modern, paging=paging)


def _removed(_sandbox: Sandbox, _request: SandboxRequest, _store: int) -> Answer:
    raise ServiceError(410)


def _list_stores(sandbox: Sandbox, request: SandboxRequest) -> Answer:
    own = access.authorize(sandbox, request)
    stores = [
        {"id": number, "name": name, "type": "native"}
        for number, name in access.STORES.items()
        if own in (None, number)
    ]
    paging = {"total": len(stores), "offset": 0, "limit": fields.DEFAULT_LIMIT}
    return success(stores, version=1, modern=_modern(sandbox), paging=paging)


def _picture(sandbox: Sandbox, request: SandboxRequest) -> Answer:
    data = library.picture(sandbox, request.path_params["name"])
    if data is None:
        return Answer(404, "Not found\n")
    return Answer(200, data, content_type="image/png")


def _wrong_method(_sandbox: Sandbox, _request: SandboxRequest) -> Answer:
    raise ServiceError(404)


def _no_such_page(_sandbox: Sandbox, _request: SandboxRequest) -> Answer:
    raise ServiceError(404, "Page not found.")
