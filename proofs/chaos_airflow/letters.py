"""The files that are posted: one page where the letter is right, two where it is to be refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reportlab.pdfgen.canvas import Canvas

if TYPE_CHECKING:
    from pathlib import Path


def write_letter(path: Path, words: str, *, pages: int = 1) -> None:
    """Write a letter, whole or not at all: a task may read it at any moment.

    :param path: of the PDF.
    :param words: what is in it.
    :param pages: how many.
    """
    new = path.with_suffix(".new")
    canvas = Canvas(str(new), invariant=1)
    for page in range(1, pages + 1):
        canvas.drawString(80, 380, f"{words}, page {page}")
        canvas.showPage()
    canvas.save()
    new.replace(path)
