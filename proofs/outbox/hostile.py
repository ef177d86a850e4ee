"""Markup wherever a service or a tester takes text: none of it may become a part of the page."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING

import requests

from proofs.outbox import stage
from proofs.outbox.checks import Watched, must

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from airflow_provider_print.sandbox import PrintSandbox

_FOREIGN = """() => document.querySelectorAll(
  'body script, iframe, object, embed, [onerror], [onload], [onclick], [href^="javascript:"], img[src="x"]'
).length"""


def webhooks(seen: Watched, box: PrintSandbox, images: Path) -> list[str]:
    """Look at what webhooks were told, and send one again."""
    page = seen.page
    with _receiver() as url:
        taken, refused = box.add_webhook(url), box.add_webhook("http://127.0.0.1:9/closed")
        stage.Post(box).job(reference="told to two", content="Dear reader", recipients=stage.people(2))
        box.settle()
        page.keyboard.press("g")
        page.keyboard.press("h")
        seen.until(lambda: seen.count("tr:has-text('told to two')") == 4, "two letters were told to two")
        must(seen.count(f"tr:has-text('{url}'):has-text('Delivered')") == 2, "one took them")
        must(seen.count("tr:has-text('ConnectionRefusedError')") == 2, "the other one did not")
        lines = [seen.picture(images / "outbox-webhooks.png")]
        page.locator(".segments button[data-value=waiting]:visible").click()
        seen.until(lambda: seen.count("tr:has-text('told to two')") == 2, "two messages wait for another try")
        page.locator(".segments button[data-value='']:visible").click()
        row = page.locator(f"tr:has-text('told to two'):has-text('{url}')").first
        row.get_by_role("button").click()
        must('"letter.updated"' in seen.text("dialog pre"), "a message shows what was told")
        page.get_by_role("button", name="Send again").click()
        seen.until(lambda: "attempt 2" in row.inner_text(), "a message can be sent again")
        for endpoint in (taken, refused):
            box.webhooks.remove(endpoint["id"])
    return [*lines, "webhooks  delivered, waiting, sent again"]


def hostile(seen: Watched, box: PrintSandbox) -> str:
    """Put markup into every text that can be posted, and look at it in every view."""
    bad, page = stage.HOSTILE, seen.page
    _post_markup(box, bad)
    rows = (
        ("outbox", ".job.cell", "everywhere"),
        ("library", ".file.cell", ""),
        ("journal", ".call.cell", ""),
    )
    for view, row, mark in rows:
        seen.go(f"#/{view}")
        page.locator(row).filter(has_text="<script>").filter(has_text=mark).first.click()
        _must_be_text(seen, view)
        if view == "outbox":
            page.locator(".letter.cell").first.click()
            seen.until(lambda: "<script>" in seen.text(".letter-side address"), "an addressee is text")
            _must_be_text(seen, "letter")
            page.keyboard.press("Escape")
            page.get_by_role("button", name="All fields").click()
            must("<script>" in seen.text("dialog pre"), "metadata is text")
        page.keyboard.press("Escape")
    for view in ("faults", "webhooks"):
        seen.go(f"#/{view}")
        page.locator("td").filter(has_text="<script>").first.wait_for()
        _must_be_text(seen, view)
    for place in ("#/outbox/%3Cscript%3E", "#/outbox/..%2F..%2Freset", "#/%", "#javascript:alert(1)"):
        seen.go(place)
        seen.until(lambda: seen.count(".job.cell"), f"{place} leads nowhere else")
        _must_be_text(seen, place)
    seen.troubles = [trouble for trouble in seen.troubles if "404" not in trouble]  # jobs that there are not
    return "hostile   markup in every text stays text, in every view"


def _must_be_text(seen: Watched, where: str) -> None:
    must(seen.page.evaluate("window.pwned") is None, f"no markup is run at {where}")
    must(seen.page.evaluate(_FOREIGN) == 0, f"no markup becomes an element at {where}")


def _post_markup(box: PrintSandbox, bad: str) -> None:
    person = {"name": bad[:60], "line": f"1 {bad[:60]}\n{bad[:60]}", "postcode": "AB1 2CD"}
    box.fault("PUT", reference=bad, body={bad: bad})
    box.add_webhook("http://127.0.0.1:9/<script>window.pwned=1</script>")
    stage.Post(box).job(
        reference=f"{bad} everywhere",
        content="Hello",
        metadata={bad[:40]: bad},
        recipients=[{"address": person}],
    )
    with requests.Session() as session:
        session.trust_env = False
        session.headers["Authorization"] = "Bearer printful_sandbox"
        session.headers["User-Agent"] = "<script>x</script>"
        file = {"url": f"http://none.example/{bad}", "filename": bad, "type": bad}
        session.post(f"{box.printful_url}/files", json=file).raise_for_status()
        session.get(f"{box.printful_url}/files/<script>window.pwned=1</script>")
        name = "<script>window.pwned=1</script>.pdf"
        files = {"file": (name, b"no PDF", "application/pdf")}
        session.headers["Authorization"] = "Bearer key_sandbox"
        session.post(f"{box.intelliprint_url}/prints", files=files, data={"testmode": "true"})


@contextmanager
def _receiver() -> Iterator[str]:
    class Taking(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_words: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Taking) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/hook"
        server.shutdown()
