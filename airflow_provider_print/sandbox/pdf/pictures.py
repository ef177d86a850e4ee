"""Pictures as pages. Runs in the worker."""

from __future__ import annotations

import io

from PIL import Image, ImageOps, UnidentifiedImageError
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from airflow_provider_print.sandbox.pdf.errors import UnreadableFile
from airflow_provider_print.sandbox.pdf.geometry import A4
from airflow_provider_print.sandbox.pdf.reading import MAX_BYTES

#: Most pixels of a picture: A4 at 600 dpi has 35 million.
MAX_PIXELS = 100_000_000
Image.MAX_IMAGE_PIXELS = MAX_PIXELS


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
