"""The file library itself: adding, finding and listing files. What becomes of them is in `processing`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from airflow_provider_print.sandbox.printful import processing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from airflow_provider_print.sandbox.core import Sandbox
    from airflow_provider_print.sandbox.printful.processing import Document

KIND = processing.KIND
STATUSES = ("ok", "waiting", "failed")

_UNKNOWN: dict[str, Any] = {
    "hash": None,
    "mime_type": None,
    "size": 0,
    "width": None,
    "height": None,
    "dpi": None,
}
_BLOCK, _STEP = 1000, 387


def add(sandbox: Sandbox, store: int, fields: Document) -> Document:
    """Add a file, or return the one that this store has under the same URL.

    :param fields: checked `url`, `type`, `filename`, `visible`, `options`, and `data`: bytes sent along
    :raises ServiceError: 400 for bytes that are no image, and where the world refuses a source at once
    """
    data = fields.pop("data")
    url = fields["url"]
    facts = None
    if data is not None:
        facts = processing.facts_of_upload(sandbox, data)
    elif not _with_url(sandbox, store, url):
        processing.refuse_wrong_format(sandbox, url)
    with sandbox.store.transaction():
        old = [] if url is None else _with_url(sandbox, store, url)
        if old:
            return _again(sandbox, old[0], fields)
        doc = {
            "id": _number(sandbox),
            "store": store,
            "status": "waiting",
            "created": int(sandbox.clock.now()),
            **_UNKNOWN,
            **fields,
        }
        if facts is not None:
            doc["found"] = facts
        sandbox.store.put(KIND, str(doc["id"]), doc)
    processing.process_later(sandbox, doc["id"])
    return doc


def get(sandbox: Sandbox, number: str) -> Document | None:
    """Return a file of whatever store; None when the id is unknown or no number."""
    return sandbox.store.get(KIND, str(int(number))) if is_number(number) else None


def is_number(text: str) -> bool:
    """Whether a text can be the id of a file."""
    return re.fullmatch(r"[0-9]{1,18}", text) is not None


def listing(sandbox: Sandbox, store: int, status: str | None) -> list[Document]:
    """Return the files of a library, newest first; which of two from one second is a rule of the world."""
    wanted = {"status": status} if status else {}
    docs = [doc for doc in _library(sandbox, store, **wanted) if doc["status"] != "deleted"]
    sign = 1 if sandbox.world.printful_ties == "higher_id" else -1
    return sorted(docs, key=lambda doc: (doc["created"], sign * doc["id"]), reverse=True)


def delete(sandbox: Sandbox, number: str) -> Document:
    """Delete a file, as a person can on the service's own pages: no call of the API does it (documented).

    :raises LookupError: when there is no such file
    """
    with sandbox.store.transaction():
        doc = get(sandbox, number)
        if doc is None:
            raise LookupError("there is no such file")
        doc["status"] = "deleted"
        sandbox.store.put(KIND, str(doc["id"]), doc)
    return doc


def picture(sandbox: Sandbox, name: str) -> bytes | None:
    """Return the PNG with a name of the form `HASH_thumb.png` or `HASH_preview.png`, None without one."""
    match = re.fullmatch(r"([0-9a-f]{32})_(thumb|preview)\.png", name)
    docs = sandbox.store.find(KIND, hash=match[1], status="ok") if match else []
    return sandbox.store.get_blob(docs[0][match[2]]) if match and docs else None


def resume(sandbox: Sandbox) -> None:
    """Queue the files that were still waiting when the sandbox was stopped."""
    for doc in sandbox.store.find(KIND, status="waiting"):
        processing.process_later(sandbox, doc["id"])


def _library(sandbox: Sandbox, store: int, **equal: Any) -> list[Document]:
    own = {} if sandbox.world.printful_library == "account" else {"store": store}
    return sandbox.store.find(KIND, **own, **equal)


def _with_url(sandbox: Sandbox, store: int, url: str) -> list[Document]:
    """Return the file that has the same URL, as a list of one or none; deleted files are forgotten."""
    if sandbox.world.printful_same_url == "exact":
        found: Iterator[Document] = iter(_library(sandbox, store, url=url))
    else:
        wanted = _normalised(url)
        found = (doc for doc in _library(sandbox, store) if doc["url"] and _normalised(doc["url"]) == wanted)
    return [doc for doc in found if doc["status"] != "deleted"][:1]


def _again(sandbox: Sandbox, doc: Document, fields: Document) -> Document:
    """Return a file that is added again: as it is, unless the world has it otherwise."""
    if sandbox.world.printful_repeat_changes:
        doc |= {name: fields[name] or doc[name] for name in ("type", "filename")}
        doc["visible"] = fields["visible"]
        sandbox.store.put(KIND, str(doc["id"]), doc)
    if doc["status"] == "failed" and sandbox.world.printful_failed_again == "revived":
        doc["status"] = "waiting"
        sandbox.store.put(KIND, str(doc["id"]), doc)
        processing.process_later(sandbox, doc["id"])
    return doc


def _normalised(url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return url, ""
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    host = f"{parts.scheme}://{parts.hostname}:{port or usual}"
    return host, f"{parts.path or '/'}?{parts.query}"


def _number(sandbox: Sandbox) -> int:
    """Return a new id; in the documentation's list a younger file can have a lower one."""
    while True:
        number = sandbox.ids.number()
        if sandbox.world.printful_ids == "mixed":  # the step and the block have no factor in common
            block, place = divmod(number, _BLOCK)
            number = block * _BLOCK + place * _STEP % _BLOCK
        if sandbox.store.get(KIND, str(number)) is None:  # the rule may have changed on the way
            return number
