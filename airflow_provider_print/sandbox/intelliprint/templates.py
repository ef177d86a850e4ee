"""Templates: content that is kept under an id. The service's dashboard makes them, here the tester does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow_provider_print.sandbox.intelliprint import fields, listing
from airflow_provider_print.sandbox.intelliprint.errors import invalid

if TYPE_CHECKING:
    from airflow_provider_print.sandbox.core import Answer, Sandbox, SandboxRequest

KIND = "template"
_FIELDS = ("id", "object", "account", "name", "created")


def add(sandbox: Sandbox, content: str, *, name: str | None, account: str) -> str:
    """Keep content as a template, and return its id.

    :param content: plain text or HTML.
    :param name: for people.
    :param account: whose it is.
    """
    made = sandbox.ids.text("tmpl_", 21)
    doc = {
        "id": made,
        "object": "template",
        "account": account,
        "name": name,
        "content": content,
        "created": int(sandbox.clock.now()),
    }
    sandbox.store.put(KIND, made, doc)
    return made


def content_of(sandbox: Sandbox, template: str, account: str) -> str:
    """Return the content of a template.

    :raises ServiceError: when the account has no such template.
    """
    doc = sandbox.store.get(KIND, template)
    if doc is None or doc["account"] != account:
        raise invalid("template", f"There is no template {template[:64]}")
    return str(doc["content"])


def index(sandbox: Sandbox, request: SandboxRequest) -> Answer:
    """List the templates of an account: two connectors have this endpoint, what a row holds is assumed."""
    params = listing.read_query(sandbox, request, fields.PAGING)
    tree = listing.wanted(sandbox, params, _FIELDS)
    rows: list[dict[str, Any]] = [
        {name: doc[name] for name in _FIELDS} for doc in sandbox.store.find(KIND, account=request.account)
    ]
    return listing.page(
        rows, params, sort=lambda row: row["created"], show=lambda row: listing.project(row, tree)
    )
