"""How the pages of a file become letters.

Proven by published results of the live service on a real file: a page with the phrase anywhere on it starts
a letter, the letter runs to the page before the next such page, and removal drops whole letters after
splitting. Assumed: matching is case-sensitive and by substring, white space is folded to one blank on both
sides (real PDFs set gaps as U+00A0 and break lines inside phrases), pages before the first phrase page are
a letter of their own so that nothing is lost silently, and without any phrase page there is one letter.
Rules of the world offer the other readings.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from airflow_provider_print.sandbox.intelliprint.errors import invalid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow_provider_print.sandbox.world import World


@dataclass(frozen=True)
class Span:
    """Pages of one letter: the first, from 0, and how many."""

    first: int
    count: int


def spans(
    pages: int, texts: Sequence[str], *, rule: dict[str, Any], remove: dict[str, Any], world: World
) -> list[Span]:
    """Return the letters of a file that are kept, in order.

    :param pages: how many there are.
    :param texts: the folded text of each page; may be empty where no phrase is looked for.
    :param rule: `splitting` of a print job.
    :param remove: `remove_letters` of a print job.
    :raises ServiceError: when no letter would be left, or a phrase is nowhere and the world refuses that.
    """
    if world.split_ignores_case:
        texts = [text.casefold() for text in texts]
    same = str.casefold if world.split_ignores_case else str
    if rule["method"] == "split_on_phrase":
        phrase = fold(same(rule["phrase"]))
        if world.split_unfound == "refused" and not any(phrase in text for text in texts):
            raise invalid("splitting.phrase", "No page of the file holds the phrase")
        found = by_phrase(texts, phrase, front=world.split_front == "letter")
    elif rule["method"] == "split_on_pages":
        found = by_pages(pages, rule["pages"])
    else:
        found = whole(pages)
    # Assumed: letters are numbered as they are split, before any is removed.
    gone = {number - world.series_base for number in remove["series"]}
    kept = [span for number, span in enumerate(found) if number not in gone]
    if remove["with_phrase"]:
        kept = without(kept, texts, same(remove["with_phrase"]))
    if not kept:
        # Assumed: a job without letters is no job.
        by = "with_phrase" if remove["with_phrase"] else "series"
        raise invalid(f"remove_letters.{by}", "Every letter would be removed, so none would be left")
    return kept


def fold(text: str) -> str:
    """Text with every run of white space (U+00A0 included) as one blank."""
    return " ".join(text.split())


def whole(pages: int) -> list[Span]:
    """One letter of everything."""
    return [Span(0, pages)]


def by_phrase(texts: Sequence[str], phrase: str, *, front: bool = True) -> list[Span]:
    """Return a letter from every page that holds the phrase; `texts` are folded.

    :param front: whether pages before the first such page are a letter, else they are left out.
    """
    phrase = fold(phrase)
    starts = [page for page, text in enumerate(texts) if phrase in text]
    if not starts or (front and starts[0] != 0):
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
