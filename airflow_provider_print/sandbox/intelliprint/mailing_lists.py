"""Mailing lists and their recipients."""

from __future__ import annotations

from typing import Any

from airflow_provider_print.sandbox.core import Answer, Sandbox, SandboxRequest
from airflow_provider_print.sandbox.intelliprint import fields, listing
from airflow_provider_print.sandbox.intelliprint.errors import missing, no_such

_VALIDATION_TAKES = 60.0
"""Sandbox seconds until the addresses of a list count as checked (the sandbox's own)."""
_FIELDS = (
    "id",
    "object",
    "account",
    "name",
    "recipients",
    "variables",
    "longest_address_line",
    "address_validation",
    "created",
)
_RECIPIENT_FIELDS = (
    "id",
    "object",
    "mailing_list",
    "account",
    "address",
    "variables",
    "address_validation_status",
    "created",
)
_BLANK = {"name": None, "line": None, "postcode": None, "country": "GB"}


def create(sandbox: Sandbox, request: SandboxRequest) -> Answer:
    """Make a list, with recipients if they are given."""
    params = listing.read_body(sandbox, request, fields.MAILING_LIST_CREATE)
    with sandbox.store.transaction():
        doc: dict[str, Any] = {
            "id": sandbox.ids.text("mal_", 21),
            "account": request.account,
            "name": params.get("name"),
            "validate": bool(params.get("address_validation", {}).get("requested")),
            "created": int(sandbox.clock.now()),
        }
        sandbox.store.put("mailing_list", doc["id"], doc)
        _append(sandbox, doc["id"], params.get("recipients", []))
    return Answer(body=_show(sandbox, doc))


def retrieve(sandbox: Sandbox, request: SandboxRequest) -> Answer:
    """Show a list."""
    listing.read_query(sandbox, request, fields.NOTHING)
    return Answer(body=_show(sandbox, _load(sandbox, request)))


def update(sandbox: Sandbox, request: SandboxRequest) -> Answer:
    """Rename a list, add recipients, or replace them with `delete_old_recipients` (documented)."""
    params = listing.read_body(sandbox, request, fields.MAILING_LIST_UPDATE)
    with sandbox.store.transaction():
        doc = _load(sandbox, request)
        if "name" in params:
            doc["name"] = params["name"]
        requested = params.get("address_validation", {}).get("requested")
        doc["validate"] = doc["validate"] if requested is None else requested
        sandbox.store.put("mailing_list", doc["id"], doc)
        if params.get("delete_old_recipients"):
            _clear(sandbox, doc["id"])
        _append(sandbox, doc["id"], params.get("recipients", []))
    return Answer(body=_show(sandbox, doc))


def remove(sandbox: Sandbox, request: SandboxRequest) -> Answer:
    """Delete a list and its recipients."""
    listing.read_body(sandbox, request, fields.NOTHING)
    with sandbox.store.transaction():
        doc = _load(sandbox, request)
        _clear(sandbox, doc["id"])
        sandbox.store.delete("mailing_list", doc["id"])
    return listing.deleted("mailing_list", doc["id"])


def index(sandbox: Sandbox, request: SandboxRequest) -> Answer:
    """List the mailing lists."""
    params = listing.read_query(sandbox, request, fields.MAILING_LIST_LIST)
    tree = listing.wanted(sandbox, params, _FIELDS)
    field = params.get("sort_field", "created")
    shown = [_show(sandbox, doc) for doc in sandbox.store.find("mailing_list", account=request.account)]
    return listing.page(
        shown, params, sort=lambda row: row[field], show=lambda row: listing.project(row, tree)
    )


def create_recipient(sandbox: Sandbox, request: SandboxRequest) -> Answer:
    """Add one recipient to a list."""
    params = listing.read_body(sandbox, request, fields.RECIPIENT)
    if not params.get("address"):
        raise missing("address")
    with sandbox.store.transaction():
        doc = _load(sandbox, request)
        (recipient,) = _append(sandbox, doc["id"], [params])
    return Answer(body=_show_recipient(sandbox, doc, recipient))


def retrieve_recipient(sandbox: Sandbox, request: SandboxRequest) -> Answer:
    """Show one recipient."""
    listing.read_query(sandbox, request, fields.NOTHING)
    return Answer(body=_show_recipient(sandbox, _load(sandbox, request), _load_recipient(sandbox, request)))


