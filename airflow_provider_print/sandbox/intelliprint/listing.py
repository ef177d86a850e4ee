"""What all lists share: reading the query, paging by offset, `fields` projection and the envelope."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from airflow_provider_print.sandbox.bodies import BodyFormatError, nest
from airflow_provider_print.sandbox.core import Answer, Sandbox, SandboxRequest
from airflow_provider_print.sandbox.intelliprint.errors import ServiceError, invalid
from airflow_provider_print.sandbox.intelliprint.parameters import Table, read

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Row = TypeVar("Row")
Fields = dict[str, Any]
"""Wanted fields as a tree; an empty branch wants everything below."""


def read_query(sandbox: Sandbox, request: SandboxRequest, table: Table) -> dict[str, Any]:
    """Return the parameters of a query; `letters[status]` of the official client is `letters.status`.

    :raises ServiceError: for one that the endpoint does not know, or a value that makes no sense.
    """
    try:
        nested = nest(request.query)
    except BodyFormatError as error:
        raise ServiceError(400, "parameter_invalid", f"The query could not be read: {error}") from None
    # Assumed: a parameter without a value is as good as none; one that is unknown is refused all the same.
    found = {name: value for name, value in _dotted(nested).items() if value != "" or name not in table}
    if sandbox.world.clamp_limit and "limit" in found:
        found["limit"] = _clamped(found["limit"])
    return {name: value for name, value in read(table, found).items() if value is not None}


def read_body(sandbox: Sandbox, request: SandboxRequest, table: Table) -> dict[str, Any]:
    """Return the parameters of a body.

    What stands in the query instead is unknown to an endpoint that reads a body (assumed): `testmode` there
    would else go unnoticed, and a live job be made.

    :raises ServiceError: for one that the endpoint does not know, or a value that makes no sense.
    """
    read({}, dict(request.query))
    raw = request.json_or_form()
    if sandbox.world.dotted_parameters:
        raw = nest([(_bracketed(name), value) for name, value in raw.items()])
    return read(table, raw)


def wanted(sandbox: Sandbox, params: dict[str, Any], known: Sequence[str]) -> Fields | None:
    """Return the tree of the fields asked for, None for all.

    `fields[]=`, repeated `fields=` and commas are taken: the official client uses the first, others the rest.

    :raises ServiceError: for a field that the object does not have (assumed).
    """
    names = [name.strip() for item in params.get("fields", []) for name in str(item).split(",")]
    if not any(names):
        return None
    tree: Fields = {"id": {}} if sandbox.world.fields_keep_id else {}
    for name in filter(None, names):
        head, *rest = name.split(".")
        if head not in known:
            raise invalid("fields", "fields names a field that the object does not have")
        branch = tree.setdefault(head, {})
        for step in rest:
            branch = branch.setdefault(step, {})
    return tree


def project(value: Any, tree: Fields | None) -> Any:
    """Only the wanted fields of an object, also inside its lists."""
    if not tree:
        return value
    if isinstance(value, list):
        return [project(item, tree) for item in value]
    if isinstance(value, dict):
        return {name: project(value[name], branch) for name, branch in tree.items() if name in value}
    return value


def page(
    rows: list[Row],
    params: dict[str, Any],
    sort: Callable[[Row], Any],
    show: Callable[[Row], dict[str, Any]],
) -> Answer:
    """One page of a list. `rows` are oldest first; equals keep that order, or its reverse when descending."""
    descending = params.get("sort_order", "desc") == "desc"
    if descending:
        rows = rows[::-1]
    rows = sorted(rows, key=lambda row: _sortable(sort(row)), reverse=descending)
    skip, limit = params.get("skip", 0), params.get("limit", 10)
    shown = rows[skip : skip + limit]
    return Answer(
        body={
            "object": "list",
            "data": [show(row) for row in shown],
            "has_more": skip + len(shown) < len(rows),
            "total_available": len(rows),
        }
    )


def deleted(kind: str, name: str, status: int = 200) -> Answer:
    """Return what a deletion answers."""
    return Answer(status, {"id": name, "object": kind, "deleted": True})


def _bracketed(name: str) -> str:
    head, *rest = name.split(".")
    return head + "".join(f"[{step}]" for step in rest)


def _clamped(limit: Any) -> Any:
    """Cut a limit that is a whole number; what is none is left, to be refused."""
    if not (isinstance(limit, str) and limit.removeprefix("-").isdecimal()):
        return limit
    return min(max(int(limit[:20]), 1), 1000)


def _dotted(fields: dict[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in fields.items():
        if isinstance(value, dict) and name != "fields":
            flat |= {f"{name}.{inner}": item for inner, item in _dotted(value).items()}
        else:
            flat[name] = value
    return flat


def _sortable(value: Any) -> tuple[bool, Any]:
    """Nothing sorts before something (assumed)."""
    return (value is not None, 0 if value is None else value)
