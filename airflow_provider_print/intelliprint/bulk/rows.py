"""Rows: who each of them is, and whom it goes to.

A row is known by its row key, a name of the user's own such as the number of a customer. It is never sent or
shown: what stands for it is a digest of 72 bits, made with the letter key of the bulk, so that digests of
two bulks have nothing in common. (Two rows with one digest would be one row, and the second never posted.
Among 100,000 rows that happens once in 10**12 bulks; with 48 bits, once in 56,000.) All rows are checked
before the first call, so that a faulty one at the end of the file stops nothing halfway. What is kept of a
row meanwhile is its digest and its recipient as JSON text, about 0.4 kB.
"""

from __future__ import annotations

import base64
import hashlib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from airflow_provider_print.core.errors import InputError
from airflow_provider_print.intelliprint.faults import input_error, row_numbers
from airflow_provider_print.intelliprint.options import RecipientRequest

if TYPE_CHECKING:
    from collections.abc import Iterable

ADDRESS = ("name", "line", "postcode", "country")
DIGEST_LENGTH = 12

_BYTES = 9
_LONGEST_KEY = 200
_NAMED_KINDS = 5
_FAULTS = 1000


@dataclass(frozen=True, slots=True)
class Row:
    """One letter to be.

    :param digest: stands for the row key.
    :param recipient: address and variables as JSON.
    """

    digest: str
    recipient: bytes

    def request(self) -> RecipientRequest:
        """Return whom it goes to."""
        return RecipientRequest.model_validate_json(self.recipient)


