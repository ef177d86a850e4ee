"""What we ask Intelliprint for: every parameter of a print job, checked before anything is uploaded.

A mistake found here costs nothing and names its field; the same mistake found by the service costs an
upload, and one that the service does not find costs a letter.
"""

# ruff: noqa: TC001 - pydantic reads the annotations when the module is imported

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import JsonValue, model_validator

from airflow_provider_print.core.errors import InputError
from airflow_provider_print.intelliprint.options import (
    AddressRequest,
    BackgroundPages,
    ExtraDocument,
    Nudge,
    Postage,
    Printing,
    RecipientRequest,
    RemoveLetters,
    RequestModel,
    Splitting,
)
from airflow_provider_print.intelliprint.texts import AnyText, Identifier, Line, Name, Switch, Text

__all__ = [
    "AddressRequest",
    "BackgroundPages",
    "ExtraDocument",
    "Nudge",
    "Postage",
    "PrintJobRequest",
    "PrintJobUpdate",
    "Printing",
    "RecipientRequest",
    "RemoveLetters",
    "Splitting",
    "build_recipients",
]

_LETTERS_ONLY = ("background", "extra_documents", "address_window")
_POSTCARD_POSTAGE = (None, "uk_first_class", "uk_second_class")


class PrintJobUpdate(RequestModel):
    """Changes to a draft. A field that is given as `None` is cleared; one that is not given stays.

    :param testmode: not charged, never posted
    :param confirmed: submits the job, which is the paid step; `confirm_print_job` says so more plainly
    :param reference: free text that the dashboard shows and a list can be filtered by, exactly
    :param splitting: how one file becomes many letters
    :param remove_letters: which letters are left out
    :param printing: sides, quality, colour
    :param postage: service, envelope, day
    :param background: letterhead by id
    :param extra_documents: enclosures of every letter
    :param nudge: millimetres by which the pages are moved
    :param address_window: side of the envelope's window; the service's default is `left`
    :param confidential: hides the content from other users of the dashboard (observed by others)
    :param confirmation_email: mail to the owner of the account when the job is confirmed
    :param metadata: texts of your own
    :param insert: named by others, meaning not known; passed on as it is
    """

    testmode: Switch | None = None
    confirmed: Switch | None = None
    reference: Line | None = None
    splitting: Splitting | None = None
    remove_letters: RemoveLetters | None = None
    printing: Printing | None = None
    postage: Postage | None = None
    background: BackgroundPages | None = None
    extra_documents: list[ExtraDocument] | None = None
    nudge: Nudge | None = None
    address_window: Literal["left", "right"] | None = None
    confidential: Switch | None = None
    confirmation_email: Switch | None = None
    metadata: dict[Name, AnyText] | None = None
    insert: JsonValue = None


class PrintJobRequest(PrintJobUpdate):
    """A new print job: exactly one of `file`, `content` and `template`, and where it goes.

    :param type: `letter` (default) or `postcard` (a PDF of two pages)
    :param file: path, bytes, http(s) or storage URL, or an opened document
    :param content: plain text or HTML
    :param template: id of a template made in the dashboard
    :param recipients: one item each; not together with a mailing list, nor with splitting (the service's
        answer to both is not documented)
    :param mailing_list: id of a mailing list, one item per recipient; without it and recipients, the
        addresses are read from the file
    """

    type: Literal["letter", "postcard"] | None = None
    file: Any = None
    content: Text | None = None
    template: Identifier | None = None
    recipients: list[RecipientRequest] | None = None
    mailing_list: Identifier | None = None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        self._check_source()
        self._check_addressees()
        if self.type == "postcard":
            self._check_postcard()
        else:
            self._check_letter()
        return self

    def _check_source(self) -> None:
        given = [name for name in ("file", "content", "template") if getattr(self, name) is not None]
        if len(given) != 1:
            what = "none was given" if not given else f"{' and '.join(given)} were given"
            raise InputError(
                f"A print job has exactly one of file, content and template; {what}.", param="file"
            )
        if isinstance(self.file, str | bytes) and not self.file:
            raise InputError("The file is empty.", param="file")

    def _check_addressees(self) -> None:
        if self.recipients is not None and not self.recipients:
            raise InputError("The list of recipients is empty.", param="recipients")
        if self.recipients and self.mailing_list:
            raise InputError("Give recipients or a mailing list, not both.", param="recipients")
        split = self.splitting is not None and self.splitting.method != "none"
        if split and (self.recipients or self.mailing_list):
            raise InputError(
                "A file that is split brings its own addresses: no recipients and no mailing list with it.",
                param="splitting",
            )

    def _check_postcard(self) -> None:
        for name in _LETTERS_ONLY:
            if getattr(self, name) is not None:
                raise InputError(f"A postcard has no {name}.", param=name)
        if self.splitting is not None and self.splitting.method != "none":
            raise InputError("Postcards cannot be split.", param="splitting")
        if self.printing is not None and self.printing.black_and_white:
            raise InputError("Postcards are printed in colour.", param="printing.black_and_white")
        if self.postage is not None:
            if self.postage.service not in _POSTCARD_POSTAGE:
                raise InputError(
                    "Postcards go by uk_first_class or uk_second_class.", param="postage.service"
                )
            if self.postage.ideal_envelope in ("c5", "c4", "c4_plus", "a4_box"):
                raise InputError("This envelope is for letters.", param="postage.ideal_envelope")

    def _check_letter(self) -> None:
        if self.printing is not None and self.printing.matt_finish:
            raise InputError("Only postcards have a matt finish.", param="printing.matt_finish")
        if self.postage is not None and (self.postage.ideal_envelope or "").startswith("postcard"):
            raise InputError("This envelope is for postcards.", param="postage.ideal_envelope")


class _Recipients(RequestModel):
    recipients: list[RecipientRequest]


def build_recipients(rows: Any) -> list[RecipientRequest]:
    """Check recipients alone, as for a mailing list; raise `InputError` that sums faults up by row.

    :param rows: a list of `{"address": {...}, "variables": {...}}`
    """
    return _Recipients.build(recipients=rows).recipients