def update_recipient(sandbox: Sandbox, request: SandboxRequest) -> Answer:
    """Change what is sent and leave the rest (observed on the live service)."""
    params = listing.read_body(sandbox, request, fields.RECIPIENT_UPDATE)
    with sandbox.store.transaction():
        doc, recipient = _load(sandbox, request), _load_recipient(sandbox, request)
        recipient["address"] |= params.get("address", {})
        recipient["variables"] = params.get("variables", recipient["variables"])
        sandbox.store.put("recipient", recipient["id"], recipient)
    return Answer(body=_show_recipient(sandbox, doc, recipient))


def remove_recipient(sandbox: Sandbox, request: SandboxRequest) -> Answer:
    """Delete one recipient."""
    listing.read_body(sandbox, request, fields.NOTHING)
    with sandbox.store.transaction():
        _load(sandbox, request)
        recipient = _load_recipient(sandbox, request)
        sandbox.store.delete("recipient", recipient["id"])
    return listing.deleted("mailing_list_recipient", recipient["id"])


def index_recipients(sandbox: Sandbox, request: SandboxRequest) -> Answer:
    """List the recipients of a list."""
    params = listing.read_query(sandbox, request, fields.RECIPIENT_LIST)
    tree = listing.wanted(sandbox, params, _RECIPIENT_FIELDS)
    doc = _load(sandbox, request)
    by_name = params.get("sort_field") == "name"
    return listing.page(
        sandbox.store.find("recipient", mailing_list=doc["id"]),
        params,
        sort=lambda row: row["address"]["name"] if by_name else row["created"],
        show=lambda row: listing.project(_show_recipient(sandbox, doc, row), tree),
    )


def _append(sandbox: Sandbox, list_id: str, recipients: list[dict[str, Any]]) -> list[dict[str, Any]]:
    added = []
    for recipient in recipients:
        row = {
            "id": sandbox.ids.text("mal_rcp_", 21),
            "mailing_list": list_id,
            "address": {**_BLANK, **recipient["address"]},
            "variables": recipient.get("variables", {}),
            "created": int(sandbox.clock.now()),
        }
        sandbox.store.put("recipient", row["id"], row)
        added.append(row)
    return added


def _clear(sandbox: Sandbox, list_id: str) -> None:
    for recipient in sandbox.store.find("recipient", mailing_list=list_id):
        sandbox.store.delete("recipient", recipient["id"])


def _load(sandbox: Sandbox, request: SandboxRequest) -> dict[str, Any]:
    doc = sandbox.store.get("mailing_list", request.path_params["id"])
    if doc is None or doc["account"] != request.account:
        raise no_such("mailing list", request.path_params["id"])
    return doc


def _load_recipient(sandbox: Sandbox, request: SandboxRequest) -> dict[str, Any]:
    doc = sandbox.store.get("recipient", request.path_params["recipient"])
    if doc is None or doc["mailing_list"] != request.path_params["id"]:
        raise no_such("recipient", request.path_params["recipient"])
    return doc


def _show(sandbox: Sandbox, doc: dict[str, Any]) -> dict[str, Any]:
    recipients = sandbox.store.find("recipient", mailing_list=doc["id"])
    names = dict.fromkeys(name for recipient in recipients for name in recipient["variables"])
    lines = [
        line for recipient in recipients for line in str(recipient["address"]["line"] or "").splitlines()
    ]
    statuses = [_validation(sandbox, doc, recipient) for recipient in recipients]
    return {
        "id": doc["id"],
        "object": "mailing_list",
        "account": doc["account"],
        "name": doc["name"],
        "recipients": len(recipients),
        "variables": [{"name": name} for name in names],
        "longest_address_line": max(lines, key=len, default=None),
        "address_validation": {
            "requested": doc["validate"],
            "completed": doc["validate"] and "pending" not in statuses,
            "recipients": {"passed": statuses.count("passed"), "failed": statuses.count("failed")},
        },
        "created": doc["created"],
    }


def _show_recipient(sandbox: Sandbox, doc: dict[str, Any], recipient: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": recipient["id"],
        "object": "mailing_list_recipient",
        "mailing_list": doc["id"],
        "account": doc["account"],
        "address": recipient["address"],
        "variables": recipient["variables"],
        "address_validation_status": _validation(sandbox, doc, recipient),
        "created": recipient["created"],
    }


def _validation(sandbox: Sandbox, doc: dict[str, Any], recipient: dict[str, Any]) -> str:
    """Return what the paid check says; here an address passes that has line and postcode (assumed)."""
    if not doc["validate"]:
        return "not_requested"
    if sandbox.clock.now() < recipient["created"] + _VALIDATION_TAKES:
        return "pending"
    return "passed" if recipient["address"]["line"] and recipient["address"]["postcode"] else "failed"
