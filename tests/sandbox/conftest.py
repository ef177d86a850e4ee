"""What the tests of the sandbox share: a plain HTTP caller, and PDFs to send."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen import canvas

from tests.sandbox.calls import Api

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from airflow_provider_print.sandbox import PrintSandbox

Page = str | list[str]


@pytest.fixture
def api(print_sandbox: PrintSandbox) -> Iterator[Api]:
    with Api(print_sandbox.intelliprint_url) as session:
        yield session


@pytest.fixture
def make_pdf() -> Callable[..., bytes]:
    """Make a PDF: a page per argument, a line in its middle, further lines in its address window."""

    def make(*pages: Page) -> bytes:
        buffer = io.BytesIO()
        paper = canvas.Canvas(buffer, pagesize=A4, invariant=1)
        for page in pages:
            lines = [page] if isinstance(page, str) else page
            paper.drawString(25 * mm, 150 * mm, lines[0])
            for number, line in enumerate(lines[1:]):
                paper.drawString(25 * mm, (297 - 52 - 5 * number) * mm, line)
            paper.showPage()
        paper.save()
        return buffer.getvalue()

    return make


@pytest.fixture
def statements(make_pdf: Callable[..., bytes]) -> Callable[[int, int], bytes]:
    """Make a run of letters with addresses in the window."""

    def make(letters: int, pages: int) -> bytes:
        run: list[Page] = []
        for number in range(letters):
            run.append([f"Dear customer {number}", f"Person {number}", "1 High Street", "TOWN", "AB1 2CD"])
            run += [f"Page {page + 2}" for page in range(pages - 1)]
        return make_pdf(*run)

    return make
