"""Pictures as pages. Runs in the worker."""

from __future__ import annotations

import io
from typing import Any, cast

from PIL import Image, ImageOps, UnidentifiedImageError
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from airflow_provider_print.sandbox.pdf.errors import UnreadableFile
from airflow_provider_print.sandbox.pdf.geometry import A4
from airflow_provider_print.sandbox.pdf.reading import MAX_BYTES, load_page, open_for_reading

#: Most pixels of a picture: A4 at 600 dpi has 35 million.
MAX_PIXELS = 100_000_000
Image.MAX_IMAGE_PIXELS = MAX_PIXELS

#: Formats of print artwork that pillow may open, with their media types.
ARTWORK = {"PNG": "image/png", "JPEG": "image/jpeg", "TIFF": "image/tiff", "PSD": "image/x-psd"}
#: Longest side of the two small pictures.
PREVIEW_PIXELS, THUMBNAIL_PIXELS = 800, 200
#: Longest side of the copy in which colours are counted.
COLOUR_PIXELS = 64


def picture_to_pdf(data: bytes) -> bytes:
    """Return an A4 page with a PNG or JPEG picture, as large as it fits, in the middle (assumed)."""
    if len(data) > MAX_BYTES:
        raise UnreadableFile("too large", f"The file is larger than {MAX_BYTES // 1024 // 1024} MiB.")
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise UnreadableFile("too large", f"The picture has more than {MAX_PIXELS} pixels.")
            upright = ImageOps.exif_transpose(picture)
            if upright.mode not in ("1", "L", "RGB", "CMYK"):
                upright = _on_white(upright)
    except Image.DecompressionBombError:
        raise UnreadableFile("too large", f"The picture has more than {MAX_PIXELS} pixels.") from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        raise UnreadableFile("broken", "The picture is damaged and cannot be opened.") from None
    scale = min(A4[0] / upright.width, A4[1] / upright.height)
    width, height = upright.width * scale, upright.height * scale
    target = io.BytesIO()
    canvas = Canvas(target, pagesize=A4, invariant=1)
    canvas.drawImage(ImageReader(upright), (A4[0] - width) / 2, (A4[1] - height) / 2, width, height)
    canvas.showPage()
    canvas.save()
    return target.getvalue()


def _on_white(picture: Image.Image) -> Image.Image:
    layered = picture.convert("RGBA")
    white = Image.new("RGBA", layered.size, "white")
    white.alpha_composite(layered)
    return white.convert("RGB")


def measure_picture(data: bytes) -> dict[str, Any]:
    """Measure print artwork and make small pictures of it; a PDF is measured as its first page at 72 dpi."""
    if b"%PDF-" in data[:1024]:
        return _measure_pdf(data)
    try:
        with Image.open(io.BytesIO(data), formats=tuple(ARTWORK)) as picture:
            found = {
                "mime_type": ARTWORK[picture.format or ""],
                "width": picture.width,
                "height": picture.height,
                "dpi": _dpi(picture),
            }
            picture.draft("RGB", (PREVIEW_PIXELS, PREVIEW_PIXELS))
            picture.load()
            return found | _small_ones(picture)
    except Image.DecompressionBombError:
        raise UnreadableFile("too large", "The picture has too many pixels.") from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        raise UnreadableFile("unknown kind", "The file is not a picture that can be printed.") from None


def picture_colours(data: bytes) -> list[tuple[tuple[int, int, int], int]]:
    """Count the colours of a small copy of print artwork; what is see-through has none."""
    with Image.open(io.BytesIO(measure_picture(data)["preview"]), formats=("PNG",)) as picture:
        small = picture.convert("RGBA")
    # Points are picked and not blended, which would make new colours at every rim.
    small.thumbnail((COLOUR_PIXELS, COLOUR_PIXELS), Image.Resampling.NEAREST)
    counts: dict[tuple[int, int, int], int] = {}
    for count, colour in small.getcolors(COLOUR_PIXELS**2) or []:
        red, green, blue, alpha = cast("tuple[int, int, int, int]", colour)
        if alpha > 127:
            counts[red, green, blue] = counts.get((red, green, blue), 0) + count
    return list(counts.items())


def _measure_pdf(data: bytes) -> dict[str, Any]:
    page = load_page(open_for_reading(data), 0)
    width, height = page.get_size()
    picture = page.render(scale=PREVIEW_PIXELS / max(width, height)).to_pil()
    page.close()
    facts = {"mime_type": "application/pdf", "width": round(width), "height": round(height), "dpi": 72}
    return facts | _small_ones(picture)


def _dpi(picture: Image.Image) -> int | None:
    try:
        dpi = round(float(picture.info["dpi"][0]))
    except (KeyError, TypeError, ValueError, OverflowError, ZeroDivisionError):
        return None
    return dpi if dpi > 1 else None  # 1 is what a file says that only knows its proportions


def _small_ones(picture: Image.Image) -> dict[str, bytes]:
    found = {}
    see_through = "A" in picture.getbands() or "transparency" in picture.info
    small = picture.convert("RGBA" if see_through else "RGB")
    for name, pixels in (("preview", PREVIEW_PIXELS), ("thumbnail", THUMBNAIL_PIXELS)):
        small.thumbnail((pixels, pixels))
        target = io.BytesIO()
        small.save(target, "PNG")
        found[name] = target.getvalue()
    return found
