"""The OpenAPI document of the Intelliprint service; parameters come from the tables that read them."""

from __future__ import annotations

import inspect
from collections import defaultdict
from typing import TYPE_CHECKING

from airflow_provider_print.sandbox.intelliprint import errors, fields
from airflow_provider_print.sandbox.intelliprint.parameters import schema_of
from airflow_provider_print.sandbox.openapi.building import (
    JSON,
    TEXT,
    Answers,
    Operation,
    Schema,
    closed,
    document,
    ref,
    words,
)
from airflow_provider_print.sandbox.openapi.intelliprint_objects import schemas

if TYPE_CHECKING:
    from airflow_provider_print.sandbox.intelliprint.errors import ServiceError
    from airflow_provider_print.sandbox.intelliprint.parameters import Table

_MEDIA = (JSON, "application/x-www-form-urlencoded", "multipart/form-data")
_DESCRIPTION = """Print jobs, backgrounds, mailing lists and merging, as the sandbox answers for the service.

A body is JSON or a form; in a form the path of a nested field is in brackets (`postage[service]`,
`recipients[0][address][line]`), and a file may be a part of its own. Text of numbers and booleans is taken
for the values themselves. `fields` leaves the wanted fields; without it objects are whole."""
HTML = "text/html; charset=UTF-8"
_EVERYWHERE = (400, 401, 403, 404, 413, 429, 500)


def intelliprint(origin: str) -> Schema:
    """Return the document.

    :param origin: `http://host:port` of the sandbox.
    """
    return document(
        operations(origin),
        title="Intelliprint",
        version="1",
        description=_DESCRIPTION,
        server=f"{origin}/intelliprint/v1",
        schemas=schemas() | _error_schemas(),
        headers=_headers,
        security={
            "bearer": {"type": "http", "scheme": "bearer"},
            "bare": {
                "type": "apiKey",
                "in": "header",
                "name": "Authorization",
                "description": "The API key alone.",
            },
            "basic": {"type": "http", "scheme": "basic", "description": "The API key as user."},
        },
    )


def operations(origin: str) -> tuple[Operation, ...]:
    """Return every operation."""
    recipients = "/mailing_lists/{id}/recipients"
    content = schema_of(fields.CREATE)
    content["anyOf"] = [{"required": [name]} for name in ("file", "content", "template")]
    return (
        *_five("/prints", "Print", content, fields.UPDATE_WITH_CONTENT, fields.PRINT_LIST, pays=True),
        *_five(
            "/backgrounds",
            "Background",
            schema_of(fields.BACKGROUND_CREATE, needed=("file",)),
            fields.BACKGROUND_UPDATE,
            fields.BACKGROUND_LIST,
        ),
        *_five(
            "/mailing_lists",
            "MailingList",
            schema_of(fields.MAILING_LIST_CREATE),
            fields.MAILING_LIST_UPDATE,
            fields.MAILING_LIST_LIST,
        ),
        *_five(
            recipients,
            "Recipient",
            schema_of(fields.RECIPIENT, needed=("address",)),
            fields.RECIPIENT_UPDATE,
            fields.RECIPIENT_LIST,
            inner="recipient",
        ),
        Operation(
            "POST",
            "/tools/merge",
            "mergeFiles",
            "Put files one behind the other in one PDF.",
            _created(ref("Merge")) | _refusals(),
            body=schema_of(fields.MERGE, needed=("files",)),
            media=_MEDIA,
        ),
        Operation(
            "GET",
            "/templates",
            "listTemplates",
            "List templates; there only when a rule of the world says so.",
            {200: {"anyOf": [ref("TemplateList"), ref("TemplatePartList")]}} | _refusals(),
            query=_query(fields.PAGING),
        ),
        Operation(
            "GET",
            "/files/{kind}/{id}.{suffix}",
            "download",
            "Download what a link in an answer leads to; it dies after an hour.",
            {200: ("application/pdf", "image/png"), 403: "text/plain", 404: "text/plain"},
            query={"expires": {"type": "string", "pattern": "^[0-9]+$"}, "signature": TEXT},
            security=(),
            server=f"{origin}/intelliprint",
            bare=True,
        ),
    )


