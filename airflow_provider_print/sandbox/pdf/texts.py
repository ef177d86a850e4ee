"""What the pages of a file say, and what is in their address windows, in one pass over the file.

To load a page costs more than all that is asked of it, so everything is asked at once; and a draft that is
split anew after an update finds its pages read.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import NamedTuple

from airflow_provider_print.sandbox.pdf.pool import pool

#: Pages read in one call: a run of thousands of pages is honest work, and each part has its own time limit.
PAGES_AT_ONCE = 500
#: Characters that are remembered at most, of all files together.
_REMEMBERED = 16_000_000


class PageText(NamedTuple):
    """The raw text of a page, and the lines in its address window from top to bottom."""

    text: str
    lines: list[str]


def read_pages(
    data: bytes, pages: list[int], window: str, x_mm: float = 0.0, y_mm: float = 0.0
) -> list[PageText]:
    """Return what some pages hold, in the given order.

    :param pages: counted from 0.
    :param window: `left` or `right`, as in `window_lines`.
    :param x_mm: how far the document is nudged to the right before it is put under the window.
    :param y_mm: the same downwards.
    """
    found: list[PageText] = []
    for first in range(0, len(pages), PAGES_AT_ONCE):
        part = pool.call("read_pages", data, pages[first : first + PAGES_AT_ONCE], window, x_mm, y_mm)
        found += [PageText(text, lines) for text, lines in part]
    return found


class FileTexts:
    """What the pages of the last files hold; in memory only."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.clear()

    def clear(self) -> None:
        """Forget all of it."""
        with self._lock:
            self._files: OrderedDict[tuple[str, str], list[PageText]] = OrderedDict()
            self._size = 0

    def read(self, data: bytes, sha: str, pages: int, window: str) -> list[PageText]:
        """Return what all pages of a file hold.

        :param sha: by which the file is known again.
        :param pages: how many it has.
        :param window: `left` or `right`.
        """
        key = (sha, window)
        with self._lock:
            known = self._files.get(key)
            if known is not None:
                self._files.move_to_end(key)
                return known
        found = read_pages(data, list(range(pages)), window)
        with self._lock:
            if key not in self._files:
                self._files[key] = found
                self._size += _size(found)
            while self._size > _REMEMBERED:
                self._size -= _size(self._files.popitem(last=False)[1])
        return found


def _size(pages: list[PageText]) -> int:
    return sum(len(page.text) for page in pages)
