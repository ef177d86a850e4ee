"""Statement runs to measure with: letters of a few dense pages, made by ReportLab."""

from __future__ import annotations

import io
import random

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

SPLIT_PHRASE = "Dear account holder"
"""On the first page of each letter."""
REMOVE_PHRASE = "Balance brought to zero"
"""On the first page of every tenth letter."""
REMOVED_EVERY = 10
_LINES = 38
_WORDS = [
    "direct",
    "debit",
    "standing",
    "order",
    "card",
    "payment",
    "refund",
    "transfer",
    "interest",
    "charge",
    "insurance",
    "council",
]


def statement_run(*, letters: int, pages: int) -> bytes:
    """Return a PDF of `letters` statements with `pages` pages in all, spread evenly; the same every time."""
    chances = random.Random(letters)
    target = io.BytesIO()
    paper = Canvas(target, pagesize=A4, invariant=1)
    paper.setTitle("Statements")
    for letter in range(letters):
        count = pages * (letter + 1) // letters - pages * letter // letters
        for page in range(count):
            _page(paper, chances, letter, page)
    paper.save()
    return target.getvalue()


def _page(paper: Canvas, chances: random.Random, letter: int, page: int) -> None:
    block = paper.beginText(24 * mm, (297 - 52) * mm)
    block.setFont("Helvetica", 10)
    if page == 0:
        block.textLines(f"Customer {letter}\n{letter} High Street\nANYTOWN\nAB1 {letter % 10}CD")
    paper.drawText(block)
    block = paper.beginText(24 * mm, 190 * mm)
    block.setFont("Helvetica", 9)
    if page == 0:
        block.textLine(f"{SPLIT_PHRASE},")
        block.textLine(REMOVE_PHRASE if letter % REMOVED_EVERY == 0 else "This is your statement.")
    for line in range(_LINES):
        words = " ".join(chances.choices(_WORDS, k=6))
        block.textLine(f"{line + 1:02d} November 2026   {words}   {chances.randint(100, 99_999) / 100:,.2f}")
    paper.drawText(block)
    paper.drawRightString(186 * mm, 12 * mm, f"Page {page + 1}")
    paper.showPage()
