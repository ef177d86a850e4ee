"""What a client may send, checked before anything happens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from airflow_provider_print.sandbox.bodies import BodyFormatError, read_json
from airflow_provider_print.sandbox.printful.answers import Document, ServiceError
from airflow_provider_print.sandbox.printful.library import STATUSES

if TYPE_CHECKING:
    from airflow_provider_print.sandbox.core import SandboxRequest

_VISIBLE: dict[Any, bool] = {True: True, False: False, "1": True, "0": False}  # 1 and 0 equal True and False
MAX_LIMIT, DEFAULT_LIMIT = 100, 20


def body_of(request: SandboxRequest) -> Document:
    """Read the body as JSON, whatever content type it says: real clients send it under four different ones.

    :raises ServiceError: 400 for anything but a JSON object (assumed: 430 and 431 are listed as well)
    """
    if request.body_too_large:
        raise ServiceError(400, "The request is too large.")
    try:
        body = read_json(request.raw) if request.raw.strip() else {}
    except BodyFormatError:
        raise ServiceError(400, "Invalid JSON.") from None
    if not isinstance(body, dict):
        raise ServiceError(400, "The body must be a JSON object.")
    return body


def new_file(body: Document, *, version: int) -> Document:
    """Check the fields of a file to add; unknown ones and an `id` are ignored (assumed).

    :raises ServiceError: 400
    """
    url = body.get("url")
    if url is None or url == "":
        raise ServiceError(400, "Missing required parameters")
    if not isinstance(url, str) or not _is_web_address(url):
        raise ServiceError(400, "The url must be an http or https address.")
    visible = body.get("visible")
    if visible is None:
        visible = True
    if not isinstance(visible, bool | int | str) or visible not in _VISIBLE:
        raise ServiceError(400, "The field visible must be true or false.")
    options = body.get("options")
    if options is not None and not isinstance(options, list):
        raise ServiceError(400, "The field options must be a list.")
    role = "role" if version == 2 else "type"
    return {
        "url": url,
        "type": _text(body, role) or ("printfile" if version == 2 else "default"),
        "filename": _text(body, "filename"),
        "visible": _VISIBLE[visible],
        "options": options or [],
    }


def page_of(request: SandboxRequest) -> tuple[str | None, int, int]:
    """Return status, offset and limit of a list call; an empty parameter counts as not given.

    :raises ServiceError: 400 for an unknown status, a limit below 1 or a negative offset (assumed)
    """
    query = {name: value for name, value in request.query if value != ""}
    status = query.get("status")
    if status is not None and status not in STATUSES:
        raise ServiceError(400, f"Invalid status. Allowed values: {', '.join(STATUSES)}")
    offset = _number(query, "offset", 0, least=0)
    limit = _number(query, "limit", DEFAULT_LIMIT, least=1)
    return status, offset, min(limit, MAX_LIMIT)


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - raises for nonsense
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _text(body: Document, name: str) -> str | None:
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise ServiceError(400, f"The field {name} must be a string.")
    return value or None


def _number(query: dict[str, str], name: str, default: int, *, least: int) -> int:
    text = query.get(name)
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or len(text) > 9 or int(text) < least:
        raise ServiceError(400, f"The parameter {name} must be a number, {least} or more.")
    return int(text)
