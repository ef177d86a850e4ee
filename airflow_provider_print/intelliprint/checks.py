"""What is looked at on the free draft, before anything is paid.

A draft already tells its exact cost, its letters and their pages, so every surprise that costs money can be
seen in time: a phrase that was not found puts two customers into one envelope, a file cut short in transit
posts half a statement. Each check names the argument it belongs to and shows both numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from airflow_provider_print.core.errors import CheckError, InputError
from airflow_provider_print.core.money import Money

if TYPE_CHECKING:
    from collections.abc import Iterator

    from airflow_provider_print.intelliprint.models import PrintJob

MIN_LETTERS_WHEN_SPLITTING = 2


@dataclass(frozen=True, kw_only=True)
class QuoteChecks:
    """The limits that a draft must keep; None switches a check off.

    :param max_cost_after_tax: for example `"25.00 GBP"`: the most that the whole job may cost, VAT included.
    :param expected_letters: exactly so many letters.
    :param min_letters: at least so many letters; 2 by default when the job is split, because a phrase that
        was not found leaves one letter with everybody's pages.
    :param max_pages_per_letter: no letter longer than this; a phrase missed once puts two customers into one
        envelope.
    :param expected_pages: pages of the file as it was uploaded, before letters are removed and documents
        added.
    """

    max_cost_after_tax: str | None = None
    expected_letters: int | None = None
    min_letters: int | None = None
    max_pages_per_letter: int | None = None
    expected_pages: int | None = None

    def __post_init__(self) -> None:
        """Refuse limits that make no sense.

        :raises InputError: naming the limit.
        """
        if self.max_cost_after_tax is not None:
            self._budget()
        for name in ("expected_letters", "min_letters", "max_pages_per_letter", "expected_pages"):
            value = getattr(self, name)
            if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
                raise InputError(f"{name} must be a whole number of at least 1, not {value!r}.", param=name)

    def _budget(self) -> Money:
        return Money.parse(self.max_cost_after_tax, param="max_cost_after_tax")

    def verify(self, job: PrintJob, *, sent_bytes: int | None, splitting: bool) -> None:
        """Hold a draft against the limits.

        :param job: the draft as the service quoted it.
        :param sent_bytes: size of the file that was sent, in bytes; None when there was none or its size is
            unknown.
        :param splitting: whether the request asked for splitting.
        :raises CheckError: for the first limit that is not kept; nothing has been paid.
        """
        for param, problem in self._problems(job, sent_bytes, splitting):
            raise CheckError(
                f"{problem} The draft {job.id} was not confirmed: this attempt has paid nothing.",
                param=param,
                advice="Correct the input or the limit and run the task again.",
            )

    def _problems(self, job: PrintJob, sent_bytes: int | None, splitting: bool) -> Iterator[tuple[str, str]]:
        seen = job.file.size if job.file else None
        if sent_bytes is not None and seen is not None and seen != sent_bytes:
            yield (
                "file",
                f"{sent_bytes:,} bytes were sent, but the service saw {seen:,}: it was cut short on the way.",
            )
        yield from self._page_problems(job)
        yield from self._letter_problems(job, splitting)
        yield from self._cost_problems(job)

    def _page_problems(self, job: PrintJob) -> Iterator[tuple[str, str]]:
        pages = job.file.pages if job.file and job.file.pages is not None else job.pages
        if self.expected_pages is not None and pages != self.expected_pages:
            yield (
                "expected_pages",
                f"The file should have {self.expected_pages} pages, the service counts {pages}.",
            )
        if self.max_pages_per_letter is not None and any(letter.pages is None for letter in job.letters):
            yield "max_pages_per_letter", "The draft does not tell how many pages each letter has."
        longest = max(((letter.pages or 0, n) for n, letter in enumerate(job.letters, 1)), default=(0, 0))
        if self.max_pages_per_letter is not None and longest[0] > self.max_pages_per_letter:
            yield (
                "max_pages_per_letter",
                (
                    f"Letter {longest[1]} of {len(job.letters)} has {longest[0]} pages, at most "
                    f"{self.max_pages_per_letter} are allowed. Was splitting.phrase missed on a page?"
                ),
            )

    def _letter_problems(self, job: PrintJob, splitting: bool) -> Iterator[tuple[str, str]]:
        count = len(job.letters)
        least = self.min_letters
        if least is None:
            least = MIN_LETTERS_WHEN_SPLITTING if splitting else 1
        if self.expected_letters is not None and count != self.expected_letters:
            yield "expected_letters", f"{self.expected_letters} letters are expected, the draft has {count}."
        elif count < least and self.expected_letters is None:
            hint = " Is the text of splitting.phrase nowhere in the file?" if splitting else ""
            yield "min_letters", f"At least {least} letters are expected, the draft has {count}.{hint}"
        nowhere = [n for n, letter in enumerate(job.letters, 1) if letter.address and not letter.address.line]
        if nowhere:
            rows = ", ".join(map(str, nowhere[:5])) + (" and more" if len(nowhere) > 5 else "")
            yield (
                "recipients",
                (
                    f"{len(nowhere)} of {count} letters have no address (letter {rows}): give recipients, "
                    "or a file with the address in the window of each first page."
                ),
            )

    def _cost_problems(self, job: PrintJob) -> Iterator[tuple[str, str]]:
        if self.max_cost_after_tax is None:
            return
        if job.cost is None:
            yield "max_cost_after_tax", "The draft carries no cost, so the budget cannot be checked."
            return
        cost, budget = job.cost.total, self._budget()
        if cost > budget:
            yield "max_cost_after_tax", f"The job costs {cost} with VAT, the budget is {budget}."
