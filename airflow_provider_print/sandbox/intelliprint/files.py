"""Files that come in, and links to files that go out.

Links are signed and die after an hour of sandbox time (observed by others). Their host is another one than
the API's in reality, here it is another path: no API key belongs there, and the journal tells whether one
came.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from airflow_provider_print.sandbox import pdf
from airflow_provider_print.sandbox.core import Answer, Sandbox, SandboxRequest
from airflow_provider_print.sandbox.fetch import FetchError, fetch
from airflow_provider_print.sandbox.intelliprint.errors import invalid, missing
from airflow_provider_print.sandbox.routing import ALL_METHODS, endpoint

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.routing import BaseRoute

    from airflow_provider_print.sandbox.intelliprint.parameters import GivenFile

LINK_LIVES = 3600
"""Sandbox seconds."""
_PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")


class Upload:
    """A file that was read: as it came, and as a PDF.

    :param name: its name.
    :param size: bytes as it came.
    :param data: the PDF.
    :param pages: pages of the PDF.
    """

    def __init__(self, name: str, size: int, data: bytes, pages: int) -> None:
        self.name, self.size, self.data, self.pages = name, size, data, pages


def receive(
    sandbox: Sandbox, given: GivenFile | None, param: str, *, pictures: bool = True, urls: bool = True
) -> Upload:
    """Read a file and make a PDF of it.

    :param pictures: whether PNG and JPEG are taken: for print jobs they are, for backgrounds not (observed
        by others).
    :param urls: whether a URL is taken: documented for the file of a print job (and seen in merging) only.
    :raises ServiceError: when it is missing, cannot be fetched or cannot be read.
    """
    if given is None:
        raise missing(param)
    data = given.data
    if given.url is not None:
        if not urls:
            raise invalid(f"{param}.url", f"{param} must be uploaded, a URL is not taken here")
        try:
            data = fetch(sandbox, given.url)
        except FetchError as error:
            raise invalid(f"{param}.url", f"The file could not be fetched: {error}") from None
    if not data:
        raise invalid(param, "The file is empty")
    if not pictures and data.startswith(_PICTURES):
        raise invalid(param, "The file must be a PDF, Word or RTF document")
    try:
        as_pdf = pdf.to_pdf(data)
        pages = pdf.inspect(as_pdf).pages
    except pdf.UnreadableFile as error:
        raise invalid(param, f"The file cannot be used ({error.reason}): {error}") from None
    if pages == 0:
        raise invalid(param, "The file has no pages")
    return Upload(given.name, len(data), as_pdf, pages)


def link(sandbox: Sandbox, origin: str, kind: str, name: str, *, suffix: str = "pdf") -> str:
    """Return a fresh link to the PDF of a letter, a background or a merge, or to a background's picture."""
    expires = int(sandbox.clock.now()) + LINK_LIVES
    path = f"{kind}/{name}.{suffix}"
    return f"{origin}/intelliprint/files/{path}?expires={expires}&signature={_sign(sandbox, path, expires)}"


def routes(_sandbox: Sandbox) -> list[BaseRoute]:
    """Return the download host."""
    return [endpoint("/{kind}/{id}.{suffix}", _download), endpoint("/{rest:path}", _nothing, ALL_METHODS)]


def _download(sandbox: Sandbox, request: SandboxRequest) -> Answer:
    kind, name, suffix = (request.path_params[part] for part in ("kind", "id", "suffix"))
    refusal = _refusal(sandbox, f"{kind}/{name}.{suffix}", dict(request.query))
    if refusal is not None:
        return Answer(403, refusal)
    load, content_type = _LOADERS[kind, suffix]
    try:
        return Answer(body=load(sandbox, name), content_type=content_type)
    except LookupError:
        return Answer(404, "There is no such file any more.\n")
    except pdf.UnreadableFile as error:
        return Answer(404, f"This file cannot be drawn ({error.reason}): {error}\n")


def _nothing(_sandbox: Sandbox, _request: SandboxRequest) -> Answer:
    return Answer(404, "There is no such file.\n")


def _letter(sandbox: Sandbox, name: str) -> bytes:
    from airflow_provider_print.sandbox.intelliprint import lifecycle, outbox

    place = sandbox.store.get("letter", name)
    job = None if place is None else sandbox.store.get("print", place["print"])
    if place is None or job is None:
        raise LookupError(name)
    now = sandbox.clock.now()
    position = lifecycle.position(job, place["index"], now, sandbox.world)
    if not lifecycle.pdf_is_kept(position, now, sandbox.world):
        raise LookupError(name)
    return outbox.letter_pdf(sandbox, name)


def _background(sandbox: Sandbox, name: str) -> bytes:
    return _stored(sandbox, "background", name)


def _preview(sandbox: Sandbox, name: str) -> bytes:
    return pdf.render_png(_background(sandbox, name), 0)


def _merge(sandbox: Sandbox, name: str) -> bytes:
    return _stored(sandbox, "merge", name)


def _stored(sandbox: Sandbox, kind: str, name: str) -> bytes:
    doc = sandbox.store.get(kind, name)
    if doc is None:
        raise LookupError(name)
    return sandbox.store.get_blob(doc["sha"])


# Whatever else is asked for has no signature that fits.
_LOADERS: dict[tuple[str, str], tuple[Callable[[Sandbox, str], bytes], str]] = {
    ("letters", "pdf"): (_letter, "application/pdf"),
    ("backgrounds", "pdf"): (_background, "application/pdf"),
    ("backgrounds", "png"): (_preview, "image/png"),
    ("merges", "pdf"): (_merge, "application/pdf"),
}


def fault_answer(_sandbox: Sandbox, _request: SandboxRequest, status: int) -> Answer:
    """Return what a file host says."""
    return Answer(status, f"Error {status}\n")


def _refusal(sandbox: Sandbox, path: str, query: dict[str, str]) -> str | None:
    expires = query.get("expires", "")
    if not (expires.isascii() and expires.isdecimal() and len(expires) < 15):
        return "The signature of this link is not valid.\n"
    if not hmac.compare_digest(
        _sign(sandbox, path, int(expires)).encode(), query.get("signature", "").encode()
    ):
        return "The signature of this link is not valid.\n"
    if sandbox.clock.now() > int(expires):
        return "This link has expired.\n"
    return None


def _sign(sandbox: Sandbox, path: str, expires: int) -> str:
    return hmac.digest(sandbox.secret, f"{path}?{expires}".encode(), "sha256").hex()[:32]
