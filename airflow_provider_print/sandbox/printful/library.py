"""The file library itself: adding, finding, listing, and what becomes of a file in the background."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from airflow_provider_print.sandbox import pdf
from airflow_provider_print.sandbox.fetch import FetchError, fetch

if TYPE_CHECKING:
    from airflow_provider_print.sandbox.core import Sandbox

KIND = "printful_file"
STATUSES = ("ok", "waiting", "failed")
#: Sandbox seconds that a new file waits (assumed: other people's loops see a few seconds to a minute).
PROCESSING_SECONDS = 10.0
#: Largest source in bytes (the service's limit for uploads on its own pages).
MAX_BYTES = 200 * 1024 * 1024
#: Seconds for fetching a source.
FETCH_SECONDS = 10.0

_UNKNOWN: dict[str, Any] = {
    "hash": None,
    "mime_type": None,
    "size": 0,
    "width": None,
    "height": None,
    "dpi": None,
}
_EXTENSIONS = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/tiff": "tiff",
    "image/x-psd": "psd",
    "application/pdf": "pdf",
}
_ARTWORK = "(?i:png|jpe?g|tiff?|psd|pdf|ai|eps|svg|webp|gif)"

Document = dict[str, Any]


def add(sandbox: Sandbox, store: int, fields: Document) -> Document:
    """Add a file, or return the one that this store has under exactly the same URL, unchanged.

    :param fields: checked `url`, `type`, `filename`, `visible`, `options`
    """
    with sandbox.store.transaction():
        old = sandbox.store.find(KIND, url=fields["url"], store=store)
        if old:
            return old[0]
        doc = {
            "id": sandbox.ids.number(),
            "store": store,
            "status": "waiting",
            "created": int(sandbox.clock.now()),
            **_UNKNOWN,
            **fields,
        }
        sandbox.store.put(KIND, str(doc["id"]), doc)
    _process_later(sandbox, doc["id"])
    return doc


def get(sandbox: Sandbox, store: int, number: str) -> Document | None:
    """Return a file of a store; None when the id is unknown, of another store, or no number."""
    if not re.fullmatch(r"[0-9]{1,18}", number):
        return None
    doc = sandbox.store.get(KIND, str(int(number)))
    return doc if doc is not None and doc["store"] == store else None


def listing(sandbox: Sandbox, store: int, status: str | None) -> list[Document]:
    """Return the files of a store, newest first; of two from one second the higher id first (assumed)."""
    wanted = {"store": store} | ({"status": status} if status else {})
    docs = sandbox.store.find(KIND, **wanted)
    return sorted(docs, key=lambda doc: (doc["created"], doc["id"]), reverse=True)


def picture(sandbox: Sandbox, name: str) -> bytes | None:
    """Return the PNG with a name of the form `HASH_thumb.png` or `HASH_preview.png`, None without one."""
    match = re.fullmatch(r"([0-9a-f]{32})_(thumb|preview)\.png", name)
    docs = sandbox.store.find(KIND, hash=match[1], status="ok") if match else []
    return sandbox.store.get_blob(docs[0][match[2]]) if match and docs else None


def resume(sandbox: Sandbox) -> None:
    """Queue the files that were still waiting when the sandbox was stopped."""
    for doc in sandbox.store.find(KIND, status="waiting"):
        _process_later(sandbox, doc["id"])


def _process_later(sandbox: Sandbox, number: int) -> None:
    sandbox.work.later(PROCESSING_SECONDS, lambda: process(sandbox, number))


def process(sandbox: Sandbox, number: int) -> None:
    """Fetch, hash and measure a waiting file: it becomes `ok` or `failed`, without a word about why."""
    doc = sandbox.store.get(KIND, str(number))
    if doc is None or doc["status"] != "waiting":
        return
    try:
        data = fetch(sandbox, doc["url"], limit=MAX_BYTES, seconds=FETCH_SECONDS)
        facts = _measured(sandbox, data)
    except (FetchError, pdf.UnreadableFile):
        facts = {"status": "failed"}
    with sandbox.store.transaction():
        doc = sandbox.store.get(KIND, str(number))
        if doc is None or doc["status"] != "waiting":  # a reset came in between
            return
        doc |= facts
        if not doc["filename"]:
            doc["filename"] = _name(doc)
        sandbox.store.put(KIND, str(number), doc)


def _measured(sandbox: Sandbox, data: bytes) -> Document:
    info = pdf.measure_picture(data)
    return {
        "status": "ok",
        "hash": hashlib.md5(data, usedforsecurity=False).hexdigest(),
        "mime_type": info.mime_type,
        "size": len(data),
        "width": info.width,
        "height": info.height,
        "dpi": info.dpi,
        "thumb": sandbox.store.put_blob(info.thumbnail),
        "preview": sandbox.store.put_blob(info.preview),
    }


def _name(doc: Document) -> str:
    """Return the last thing in the URL that looks like a file name, else `ID.EXTENSION` (documented: v2).

    The path comes first; in the query only the extensions of artwork make a file name, because versions and
    host names have dots too (assumed).
    """
    parts = urlsplit(doc["url"])
    for found, extension in ((parts.path, r"[A-Za-z][A-Za-z0-9]{1,4}"), (parts.query, _ARTWORK)):
        for part in reversed(re.split("[=&/]", unquote(found))):
            if re.fullmatch(rf"[^\\\x00-\x1f]+\.{extension}", part):
                return re.sub(r"\s", "-", part)
    return f"{doc['id']}.{_EXTENSIONS.get(doc['mime_type'] or '', 'bin')}"
