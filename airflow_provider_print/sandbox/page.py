"""The page at `/`: what lies in the outbox and in the file library, for people to look at."""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape
from typing import TYPE_CHECKING, Any

from airflow_provider_print.sandbox import assets
from airflow_provider_print.sandbox.core import Answer
from airflow_provider_print.sandbox.intelliprint.outbox import outbox
from airflow_provider_print.sandbox.printful import library
from airflow_provider_print.sandbox.printful.answers import file_view

if TYPE_CHECKING:
    from airflow_provider_print.sandbox.core import Sandbox, SandboxRequest

_JOBS = 50
_LETTERS = 12
_FILES = 60
_STYLE = """
:root { color-scheme: light dark; font-family: system-ui, sans-serif; }
body { margin: 0 auto; max-width: 72rem; padding: 1rem; }
article { border-top: 1px solid #8886; padding: .5rem 0 1rem; }
h2 { font-size: 1rem; margin: .5rem 0; overflow-wrap: anywhere; }
p { margin: .3rem 0; }
.pages { display: flex; flex-wrap: wrap; gap: .75rem; }
figure { margin: 0; width: 9rem; }
figure img { width: 100%; background: #fff; border: 1px solid #8886; }
figcaption { font-size: .75rem; overflow-wrap: anywhere; }
"""


def page(sandbox: Sandbox, request: SandboxRequest) -> Answer:
    """Answer with the page; it is made on the server and needs no script."""
    found = outbox(sandbox, "")
    jobs = "".join(_job(job) for job in found["jobs"][:_JOBS]) or "<p>Nothing has been posted yet.</p>"
    more = len(found["jobs"]) - _JOBS
    body = (
        "<!doctype html><html lang=en><meta charset=utf-8>"
        "<meta name=viewport content='width=device-width'><meta http-equiv=refresh content=20>"
        f"<title>Print sandbox</title><style>{_STYLE}</style>"
        f"<h1>Print sandbox</h1><p>Sandbox time: {_time(found['now'])}. "
        f"API keys: <code>key_sandbox</code>, <code>printful_sandbox</code>.</p>"
        f"<section><h1>Outbox</h1>{jobs}"
        + (f"<p>{more} older jobs are not shown.</p>" if more > 0 else "")
        + f"</section><section><h1>File library</h1><div class=pages>{_library(sandbox)}</div></section>"
        f"<section><h1>Example files</h1><div class=pages>{_examples(sandbox)}</div></section></html>"
    )
    headers = {
        "Cache-Control": "no-store",
        "Content-Security-Policy": "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'",
    }
    if request.method == "HEAD":
        body = ""
    return Answer(200, body, headers=headers, content_type="text/html; charset=utf-8")


def _job(job: dict[str, Any]) -> str:
    letters = job["letters"]
    counts: dict[str, int] = {}
    for letter in letters:
        counts[letter["status"]] = counts.get(letter["status"], 0) + 1
    statuses = ", ".join(f"{count} {escape(status)}" for status, count in counts.items())
    pounds, rest = divmod(job["cost"]["after_tax"], 10**8)
    shown = "".join(_letter(letter) for letter in letters[:_LETTERS])
    more = len(letters) - _LETTERS
    return (
        f"<article><h2>{escape(job['reference'] or job['id'])}</h2>"
        f"<p><code>{escape(job['id'])}</code> {escape(job['type'])}"
        f"{' test job' if job['testmode'] else ''}, made {_time(job['created'])}</p>"
        f"<p>{statuses}; {job['pages']} pages on {job['sheets']} sheets; "
        f"GBP {pounds}.{rest // 10**6:02d} with VAT</p><div class=pages>{shown}</div>"
        + (f"<p>{more} more letters.</p>" if more > 0 else "")
        + "</article>"
    )


def _letter(letter: dict[str, Any]) -> str:
    link = f"/_sandbox/outbox/letters/{escape(letter['id'])}"
    return (
        f"<figure><a href='{link}.pdf'><img loading=lazy alt='first page' "
        f"src='{link}/pages/1.png?window=1&amp;dpi=50'></a>"
        f"<figcaption>{escape(letter['status'])}, {letter['pages']} pages</figcaption></figure>"
    )


def _library(sandbox: Sandbox) -> str:
    found = [
        file_view(doc, "", version=1, modern=False)
        for doc in reversed(sandbox.store.all(library.KIND)[-_FILES:])
    ]
    figures = (
        _figure(
            file["thumbnail_url"],
            file["preview_url"],
            f"{file['filename'] or file['id']}, {file['status']}, "
            f"{file['dpi'] or '?'} dpi, {file['size']} bytes",
        )
        for file in found
    )
    return "".join(figures) or "<p>Nothing has been added yet.</p>"


def _examples(sandbox: Sandbox) -> str:
    figures = []
    for name, size in assets.names(sandbox).items():
        link = f"/_sandbox/assets/{name}"
        shown = link if name.lower().endswith((".png", ".jpg")) else None
        figures.append(_figure(shown, link, f"{name}, {size} bytes"))
    return "".join(figures)


def _figure(picture: str | None, link: str | None, words: str) -> str:
    shown = f"<img loading=lazy alt='' src='{escape(picture)}'>" if picture else ""
    if link:
        shown = f"<a href='{escape(link)}'>{shown}</a>"
    return f"<figure>{shown}<figcaption>{escape(words)}</figcaption></figure>"


def _time(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"
