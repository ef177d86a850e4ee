"""PDF work of the sandbox: every function here is safe to call with hostile bytes from any thread.

The work is done in child processes with a memory and a time limit (see `worker` and `pool`). Each function
raises `UnreadableFile` for a file that cannot be used. Pages count from 0.
"""

from __future__ import annotations

from typing import cast

from airflow_provider_print.sandbox.pdf.errors import PdfInfo, PictureInfo, UnreadableFile
from airflow_provider_print.sandbox.pdf.office import office_to_pdf
from airflow_provider_print.sandbox.pdf.pool import pool
from airflow_provider_print.sandbox.pdf.texts import PAGES_AT_ONCE, FileTexts, PageText, read_pages

__all__ = [
    "FileTexts",
    "PageText",
    "PdfInfo",
    "PictureInfo",
    "UnreadableFile",
    "extract",
    "inspect",
    "lay_under",
    "measure_picture",
    "merge",
    "nudge",
    "page_texts",
    "picture_colours",
    "read_pages",
    "render_png",
    "stamp_address",
    "to_pdf",
    "typeset_html",
    "typeset_text",
    "window_lines",
]

_OLD_WORD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def inspect(data: bytes) -> PdfInfo:
    """Count and measure the pages of a PDF."""
    found = pool.call("inspect", data)
    return PdfInfo(found["pages"], [(width, height) for width, height in found["sizes"]])


def page_texts(data: bytes) -> list[str]:
    """Return the raw text of every page, in order; white space is as the PDF has it."""
    texts: list[str] = []
    for first in range(0, inspect(data).pages, PAGES_AT_ONCE):
        texts += pool.call("page_texts", data, first, first + PAGES_AT_ONCE)
    return texts


def window_lines(data: bytes, page: int, window: str = "left") -> list[str]:
    """Return the lines of text in the address window of a page, without empty ones.

    :param window: `left`: 20 mm from the left, 45 mm from the top, 90 x 35 mm (documented); `right`: the
        same, mirrored (assumed)
    """
    return cast("list[str]", pool.call("window_lines", data, page, window))


def merge(parts: list[bytes]) -> bytes:
    """Put PDFs one behind the other; each page keeps its size."""
    return cast("bytes", pool.call("merge", list(parts)))


def extract(data: bytes, pages: list[int]) -> bytes:
    """Return a PDF of some pages, in the given order."""
    return cast("bytes", pool.call("extract", data, list(pages)))


def lay_under(data: bytes, first: bytes | None, other: bytes | None) -> bytes:
    """Lay a background under the pages of a letter.

    :param data: the letter
    :param first: PDF whose first page goes under page 1; None leaves it as it is
    :param other: the same for all other pages
    """
    return cast("bytes", pool.call("lay_under", data, first, other))


def stamp_address(data: bytes, lines: list[str], window: str = "left", *, code: str = "") -> bytes:
    """Print an address into the window of page 1; no page is added (observed by others).

    :param code: what the printer's machines read, upwards along the left edge (observed by others)
    """
    return cast("bytes", pool.call("stamp_address", data, list(lines), window, code))


def nudge(data: bytes, x_mm: float, y_mm: float, *, first_only: bool = False) -> bytes:
    """Move the content of all pages (or the first one), `x_mm` to the right and `y_mm` down (documented)."""
    return cast("bytes", pool.call("nudge", data, x_mm, y_mm, first_only))


def typeset_html(html: str) -> bytes:
    """Lay out HTML with its CSS on A4. Nothing is fetched: pictures and fonts must be `data:` URLs."""
    return cast("bytes", pool.call("typeset_html", html))


def typeset_text(text: str) -> bytes:
    """Lay out plain text on A4; on page 1 it starts below the address window, 100 mm from the top."""
    return cast("bytes", pool.call("typeset_text", text))


def render_png(data: bytes, page: int, *, dpi: float = 60, window: str | None = None) -> bytes:
    """Draw a page.

    :param dpi: dots per inch, lowered for very large pages
    :param window: `left` or `right` draws a dashed frame where the envelope's window is
    """
    return cast("bytes", pool.call("render_png", data, page, dpi, window))


def measure_picture(data: bytes) -> PictureInfo:
    """Measure print artwork: PNG, JPEG, TIFF, PSD, or the first page of a PDF at 72 dpi."""
    return PictureInfo(**pool.call("measure_picture", data))


def to_pdf(data: bytes) -> bytes:
    """Return an upload as a PDF.

    The content decides what it is, not the name: PDF stays as it is (and is checked), PNG and JPEG become an
    A4 page, Word (DOCX and DOC) and RTF go through LibreOffice where it is installed.
    """
    if not data:
        raise UnreadableFile("broken", "The file is empty.")
    if data.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")):
        return cast("bytes", pool.call("picture_to_pdf", data))
    if data.startswith(b"{\\rtf"):
        data = office_to_pdf(data, ".rtf")
    elif data.startswith(b"PK\x03\x04") and b"word/" in data:
        data = office_to_pdf(data, ".docx")
    elif data.startswith(_OLD_WORD) and "WordDocument".encode("utf-16-le") in data:
        data = office_to_pdf(data, ".doc")
    elif b"%PDF-" not in data[:1024]:
        raise UnreadableFile("unknown kind", "The file is none of PDF, Word, RTF, PNG and JPEG.")
    inspect(data)
    return data


def picture_colours(data: bytes) -> list[tuple[tuple[int, int, int], int]]:
    """Return the colours of print artwork, each with how many points of a small copy have it."""
    return [((red, green, blue), count) for (red, green, blue), count in pool.call("picture_colours", data)]
