"""Which rows has a print job posted? What is written down beside it, and read back.

Digests of the row keys and their number, in texts below 500 characters each, because nobody documents how
long a text of `metadata` may be; those of 1,000 rows are 25. A job that lost a part of them proves nothing,
and then nobody guesses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow_provider_print.intelliprint.bulk.rows import DIGEST_LENGTH
from airflow_provider_print.intelliprint.bulk.split import Split

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from airflow_provider_print.intelliprint.bulk.rows import Row

_SPLIT = "bulk_split"
_COUNT = "bulk_rows"
_TO_A_TEXT = 40
PREFIX = "bulk_"


def proof_of(rows: Sequence[Row], split: Split) -> dict[str, str]:
    """Return what is stored beside the print job of these rows."""
    digests = sorted(row.digest for row in rows)
    texts = ("".join(digests[at : at + _TO_A_TEXT]) for at in range(0, len(digests), _TO_A_TEXT))
    told = {f"{_COUNT}_{number}": text for number, text in enumerate(texts, 1)}
    return {_SPLIT: str(split), _COUNT: str(len(digests)), **told}


def split_told(metadata: Mapping[str, Any] | None) -> Split | None:
    """Return how the bulk was cut that a job belongs to; None where that is not told."""
    return Split.parse((metadata or {}).get(_SPLIT))


def rows_told(metadata: Mapping[str, Any] | None) -> frozenset[str] | None:
    """Return the digests of the rows of a job; None where they are not told completely."""
    known = metadata or {}
    count = str(known.get(_COUNT, ""))
    if not (count.isascii() and count.isdecimal()):
        return None
    parts = -(-int(count) // _TO_A_TEXT)
    if parts > len(known):
        return None
    text = "".join(str(known.get(f"{_COUNT}_{number}", "")) for number in range(1, parts + 1))
    digests = frozenset(text[at : at + DIGEST_LENGTH] for at in range(0, len(text), DIGEST_LENGTH))
    return digests if len(text) == int(count) * DIGEST_LENGTH and len(digests) == int(count) else None
