"""Connections to the sandbox, as environment variables: the first place where every Airflow looks."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pytest

from airflow_provider_print.hooks.intelliprint import IntelliprintHook
from airflow_provider_print.hooks.printful import PrintfulHook

if TYPE_CHECKING:
    from airflow_provider_print.sandbox import PrintSandbox

RECIPIENT = {"address": {"name": "A Reader", "line": "7 Any Road\nANYTOWN", "postcode": "AB1 2CD"}}
API_KEY = "key_sandbox"


def connect(
    monkeypatch: pytest.MonkeyPatch, conn_id: str, conn_type: str, url: str, key: str, **extra: Any
) -> None:
    settle = {"settle": 0.01} if conn_type == "intelliprint" else {}
    value = {"conn_type": conn_type, "host": url, "password": key, "extra": {"rate": 0, **settle, **extra}}
    monkeypatch.setenv(f"AIRFLOW_CONN_{conn_id.upper()}", json.dumps(value))


@pytest.fixture
def intelliprint(print_sandbox: PrintSandbox, monkeypatch: pytest.MonkeyPatch) -> IntelliprintHook:
    """A live connection of the default name, and its hook."""
    connect(
        monkeypatch,
        "intelliprint_default",
        "intelliprint",
        print_sandbox.intelliprint_url,
        API_KEY,
        testmode=False,
    )
    return IntelliprintHook()


@pytest.fixture
def intelliprint_in_testmode(
    print_sandbox: PrintSandbox, monkeypatch: pytest.MonkeyPatch
) -> IntelliprintHook:
    """A connection of the default name that is in test mode, and its hook."""
    connect(monkeypatch, "intelliprint_default", "intelliprint", print_sandbox.intelliprint_url, API_KEY)
    return IntelliprintHook()


@pytest.fixture
def printful(print_sandbox: PrintSandbox, monkeypatch: pytest.MonkeyPatch) -> PrintfulHook:
    """A connection of the default name, and its hook."""
    connect(monkeypatch, "printful_default", "printful", print_sandbox.printful_url, "printful_sandbox")
    return PrintfulHook()


def pdf(*pages: str) -> bytes:
    """Return a PDF with an address in the window of each page and a text below it."""
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.units import mm
    from reportlab.pdfgen.canvas import Canvas

    data = io.BytesIO()
    canvas = Canvas(data, pagesize=A4, invariant=1)
    for number, text in enumerate(pages, 1):
        for line, words in enumerate((f"Reader {number}", "7 Any Road", "ANYTOWN", "AB1 2CD")):
            canvas.drawString(25 * mm, A4[1] - (55 + 5 * line) * mm, words)
        canvas.drawString(25 * mm, 150 * mm, text)
        canvas.showPage()
    canvas.save()
    return data.getvalue()


def picture() -> bytes:
    """Return a small PNG with a true resolution."""
    from PIL import Image

    data = io.BytesIO()
    Image.new("RGB", (60, 40), "teal").save(data, "PNG", dpi=(300, 300))
    return data.getvalue()


def draft(hook: IntelliprintHook, *, letters: int = 1, **more: Any) -> Any:
    """Make a draft with the hook, for tests that begin where a job is."""
    from airflow_provider_print.intelliprint.requests import PrintJobRequest

    request = PrintJobRequest.build(
        content="Dear reader", recipients=[RECIPIENT] * letters, testmode=hook.settings.testmode, **more
    )
    return hook.create_print_job(request)


def posted(hook: IntelliprintHook, *, letters: int = 1, **more: Any) -> Any:
    """Make a confirmed job with the hook."""
    return hook.confirm_print_job(draft(hook, letters=letters, **more).id)
