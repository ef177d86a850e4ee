"""Money as the services count it: integers of 1e-8 GBP (documented), never a float.

Prices below a penny are real (bulk discounts, documented), so nothing is rounded on the way; `Decimal` is
for people.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from airflow_provider_print.core.errors import InputError

UNITS_PER_POUND = 100_000_000

_AMOUNT = re.compile(r"(\d{1,10})(?:\.(\d{1,8}))?\s*GBP", re.ASCII)


@dataclass(frozen=True, order=True, slots=True)
class Money:
    """An amount of pounds sterling, exact and comparable.

    :param units: the amount in 1e-8 GBP
    """

    units: int

    @classmethod
    def parse(cls, value: object, *, param: str | None = None) -> Money:
        """Read `"25.00 GBP"`.

        The currency must be written: a bare number could be pence or units. Raises `InputError` that names
        the value.

        :param value: text with at most 8 decimals, not negative; a `Money` is returned as it is
        :param param: the argument this came from, for the error
        """
        if isinstance(value, Money):
            return value
        match = _AMOUNT.fullmatch(value.strip()) if isinstance(value, str) else None
        if match is None:
            raise InputError(
                f"{value!r} is not an amount of money.",
                param=param,
                advice='Write pounds and currency, not negative, with at most 8 decimals: "25.00 GBP".',
            )
        whole, fraction = match.groups()
        return cls(int(whole) * UNITS_PER_POUND + int((fraction or "").ljust(8, "0")))

    @property
    def pounds(self) -> Decimal:
        """The amount in pounds, exact."""
        return Decimal(self.units).scaleb(-8)

    def __int__(self) -> int:
        return self.units

    def __add__(self, other: Money) -> Money:
        return Money(self.units + other.units)

    def __sub__(self, other: Money) -> Money:
        return Money(self.units - other.units)

    def __str__(self) -> str:
        sign = "-" if self.units < 0 else ""
        whole, fraction = divmod(abs(self.units), UNITS_PER_POUND)
        decimals = f"{fraction:08d}".rstrip("0").ljust(2, "0")
        return f"{sign}{whole}.{decimals} GBP"
