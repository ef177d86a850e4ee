"""The OpenAPI document of the Printful service: both profiles of its first version, and its second."""

from __future__ import annotations

from airflow_provider_print.sandbox.openapi.building import (
    COUNT,
    FLAG,
    LINK,
    MOMENT,
    TEXT,
    WHOLE,
    Answers,
    Operation,
    Schema,
    always,
    closed,
    document,
    list_of,
    nullable,
    ref,
    words,
)
from airflow_provider_print.sandbox.printful import fields, thread_colors
from airflow_provider_print.sandbox.printful.answers import NAMES, REASONS
from airflow_provider_print.sandbox.printful.library import STATUSES

_DESCRIPTION = """The file library, as the sandbox answers for the service.

`is_temporary` and `extra` are there in the modern profile only. A JSON body is read whatever media type it
says it has; unknown fields are ignored. Rules of the world choose among the statuses of a refusal."""
_HTML, _PNG, _PROBLEM = "text/html; charset=UTF-8", "image/png", "application/problem+json"
_MEDIA = ("application/json", "application/x-www-form-urlencoded", "text/plain;charset=UTF-8")
_HASH: Schema = {"type": "string", "pattern": "^[0-9a-f]{32}$"}
_FILE = {
    "id": COUNT,
    "type": TEXT,
    "hash": nullable(_HASH),
    "url": nullable(TEXT),
    "filename": nullable(TEXT),
    "mime_type": nullable(TEXT),
    "size": COUNT,
    "width": nullable(COUNT),
    "height": nullable(COUNT),
    "dpi": nullable(COUNT),
    "status": words(*STATUSES),
    "created": MOMENT,
    "thumbnail_url": nullable(LINK),
    "preview_url": nullable(LINK),
    "visible": FLAG,
    "is_temporary": FLAG,
}
_PAGING = closed({"total": COUNT, "offset": COUNT, "limit": COUNT})
_EXTRA: Schema = {"type": "array", "maxItems": 0}
_VISIBLE: Schema = {"anyOf": [FLAG, {"enum": [0, 1]}, {"enum": ["0", "1"]}, WHOLE, TEXT, {"type": "null"}]}
_WEB: Schema = {"type": "string", "pattern": "^[Hh][Tt][Tt][Pp][Ss]?://"}
_URL: Schema = {"anyOf": [_WEB, TEXT, {"type": "null"}]}
_OPTIONS = list_of({"type": "object", "properties": {"id": TEXT, "value": {}}, "required": ["id"]})
_STORE: Schema = {"type": "string", "description": "What the header X-PF-Store-Id says, by another way."}
_FIRST = (400, 401, 403, 404, 419, 429, 430, 431, 500)


def printful(origin: str) -> Schema:
    """Return the document.

    :param origin: `http://host:port` of the sandbox.
    """
    return document(
        _operations(),
        title="Printful File Library",
        version="1 and 2",
        description=_DESCRIPTION,
        server=f"{origin}/printful",
        schemas=_schemas(),
        headers=_headers,
        security={
            "bearer": {"type": "http", "scheme": "bearer"},
            "store_key": {"type": "http", "scheme": "basic", "description": "In the legacy profile."},
        },
    )


def _operations() -> tuple[Operation, ...]:
    page = {
        "status": words(*STATUSES),
        "offset": {"type": "integer", "minimum": 0, "maximum": 999_999_999},
        "limit": {"type": "integer", "minimum": 1, "maximum": fields.MAX_LIMIT},
        "store_id": _STORE,
    }
    store = {"store_id": _STORE}
    gone: Answers = {410: (ref("Error"), _HTML)}
    return (
        Operation(
            "GET", "/files", "listFiles", "List files.", {200: ref("Files")} | _first() | gone, query=page
        ),
        Operation(
            "POST",
            "/files",
            "addFile",
            "Add a file by its URL, or get the one that is known under it.",
            {200: ref("OneFile")} | _first(),
            query=store,
            body=_new_file(),
            media=_MEDIA,
        ),
        Operation(
            "GET", "/files/{id}", "getFile", "Show a file.", {200: ref("OneFile")} | _first(), query=store
        ),
        Operation(
            "POST",
            "/files/thread-colors",
            "readThreadColors",
            "Name the thread colours nearest to those of a picture; modern profile.",
            {200: ref("ThreadColors")} | _first(),
            body={"type": "object", "properties": {"file_url": _WEB}, "required": ["file_url"]},
            media=_MEDIA,
        ),
        Operation("GET", "/stores", "listStores", "List the stores.", {200: ref("Stores")} | _first()),
        Operation(
            "POST",
            "/oauth/token",
            "giveToken",
            "Give a pair of tokens for a code or for a refresh token.",
            {200: ref("Tokens")} | _first(),
            body=_grant(),
            media=_MEDIA[:2],
            security=(),
        ),
        Operation(
            "GET",
            "/v2/files",
            "listFilesV2",
            "Removed.",
            {410: (ref("ErrorV2"), _HTML)} | _second(),
            query=store,
        ),
        Operation(
            "POST",
            "/v2/files",
            "addFileV2",
            "Add a file by its URL, or get the one that is known under it.",
            {200: ref("OneFileV2")} | _second(),
            query=store,
            body=_new_file_v2(),
            media=_MEDIA,
        ),
        Operation(
            "GET",
            "/v2/files/{id}",
            "getFileV2",
            "Show a file.",
            {200: ref("OneFileV2")} | _second(),
            query=store,
        ),
        *(
            Operation(
                "GET",
                path,
                name,
                "Download a small picture of a file.",
                {200: _PNG, 404: "text/plain"},
                security=(),
                bare=True,
            )
            for path, name in (
                ("/storage/files/{store}/{folder}/{name}", "getPicture"),
                ("/files.cdn/files/{folder}/{name}", "getModernPicture"),
            )
        ),
    )


