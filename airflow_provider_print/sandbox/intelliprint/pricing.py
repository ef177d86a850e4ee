"""Sheets, envelopes and prices.

Money is in 1e-8 GBP (documented). The base prices are the rate card of January 2026 (observed by others);
the price of further pages, bigger envelopes, postcards and of services that are not on the card is assumed,
and no client should compute it.
"""

from __future__ import annotations

import hashlib
from typing import Any

from airflow_provider_print.sandbox.intelliprint.errors import invalid
from airflow_provider_print.sandbox.intelliprint.fields import LETTER_ENVELOPES

PENNY = 1_000_000
TAX_PERCENT = 20
"""VAT of a UK account (documented)."""

_BASE = {
    "uk_second_class": 84 * PENNY,
    "uk_first_class": 194 * PENNY,
    "uk_second_class_signed_for": 351 * PENNY,
    "uk_first_class_signed_for": 434 * PENNY,
    "uk_special_delivery": 1135 * PENNY,
    "uk_special_delivery_9am": 4897 * PENNY,
    "tracked_24": 495 * PENNY,  # assumed
    "tracked_48": 405 * PENNY,  # assumed
    "international": 300 * PENNY,  # assumed
}
_FURTHER_PAGE = 6 * PENNY  # assumed; fits both real figures: 84p for one page, 90p for two
_ENVELOPE = {"c5": 0, "c4": 75 * PENNY, "c4_plus": 250 * PENNY, "a4_box": 900 * PENNY}  # assumed
_POSTCARD = {"postcard_a6": 0, "postcard_a5": 10 * PENNY, "postcard_a5_enveloped": 20 * PENNY}  # assumed
_HOLDS = {"c5": 15, "c4": 50, "c4_plus": 250, "a4_box": 1800}
"""Sheets that fit (observed by others)."""
_NOT_IN_C5 = ("tracked_24", "tracked_48")
_TRACKED = (
    "uk_second_class_signed_for",
    "uk_first_class_signed_for",
    "uk_special_delivery",
    "uk_special_delivery_9am",
    "tracked_24",
    "tracked_48",
)


def sheets_of(pages: int, printing: dict[str, Any], *, base: int = 0) -> int:
    """Count the sheets of a letter; `mixed` puts two neighbours on one when both are named (assumed).

    :param base: the number of the first page in `double_sided_specific_pages` (unknown, assumed 0).
    """
    if printing["double_sided"] == "yes":
        return (pages + 1) // 2
    if printing["double_sided"] == "no":
        return pages
    named = {page - base for page in printing["double_sided_specific_pages"] or []}
    sheets = page = 0
    while page < pages:
        sheets += 1
        page += 2 if page in named and page + 1 in named else 1
    return sheets


def envelope_for(sheets: int, ideal: str, service: str) -> str:
    """Return the envelope of a letter: the wanted one, or the next that it fits into (observed by others).

    :raises ServiceError: when none is big enough.
    """
    wanted = LETTER_ENVELOPES.index("c4" if ideal == "c5" and service in _NOT_IN_C5 else ideal)
    for envelope in LETTER_ENVELOPES[wanted:]:
        if sheets <= _HOLDS[envelope]:
            return envelope
    raise invalid("file", f"A letter of {sheets} sheets fits into no envelope: at most {_HOLDS['a4_box']}")


def letter_amount(pages: int, envelope: str, service: str) -> int:
    """Return the price of one letter before tax, in 1e-8 GBP."""
    return _BASE[service] + _FURTHER_PAGE * (pages - 1) + _ENVELOPE[envelope]


def postcard_amount(size: str, service: str) -> int:
    """Return the price of one postcard before tax, in 1e-8 GBP."""
    return _BASE[service] + _POSTCARD[size]


def discounted(amount: int, percent: float) -> int:
    """Return an amount of whole pennies less a discount, to a ten-thousandth of a penny.

    So parts of a penny are real (documented), and the tax on letters and on their job is the same.
    """
    return amount * (10_000 - round(percent * 100)) // 10_000


def cost(amount: int, tax_percent: int = TAX_PERCENT) -> dict[str, Any]:
    """Return the cost object of an amount before tax; whole numbers throughout."""
    tax = amount * tax_percent // 100
    return {"amount": amount, "tax": tax, "after_tax": amount + tax, "currency": "GBP"}


def tracking_number(letter_id: str, service: str) -> str | None:
    """Return a tracking number for the services that have one (observed by others), always the same."""
    if service not in _TRACKED:
        return None
    digits = int(hashlib.sha256(letter_id.encode()).hexdigest(), 16) % 10**9
    return f"SX{digits:09d}GB"
