"""Artwork for print on demand: flat colours, true resolution, few bytes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, ImageFont

if TYPE_CHECKING:
    from pathlib import Path

FERN, MOSS, SAND, RUST, SUN = "#1F4D3A", "#3F8264", "#F3EEE2", "#B5532A", "#E8B04B"
DPI = 300


def write_pictures(folder: Path) -> None:
    """Write `artwork-front.png`, 6 x 8 inches for a shirt, and `artwork-label.png`, 2 x 1 inches."""
    front = Image.new("RGBA", (1800, 2400))
    draw = ImageDraw.Draw(front)
    draw.ellipse((250, 500, 1550, 1800), fill=SUN)
    for index, x in enumerate((330, 560, 790, 1020, 1250, 1480)):
        _fern(
            draw, (x, 2050), 820 + 190 * (index * 2 % 3), (FERN, MOSS)[index % 2], lean=-0.25 + 0.09 * index
        )
    draw.rectangle((100, 2030, 1700, 2060), fill=FERN)
    _centred(draw, 240, "FERNHILL", 230, FERN)
    _centred(draw, 2180, "GROWN ON PAPER", 130, RUST)
    _save(front, folder / "artwork-front.png")
    label = Image.new("RGBA", (600, 300), SAND)
    draw = ImageDraw.Draw(label)
    draw.rectangle((12, 12, 587, 287), outline=FERN, width=6)
    _fern(draw, (110, 250), 190, FERN, lean=0.2)
    font = ImageFont.load_default(size=62)
    draw.text((195, 75), "Fernhill", fill=FERN, font=font)
    draw.text((198, 165), "wash at 30", fill=RUST, font=ImageFont.load_default(size=40))
    _save(label, folder / "artwork-label.png")


def _fern(draw: ImageDraw.ImageDraw, foot: tuple[int, int], height: int, colour: str, *, lean: float) -> None:
    x, y = foot
    up = (math.sin(lean), -math.cos(lean))
    tip = (x + height * up[0], y + height * up[1])
    draw.line([foot, tip], fill=colour, width=max(4, height // 50))
    for step in range(11):
        share = 0.12 + 0.078 * step
        start = (x + height * share * up[0], y + height * share * up[1])
        length = height * (0.30 - 0.023 * step)
        for side in (-1, 1):
            along = (math.sin(lean + side * 0.95), -math.cos(lean + side * 0.95))
            across = (-along[1], along[0])
            outline = []
            for position in range(21):
                t = position / 20 * 2
                forth, wide = (t, 1) if t <= 1 else (2 - t, -1)
                swell = length * 0.13 * math.sin(math.pi * forth) * wide
                outline.append(
                    (
                        start[0] + along[0] * length * forth + across[0] * swell,
                        start[1] + along[1] * length * forth + across[1] * swell,
                    )
                )
            draw.polygon(outline, fill=colour)


def _centred(draw: ImageDraw.ImageDraw, y: int, text: str, size: int, colour: str) -> None:
    draw.text((900, y), text, fill=colour, font=ImageFont.load_default(size=size), anchor="mt")


def _save(picture: Image.Image, path: Path) -> None:
    picture.quantize(32, method=Image.Quantize.FASTOCTREE).save(path, dpi=(DPI, DPI), optimize=True)
