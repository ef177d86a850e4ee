"""The file library as the page lists it: all stores together, newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow_provider_print.sandbox.printful import library

if TYPE_CHECKING:
    from airflow_provider_print.sandbox.core import Sandbox

SIZES = ("thumb", "preview")
STATUSES = (*library.STATUSES, "deleted")
"""What a file can be: those that are deleted are shown as well, though no call lists them."""


def listing(
    sandbox: Sandbox, *, words: tuple[str, ...], status: str, skip: int, limit: int
) -> dict[str, Any]:
    """Return a piece of the library, and how many files have which status.

    :param words: each must be found in name, address, type or hash.
    :param status: one of `STATUSES`; "" for any.
    :param skip: how many of the newest are left out.
    :param limit: how many are returned at most.
    """
    docs = sandbox.store.peek_all(library.KIND)[::-1]
    docs = [doc for doc in docs if all(word in _text(doc) for word in words)]
    statuses: dict[str, int] = {}
    for doc in docs:
        statuses[doc["status"]] = statuses.get(doc["status"], 0) + 1
    found = [doc for doc in docs if status in ("", doc["status"])]
    return {
        "now": sandbox.clock.now(),
        "total": len(found),
        "skip": skip,
        "files": [_shown(doc) for doc in found[skip : skip + limit]],
        "statuses": statuses,
    }


def picture(sandbox: Sandbox, number: str, size: str) -> bytes:
    """Return the PNG of a file, without asking the service: no fault is played, nothing is in the journal.

    :param size: one of `SIZES`.
    :raises LookupError: when there is none.
    """
    doc = sandbox.store.peek(library.KIND, number)
    if doc is None or size not in SIZES or not doc.get(size):
        raise LookupError("there is no such picture")
    return sandbox.store.get_blob(doc[size])


def _shown(doc: dict[str, Any]) -> dict[str, Any]:
    kept = ("id", "store", "type", "hash", "url", "filename", "mime_type", "size", "width", "height", "dpi")
    shown = {name: doc.get(name) for name in (*kept, "status", "created", "visible")}
    return {**shown, "picture": bool(doc.get("thumb"))}


def _text(doc: dict[str, Any]) -> str:
    parts = (doc["id"], doc["filename"], doc["url"], doc["type"], doc["hash"], doc["mime_type"])
    return "\n".join(str(part) for part in parts if part).casefold()
