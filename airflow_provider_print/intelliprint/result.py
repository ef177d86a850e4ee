"""What a print job comes back as: one small dict, the same on every path."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from airflow_provider_print.core.money import Money

if TYPE_CHECKING:
    from airflow_provider_print.intelliprint.models import PrintJob


@dataclass(frozen=True, kw_only=True)
class PrintJobResult:
    """A print job in numbers: no address, no content, and below 4 kB however many letters it has.

    Fresh, adopted, resumed, deferred or waited for on the worker: a DAG that reads the result need not know
    which it was.

    :param id: the service's id of the print job.
    :param reference: what the service stores and shows in its dashboard.
    :param letters: number of letters by status.
    :param pages: printed pages of all letters.
    :param sheets: sheets of paper of all letters.
    :param cost: `amount`, `tax`, `after_tax` in 1e-8 GBP and `currency`; empty when the service told none.
    :param testmode: whether it is a test job: never charged, never posted.
    :param confirmed: whether it has been submitted for printing.
    :param already_posted: an earlier attempt had confirmed this job; this one changed nothing.
    :param resumed_draft: an earlier attempt had made the draft; this one went on with it.
    :param made_in: the task instance and run that made it; not part of the dict.
    """

    id: str
    reference: str | None
    letters: dict[str, int]
    pages: int | None
    sheets: int | None
    cost: dict[str, Any]
    testmode: bool
    confirmed: bool
    already_posted: bool = False
    resumed_draft: bool = False
    made_in: str | None = None

    @classmethod
    def from_job(
        cls, job: PrintJob, *, already_posted: bool = False, resumed_draft: bool = False
    ) -> PrintJobResult:
        """Return the numbers of a whole (not projected) print job."""
        cost = job.cost.model_dump(include={"amount", "tax", "after_tax", "currency"}) if job.cost else {}
        return cls(
            id=job.id,
            reference=job.reference,
            letters=job.letters_by_status(),
            pages=job.pages,
            sheets=job.sheets,
            cost=cost,
            testmode=bool(job.testmode),
            confirmed=bool(job.confirmed),
            already_posted=already_posted,
            resumed_draft=resumed_draft,
            made_in=(job.metadata or {}).get("made_in"),
        )

    @property
    def summary(self) -> str:
        """One line for a log: id, letters by status, pages, sheets, cost."""
        letters = ", ".join(f"{n} {status}" for status, n in self.letters.items()) or "no letters"
        cost = f", {Money(self.cost['after_tax'])} with VAT" if self.cost.get("after_tax") is not None else ""
        mode = " (test mode: nothing is charged or posted)" if self.testmode else ""
        return f"print job {self.id}: {letters}, {self.pages} pages on {self.sheets} sheets{cost}{mode}"

    def as_dict(self) -> dict[str, Any]:
        """Return a plain JSON dict, for XCom."""
        told = {**self.__dict__, "letters": dict(self.letters), "cost": dict(self.cost)}
        del told["made_in"]
        return told