def _five(
    path: str,
    name: str,
    create: Schema,
    update: Table,
    listed: Table,
    *,
    pays: bool = False,
    inner: str = "id",
) -> tuple[Operation, ...]:
    """Return the operations that every kind of object has."""
    refusals = _refusals(*([402] if pays else []))
    one = f"{path}/{{{inner}}}"
    whole, part = ref(name), {"anyOf": [ref(name), ref(f"{name}Part")]}
    page = {"anyOf": [ref(f"{name}List"), ref(f"{name}PartList")]}
    gone: Answers = {200: ref(f"Deleted{name}")}
    if name == "Print":
        gone = {200: {"anyOf": [ref(name), ref("CancelledPrint")]}, 202: ref("DeletedPrint")}
    return (
        Operation(
            "POST",
            path,
            f"create{name}",
            "Make one.",
            _created(ref(name)) | refusals,
            body=create,
            media=_MEDIA,
        ),
        Operation("GET", path, f"list{name}s", "List them.", {200: page} | _refusals(), query=_query(listed)),
        Operation(
            "GET",
            one,
            f"retrieve{name}",
            "Show one.",
            {200: part if pays else whole} | _refusals(),
            query=_query(fields.RETRIEVE if pays else fields.NOTHING),
        ),
        Operation(
            "POST",
            one,
            f"update{name}",
            "Change one." + (" `confirmed` submits it for printing, after which it stays." if pays else ""),
            {200: ref(name)} | refusals,
            body=schema_of(update),
            body_required=False,
            media=_MEDIA,
        ),
        Operation(
            "DELETE",
            one,
            f"delete{name}",
            "Delete one." + (" Of a confirmed one, cancel the letters that still wait." if pays else ""),
            gone | _refusals(),
        ),
    )


def _created(schema: Schema) -> Answers:
    """Return the answers of making something; which of the two statuses it is, a rule of the world says."""
    return {200: schema, 201: schema}


def _query(table: Table) -> dict[str, Schema]:
    return {name: reader.schema for name, reader in table.items()}


def _refusals(*more: int) -> Answers:
    found: Answers = {status: ref(f"Error{status}") for status in sorted({*_EVERYWHERE, *more})}
    return found | {403: (ref("Error403"), HTML)}


def _error_schemas() -> dict[str, Schema]:
    by_status: dict[int, list[ServiceError]] = defaultdict(list)
    for error in _samples():
        by_status[error.status].append(error)
    # A rule of the world turns the statuses that are unknown into 400.
    by_status[400] += [*by_status[402], *by_status[413]]
    return {f"Error{status}": _error(found) for status, found in sorted(by_status.items())}


def _error(found: list[ServiceError]) -> Schema:
    properties = {
        "message": TEXT,
        "type": words(*dict.fromkeys(error.kind for error in found)),
        "code": words(*dict.fromkeys(error.code for error in found)),
        "param": TEXT,
    }
    return closed({"error": closed(properties, optional=("param",))})


def _samples() -> list[ServiceError]:
    """Return one of each error that the service can make."""
    makers = [
        (maker, inspect.signature(maker))
        for name, maker in vars(errors).items()
        if inspect.isfunction(maker) and not name.startswith("_")
    ]
    return [
        maker(*(1.0 if param.annotation == "float" else "name" for param in signature.parameters.values()))
        for maker, signature in makers
        if signature.return_annotation == "ServiceError"
    ]


def _headers(status: int) -> dict[str, Schema]:
    """Return the headers of an answer; what refuses bots is before the service and names no request.

    That successes name theirs as well is assumed, and a rule of the world has them without.
    """
    needed = status >= 400 and status != 403
    found: dict[str, Schema] = {"request-id" if needed else "request-id?": TEXT}
    return found | ({"Retry-After?": {"type": "string", "pattern": "^[0-9]+$"}} if status == 429 else {})
