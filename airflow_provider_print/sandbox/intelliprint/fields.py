"""The parameters that each endpoint knows (documented, unless a comment says otherwise)."""

from __future__ import annotations

from typing import Any

from airflow_provider_print.sandbox.intelliprint.errors import invalid
from airflow_provider_print.sandbox.intelliprint.parameters import (
    EMPTY,
    Reader,
    Table,
    any_list,
    as_list,
    choice,
    content,
    described,
    file,
    flag,
    group,
    list_of,
    mapping,
    names,
    number,
    positions_of,
    text,
    variables,
    whole,
    words,
)

SERVICES = (
    "uk_second_class",
    "uk_first_class",
    "uk_second_class_signed_for",
    "uk_first_class_signed_for",
    "uk_special_delivery",
    "uk_special_delivery_9am",
    "tracked_24",
    "tracked_48",
    "international",
)
LETTER_ENVELOPES = ("c5", "c4", "c4_plus", "a4_box")
POSTCARD_SIZES = ("postcard_a6", "postcard_a5", "postcard_a5_enveloped")
STATUSES = (
    "draft",
    "waiting_to_print",
    "printing",
    "enclosing",
    "shipping",
    "sent",
    "returned",
    "cancelled",
    "failed_wrong_address",
    "invalid_address",
)
PRINT_SORTS = (
    "created",
    "mail_date",
    "cost.amount",
    "cost.after_tax",
    "letters.returned.date",
    "pages",
    "sheets",
    "letters",
    "reference",
    "type",
    "confirmed_at",
)
_MAX_INDEX = 99_999
_LAST_PAGE = 4_999
"""Index of the last page that a file can have here; page indexes beyond it are left out (assumed)."""
_LONGEST_RANGES = 10_000


_CODES = (
    "ADAEAFAGAIALAMAOAQARASATAUAWAXAZBABBBDBEBFBGBHBIBJBLBMBNBOBQBRBSBTBVBWBYBZCACCCDCFCGCHCICKCLCMCNCOCR"
    "CUCVCWCXCYCZDEDJDKDMDODZECEEEGEHERESETFIFJFKFMFOFRGAGBGDGEGFGGGHGIGLGMGNGPGQGRGSGTGUGWGYHKHMHNHRHTHU"
    "IDIEILIMINIOIQIRISITJEJMJOJPKEKGKHKIKMKNKPKRKWKYKZLALBLCLILKLRLSLTLULVLYMAMCMDMEMFMGMHMKMLMMMNMOMPMQ"
    "MRMSMTMUMVMWMXMYMZNANCNENFNGNINLNONPNRNUNZOMPAPEPFPGPHPKPLPMPNPRPSPTPWPYQARERORSRURWSASBSCSDSESGSHSI"
    "SJSKSLSMSNSOSRSSSTSVSXSYSZTCTDTFTGTHTJTKTLTMTNTOTRTTTVTWTZUAUGUMUSUYUZVAVCVEVGVIVNVUWFWSYEYTZAZMZW"
)
COUNTRIES = [_CODES[at : at + 2] for at in range(0, len(_CODES), 2)]
"""The codes of ISO 3166-1; that another one, such as UK, is refused is assumed."""


@described({"type": "string", "enum": COUNTRIES}, {"enum": [code.lower() for code in COUNTRIES]}, EMPTY)
def _country(value: Any, param: str) -> str:
    if value in (None, ""):
        return "GB"
    if not (
        isinstance(value, str) and value in (value.upper(), value.lower()) and value.upper() in COUNTRIES
    ):
        raise invalid(param, f"{param} must be a country code of two letters (ISO 3166-1)")
    return value.upper()


_INDEX = whole(least=0, most=_MAX_INDEX)
_RANGES = {"type": "string", "pattern": r"^[0-9,\- ]*$", "maxLength": _LONGEST_RANGES}
_INDEXES = {"anyOf": [_INDEX.accepts, _RANGES]}


@described({"type": "array", "items": _INDEXES, "maxItems": 100_000}, _INDEXES, positions_of(_INDEXES))
def _double_sided_pages(value: Any, param: str) -> list[int] | None:
    """Page indexes from 0, as a list or as text like `0-2,5`.

    Form and base are unknown: the vendor's samples say text, others a list; both are taken, from 0 (assumed).
    """
    if value is None:
        return None
    ranges: list[tuple[int, int]] = []
    for position, item in enumerate(as_list(value, param)):
        if isinstance(item, str) and not item.isdecimal():
            ranges += _ranges(item, param)
        else:
            page = _INDEX(item, f"{param}[{position}]") or 0
            ranges.append((page, page))
    pages: list[int] = []
    for first, last in sorted(ranges):
        pages += range(max(first, pages[-1] + 1) if pages else first, min(last, _LAST_PAGE) + 1)
    return pages


