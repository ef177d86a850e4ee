"""PDFs for the tests, made by ReportLab, which the sandbox reads with other libraries."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

if TYPE_CHECKING:
    from reportlab.lib.colors import Color


def letter_pdf(texts, *, size=A4, turn=0, at=(25 * mm, 150 * mm), encrypt=None) -> bytes:
    """One page per text; the lines of a text go down from `at` (points from the lower left)."""
    target = io.BytesIO()
    canvas = Canvas(target, pagesize=size, invariant=1, encrypt=encrypt)
    for text in texts:
        if turn:
            canvas.setPageRotation(turn)
        block = canvas.beginText(*at)
        block.setFont("Helvetica", 10)
        block.textLines(text)
        canvas.drawText(block)
        canvas.showPage()
    canvas.save()
    return target.getvalue()


def coloured_pdf(colour: Color, *, size=A4, text="Letterhead") -> bytes:
    """One page full of a colour, with a word at the top."""
    target = io.BytesIO()
    canvas = Canvas(target, pagesize=size, invariant=1)
    canvas.setFillColor(colour)
    canvas.rect(0, 0, *size, fill=1, stroke=0)
    canvas.setFillGray(0)
    canvas.drawString(20 * mm, size[1] - 15 * mm, text)
    canvas.showPage()
    canvas.save()
    return target.getvalue()


def encrypted_pdf(user_password: str) -> bytes:
    return letter_pdf(
        ["secret"], encrypt=StandardEncryption(user_password, ownerPassword="owner", strength=128)
    )


def raw_pdf(objects: dict[int, bytes], root: int = 1) -> bytes:
    """A PDF made of given objects, for files that no honest writer makes."""
    data, offsets = b"%PDF-1.4\n", {}
    for number, body in objects.items():
        offsets[number] = len(data)
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start, size = len(data), max(objects) + 1
    data += b"xref\n0 %d\n0000000000 65535 f \n" % size
    for number in range(1, size):
        data += b"%010d 00000 n \n" % offsets[number] if number in offsets else b"0000000000 00000 f \n"
    return data + b"trailer\n<< /Size %d /Root %d 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, root, start)
