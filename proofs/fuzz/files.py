"""Small files to send, made once."""

from __future__ import annotations

import base64
import io
from functools import cache

from PIL import Image
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen import canvas


@cache
def letters(pages: int = 2) -> bytes:
    """Return a PDF with an address in the window of every page."""
    buffer = io.BytesIO()
    paper = canvas.Canvas(buffer, pagesize=A4, invariant=1)
    for number in range(pages):
        paper.drawString(25 * mm, 150 * mm, f"Dear customer {number}")
        for line, text in enumerate(("A Reader", "7 Any Road", "ANYTOWN", "AB1 2CD")):
            paper.drawString(25 * mm, (297 - 52 - 5 * line) * mm, text)
        paper.showPage()
    paper.save()
    return buffer.getvalue()


@cache
def picture(kind: str = "PNG", side: int = 120) -> bytes:
    """Return a picture."""
    buffer = io.BytesIO()
    Image.new("RGB", (side, side * 2 // 3), (31, 77, 58)).save(buffer, kind, dpi=(150, 150))
    return buffer.getvalue()


@cache
def in_base64(data: bytes) -> str:
    """Return bytes as JSON carries them."""
    return base64.b64encode(data).decode()
