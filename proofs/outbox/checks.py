"""What every step shares: a page that is watched, things that must be so, pictures that stay small."""

from __future__ import annotations

import io
import time
from typing import TYPE_CHECKING, Any, Self

from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Browser, Page

PATIENCE = 15.0
_KEPT, _COLOURS = 200, 256

_CONTRAST = """(selector) => {
  const paint = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const rgb = (text) => { paint.clearRect(0, 0, 1, 1); paint.fillStyle = text;
    paint.fillRect(0, 0, 1, 1); return [...paint.getImageData(0, 0, 1, 1).data]; };
  const light = ([r, g, b]) => { const [x, y, z] = [r, g, b].map((v) => { v /= 255;
    return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
    return .2126 * x + .7152 * y + .0722 * z; };
  const behind = (e) => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor);
    if (c[3] === 255) return c; } return [255, 255, 255, 255]; };
  const seen = (e) => e.offsetParent && e.textContent.trim();
  return [...document.querySelectorAll(selector)].filter(seen).map((e) => {
    const a = light(rgb(getComputedStyle(e).color)), b = light(behind(e));
    return [(Math.max(a, b) + .05) / (Math.min(a, b) + .05), e.textContent.trim().slice(0, 30)]; });
}"""


class NotSoError(AssertionError):
    """Something of the page is not as it should be."""


def must(so: object, what: str) -> None:
    """Fail unless something is so.

    :raises NotSoError: saying what should have been.
    """
    if not so:
        raise NotSoError(what)


class Watched:
    """A page in a browser of its own that notes everything that goes wrong in it.

    :param browser: where it is opened.
    :param url: of the sandbox.
    :param options: of the browser's context: size, colour scheme and the like.
    """

    def __init__(self, browser: Browser, url: str, **options: Any) -> None:
        self._context = browser.new_context(**options)
        self._context.set_default_timeout(PATIENCE * 1000)
        self.url = url
        self.page: Page = self._context.new_page()
        self.troubles: list[str] = []
        self.page.on("pageerror", lambda error: self.troubles.append(f"script: {error}"))
        self.page.on("console", self._heard)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *_rest: object) -> None:
        self._context.close()
        if kind is None:
            must(not self.troubles, f"the page runs without an error, but: {self.troubles[:3]}")

    def _heard(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.troubles.append(f"console: {message.text}")

    def go(self, place: str = "") -> None:
        """Open a view by its address."""
        self.page.goto(f"{self.url}/{place}")

    def text(self, selector: str) -> str:
        """Return the text of the first element that fits, waited for."""
        return self.page.locator(selector).first.inner_text()

    def count(self, selector: str) -> int:
        """Return how many elements fit now."""
        return self.page.locator(selector).count()

    def until(self, so: Callable[[], object], what: str, seconds: float = PATIENCE) -> float:
        """Wait until something is so; the seconds that it took.

        :raises NotSoError: when it does not become so.
        """
        began = time.monotonic()
        while not so():
            must(time.monotonic() - began < seconds, what)
            self.page.wait_for_timeout(20)
        return time.monotonic() - began

    def pictures_are_there(self, selector: str) -> None:
        """Wait until the pictures that fit have come, at least one.

        :raises NotSoError: when one does not.
        """
        script = (
            "(s) => { const all = [...document.querySelectorAll(s)];"
            " return all.length > 0 && all.every((i) => i.complete && i.naturalWidth > 0); }"
        )
        self.until(lambda: self.page.evaluate(script, selector), f"all pictures {selector} can be seen", 30)

    def readable(self, selector: str) -> float:
        """Return the least contrast of the texts that fit.

        :raises NotSoError: when it is below 4.5, which is what small text needs.
        """
        found = self.page.evaluate(_CONTRAST, selector)
        must(found, f"there is text to measure at {selector}")
        least, text = min(found)
        must(least >= 4.5, f"{text!r} can be read: contrast {least:.2f}, needs 4.5")
        return float(least)

    def fits(self) -> None:
        """See to it that nothing is wider than the screen.

        :raises NotSoError: when something is.
        """
        wide, room = self.page.evaluate(
            "() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]"
        )
        must(wide <= room, f"the page is as wide as the screen, not {wide} on {room} pixels")

    def picture(self, path: Path) -> str:
        """Write a picture of what can be seen, with few colours, so that it stays small; a line about it."""
        self.page.mouse.move(1, 1)
        self.page.evaluate("() => document.querySelectorAll('.toast').forEach((shown) => shown.remove())")
        self.page.wait_for_timeout(300)
        raw = Image.open(io.BytesIO(self.page.screenshot())).convert("RGB")
        path.parent.mkdir(parents=True, exist_ok=True)
        few_colours(raw).save(path, optimize=True)
        return f"picture   {path.name:28s} {raw.width} x {raw.height}, {path.stat().st_size // 1024} kB"


def few_colours(picture: Image.Image) -> Image.Image:
    """Return a picture with a palette: large areas keep their very colours, the rest the nearest of a few."""
    counted = sorted(picture.getcolors(picture.width * picture.height) or [], reverse=True)
    palette = [part for _, colour in counted[:_KEPT] for part in colour]  # type: ignore[union-attr]
    rest = picture.quantize(_COLOURS - _KEPT, method=Image.Quantize.MAXCOVERAGE)
    palette += (rest.getpalette() or [])[: 3 * (_COLOURS - _KEPT)]
    holder = Image.new("P", (1, 1))
    holder.putpalette(palette[: 3 * _COLOURS])
    return picture.quantize(palette=holder, dither=Image.Dither.NONE)
