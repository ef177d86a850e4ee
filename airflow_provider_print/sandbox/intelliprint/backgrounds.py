"""Backgrounds: pages that are laid under those of a letter."""

from __future__ import annotations

from typing import Any

from airflow_provider_print.sandbox.core import Answer, Sandbox, SandboxRequest
from airflow_provider_print.sandbox.intelliprint import fields, files, listing
from airflow_provider_print.sandbox.intelliprint.errors import ServiceError, no_such

KIND = "background"
_IN_USE = 90 * 86_400
"""Sandbox seconds for which a background is kept after a print job used it (observed by others)."""
_FIELDS = {
    "new": ("id", "object", "account", "name", "file", "team", "pdf", "created"),
    "old": ("id", "object", "name", "filename", "preview", "team", "created"),
}


def create(sandbox: Sandbox, request: SandboxRequest) -> Answer:
    """Keep a file as a background."""
    params = listing.read_body(sandbox, request, fields.BACKGROUND_CREATE)
    upload = files.receive(sandbox, params.get("file"), "file", pictures=False, urls=False)
    with sandbox.store.transaction():
        doc: dict[str, Any] = {
            "id": sandbox.ids.text("bg_", 21),
            "account": request.account,
            "name": params.get("name"),
            "team": params.get("team"),
            "file": {"name": upload.name, "size": upload.size},
            "sha": sandbox.store.put_blob(upload.data),
            "created": int(sandbox.clock.now()),
            "last_used": None,
        }
        sandbox.store.put(KIND, doc["id"], doc)
    return Answer(body=_show(sandbox, request, doc))


def retrieve(sandbox: Sandbox, request: SandboxRequest) -> Answer:
    """Show a background, with a fresh link."""
    listing.read_query(sandbox, request, fields.NOTHING)
    return Answer(body=_show(sandbox, request, _load(sandbox, request)))


def update(sandbox: Sandbox, request: SandboxRequest) -> Answer:
    """Change name or team; a null team makes it everyone's (documented)."""
    params = listing.read_body(sandbox, request, fields.BACKGROUND_UPDATE)
    with sandbox.store.transaction():
        doc = {**_load(sandbox, request), **params}
        sandbox.store.put(KIND, doc["id"], doc)
    return Answer(body=_show(sandbox, request, doc))


def remove(sandbox: Sandbox, request: SandboxRequest) -> Answer:
    """Delete a background that no print job used lately (code and status of the refusal are assumed)."""
    listing.read_body(sandbox, request, fields.NOTHING)
    with sandbox.store.transaction():
        doc = _load(sandbox, request)
        if doc["last_used"] is not None and sandbox.clock.now() < doc["last_used"] + _IN_USE:
            raise ServiceError(
                400, "parameter_invalid", "The background was used by a print job in the last 90 days"
            )
        sandbox.store.delete(KIND, doc["id"])
    return listing.deleted("background", doc["id"])


def index(sandbox: Sandbox, request: SandboxRequest) -> Answer:
    """List backgrounds."""
    params = listing.read_query(sandbox, request, fields.BACKGROUND_LIST)
    tree = listing.wanted(sandbox, params, _FIELDS[sandbox.world.background_shape])
    team = {"team": params["team"]} if "team" in params else {}
    field = params.get("sort_field", "created")
    return listing.page(
        sandbox.store.find(KIND, account=request.account, **team),
        params,
        sort=lambda doc: doc[field],
        show=lambda doc: listing.project(_show(sandbox, request, doc), tree),
    )


def _load(sandbox: Sandbox, request: SandboxRequest) -> dict[str, Any]:
    doc = sandbox.store.get(KIND, request.path_params["id"])
    if doc is None or doc["account"] != request.account:
        raise no_such("background", request.path_params["id"])
    return doc


def _show(sandbox: Sandbox, request: SandboxRequest, doc: dict[str, Any]) -> dict[str, Any]:
    """Return the newer shape of the object (seen live), or the older one when the world is that old."""
    if sandbox.world.background_shape == "old":
        return {
            "id": doc["id"],
            "object": "background",
            "name": doc["name"],
            "filename": doc["file"]["name"],
            "preview": files.link(sandbox, request.origin, "backgrounds", doc["id"], suffix="png"),
            # What a Team object holds beyond its id is unknown.
            "team": None if doc["team"] is None else {"id": doc["team"], "object": "team"},
            "created": doc["created"],
        }
    return {
        "id": doc["id"],
        "object": "background",
        "account": doc["account"],
        "name": doc["name"],
        "file": doc["file"],
        "team": doc["team"],
        "pdf": files.link(sandbox, request.origin, "backgrounds", doc["id"]),
        "created": doc["created"],
    }