def _new_file() -> Schema:
    return {
        "type": "object",
        "properties": {
            "url": _URL,
            "type": nullable(TEXT),
            "filename": nullable(TEXT),
            "visible": _VISIBLE,
            "options": nullable(_OPTIONS),
            "id": {},
            "data": {},
        },
        # Bytes and an id instead of a URL are taken where a rule of the world says so.
        "anyOf": [{"required": [name]} for name in ("url", "data", "file", "id")],
    }


def _new_file_v2() -> Schema:
    return {
        "type": "object",
        "properties": {
            "url": _URL,
            "role": nullable(words(*fields.ROLES, "")),
            "filename": nullable(TEXT),
            "visible": _VISIBLE,
        },
        "anyOf": [{"required": [name]} for name in ("url", "data", "file", "id")],
    }


def _grant() -> Schema:
    return {
        "type": "object",
        "properties": {
            "client_id": TEXT,
            "client_secret": TEXT,
            "grant_type": words("authorization_code", "refresh_token"),
            "code": TEXT,
            "refresh_token": TEXT,
        },
        "required": ["client_id", "client_secret", "grant_type"],
    }


def _schemas() -> dict[str, Schema]:
    second = {name: schema for name, schema in _FILE.items() if name != "type"}
    second |= {
        "created": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"},
        "status": words(*STATUSES, "deleted"),
        "_links": closed({"self": closed({"href": LINK})}),
    }
    colours = closed({"thread_colors": list_of(words(*thread_colors.PALETTE))})
    store = closed({"id": COUNT, "name": TEXT, "type": TEXT})
    token = {"access_token": TEXT, "expires_at": TEXT, "token_type": always("bearer"), "refresh_token": TEXT}
    return {
        "File": closed(_FILE, optional=("is_temporary",)),
        "FileV2": closed(second),
        "OneFile": _wrapped(ref("File")),
        "Files": _wrapped(list_of(ref("File")), paging=_PAGING),
        "Stores": _wrapped(list_of(store), paging=_PAGING),
        "ThreadColors": _wrapped(colours),
        "OneFileV2": closed({"data": ref("FileV2"), "extra": _EXTRA}),
        "Tokens": closed(token),
        "Error": _error(),
        "ErrorV2": {"anyOf": [closed({"data": TEXT, "error": _details()}), ref("Error")]},
        "Problem": _problem(),
    }


def _wrapped(result: Schema, **more: Schema) -> Schema:
    return closed({"code": always(200), "result": result, "extra": _EXTRA, **more}, optional=("extra",))


def _error() -> Schema:
    return closed({"code": {"type": "integer", "minimum": 400}, "result": TEXT, "error": _details()})


def _details() -> Schema:
    reasons = list(
        dict.fromkeys([*(reason for _, reason in REASONS.values()), "InternalServerError", *NAMES.values()])
    )
    details = {"reason": {"enum": [*reasons, 403, 429]}, "message": TEXT, "code": words(*NAMES)}
    return closed(details, optional=("code",))


def _problem() -> Schema:
    problem = {
        "type": TEXT,
        "status": WHOLE,
        "title": TEXT,
        "detail": TEXT,
        "details": TEXT,
        "instance": TEXT,
    }
    return closed(problem, optional=("detail", "details"))


def _first() -> Answers:
    found: Answers = dict.fromkeys(_FIRST, ref("Error"))
    return found | {403: (ref("Error"), _HTML), 500: (ref("Error"), _HTML)}


def _second() -> Answers:
    found: Answers = {status: (ref("ErrorV2"), {_PROBLEM: ref("Problem")}) for status in _FIRST}
    return found | {403: (ref("ErrorV2"), _HTML)}


def _headers(status: int) -> dict[str, Schema]:
    """Return the headers of an answer; what refuses bots stands before the service and counts nothing."""
    number: Schema = {"type": "string", "pattern": "^[0-9]+$"}
    names = {
        "X-Ratelimit-Limit": number,
        "X-Ratelimit-Remaining": number,
        "X-Ratelimit-Reset": {"type": "string", "pattern": "^[0-9.]+$"},
        "X-Ratelimit-Policy": TEXT,
        "Retry-After": number,
    }
    sometimes = {"X-Ratelimit-Policy", "Retry-After"} | ({"X-Ratelimit-Reset"} if status == 429 else set())
    if status == 403:
        sometimes = set(names)
    if status != 429:
        del names["Retry-After"]
    return {f"{name}?" if name in sometimes else name: schema for name, schema in names.items()}
