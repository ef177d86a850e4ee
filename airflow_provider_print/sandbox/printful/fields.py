"""What a client may send, checked before anything happens."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from airflow_provider_print.sandbox.bodies import BodyFormatError, UploadedFile, read_json
from airflow_provider_print.sandbox.printful.answers import Document, ServiceError
from airflow_provider_print.sandbox.printful.library import STATUSES
from airflow_provider_print.sandbox.printful.placements import TYPES

if TYPE_CHECKING:
    from airflow_provider_print.sandbox.core import SandboxRequest
    from airflow_provider_print.sandbox.world import World

MAX_LIMIT, DEFAULT_LIMIT = 100, 20
#: What a file of the second version may be for, and the type by which the first version knows it (assumed).
ROLES = {"printfile": "default", "label": "label", "preview": "preview"}

_VISIBLE: dict[Any, bool] = {True: True, False: False, "1": True, "0": False}  # 1 and 0 equal True and False
_FALSE_TO_PHP: tuple[Any, ...] = (False, 0, "", "0", "false")
_KNOWN = {
    1: frozenset({"id", "type", "url", "filename", "visible", "options"}),
    2: frozenset({"url", "role", "filename", "visible", "type"}),  # one sample still sends `type`
}
_BYTES = ("data", "file")


def body_of(request: SandboxRequest) -> Document:
    """Read the body as JSON, whatever content type it says: real clients send it under four different ones.

    A form with parts, by which some projects try to send bytes, has no fields that the service knows.

    :raises ServiceError: 400 for anything but a JSON object
    """
    if request.body_too_large:
        raise ServiceError(400, "The request is too large.")
    try:
        body = read_json(request.raw) if request.raw.strip() else {}
    except BodyFormatError:
        if _is_multipart(request):
            return {}
        raise ServiceError(400, "Invalid JSON.") from None
    if not isinstance(body, dict):
        raise ServiceError(400, "The body must be a JSON object.")
    return body


def read_body(world: World, request: SandboxRequest) -> Document:
    """Read the body of a call, forms with a file only where the world has them.

    :raises ServiceError: 400 or 430 for anything but a JSON object
    """
    if world.printful_byte_upload and _is_multipart(request) and not request.raw.lstrip().startswith(b"{"):
        try:
            return request.json_or_form()
        except BodyFormatError:
            raise ServiceError(400, "The form cannot be read.") from None
    try:
        return body_of(request)
    except ServiceError as error:
        raise ServiceError(430 if world.printful_listed_errors else 400, error.message, field=True) from None


def new_file(world: World, body: Document, *, version: int) -> Document:
    """Check the fields of a file to add; the result has its bytes under `data` when they were sent along.

    :raises ServiceError: 400, or 431 for a wrong type where the world has that
    """
    _check_names(world, body, version)
    data = _bytes(world, body) if world.printful_byte_upload and not body.get("url") else None
    url = None if data is not None else web_address(world, body, "url")
    options = body.get("options") if version == 1 else None
    if options is not None:
        _check_options(world, options)
    kind = _role(world, body) if version == 2 else _type(world, body)
    return {
        "url": url,
        "type": kind,
        "filename": _text(world, body, "filename"),
        "visible": _visible(world, body.get("visible")),
        "options": options or [],
        "data": data,
    }


def web_address(world: World, body: Document, name: str) -> str:
    """Return a field that must be the URL of a source.

    :raises ServiceError: 400 when it is missing (the text is documented), empty or no http(s) URL (assumed)
    """
    url = body.get(name)
    lax = world.printful_bad_url == "failed" and name == "url"
    if url is None or (url == "" and not lax):
        raise ServiceError(400, "Missing required parameters", name="FL-8", field=True)
    if not isinstance(url, str):
        raise _wrong_type(world, f"The field {name} must be a string.")
    if not lax and not _is_web_address(url):
        raise ServiceError(400, f"The {name} must be an http or https address.", name="FL-2", field=True)
    return url


def page_of(world: World, request: SandboxRequest) -> tuple[str | None, int, int]:
    """Return status, offset and limit of a list call; an empty parameter counts as not given.

    :raises ServiceError: 400 for what the rules of the world refuse
    """
    query = {name: value for name, value in request.query if value != ""}
    status = query.get("status")
    if status is not None and status not in STATUSES:
        if world.printful_bad_status == "refused":
            raise ServiceError(400, f"Invalid status. Allowed values: {', '.join(STATUSES)}")
        status = None
    offset = _number(world, query, "offset", default=0, least=0, most=None)
    limit = _number(world, query, "limit", default=DEFAULT_LIMIT, least=1, most=MAX_LIMIT)
    return status, offset, limit


def _check_names(world: World, body: Document, version: int) -> None:
    if "id" in body and version == 1 and world.printful_posted_id == "refused":
        raise ServiceError(400, "The field id cannot be set.")
    if world.printful_unknown_fields == "refused":
        uploads = _BYTES if world.printful_byte_upload else ()
        if body.keys() - _KNOWN[version] - set(uploads):
            raise ServiceError(400, "There are unknown fields.", field=True)


def _bytes(world: World, body: Document) -> bytes | None:
    """Return the bytes that were sent instead of a URL: a part of a form, or base64, also as a data URL."""
    given = body.get("data") or body.get("file")
    if given is None:
        return None
    if isinstance(given, UploadedFile):
        return given.data
    if not isinstance(given, str):
        raise _wrong_type(world, "The data of a file must be a string.")
    try:
        return base64.b64decode(given.partition("base64,")[2] or given, validate=True)
    except (binascii.Error, ValueError):
        raise ServiceError(400, "The data is no image.", name="FL-7", field=True) from None


def _visible(world: World, given: Any) -> bool:
    if given is None:
        return True
    if not isinstance(given, bool | int | str):
        raise _wrong_type(world, "The field visible must be true or false.")
    if world.printful_visible == "any":
        return given not in _FALSE_TO_PHP
    if given not in _VISIBLE or (isinstance(given, str) and world.printful_visible == "strict"):
        raise ServiceError(400, "The field visible must be true or false.", field=True)
    return _VISIBLE[given]


def _type(world: World, body: Document) -> str:
    kind = _text(world, body, "type") or "default"
    if world.printful_unknown_type == "refused" and kind not in TYPES:
        raise ServiceError(400, "The type is unknown.")
    return kind


def _role(world: World, body: Document) -> str:
    role = _text(world, body, "role") or "printfile"
    if role not in ROLES:
        raise ServiceError(400, f"The role must be one of: {', '.join(ROLES)}.", field=True)
    return ROLES[role]


def _check_options(world: World, options: Any) -> None:
    fine = isinstance(options, list) and all(
        isinstance(option, dict) and isinstance(option.get("id"), str) for option in options
    )
    if not fine:
        raise _wrong_type(world, "The field options must be a list of objects with id and value.")


def _is_multipart(request: SandboxRequest) -> bool:
    return (request.header("content-type") or "").lower().startswith("multipart/form-data")


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - raises for nonsense
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _text(world: World, body: Document, name: str) -> str | None:
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise _wrong_type(world, f"The field {name} must be a string.")
    return value or None


def _wrong_type(world: World, message: str) -> ServiceError:
    return ServiceError(431 if world.printful_listed_errors else 400, message, field=True)


def _number(
    world: World, query: dict[str, str], name: str, *, default: int, least: int, most: int | None
) -> int:
    text = query.get(name)
    if text is None:
        return default
    number = int(text) if text.isascii() and text.removeprefix("-").isdigit() and len(text) < 1000 else None
    if number is not None and number >= least and (most is None or number <= most):
        return number
    if world.printful_bad_page == "clamped":
        return default if number is None else least if number < least else most or number
    if number is not None and most is not None and number > most and world.printful_bad_page == "mixed":
        return most
    raise ServiceError(400, f"The parameter {name} must be a number, {least} or more.")
