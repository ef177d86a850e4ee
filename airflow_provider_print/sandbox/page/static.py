"""The files of the page, as they lie in the package."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from airflow_provider_print.sandbox.core import Answer
from airflow_provider_print.sandbox.routing import endpoint

if TYPE_CHECKING:
    from airflow_provider_print.sandbox.core import Sandbox, SandboxRequest
    from airflow_provider_print.sandbox.routing import Endpoint

FOLDER = Path(__file__).parent.parent / "static"
INDEX = "index.html"
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
#: Nothing but what comes from here, no script or style inside of markup, no frame around the page.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


def static_routes() -> list[Endpoint]:
    """Return the routes of the page and its files."""
    return [
        endpoint("/", lambda _sandbox, request: _answer(request, INDEX)),
        endpoint("/static/{name}", _file),
    ]


def _file(_sandbox: Sandbox, request: SandboxRequest) -> Answer:
    return _answer(request, request.path_params["name"])


def _answer(request: SandboxRequest, name: str) -> Answer:
    """Answer with a file; a browser that has it already is told so."""
    found = _files().get(name)
    if found is None:
        return Answer(404, {"error": "the page has no such file"})
    data, tag, kind = found
    headers = {**_HEADERS, "ETag": tag}
    if request.header("if-none-match") == tag:
        return Answer(304, headers=headers)
    return Answer(body=data, headers=headers, content_type=kind)


@cache
def _files() -> dict[str, tuple[bytes, str, str]]:
    """Return bytes, tag and media type by name: names are looked up here and never become a path."""
    found = {}
    for path in sorted(FOLDER.iterdir()):
        if path.suffix in _TYPES:
            data = path.read_bytes()
            found[path.name] = (data, f'"{hashlib.sha256(data).hexdigest()[:20]}"', _TYPES[path.suffix])
    return found
