"""The parts of a print job that are objects of their own: printing, postage, splitting and so on.

Each knows the values that the service documents; anything else is an error that names the field. Rules
between two fields of one object are here, rules between objects in `requests`.
"""

# ruff: noqa: TC001 - pydantic reads the annotations when the module is imported

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from airflow_provider_print.core.errors import InputError
from airflow_provider_print.intelliprint.faults import input_error
from airflow_provider_print.intelliprint.texts import (
    Country,
    Identifier,
    Line,
    Lines,
    Moment,
    Name,
    Number,
    OptionalLine,
    Scalar,
    Switch,
    Whole,
)

PostageService = Literal[
    "uk_second_class",
    "uk_first_class",
    "uk_second_class_signed_for",
    "uk_first_class_signed_for",
    "uk_special_delivery",
    "uk_special_delivery_9am",
    "tracked_24",
    "tracked_48",
    "international",
]
Envelope = Literal["c5", "c4", "c4_plus", "a4_box", "postcard_a6", "postcard_a5", "postcard_a5_enveloped"]


class RequestModel(BaseModel):
    """Something that we send: a field that the service does not know is refused here, before any call.

    The text form holds no value, because addresses and content are nobody's business.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(sorted(self.model_fields_set))})"

    __str__ = __repr__

    @classmethod
    def build(cls, **raw: Any) -> Self:
        """Make one from plain values, as templates give them; raise `InputError` that names the field.

        Many faulty recipients are summed up by row (from 1), without their values.

        :param raw: fields by name; objects may be dicts
        """
        try:
            return cls.model_validate(raw)
        except ValidationError as error:
            wrong = input_error(error)
        raise wrong


class AddressRequest(RequestModel):
    """Where a letter goes.

    :param name: name of the addressee
    :param line: everything but name, postcode and country; a newline separates printed lines, a comma does
        not (observed by others)
    :param postcode: called so by the service, not `postal_code`
    :param country: ISO 3166-1 alpha-2; the service's default is `GB` (observed by others)
    """

    name: OptionalLine = None
    line: Lines
    postcode: OptionalLine = None
    country: Country = None


class RecipientRequest(RequestModel):
    """One addressee, with the variables of a template."""

    address: AddressRequest
    variables: dict[Name, Scalar] | None = None


class AddressUpdate(RequestModel):
    """Changes to an address; what is not given stays."""

    name: OptionalLine = None
    line: Lines | None = None
    postcode: OptionalLine = None
    country: Country = None


class RecipientUpdate(RequestModel):
    """Changes to a recipient of a mailing list."""

    address: AddressUpdate | None = None
    variables: dict[Name, Scalar] | None = None


class Splitting(RequestModel):
    """How one file becomes many letters (letters only).

    :param method: `none`, `split_on_phrase` (a page that holds the phrase begins a letter) or
        `split_on_pages`
    :param phrase: for `split_on_phrase`
    :param pages: for `split_on_pages`: pages of each letter
    """

    method: Literal["none", "split_on_phrase", "split_on_pages"] = "none"
    phrase: Line | None = None
    pages: Whole | None = Field(default=None, ge=1)

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.phrase is not None) != (self.method == "split_on_phrase"):
            raise InputError(
                "Splitting needs a phrase with the method split_on_phrase, and only then.",
                param="splitting.phrase",
            )
        if (self.pages is not None) != (self.method == "split_on_pages"):
            raise InputError(
                "Splitting needs pages with the method split_on_pages, and only then.",
                param="splitting.pages",
            )
        return self


class RemoveLetters(RequestModel):
    """Which letters of a split file are left out.

    :param with_phrase: drops every letter that holds the phrase
    :param series: numbers of letters; only in old documents of the service, so it may be refused
    """

    with_phrase: Line | None = None
    series: list[Whole] | None = None


class Printing(RequestModel):
    """How the paper is printed.

    :param double_sided_specific_pages: for `mixed`: numbers from 0, or text like `1-3,6-7` (sources differ)
    :param black_and_white: letters only
    :param matt_finish: postcards only
    """

    double_sided: Literal["no", "yes", "mixed"] | None = None
    double_sided_specific_pages: list[Whole] | Line | None = None
    premium_quality: Switch | None = None
    black_and_white: Switch | None = None
    matt_finish: Switch | None = None

    @field_validator("double_sided", mode="before")
    @classmethod
    def _yaml_switch(cls, value: Any) -> Any:
        """Read true and false as yes and no: that is what YAML makes of an unquoted `no`."""
        return {True: "yes", False: "no"}[value] if isinstance(value, bool) else value

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.double_sided_specific_pages is not None and self.double_sided != "mixed":
            raise InputError(
                "Printing takes double_sided_specific_pages only with double_sided mixed.",
                param="printing.double_sided_specific_pages",
            )
        if self.double_sided == "mixed" and not self.double_sided_specific_pages:
            raise InputError(
                "Printing needs double_sided_specific_pages with double_sided mixed.",
                param="printing.double_sided_specific_pages",
            )
        return self


class Postage(RequestModel):
    """How it is posted.

    :param ideal_envelope: the service takes a bigger one where the letter does not fit, at its price
        (observed by others)
    :param mail_date: day of printing and posting: UNIX seconds, a day, or a time with its zone; none is as
        soon as possible
    """

    service: PostageService | None = None
    ideal_envelope: Envelope | None = None
    mail_date: Moment | None = None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.service in ("tracked_24", "tracked_48") and self.ideal_envelope == "c5":
            raise InputError(
                "Postage cannot use a c5 envelope with tracked_24 or tracked_48.",
                param="postage.ideal_envelope",
            )
        return self


class BackgroundPages(RequestModel):
    """Backgrounds by id: under the first page, and under all others (letters only)."""

    first_page: Identifier | None = None
    other_pages: Identifier | None = None


class Nudge(RequestModel):
    """Millimetres by which pages are moved, right and down; for addresses that are in the file."""

    x: Number | None = None
    y: Number | None = None


class ExtraDocument(RequestModel):
    """A document that goes into every envelope after the letter (letters only).

    :param document: path, bytes or storage URL; the service takes no remote URL here (documented)
    :param apply_background: lay `background.other_pages` under it
    """

    document: Any
    apply_background: Switch | None = None

    @field_validator("document")
    @classmethod
    def _given(cls, value: Any) -> Any:
        if value is None or value in ("", b""):
            raise ValueError("is missing")
        return value
