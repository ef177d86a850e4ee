"""How the pages of a file become letters.

Proven by published results of the live service on a real file: a page with the phrase anywhere on it starts
a letter, the letter runs to the page before the next such page, and removal drops whole letters after
splitting. Assumed: matching is case-sensitive and by substring, white space is folded to one blank on both
sides (real PDFs set gaps as U+00A0 and break lines inside phrases), pages before the first phrase page are
a letter of their own so that nothing is lost silently, and without any phrase page there is one letter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Span:
    """Pages of one letter: the first, from 0, and how many."""

    first: int
    count: int


def fold(text: str) -> str:
    """Text with every run of white space (U+00A0 included) as one blank."""
    return " ".join(text.split())


def whole(pages: int) -> list[Span]:
    """One letter of everything."""
    return [Span(0, pages)]


def by_phrase(texts: Sequence[str], phrase: str) -> list[Span]:
    """Return a letter from every page that holds the phrase; `texts` are folded."""
    phrase = fold(phrase)
    starts = [page for page, text in enumerate(texts) if phrase in text]
    if not starts or starts[0] != 0:
        starts.insert(0, 0)
    ends = [*starts[1:], len(texts)]
    return [Span(start, end - start) for start, end in zip(starts, ends, strict=True)]


def by_pages(pages: int, size: int) -> list[Span]:
    """Return a letter of every `size` pages; the last may be shorter (assumed)."""
    return [Span(first, min(size, pages - first)) for first in range(0, pages, size)]


def without(spans: Sequence[Span], texts: Sequence[str], phrase: str) -> list[Span]:
    """Return the letters in which the phrase is on no page; `texts` are folded."""
    phrase = fold(phrase)
    return [
        span
        for span in spans
        if not any(phrase in text for text in texts[span.first : span.first + span.count])
    ]
