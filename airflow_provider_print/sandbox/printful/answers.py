"""The forms in which the service answers: envelopes, errors, and a file as each generation shows it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from airflow_provider_print.sandbox.core import Answer

#: Where the service is mounted: links in its answers lead back to the sandbox.
PREFIX = "/printful"
JSON = "application/json; charset=UTF-8"

#: Text and reason of an error that has no closer cause, as documented or observed by others; 410, 419 and
#: 429 assumed.
REASONS = {
    400: ("Bad request", "BadRequest"),
    401: ("Unauthorized", "Unauthorized"),
    403: ("Forbidden", "Forbidden"),
    404: ("Not found", "NotFound"),
    410: ("Gone", "Gone"),
    429: ("You've recently sent too many requests. Please try again after 60 seconds.", "TooManyRequests"),
}

Document = dict[str, Any]


class ServiceError(Exception):
    """An error that the service answers with.

    :param status: HTTP status
    :param message: what it says; the usual text of the status when left out
    :param reason: the word beside it
    """

    def __init__(self, status: int, message: str | None = None, reason: str | None = None) -> None:
        usual = REASONS.get(status, ("Internal server error", "InternalServerError"))
        self.status = status
        self.message = message or usual[0]
        self.reason = reason or usual[1]
        super().__init__(self.message)


def error_body(error: ServiceError, *, version: int) -> Document:
    """Return the body of an error; `result` (v1) and `data` (v2) repeat the message as a string."""
    details = {"reason": error.reason, "message": error.message}
    if version == 2:
        return {"data": error.message, "error": details}
    return {"code": error.status, "result": error.message, "error": details}


def success(result: Any, *, version: int, modern: bool, paging: Document | None = None) -> Answer:
    """Wrap a result. `extra` has been seen on modern answers only; key order as recorded."""
    body: Document = {"data": result} if version == 2 else {"code": 200, "result": result}
    if modern or version == 2:
        body["extra"] = []
    if paging is not None:
        body["paging"] = paging
    return Answer(200, body, content_type=JSON)


def file_view(doc: Document, origin: str, *, version: int, modern: bool) -> Document:
    """Return a file as the service shows it.

    :param doc: the stored file
    :param origin: `http://host:port` as the client wrote it
    """
    view: Document = {
        "id": doc["id"],
        "type": doc["type"],
        "hash": doc["hash"],
        "url": doc["url"],
        "filename": doc["filename"],
        "mime_type": doc["mime_type"],
        "size": doc["size"],
        "width": doc["width"],
        "height": doc["height"],
        "dpi": doc["dpi"],
        "status": doc["status"],
        "created": doc["created"],
        "thumbnail_url": _picture_url(doc, origin, "thumb"),
        "preview_url": _picture_url(doc, origin, "preview"),
        "visible": doc["visible"],
    }
    if version == 2:
        del view["type"]
        view["created"] = datetime.fromtimestamp(doc["created"], UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        view["is_temporary"] = False
        view["_links"] = {"self": {"href": f"{origin}{PREFIX}/v2/files/{doc['id']}"}}
    elif modern:
        view["is_temporary"] = False
    return view


def _picture_url(doc: Document, origin: str, size: str) -> str | None:
    if doc["status"] != "ok":
        return None
    return f"{origin}{PREFIX}/storage/{doc['hash'][:3]}/{doc['hash']}_{size}.png"
