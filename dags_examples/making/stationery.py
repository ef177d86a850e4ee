"""Letterhead, continuation sheet, leaflet and postcard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4, A6
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from making.sheet import FERN, GREY, INK, LEFT, LINE, RIGHT, RUST, SAND, Sheet, fern

if TYPE_CHECKING:
    from pathlib import Path

CARD = """Our autumn catalogue is out:
48 pages of paper, card
and everything to wrap it in.

Come by, or look at
fernhill.example"""


def backgrounds(folder: Path) -> None:
    """Letterhead and continuation sheet: nothing where address and text go."""
    sheet = Sheet(folder / "letterhead.pdf", "Letterhead")
    canvas = sheet.canvas
    canvas.setFillColor(FERN)
    canvas.rect(0, A4[1] - 4 * mm, A4[0], 4 * mm, stroke=0, fill=1)
    fern(canvas, LEFT + 3 * mm, A4[1] - 33 * mm, 20 * mm)
    sheet.top(22)
    sheet.text(LEFT + 19 * mm, "Fernhill Supplies", 20, bold=True, colour=FERN)
    sheet.y -= 6 * mm
    sheet.text(LEFT + 19 * mm, "Paper and packaging for small shops", 9.5, colour=GREY)
    for line, depth in (("1 Example Lane, Fernhill, QZ1 1ZZ", 20), ("fernhill.example", 25)):
        sheet.top(depth)
        sheet.text(RIGHT, line, 8.5, colour=GREY, right=True)
    _foot(sheet)
    canvas.save()
    sheet = Sheet(folder / "continuation.pdf", "Continuation sheet")
    fern(sheet.canvas, LEFT + 1.5 * mm, A4[1] - 19 * mm, 9 * mm)
    sheet.top(17)
    sheet.text(LEFT + 10 * mm, "Fernhill Supplies", 10, bold=True, colour=FERN)
    sheet.top(22)
    sheet.rule(colour=FERN)
    _foot(sheet)
    sheet.canvas.save()


def _foot(sheet: Sheet) -> None:
    sheet.y = 21 * mm
    sheet.rule(colour=FERN)
    sheet.y -= 5 * mm
    sheet.text(
        LEFT, "Fernhill Supplies is an invented company. Nothing on this page is real.", 8, colour=GREY
    )
    sheet.text(RIGHT, "fernhill.example", 8, colour=GREY, right=True)
    sheet.canvas.showPage()


def leaflet(path: Path) -> None:
    """One page that goes with every letter."""
    sheet = Sheet(path, "Leaflet")
    canvas = sheet.canvas
    canvas.setFillColor(SAND)
    canvas.rect(0, 0, *A4, stroke=0, fill=1)
    canvas.setFillColor(FERN)
    canvas.rect(0, 150 * mm, A4[0], 147 * mm, stroke=0, fill=1)
    for index in range(7):
        height = (44 + 9 * (index * 5 % 4)) * mm
        fern(canvas, (14 + 30 * index) * mm, 146 * mm, height, HexColor(("#2F6B50", "#3F8264")[index % 2]))
    sheet.top(62)
    sheet.text(LEFT, "Less plastic.", 44, bold=True, colour=SAND)
    sheet.y -= 19 * mm
    sheet.text(LEFT, "Same parcel.", 44, bold=True, colour=SAND)
    sheet.top(170)
    sheet.text(LEFT, "Our new paper mailers", 20, bold=True, colour=FERN)
    for line in (
        "From November every mailer in the catalogue is made of paper alone:",
        "padded with paper, closed with paper tape, and welcome in any recycling bin.",
        "",
        "Order ten boxes before the end of the year and the eleventh is on us.",
    ):
        sheet.y -= 8 * mm
        sheet.text(LEFT, line, 12)
    sheet.y -= 16 * mm
    for name, price in (
        ("Small, 100 pieces", "£24.50"),
        ("Medium, 100 pieces", "£31.75"),
        ("Large, 50 pieces", "£36.45"),
    ):
        sheet.text(LEFT, name, 12)
        sheet.text(110 * mm, price, 12, bold=True, colour=RUST, right=True)
        sheet.y -= 8 * mm
    sheet.y = 20 * mm
    sheet.text(LEFT, "fernhill.example/mailers", 11, bold=True, colour=FERN)
    canvas.showPage()
    canvas.save()


def postcard(path: Path) -> None:
    """Picture side and text side, A6 across; the right half of the text side is the address's."""
    width, height = A6[1], A6[0]
    canvas = Canvas(str(path), pagesize=(width, height), invariant=1)
    canvas.setFillColor(RUST)
    canvas.rect(0, 0, width, height, stroke=0, fill=1)
    canvas.setFillColor(HexColor("#E8B04B"))
    canvas.circle(width * 0.72, height * 0.56, 26 * mm, stroke=0, fill=1)
    for index in range(8):
        fern(
            canvas,
            (4 + 20 * index) * mm,
            -6 * mm,
            (34 + 11 * (index * 3 % 4)) * mm,
            (FERN, HexColor("#16382A"))[index % 2],
        )
    canvas.setFillColor(SAND)
    canvas.setFont("Helvetica-Bold", 27)
    canvas.drawString(10 * mm, height - 22 * mm, "See you in autumn")
    canvas.showPage()
    canvas.setFillColor(INK)
    text = canvas.beginText(10 * mm, height - 20 * mm)
    text.setFont("Helvetica", 10, leading=15)
    text.textLines(CARD)
    canvas.drawText(text)
    fern(canvas, 12 * mm, 10 * mm, 18 * mm)
    canvas.setStrokeColor(LINE)
    canvas.line(width / 2, 10 * mm, width / 2, height - 10 * mm)
    canvas.showPage()
    canvas.save()
