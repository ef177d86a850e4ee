"""Pages from HTML and plain text, and the address that goes into the window. Runs in the worker.

PlutoPrint lays out HTML and CSS without a browser. It fetches nothing: a document may only use what it
carries itself, in `data:` URLs. The fonts lie beside this file, so that a letter looks the same on a machine
without any font; fonts of the machine fill in for scripts beyond Latin, Greek and Cyrillic.
"""

from __future__ import annotations

import atexit
import functools
import html as markup
import io
import shutil
import tempfile
from pathlib import Path

import plutoprint
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from airflow_provider_print.sandbox.pdf.errors import UnreadableFile
from airflow_provider_print.sandbox.pdf.geometry import MM, window_box
from airflow_provider_print.sandbox.pdf.reading import MAX_PAGES

FONTS = Path(__file__).parent / "fonts"

_FONTCONFIG = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{fonts}</dir>
  <dir>/usr/share/fonts</dir>
  <dir>/Library/Fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
  <cachedir>{cache}</cachedir>
  <alias><family>sans-serif</family><prefer><family>DejaVu Sans</family></prefer></alias>
  <alias><family>serif</family><prefer><family>DejaVu Sans</family></prefer></alias>
  <alias><family>monospace</family><prefer><family>DejaVu Sans</family></prefer></alias>
</fontconfig>
"""

#: Plain text starts below the address window, which stays free on page 1.
_TEXT_PAGE = """<!DOCTYPE html><html><head><meta charset="utf-8"><style>
@page {{ size: A4; margin: 25mm 20mm 25mm 25mm; }}
@page :first {{ margin-top: 100mm; }}
body {{ margin: 0; font: 10.5pt/1.45 sans-serif; white-space: pre-wrap; overflow-wrap: anywhere; }}
</style></head><body>{text}</body></html>"""

#: What a page has when the author's own `@page` rule says nothing else.
_MARGINS = plutoprint.PageMargins(20 * MM, 20 * MM, 20 * MM, 25 * MM)


class _OwnPartsOnly(plutoprint.ResourceFetcher):
    """Loads `data:` URLs and nothing else: no network, no files of the machine."""

    def fetch_url(self, url: str) -> plutoprint.ResourceData:
        """Return what the URL carries in itself; anything else comes back empty, like a missing picture."""
        if url[:5].lower() == "data:":
            return plutoprint.default_resource_fetcher.fetch_url(url)
        return plutoprint.ResourceData(b"", "text/plain", "utf-8")


@functools.cache
def _prepare_fonts() -> None:
    folder = Path(tempfile.mkdtemp(prefix="print-sandbox-fonts-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    text = _FONTCONFIG.format(fonts=markup.escape(str(FONTS)), cache=markup.escape(str(folder / "cache")))
    (folder / "fonts.conf").write_text(text, encoding="utf-8")
    plutoprint.plutobook_set_fontconfig_path(str(folder))


def typeset_html(html: str) -> bytes:
    """Lay out an HTML document on A4, or on what its own `@page` rule says."""
    _prepare_fonts()
    book = plutoprint.Book(plutoprint.PAGE_SIZE_A4, _MARGINS)
    book.custom_resource_fetcher = _OwnPartsOnly()
    try:
        book.load_html(html)
        pages = book.get_page_count()
    except plutoprint.Error as error:
        raise UnreadableFile("broken", "The HTML cannot be laid out.") from error
    if pages > MAX_PAGES:
        raise UnreadableFile("too large", f"The HTML fills {pages} pages; at most {MAX_PAGES} are accepted.")
    target = io.BytesIO()
    book.write_to_pdf_stream(target)
    return target.getvalue()


def typeset_text(text: str) -> bytes:
    """Lay out plain text on A4: line breaks are kept, long lines are wrapped, the window stays free."""
    return typeset_html(_TEXT_PAGE.format(text=markup.escape(text)))


@functools.cache
def _address_font() -> str:
    pdfmetrics.registerFont(TTFont("DejaVuSans", str(FONTS / "DejaVuSans.ttf")))
    return "DejaVuSans"


def address_overlay(size: tuple[float, float], lines: list[str], window: str, code: str = "") -> bytes:
    """Return an empty page of the given size in points, with an address in its window.

    :param code: a line that is printed upwards along the left edge

    Lines are set at 10 points, and smaller when there are many or one is long.
    """
    left, bottom, right, top = window_box(size, window)
    left, right, top, bottom = left + 4 * MM, right - 2 * MM, top - 3 * MM, bottom + 2 * MM
    name = _address_font()
    widest = max((pdfmetrics.stringWidth(line, name, 1) for line in lines), default=1.0)
    points = min(10.0, (right - left) / max(widest, 1.0), (top - bottom) / (1.25 * max(1, len(lines))))
    target = io.BytesIO()
    canvas = Canvas(target, pagesize=size, invariant=1)
    text = canvas.beginText(left, top - points)
    text.setFont(name, points, leading=1.25 * points)
    for line in lines:
        text.textLine(line)
    canvas.drawText(text)
    if code:
        canvas.rotate(90)
        canvas.setFont(name, 6)
        canvas.drawString(20 * MM, -6 * MM, code)
    canvas.showPage()
    canvas.save()
    return target.getvalue()