@dataclass(frozen=True, kw_only=True)
class Columns:
    """Where in a row things are.

    :param row_key: the field that holds the row key.
    :param address: for `name`, `line`, `postcode` and `country` the field, or a list of fields whose texts
        become lines of their own (empty ones are left out). Without it, `address` of the row when that is an
        object, else the fields of these very names.
    :param variables: the fields that the letter's variables are filled from, by the same names or as a dict
        of variable and field. Without it, `variables` of the row when there is one. Nothing else of a row is
        sent to anybody.
    """

    row_key: str
    address: Mapping[str, str | Sequence[str]] | None = None
    variables: Mapping[str, str] | Sequence[str] | None = None

    def __post_init__(self) -> None:
        """Refuse what is no field.

        :raises InputError: naming the argument.
        """
        if not isinstance(self.row_key, str) or not self.row_key.strip():
            raise InputError("row_key is the name of a field.", param="row_key")
        if self.address is not None:
            self._check_address(self.address)
        names = self.variables
        if names is not None and (isinstance(names, str | bytes) or not _are_names(names)):
            raise InputError("variables is a list of fields, or a dict of them.", param="variables")

    @staticmethod
    def _check_address(address: Any) -> None:
        if not isinstance(address, Mapping) or set(address) - set(ADDRESS) or "line" not in address:
            raise InputError(
                f"address tells the fields of {', '.join(ADDRESS)}; line is needed.", param="address"
            )
        if not all(isinstance(one, str) or _are_names(one) for one in address.values()):
            raise InputError("address tells a field, or a list of fields, for each part.", param="address")

    def key_of(self, row: Mapping[str, Any]) -> str:
        """Return the row key; a number and its digits are the same, and so are two spellings of one accent.

        :raises ValueError: saying what is wrong with it.
        """
        if self.row_key not in row:
            raise ValueError("the field of row_key is missing")
        value = row[self.row_key]
        text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
        if not isinstance(text, str):
            raise ValueError("the row key is neither text nor a whole number")
        text = unicodedata.normalize("NFC", text.strip())
        if not text or len(text) > _LONGEST_KEY or not text.isprintable():
            raise ValueError(f"the row key is empty, longer than {_LONGEST_KEY} characters, or not printable")
        return text

    def recipient_of(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Return whom a row goes to, not checked yet.

        :raises ValueError: naming a field that is missing.
        """
        found: dict[str, Any] = {"address": self._address_of(row)}
        if self.variables is not None:
            named = self.variables
            fields = named if isinstance(named, Mapping) else dict.fromkeys(named)
            found["variables"] = {name: _field(row, fields[name] or name) for name in fields}
        elif row.get("variables") is not None and isinstance(row.get("address"), Mapping):
            found["variables"] = row["variables"]
        return found

    def _address_of(self, row: Mapping[str, Any]) -> Any:
        if self.address is None:
            if isinstance(row.get("address"), Mapping):
                return row["address"]
            return {name: row[name] for name in ADDRESS if name in row}
        return {part: _joined(row, where) for part, where in self.address.items()}


def digest_of(row_key: str, *, bulk: str) -> str:
    """Return what stands for a row key.

    :param row_key: as `Columns.key_of` returns it.
    :param bulk: letter key of the bulk.
    """
    hashed = hashlib.sha256(f"{len(bulk)}:{bulk}".encode() + row_key.encode()).digest()
    return base64.urlsafe_b64encode(hashed[:_BYTES]).decode()


def take_rows(source: Iterable[Any], columns: Columns, *, bulk: str) -> list[Row]:
    """Check all rows and keep what is needed of them, in the order of their digests.

    :param source: of mappings.
    :param columns: where in them things are.
    :param bulk: letter key of the bulk.
    :raises InputError: naming rows by their number (from 1, without a header), and nothing that is in them.
    """
    rows: list[Row] = []
    numbers: dict[str, int] = {}
    faults: dict[str, list[int]] = {}
    for number, raw in enumerate(source, 1):
        try:
            row = _row(raw, columns, bulk)
        except ValueError as error:
            faults.setdefault(str(error), []).append(number)
            if sum(map(len, faults.values())) >= _FAULTS:
                break
            continue
        first = numbers.setdefault(row.digest, number)
        if first != number:
            faults.setdefault(f"the row key is that of row {first}", []).append(number)
        rows.append(row)
    if faults:
        raise _faulty(faults)
    if not rows:
        raise InputError("There are no rows.", param="rows")
    return sorted(rows, key=lambda row: row.digest)


def _row(raw: Any, columns: Columns, bulk: str) -> Row:
    if not isinstance(raw, Mapping):
        raise ValueError("it is not an object with named fields")
    key = columns.key_of(raw)
    try:
        recipient = RecipientRequest.model_validate(columns.recipient_of(raw))
    except ValidationError as error:
        wrong = input_error(error).message.removeprefix("The request cannot be sent: ").rstrip(".")
        wrong = _unnamed(wrong, raw)
    else:
        text = recipient.model_dump_json(exclude_none=True).encode()
        return Row(digest_of(key, bulk=bulk), text)
    raise ValueError(wrong)


def _unnamed(words: str, row: Mapping[str, Any]) -> str:
    """Leave the names out that a row itself gives to what is in it: these may be anything."""
    for part in ("address", "variables"):
        inside = row.get(part)
        for name in inside if isinstance(inside, Mapping) else ():
            if name not in ADDRESS:
                words = words.replace(f"{part}.{name} ", f"{part}.(a name) ")
    return words


def _faulty(faults: dict[str, list[int]]) -> InputError:
    kinds = [f"{row_numbers(found)}: {words}" for words, found in faults.items()]
    more = f"; and {len(kinds) - _NAMED_KINDS} more kinds of fault" if len(kinds) > _NAMED_KINDS else ""
    return InputError(
        f"The rows cannot be posted: {'; '.join(kinds[:_NAMED_KINDS])}{more}.",
        param="rows",
        advice="Nothing was sent.",
    )


def _field(row: Mapping[str, Any], name: str) -> Any:
    if name not in row:
        raise ValueError(f"the field {name} is missing")
    return row[name]


def _joined(row: Mapping[str, Any], where: str | Sequence[str]) -> Any:
    if isinstance(where, str):
        return _field(row, where)
    texts = [_field(row, name) for name in where]
    return "\n".join(str(text).strip() for text in texts if text is not None and str(text).strip())


def _are_names(value: Any) -> bool:
    if isinstance(value, Mapping):
        return all(isinstance(one, str) for pair in value.items() for one in pair)
    return isinstance(value, Sequence) and all(isinstance(one, str) for one in value)
