"""What becomes of a waiting file: it is fetched, hashed, measured and named, and is `ok` or `failed`."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from airflow_provider_print.sandbox import pdf
from airflow_provider_print.sandbox.fetch import FetchError, fetch
from airflow_provider_print.sandbox.printful.answers import ServiceError

if TYPE_CHECKING:
    from airflow_provider_print.sandbox.core import Sandbox

KIND = "printful_file"
#: Seconds for fetching a source (assumed).
FETCH_SECONDS = 10.0

_FAILED: dict[str, Any] = {"status": "failed"}
_EXTENSIONS = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/tiff": "tiff",
    "image/x-psd": "psd",
    "application/pdf": "pdf",
}
_DEPRECATED = ("image/tiff", "image/x-psd")
_ARTWORK = "(?i:png|jpe?g|tiff?|psd|pdf|ai|eps|svg|webp|gif)"

Document = dict[str, Any]


def process_later(sandbox: Sandbox, number: int) -> None:
    """Queue a waiting file."""
    seconds = sandbox.world.printful_waiting_s
    if sandbox.world.printful_early_hash:
        sandbox.work.later(seconds / 2, lambda: _look_early(sandbox, number))
    sandbox.work.later(seconds, lambda: process(sandbox, number))


def process(sandbox: Sandbox, number: int) -> None:
    """Decide what a waiting file becomes: `ok` or `failed`, without a word about why."""
    doc = _waiting(sandbox, number)
    if doc is None:
        return
    if sandbox.world.printful_processing == "stuck":
        later = max(1.0, sandbox.world.printful_waiting_s)
        sandbox.work.later(later, lambda: process(sandbox, number))
        return
    facts = doc.get("found") or _facts(sandbox, doc["url"])
    if sandbox.world.printful_processing == "failed":
        facts = _FAILED
    if facts["status"] == "failed":  # forget what was seen of it while it waited
        facts = facts | {"hash": None}
    _note(sandbox, number, facts)


def facts_of_upload(sandbox: Sandbox, data: bytes) -> Document:
    """Measure bytes that were sent instead of a URL.

    :raises ServiceError: 400 when they are no image
    """
    try:
        return _measured(sandbox, data, "")
    except pdf.UnreadableFile:
        raise ServiceError(400, "The data is no image.", name="FL-7", field=True) from None


def refuse_wrong_format(sandbox: Sandbox, url: str) -> None:
    """Look at a source before it is added, where the world has it so; one that cannot be fetched may pass.

    :raises ServiceError: 400 when it is no artwork
    """
    if sandbox.world.printful_wrong_format != "refused":
        return
    try:
        _measured(sandbox, _fetched(sandbox, url), url)
    except FetchError:
        return
    except pdf.UnreadableFile:
        raise ServiceError(400, "The file has a wrong format.", name="FL-1") from None


def _look_early(sandbox: Sandbox, number: int) -> None:
    doc = _waiting(sandbox, number)
    if doc is None or "found" in doc:
        return
    facts = _facts(sandbox, doc["url"])
    _note(sandbox, number, {"found": facts, "hash": facts.get("hash")})


def _waiting(sandbox: Sandbox, number: int) -> Document | None:
    doc = sandbox.store.get(KIND, str(number))
    return doc if doc is not None and doc["status"] == "waiting" else None


def _note(sandbox: Sandbox, number: int, facts: Document) -> None:
    with sandbox.store.transaction():
        doc = _waiting(sandbox, number)
        if doc is None:  # a reset came in between
            return
        doc |= facts
        if doc["status"] != "waiting":
            doc.pop("found", None)
        doc["filename"] = doc["filename"] or _name(sandbox, doc)
        sandbox.store.put(KIND, str(number), doc)


def _facts(sandbox: Sandbox, url: str) -> Document:
    try:
        return _measured(sandbox, _fetched(sandbox, url), url)
    except (FetchError, pdf.UnreadableFile):
        return _FAILED


def _fetched(sandbox: Sandbox, url: str) -> bytes:
    return fetch(sandbox, url, limit=sandbox.world.printful_max_bytes, seconds=FETCH_SECONDS)


def _measured(sandbox: Sandbox, data: bytes, url: str) -> Document:
    info = pdf.measure_picture(data)
    world = sandbox.world
    refused = world.printful_profile == "modern" and world.printful_deprecated_formats == "failed"
    if refused and (info.mime_type in _DEPRECATED or _is_illustrator(data, url)):
        return _FAILED
    if 0 < world.printful_max_side < max(info.width, info.height) or len(data) > world.printful_max_bytes:
        return _FAILED
    return {
        "status": "ok",
        "hash": hashlib.md5(data, usedforsecurity=False).hexdigest(),
        "mime_type": info.mime_type,
        "size": len(data),
        "width": info.width,
        "height": info.height,
        "dpi": info.dpi if info.dpi is not None else world.printful_unknown_dpi,
        "thumb": sandbox.store.put_blob(info.thumbnail),
        "preview": sandbox.store.put_blob(info.preview),
    }


def _is_illustrator(data: bytes, url: str) -> bool:
    """Whether a PDF is a file of Illustrator, which wraps its own format in one."""
    return urlsplit(url).path.lower().endswith(".ai") or b"/AIPrivateData" in data


def _name(sandbox: Sandbox, doc: Document) -> str:
    """Return the last thing in the URL that looks like a file name, else `ID.EXTENSION` (documented: v2).

    In the query only the extensions of artwork make a file name, because versions and host names have dots
    too (assumed).
    """
    dash = "-" if sandbox.world.printful_spaces == "dashes" else " "
    for found, extension in _places(doc["url"]):
        for part in reversed(re.split("[=&/]", unquote(found))):
            if re.fullmatch(rf"[^\\\x00-\x1f]+\.{extension}", part):
                return re.sub(r"\s", dash, part)
    kind = doc["mime_type"] or doc.get("found", {}).get("mime_type", "")
    return f"{doc['id']}.{_EXTENSIONS.get(kind, 'bin')}"


def _places(url: str | None) -> list[tuple[str, str]]:
    """Return where a URL may name a file, the last place first, with the extensions that count there."""
    try:
        parts = urlsplit(url or "")
    except ValueError:
        return []
    return [(parts.query, _ARTWORK), (parts.path, r"[A-Za-z][A-Za-z0-9]{1,4}")]