def _ranges(value: str, param: str) -> list[tuple[int, int]]:
    if len(value) > _LONGEST_RANGES:
        raise invalid(param, f"{param} is longer than {_LONGEST_RANGES} characters")
    return [_range(part, param) for part in value.replace(" ", "").split(",")]


def _range(part: str, param: str) -> tuple[int, int]:
    first, dash, last = part.partition("-")
    last = last if dash else first
    if not (first.isascii() and first.isdecimal() and last.isascii() and last.isdecimal()):
        raise invalid(param, f"{param} must be page indexes such as 0-2,5")
    if max(len(first), len(last)) > len(str(_MAX_INDEX)):
        raise invalid(param, f"{param} must be at most {_MAX_INDEX}")
    if int(first) > int(last):
        raise invalid(param, f"{param} has a range that ends before it begins")
    return int(first), int(last)


ADDRESS: Table = {
    "name": text(longest=500),
    "line": text(longest=2000),
    "postcode": text(longest=50),
    "country": _country,
}
RECIPIENT: Table = {"address": group(ADDRESS, needed=("line",)), "variables": variables}
_RECIPIENTS = list_of(group(RECIPIENT, needed=("address",)))

UPDATE: Table = {
    "testmode": flag,
    "confirmed": flag,
    "reference": text(longest=1000),
    "splitting": group(
        {
            # Two clients list `mailing_list` too, probably a value of answers only: refused (assumed).
            "method": choice("none", "split_on_phrase", "split_on_pages"),
            "phrase": text(longest=500),
            "pages": whole(least=1, most=100_000),
        }
    ),
    "printing": group(
        {
            "double_sided": choice("no", "yes", "mixed"),
            "double_sided_specific_pages": _double_sided_pages,
            "premium_quality": flag,
            "black_and_white": flag,
            "matt_finish": flag,
        }
    ),
    "postage": group(
        {
            "service": choice(*SERVICES),
            "ideal_envelope": choice(*LETTER_ENVELOPES, *POSTCARD_SIZES),
            "mail_date": whole(least=0, most=10**11),
        }
    ),
    "background": group({"first_page": text(longest=100), "other_pages": text(longest=100)}),
    "confidential": flag,
    "extra_documents": list_of(
        group({"document": file, "apply_background": flag}, needed=("document",)), most=20
    ),
    # Old documentation also has `series`; it is unknown whether it still works: ignored (assumed).
    "remove_letters": group({"with_phrase": text(longest=500), "series": any_list}),
    "nudge": group({"x": number(least=-300, most=300), "y": number(least=-300, most=300)}),
    "address_window": choice("left", "right"),
    # Observed by others as an accepted field; its meaning is unknown: ignored.
    "insert": Reader(lambda _value, _param: None, {"description": "Ignored."}, ()),
    "confirmation_email": flag,
    "metadata": mapping,
}
UPDATE_WITH_CONTENT: Table = {**UPDATE, "content": content}
CREATE: Table = {
    "type": choice("letter", "postcard"),
    "file": file,
    "content": content,
    "template": text(longest=100),
    "mailing_list": text(longest=100),
    "recipients": _RECIPIENTS,
    **UPDATE,
}

BACKGROUND_UPDATE: Table = {"name": text(longest=500), "team": text(longest=100)}
BACKGROUND_CREATE: Table = {"file": file, **BACKGROUND_UPDATE}

MAILING_LIST_CREATE: Table = {
    "name": text(longest=500),
    "recipients": _RECIPIENTS,
    "address_validation": group({"requested": flag}),
}
MAILING_LIST_UPDATE: Table = {**MAILING_LIST_CREATE, "delete_old_recipients": flag}
RECIPIENT_UPDATE: Table = {"address": group(ADDRESS), "variables": variables}

MERGE: Table = {"files": list_of(file, most=500)}

PAGING: Table = {
    "limit": whole(least=1, most=1000),
    "skip": whole(least=0),
    "sort_order": choice("asc", "desc"),
    "fields": names,
}
PRINT_LIST: Table = {
    **PAGING,
    "sort_field": choice(*PRINT_SORTS),
    "testmode": flag,
    "confirmed": flag,
    "letters.status": words(*STATUSES),
    "letters.returned.acknowledged": flag,
    "reference": text(longest=1000),
    "type": choice("letter", "postcard"),
}
BACKGROUND_LIST: Table = {**PAGING, "sort_field": choice("created", "name"), "team": text(longest=100)}
MAILING_LIST_LIST: Table = {**PAGING, "sort_field": choice("created", "name", "recipients")}
RECIPIENT_LIST: Table = {**PAGING, "sort_field": choice("created", "name")}
RETRIEVE: Table = {"fields": PAGING["fields"]}
"""Of a print job (assumed, and a rule of the world); what else is retrieved has no parameters."""
NOTHING: Table = {}
