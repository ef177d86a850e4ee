"""What the PDF functions say about a file: its measures, or why it cannot be used."""

from __future__ import annotations

from dataclasses import dataclass

#: Words that `UnreadableFile.reason` may hold.
REASONS = ("encrypted", "broken", "too large", "unknown kind")


class UnreadableFile(Exception):  # noqa: N818 (a state of the file, not a fault of the program)
    """A file that cannot be printed; the message never holds any of its content.

    :param reason: one of `REASONS`
    :param message: one sentence for the person who sent the file
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True)
class PdfInfo:
    """Measures of a PDF.

    :param pages: number of pages
    :param sizes: width and height of each page in millimetres, as a reader sees it (rotation applied)
    """

    pages: int
    sizes: list[tuple[float, float]]
