"""The endpoints. The order of checks is the live service's: first the route, then the credential."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from airflow_provider_print.sandbox.core import Answer, Handler, Sandbox, SandboxRequest
from airflow_provider_print.sandbox.fetch import FetchError, fetch
from airflow_provider_print.sandbox.pdf import UnreadableFile
from airflow_provider_print.sandbox.printful import access, fields, library, oauth, rates, thread_colors
from airflow_provider_print.sandbox.printful.answers import (
    ServiceError,
    error_answer,
    file_view,
    is_modern,
    success,
)
from airflow_provider_print.sandbox.printful.processing import FETCH_SECONDS, Document
from airflow_provider_print.sandbox.routing import ALL_METHODS, endpoint

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

#: Answers a call for a store that it may use.
StoreHandler = Callable[[Sandbox, SandboxRequest, int], Answer]

_BOT_PAGE = "<html><head><title>Access denied</title></head><body><h1>Error 1010</h1></body></html>\n"


def routes(sandbox: Sandbox) -> list[BaseRoute]:
    """Return the endpoints, and go on with the files that were waiting when the sandbox was stopped."""
    library.resume(sandbox)
    known: list[tuple[str, Handler, str]] = [
        ("/files", _in_store(_list_files, access.READ), "GET"),
        ("/files", _in_store(_add_file, access.WRITE), "POST"),
        ("/files/thread-colors", _read_thread_colors, "POST"),
        ("/files/{id}", _in_store(_get_file, access.READ), "GET"),
        ("/stores", _list_stores, "GET"),
        ("/oauth/token", oauth.give_token, "POST"),
        ("/v2/files", _in_store(_removed, access.READ), "GET"),
        ("/v2/files", _in_store(_add_file, access.WRITE), "POST"),
        ("/v2/files/{id}", _in_store(_get_file, access.READ), "GET"),
    ]
    found: list[BaseRoute] = [endpoint(path, _guarded(handler), (method,)) for path, handler, method in known]
    for path in dict.fromkeys(path for path, _, _ in known):  # 404 and not 405, observed by others
        found.append(endpoint(path, _guarded(_wrong_method), ALL_METHODS))
    found.append(endpoint("/storage/files/{store}/{folder}/{name}", _picture))
    found.append(endpoint("/files.cdn/files/{folder}/{name}", _picture))
    found.append(endpoint("/{rest:path}", _guarded(_no_such_page), ALL_METHODS))
    return found


def fault_answer(sandbox: Sandbox, request: SandboxRequest, status: int) -> Answer:
    """Return the answer that the service would give with a status, for fault rules."""
    return error_answer(sandbox.world, ServiceError(status), version=_version(request))


def _version(request: SandboxRequest) -> int:
    return 2 if request.path.startswith("/v2/") else 1


def _guarded(handler: Handler) -> Handler:
    """Count the call, and turn errors into answers; the rate limit headers are on all of them.

    Answers come in pieces of unsaid length, as recorded.
    """

    def guarded(sandbox: Sandbox, request: SandboxRequest) -> Answer:
        if _is_refused_bot(sandbox, request):
            return Answer(403, _BOT_PAGE, content_type="text/html; charset=UTF-8")
        headers, refusal = rates.count_call(sandbox, request, version=_version(request))
        try:
            if refusal is not None:
                raise refusal
            answer = handler(sandbox, request)
        except ServiceError as error:
            answer = error_answer(sandbox.world, error, version=_version(request))
        answer.headers |= headers | {"Transfer-Encoding": "chunked"}
        return answer

    return guarded


def _in_store(handler: StoreHandler, scope: str) -> Handler:
    def authorized(sandbox: Sandbox, request: SandboxRequest) -> Answer:
        credential = access.authorize(sandbox, request)
        access.require(credential, scope)
        return handler(sandbox, request, access.store_of(sandbox, request, credential.store))

    return authorized


def _add_file(sandbox: Sandbox, request: SandboxRequest, store: int) -> Answer:
    body = fields.read_body(sandbox.world, request)
    if sandbox.world.printful_posted_id == "returned" and "id" in body and not body.get("url"):
        return _one(sandbox, request, _find(sandbox, store, str(body["id"]), version=1))
    checked = fields.new_file(sandbox.world, body, version=_version(request))
    return _one(sandbox, request, library.add(sandbox, store, checked))


def _get_file(sandbox: Sandbox, request: SandboxRequest, store: int) -> Answer:
    doc = _find(sandbox, store, request.path_params["id"], version=_version(request))
    return _one(sandbox, request, doc)


def _find(sandbox: Sandbox, store: int, number: str, *, version: int) -> Document:
    """Return a file that a store may see; deleted ones only in the second version, which has a word for it.

    :raises ServiceError: 404, or what the world has for ids that are no numbers and files of other stores
    """
    if not library.is_number(number):
        raise ServiceError(sandbox.world.printful_bad_id, name="FL-3")
    doc = library.get(sandbox, number)
    if doc is None or (version == 1 and doc["status"] == "deleted"):
        raise ServiceError(404, name="FL-3")
    if doc["store"] != store and sandbox.world.printful_library == "store":
        raise ServiceError(sandbox.world.printful_foreign_file, name="FL-4")
    return doc


def _one(sandbox: Sandbox, request: SandboxRequest, doc: Document) -> Answer:
    version = _version(request)
    view = file_view(sandbox.world, doc, request.origin, version=version)
    return success(sandbox.world, view, version=version)


def _list_files(sandbox: Sandbox, request: SandboxRequest, store: int) -> Answer:
    world = sandbox.world
    if world.printful_list == "gone":
        raise ServiceError(410)
    status, offset, limit = fields.page_of(world, request)
    docs = library.listing(sandbox, store, status)
    page = [file_view(world, doc, request.origin, version=1) for doc in docs[offset : offset + limit]]
    return success(world, page, version=1, paging={"total": len(docs), "offset": offset, "limit": limit})


def _removed(_sandbox: Sandbox, _request: SandboxRequest, _store: int) -> Answer:
    raise ServiceError(410)


def _read_thread_colors(sandbox: Sandbox, request: SandboxRequest) -> Answer:
    """Answer at once and add nothing to the library; any token will do (documented: no scope)."""
    world = sandbox.world
    if not is_modern(world):
        raise ServiceError(404)
    if world.printful_thread_colors_token:
        access.authorize(sandbox, request)
    url = fields.web_address(world, fields.read_body(world, request), "file_url")
    try:
        data = fetch(sandbox, url, limit=world.printful_max_bytes, seconds=FETCH_SECONDS)
        colours = thread_colors.of_picture(data)
    except (FetchError, UnreadableFile):
        raise ServiceError(400, "The image cannot be processed.", name="FL-9") from None
    return success(world, {"thread_colors": colours}, version=1)


def _list_stores(sandbox: Sandbox, request: SandboxRequest) -> Answer:
    own = access.authorize_by_token(sandbox, request).store
    stores = [
        {"id": number, "name": name, "type": "native"}
        for number, name in access.STORES.items()
        if own in (None, number)
    ]
    paging = {"total": len(stores), "offset": 0, "limit": fields.DEFAULT_LIMIT}
    return success(sandbox.world, stores, version=1, paging=paging)


def _picture(sandbox: Sandbox, request: SandboxRequest) -> Answer:
    data = library.picture(sandbox, request.path_params["name"])
    if data is None:
        return Answer(404, "Not found\n")
    return Answer(200, data, content_type="image/png")


def _is_refused_bot(sandbox: Sandbox, request: SandboxRequest) -> bool:
    agent = request.header("user-agent") or ""
    return sandbox.world.printful_bot_protection and agent.startswith("Python-urllib")


def _wrong_method(_sandbox: Sandbox, _request: SandboxRequest) -> Answer:
    raise ServiceError(404)


def _no_such_page(_sandbox: Sandbox, _request: SandboxRequest) -> Answer:
    raise ServiceError(404, "Page not found.")
