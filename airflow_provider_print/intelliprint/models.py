"""What Intelliprint answers.

Every field but the id is optional: a list can be asked for a few fields only, and answers of different age
differ (the older background has a file name where the newer one has a `file` object; an older cost has no
`tax`). Times are integers of UNIX seconds, sizes bytes, money 1e-8 GBP (all documented).
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated, Any, Generic, TypeVar

from pydantic import AliasChoices, BeforeValidator, Field, model_validator

from airflow_provider_print.core.answer_model import AnswerModel
from airflow_provider_print.core.money import Money

if TYPE_CHECKING:
    from decimal import Decimal

T = TypeVar("T")


def _empty_if_none(value: object) -> object:
    return [] if value is None else value


def _joined(value: object) -> object:
    return "\n".join(str(part) for part in value) if isinstance(value, list) else value


class Cost(AnswerModel):
    """A price in 1e-8 GBP: `amount` before tax, `tax`, and `after_tax`, which is charged (documented).

    A part that is missing follows from the other two; an answer with neither `amount` nor `after_tax` is
    not a price.
    """

    shown = ("after_tax", "currency")

    amount: int
    tax: int
    after_tax: int
    currency: str = "GBP"

    @model_validator(mode="before")
    @classmethod
    def _fill(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        filled = {name: value for name, value in data.items() if value is not None}
        amount, tax, after_tax = parts = [filled.get(name) for name in ("amount", "tax", "after_tax")]
        if not all(part is None or isinstance(part, int) for part in parts):
            return filled
        if amount is None and after_tax is not None:
            filled["amount"] = after_tax - (tax or 0)
        if after_tax is None and amount is not None:
            filled["after_tax"] = amount + (tax or 0)
        if tax is None and "amount" in filled and "after_tax" in filled:
            filled["tax"] = filled["after_tax"] - filled["amount"]
        return filled

    @property
    def pounds(self) -> Decimal:
        """What is charged, tax included, in pounds."""
        return self.total.pounds

    @property
    def total(self) -> Money:
        """What is charged, tax included; budgets compare with this."""
        return Money(self.after_tax)


class Address(AnswerModel):
    """Where a letter goes; printed as nothing, because it is nobody's business."""

    shown = ()

    name: str | None = None
    line: Annotated[str | None, BeforeValidator(_joined)] = None
    postcode: str | None = None
    country: str | None = None


class Returned(AnswerModel):
    """Why and when a letter came back."""

    shown = ("reason", "date")

    acknowledged: bool | None = None
    date: int | None = None
    reason: str | None = None


class Letter(AnswerModel):
    """One mail item of a print job. `pdf` is a signed link that dies after an hour (observed by others)."""

    shown = ("id", "status")

    id: str | None = None
    object: str | None = None
    status: str | None = None
    address: Address | None = None
    pages: int | None = None
    sheets: int | None = None
    envelope: str | None = None
    postage_service: str | None = None
    cost: Cost | None = None
    pdf: str | None = None
    pdf_status: str | None = None
    tracking_number: str | None = None
    shipped_date: int | None = None
    returned: Returned | None = None


class SourceFile(AnswerModel):
    """The file as the service saw it; its `size` against the bytes sent shows a truncated upload."""

    shown = ("size", "pages")

    name: str | None = None
    size: int | None = None
    pages: int | None = None


class PrintJob(AnswerModel):
    """A print job; as long as it is not confirmed it is a free draft with its exact price."""

    shown = ("id", "reference", "testmode", "confirmed")

    id: str
    object: str | None = None
    account: str | None = None
    team: Any = None
    user: Any = None
    type: str | None = None
    testmode: bool | None = None
    confirmed: bool | None = None
    confirmed_at: int | None = None
    created: int | None = None
    reference: str | None = None
    metadata: dict[str, Any] | None = None
    file: SourceFile | None = None
    template: str | None = None
    mailing_list: str | None = None
    splitting: dict[str, Any] | None = None
    remove_letters: dict[str, Any] | None = None
    printing: dict[str, Any] | None = None
    postage: dict[str, Any] | None = None
    background: dict[str, Any] | None = None
    confidential: bool | None = None
    confirmation_email: bool | None = None
    nudge: dict[str, Any] | None = None
    address_window: str | None = None
    add_address_sheet: bool | None = None
    extra_documents: Annotated[list[dict[str, Any]], BeforeValidator(_empty_if_none)] = Field(
        default_factory=list
    )
    letters: Annotated[list[Letter], BeforeValidator(_empty_if_none)] = Field(default_factory=list)
    pages: int | None = None
    sheets: int | None = None
    cost: Cost | None = None

    def letters_by_status(self) -> dict[str, int]:
        """How many letters have each status, in the order in which the statuses first occur."""
        return dict(Counter(letter.status or "unknown" for letter in self.letters))


class Background(AnswerModel):
    """Letterhead that is laid under pages. `pdf` (older: `preview`) is a signed link, fresh on each look."""

    shown = ("id", "name")

    id: str
    object: str | None = None
    account: str | None = None
    name: str | None = None
    file: SourceFile | None = None
    filename: str | None = None
    team: Any = None
    pdf: str | None = None
    preview: str | None = None
    created: int | None = None


class MailingList(AnswerModel):
    """A stored list of addresses; `recipients` is their number (observed by others)."""

    id: str
    object: str | None = None
    account: str | None = None
    name: str | None = None
    recipients: int | None = None
    variables: Annotated[list[dict[str, Any]], BeforeValidator(_empty_if_none)] = Field(default_factory=list)
    longest_address_line: str | None = None
    address_validation: dict[str, Any] | None = None
    created: int | None = None


class MailingListRecipient(AnswerModel):
    """One address of a mailing list."""

    shown = ("id", "mailing_list")

    id: str
    object: str | None = None
    mailing_list: str | None = None
    account: str | None = None
    address: Address | None = None
    variables: dict[str, Any] | None = None
    address_validation_status: str | None = None
    created: int | None = None


class MergedFile(AnswerModel):
    """Several files made into one PDF. Sources differ on the name of the link; both are read."""

    id: str
    object: str | None = None
    link: str = Field(validation_alias=AliasChoices("link", "download_link", "url"))


class Deleted(AnswerModel):
    """What is left of a deleted object."""

    shown = ("id", "object", "deleted")

    id: str
    object: str | None = None
    deleted: bool = True


class Page(AnswerModel, Generic[T]):
    """One page of a list; the next one begins at `skip + len(data)`."""

    shown = ("has_more", "total_available")

    data: list[T]
    has_more: bool = False
    total_available: int | None = None
