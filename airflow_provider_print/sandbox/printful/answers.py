"""The forms in which the service answers: envelopes, errors, and a file as each generation shows it."""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from airflow_provider_print.sandbox.core import Answer

if TYPE_CHECKING:
    from airflow_provider_print.sandbox.world import World

#: Where the service is mounted: links in its answers lead back to the sandbox.
PREFIX = "/printful"
JSON = "application/json; charset=UTF-8"
PROBLEM = "application/problem+json; charset=UTF-8"

#: Text and reason of an error that has no closer cause, as documented or observed by others; 403, 410, 419,
#: 430 and 431 are listed by the documentation without a text, so theirs are assumed.
REASONS = {
    400: ("Bad request", "BadRequest"),
    401: ("Unauthorized", "Unauthorized"),
    403: ("Forbidden", "Forbidden"),
    404: ("Not found", "NotFound"),
    405: ("Method not allowed", "MethodNotAllowed"),
    410: ("Gone", "Gone"),
    419: ("You are about to reach the rate limit.", "RateLimitWarning"),
    429: ("You've recently sent too many requests. Please try again after 60 seconds.", "TooManyRequests"),
    430: ("Invalid JSON.", "BadRequest"),
    431: ("A parameter has the wrong type.", "BadRequest"),
}

#: The names that the documentation gives to errors of the file library (so spelled). Where in an answer they
#: would be seen is unknown.
NAMES = {
    "FL-1": "INVALID_FILE_FORMAT",
    "FL-2": "INVALID_FILE_URL",
    "FL-3": "UNKNOW_FILE_ID",
    "FL-4": "FILE_NOT_ACCESIBLE",
    "FL-7": "INVALID_FILE_DATA",
    "FL-8": "MISSING_URL_DATA",
    "FL-9": "FAILED_FILE_THREAD_COLORS",
}

Document = dict[str, Any]


class ServiceError(Exception):
    """An error that the service answers with.

    :param status: HTTP status
    :param message: what it says; the usual text of the status when left out
    :param reason: the word beside it; a number in some examples of the documentation
    :param name: which of `NAMES` it is
    :param field: whether it is about what a field holds, which the second version words in its own way
    """

    def __init__(
        self,
        status: int,
        message: str | None = None,
        *,
        reason: str | int | None = None,
        name: str | None = None,
        field: bool = False,
    ) -> None:
        usual = REASONS.get(status, ("Internal server error", "InternalServerError"))
        self.status = status
        self.message = message or usual[0]
        self.reason = reason or usual[1]
        self.name, self.field = name, field
        super().__init__(self.message)


def error_answer(world: World, error: ServiceError, *, version: int) -> Answer:
    """Return the answer to an error; `result` (v1) and `data` (v2) repeat the message as a string."""
    status = error.status
    form = _form(world, status, version)
    if form == "html":
        page = f"<html><head><title>{status}</title></head><body><h1>Error {status}</h1></body></html>\n"
        return Answer(status, page, content_type="text/html; charset=UTF-8")
    if form == "empty":
        return Answer(status, b"", content_type=JSON)
    details: Document = {"reason": error.reason, "message": error.message}
    if error.name is not None and world.printful_named_errors != "no":
        details["reason"] = NAMES[error.name]
        if world.printful_named_errors == "code":
            details["code"] = error.name
    if version == 1:
        return Answer(status, {"code": status, "result": error.message, "error": details}, content_type=JSON)
    return _second_version(world, error, details)


def _form(world: World, status: int, version: int) -> str:
    return world.printful_error_body if status == 410 or (status >= 500 and version == 1) else "json"


def _second_version(world: World, error: ServiceError, details: Document) -> Answer:
    """Word an error as the second version does.

    Problem details when the service failed (documented, with `details`) or a field is wrong (observed by
    others, with `detail`), else the message in `data` (observed).
    """
    documented = world.printful_v2_errors == "documented"
    if error.status >= 500 or (error.field and not documented):
        text = "details" if error.status >= 500 else "detail"
        problem: Document = {"type": "about:blank", "status": error.status, "title": _title(error.status)}
        return Answer(error.status, problem | {text: error.message, "instance": ""}, content_type=PROBLEM)
    if documented:
        body: Document = {"code": error.status, "result": error.message, "error": details}
    else:
        body = {"data": error.message, "error": details}
    return Answer(error.status, body, content_type=JSON)


def _title(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:  # one of the service's own
        return "Error"


def success(world: World, result: Any, *, version: int, paging: Document | None = None) -> Answer:
    """Wrap a result. `extra` was recorded on modern answers, between `result` and `paging`."""
    body: Document = {"data": result} if version == 2 else {"code": 200, "result": result}
    if version == 2 or world.printful_extra in ("always", is_modern(world) and "modern"):
        body["extra"] = []
    if paging is not None:
        body["paging"] = paging
    return Answer(200, body, content_type=JSON)


def is_modern(world: World) -> bool:
    """Whether answers are those of today, not those of the first documentation."""
    return world.printful_profile == "modern"


def file_view(world: World, doc: Document, origin: str, *, version: int) -> Document:
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
        "thumbnail_url": _picture_url(world, doc, origin, "thumb"),
        "preview_url": _picture_url(world, doc, origin, "preview"),
        "visible": doc["visible"],
    }
    if version == 2:
        return _second_view(view, origin)
    if is_modern(world):
        view["is_temporary"] = False
    return view


def _second_view(view: Document, origin: str) -> Document:
    """Return the sixteen fields of v2 in the order of its documentation, where the URL is never null."""
    del view["type"]
    return {
        "id": view["id"],
        "url": view.pop("url") or "",
        **view,
        "created": datetime.fromtimestamp(view["created"], UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "is_temporary": False,
        "_links": {"self": {"href": f"{origin}{PREFIX}/v2/files/{view['id']}"}},
    }


def _picture_url(world: World, doc: Document, origin: str, size: str) -> str | None:
    """Return where a small picture is, on the paths of each generation (seen in samples and recordings)."""
    if doc["status"] != "ok":
        return None
    code = doc["hash"]
    folder = f"files.cdn/files/{code[:3]}" if is_modern(world) else f"storage/files/{doc['store']}/{code[0]}"
    return f"{origin}{PREFIX}/{folder}/{code}_{size}.png"
