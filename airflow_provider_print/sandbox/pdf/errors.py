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


@dataclass(frozen=True)
class PictureInfo:
    """Measures of a picture, and two small ones of it.

    :param mime_type: such as `image/png`
    :param width: pixels
    :param height: pixels
    :param dpi: dots per inch as the file says; None when it does not
    :param thumbnail: PNG, at most 200 pixels long
    :param preview: PNG, at most 800 pixels long
    """

    mime_type: str
    width: int
    height: int
    dpi: int | None
    thumbnail: bytes
    preview: bytes
