"""What a page says of its box and its rotation, read as pdfium reads it. Runs in the worker.

Real files hold nonsense there: a rotation of 45 degrees, a box without an area. pdfium, which counts,
measures and draws the pages, makes the best of it; what is written with pypdf has to come to the same result.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pypdf.generic import ArrayObject, FloatObject, NameObject, NumberObject, RectangleObject

if TYPE_CHECKING:
    from pypdf import PageObject
    from pypdf.generic import PdfObject

    from airflow_provider_print.sandbox.pdf.geometry import Box

#: What pdfium takes for a page without a usable media box: US letter, in points.
_USUAL: Box = (0.0, 0.0, 612.0, 792.0)


def straighten(page: PageObject) -> None:
    """Write box and rotation anew, so that `page.rotation` and `page.mediabox` are what is printed."""
    media = _box(page.get("/MediaBox")) or _USUAL
    crop = _box(page.get("/CropBox")) or media
    visible = (
        max(media[0], crop[0]),
        max(media[1], crop[1]),
        min(media[2], crop[2]),
        min(media[3], crop[3]),
    )
    page[NameObject("/MediaBox")] = RectangleObject(visible)
    page[NameObject("/CropBox")] = RectangleObject(visible)
    page[NameObject("/Rotate")] = NumberObject(_turn(page.get("/Rotate")))


def _box(value: PdfObject | None) -> Box | None:
    found = value.get_object() if value is not None else None
    if not isinstance(found, ArrayObject) or len(found) != 4:
        return None
    left, bottom, right, top = (_number(item) for item in found)
    box = (min(left, right), min(bottom, top), max(left, right), max(bottom, top))
    return box if box[0] < box[2] and box[1] < box[3] else None


def _turn(value: PdfObject | None) -> int:
    """Return 0, 90, 180 or 270: whole quarters count, what is no number is none."""
    return int(_number(value) / 90) % 4 * 90


def _number(value: PdfObject | None) -> float:
    found = value.get_object() if value is not None else None
    return float(found) if isinstance(found, FloatObject | NumberObject) else 0.0
