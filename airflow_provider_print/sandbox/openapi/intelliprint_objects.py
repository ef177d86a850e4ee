"""What Intelliprint's objects look like in answers; closed, so that a field too many breaks the schema."""

from __future__ import annotations

from airflow_provider_print.sandbox.intelliprint import fields
from airflow_provider_print.sandbox.openapi.building import (
    COUNT,
    FLAG,
    LINK,
    MOMENT,
    TEXT,
    WHOLE,
    Schema,
    always,
    closed,
    list_of,
    nullable,
    ref,
    words,
)

_MONEY: Schema = {"type": "integer", "minimum": 0, "description": "1e-8 GBP."}


def _id(prefix: str) -> Schema:
    return {"type": "string", "pattern": f"^{prefix}[0-9A-Za-z]+$"}


_ADDRESS = closed({name: nullable(TEXT) for name in fields.ADDRESS})
_COST = closed({"amount": _MONEY, "tax": _MONEY, "after_tax": _MONEY, "currency": always("GBP")})
_LETTER = closed(
    {
        "id": _id("ltr_"),
        "object": always("letter"),
        "status": words(*fields.STATUSES),
        "address": ref("Address"),
        "pages": COUNT,
        "sheets": COUNT,
        "envelope": words(*fields.LETTER_ENVELOPES, *fields.POSTCARD_SIZES),
        "postage_service": words(*fields.SERVICES),
        "cost": ref("Cost"),
        "pdf": nullable(LINK),
        "pdf_status": words("built", "deleted"),
        "print_stream": nullable(TEXT),
        "tracking_number": nullable(TEXT),
        "shipped_date": nullable(MOMENT),
        "returned": nullable(closed({"acknowledged": FLAG, "date": MOMENT, "reason": TEXT})),
    }
)
_EXTRA_DOCUMENT = closed(
    {
        "id": _id("exd_"),
        "name": TEXT,
        "pages": COUNT,
        "apply_background": FLAG,
        "order": words("first", "last", "custom"),
        "ordering_number": COUNT,
    }
)
_SPLITTING = {
    "method": words("none", "split_on_phrase", "split_on_pages"),
    "phrase": nullable(TEXT),
    "pages": nullable(WHOLE),
}
_PRINTING = {
    "double_sided": words("no", "yes", "mixed"),
    "double_sided_specific_pages": nullable(list_of(COUNT)),
    "premium_quality": FLAG,
    "black_and_white": FLAG,
    "matt_finish": FLAG,
}
_POSTAGE = {
    "service": words(*fields.SERVICES),
    "ideal_envelope": words(*fields.LETTER_ENVELOPES, *fields.POSTCARD_SIZES),
    "mail_date": nullable(MOMENT),
}
PRINT = {
    "id": _id("print_"),
    "object": always("print"),
    "account": _id("acc_"),
    "user": nullable({"type": "object"}),
    "team": nullable(TEXT),
    "type": words("letter", "postcard"),
    "testmode": FLAG,
    "confirmed": FLAG,
    "confirmed_at": nullable(MOMENT),
    "created": MOMENT,
    "reference": nullable(TEXT),
    "metadata": nullable({"type": "object", "additionalProperties": nullable(TEXT)}),
    "file": nullable(closed({"name": TEXT, "size": COUNT, "pages": COUNT})),
    "template": nullable(TEXT),
    "mailing_list": nullable(_id("mal_")),
    "splitting": closed(_SPLITTING),
    "remove_letters": closed({"with_phrase": nullable(TEXT), "series": list_of(COUNT)}),
    "printing": closed(_PRINTING),
    "postage": closed(_POSTAGE),
    "background": closed({"first_page": nullable(TEXT), "other_pages": nullable(TEXT)}),
    "confidential": FLAG,
    "confirmation_email": FLAG,
    "nudge": closed({"x": nullable({"type": "number"}), "y": nullable({"type": "number"})}),
    "address_window": nullable(words("left", "right")),
    "add_address_sheet": FLAG,
    "extra_documents": list_of(ref("ExtraDocument")),
    "letters": list_of(ref("Letter")),
    "pages": COUNT,
    "sheets": COUNT,
    "cost": ref("Cost"),
}
BACKGROUND = {
    "id": _id("bg_"),
    "object": always("background"),
    "account": _id("acc_"),
    "name": nullable(TEXT),
    "file": closed({"name": TEXT, "size": COUNT}),
    "team": nullable(TEXT),
    "pdf": LINK,
    "created": MOMENT,
}
MAILING_LIST = {
    "id": _id("mal_"),
    "object": always("mailing_list"),
    "account": _id("acc_"),
    "name": nullable(TEXT),
    "recipients": COUNT,
    "variables": list_of(closed({"name": TEXT})),
    "longest_address_line": nullable(TEXT),
    "address_validation": closed(
        {"requested": FLAG, "completed": FLAG, "recipients": closed({"passed": COUNT, "failed": COUNT})}
    ),
    "created": MOMENT,
}
RECIPIENT = {
    "id": _id("mal_rcp_"),
    "object": always("mailing_list_recipient"),
    "mailing_list": _id("mal_"),
    "account": _id("acc_"),
    "address": ref("Address"),
    "variables": {"type": "object"},
    "address_validation_status": words("passed", "failed", "pending", "not_requested"),
    "created": MOMENT,
}
OLD_BACKGROUND = {
    "id": _id("bg_"),
    "object": always("background"),
    "name": nullable(TEXT),
    "filename": TEXT,
    "preview": LINK,
    "team": nullable(closed({"id": TEXT, "object": always("team")})),
    "created": MOMENT,
}
_MERGE = {"id": _id("merge_"), "object": always("merge")}
TEMPLATE = {
    "id": _id("tmpl_"),
    "object": always("template"),
    "account": _id("acc_"),
    "name": nullable(TEXT),
    "created": MOMENT,
}

