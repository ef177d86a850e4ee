"""What a bulk comes back as: one small dict, whether it was quoted, posted or found."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from airflow_provider_print.core.money import Money

if TYPE_CHECKING:
    from airflow_provider_print.intelliprint.bulk.chunk import Part
    from airflow_provider_print.intelliprint.models import PrintJob

#: How many ids a result tells: with more, it would no longer be small.
MOST_IDS = 100


@dataclass
class BulkResult:
    """A bulk in numbers: no row, no row key, and small however many rows there are.

    :param rows: how many rows the print jobs have; one letter each.
    :param chunks: how many chunks there are.
    :param print_jobs: how many print jobs they are.
    :param late: how many of those are for rows that came after their chunk was posted.
    :param already_posted: how many of them an earlier attempt had posted; for these, nothing was paid now.
    :param letters: number of letters by status.
    :param pages: printed pages of all letters.
    :param sheets: sheets of paper of all letters.
    :param cost: `amount`, `tax`, `after_tax` in 1e-8 GBP and `currency`, of all print jobs together; empty
        when one of them told none.
    :param testmode: whether they are test jobs.
    :param confirmed: whether all of them are submitted for printing.
    :param ids: ids of the first 100 print jobs.
    """

    testmode: bool
    chunks: int
    rows: int = 0
    print_jobs: int = 0
    late: int = 0
    already_posted: int = 0
    confirmed: bool = True
    pages: int | None = 0
    sheets: int | None = 0
    letters: dict[str, int] = field(default_factory=dict)
    cost: dict[str, Any] = field(default_factory=dict)
    ids: list[str] = field(default_factory=list)

    def add(self, part: Part, *, already_posted: bool) -> None:
        """Add one print job as it stands.

        :param already_posted: an earlier attempt had posted it.
        """
        job = part.held.job
        self.letters = dict(Counter(self.letters) + Counter(job.letters_by_status()))
        self.cost = _sum_of(self.cost if self.print_jobs else None, job)
        self.pages = None if self.pages is None or job.pages is None else self.pages + job.pages
        self.sheets = None if self.sheets is None or job.sheets is None else self.sheets + job.sheets
        self.rows += len(part.rows)
        self.print_jobs += 1
        self.late += part.late > 0
        self.already_posted += already_posted
        self.confirmed = self.confirmed and bool(job.confirmed)
        self.ids = [*self.ids, job.id][:MOST_IDS]

    @property
    def cost_text(self) -> str:
        """What it costs, for people."""
        return f"{Money(self.cost['after_tax'])} with VAT" if self.cost else "cost unknown"

    @property
    def summary(self) -> str:
        """One line for a log."""
        letters = ", ".join(f"{n} {status}" for status, n in self.letters.items()) or "no letters"
        mode = " (test mode: nothing is charged or posted)" if self.testmode else ""
        return (
            f"{self.print_jobs} print jobs of {self.rows:,} rows in {self.chunks} chunks: {letters}, "
            f"{self.pages} pages on {self.sheets} sheets, {self.cost_text}{mode}"
        )

    def as_dict(self) -> dict[str, Any]:
        """Return a plain JSON dict, for XCom."""
        return dict(self.__dict__)


def _sum_of(cost: dict[str, Any] | None, job: PrintJob) -> dict[str, Any]:
    if cost == {} or job.cost is None:
        return {}
    one = job.cost.model_dump(include={"amount", "tax", "after_tax", "currency"})
    if cost is None:
        return one
    return {**one, **{name: cost[name] + one[name] for name in ("amount", "tax", "after_tax")}}
