"""The house style: colours, margins, the mark, and a sheet to write on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

if TYPE_CHECKING:
    from pathlib import Path

FERN, SAND, RUST = HexColor("#1F4D3A"), HexColor("#F3EEE2"), HexColor("#B5532A")
INK, GREY, LINE = HexColor("#22282B"), HexColor("#6C7479"), HexColor("#CBC7BC")
LEFT, RIGHT = 25 * mm, 190 * mm


class Sheet:
    """A canvas with a place to write next, from the top of an A4 page down."""

    def __init__(self, path: Path, title: str) -> None:
        self.canvas = Canvas(str(path), pagesize=A4, invariant=1, pageCompression=1)
        self.canvas.setTitle(title)
        self.canvas.setAuthor("Fernhill Supplies")
        self.y = 0.0

    def text(
        self, x: float, text: str, size: float = 9.5, *, bold: bool = False, colour=INK, right=False
    ) -> None:
        """One line at the current height, beginning (or ending) at x."""
        self.canvas.setFont("Helvetica-Bold" if bold else "Helvetica", size)
        self.canvas.setFillColor(colour)
        (self.canvas.drawRightString if right else self.canvas.drawString)(x, self.y, text)

    def rule(self, *, colour=LINE, width: float = 0.5, dash: tuple[float, ...] = ()) -> None:
        """Draw a line across the text area."""
        self.canvas.setStrokeColor(colour)
        self.canvas.setLineWidth(width)
        self.canvas.setDash(*([list(dash)] if dash else []))
        self.canvas.line(LEFT, self.y, RIGHT, self.y)
        self.canvas.setDash()

    def band(self, height: float, colour=SAND) -> None:
        """Draw a tinted band, its foot at the current height."""
        self.canvas.setFillColor(colour)
        self.canvas.rect(LEFT, self.y, RIGHT - LEFT, height, stroke=0, fill=1)

    def top(self, millimetres: float) -> None:
        """Go to a distance from the upper edge."""
        self.y = A4[1] - millimetres * mm


def fern(canvas: Canvas, x: float, y: float, height: float, colour=FERN) -> None:
    """Draw the mark of the house, a fern leaf."""
    canvas.saveState()
    canvas.translate(x, y)
    canvas.rotate(-18)
    canvas.setFillColor(colour)
    canvas.setStrokeColor(colour)
    canvas.setLineCap(1)
    canvas.setLineWidth(height / 32)
    canvas.line(0, 0, 0, height)
    for step in range(9):
        length = height * (0.42 - 0.04 * step)
        for side in (-1, 1):
            canvas.saveState()
            canvas.translate(0, height * (0.14 + 0.095 * step))
            canvas.rotate(side * 52)
            leaf = canvas.beginPath()
            leaf.moveTo(0, 0)
            leaf.curveTo(length * 0.16, length * 0.35, length * 0.12, length * 0.75, 0, length)
            leaf.curveTo(-length * 0.16, length * 0.75, -length * 0.12, length * 0.35, 0, 0)
            canvas.drawPath(leaf, stroke=0, fill=1)
            canvas.restoreState()
    canvas.restoreState()