_SHOWN = {
    "Print": closed(PRINT),
    "Background": {"anyOf": [closed(BACKGROUND), closed(OLD_BACKGROUND)]},
    "MailingList": closed(MAILING_LIST),
    "Recipient": closed(RECIPIENT),
    "Template": closed(TEMPLATE),
}
_DELETED = {"Print": PRINT, "Background": BACKGROUND, "MailingList": MAILING_LIST, "Recipient": RECIPIENT}


def schemas() -> dict[str, Schema]:
    """Return the schema of each object, whole and as a projection by `fields` leaves it."""
    named = {
        "Address": _ADDRESS,
        "Cost": _COST,
        "Letter": _LETTER,
        "ExtraDocument": _EXTRA_DOCUMENT,
        "Merge": {"anyOf": [closed({**_MERGE, link: LINK}) for link in ("download_link", "url")]},
        "CancelledPrint": closed({**PRINT, "deleted": always(True)}),
    }
    for name, whole in _SHOWN.items():
        named[name] = whole
        named[f"{name}Part"] = _part(whole, named)
        for kind in (name, f"{name}Part"):
            named[f"{kind}List"] = _list(list_of(ref(kind)))
    for name, properties in _DELETED.items():
        gone = {"id": properties["id"], "object": properties["object"], "deleted": always(True)}
        named[f"Deleted{name}"] = closed(gone)
    return named


def _list(rows: Schema) -> Schema:
    return closed({"object": always("list"), "data": rows, "has_more": FLAG, "total_available": COUNT})


def _part(schema: Schema, named: dict[str, Schema]) -> Schema:
    """Return a schema with nothing required at any depth; `fields` may leave out anything."""
    if "$ref" in schema:
        schema = named[schema["$ref"].rsplit("/", 1)[-1]]
    made = {name: value for name, value in schema.items() if name != "required"}
    if "properties" in schema:
        made["properties"] = {name: _part(inner, named) for name, inner in schema["properties"].items()}
        made["additionalProperties"] = schema.get("additionalProperties", True)
    if "items" in schema:
        made["items"] = _part(schema["items"], named)
    if "anyOf" in schema:
        made["anyOf"] = [_part(inner, named) for inner in schema["anyOf"]]
    return made
