from __future__ import annotations

from decimal import Decimal

import pytest

from airflow_provider_print.core.errors import InputError
from airflow_provider_print.core.money import UNITS_PER_POUND, Money


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("25.00 GBP", 2_500_000_000),
        ("25 GBP", 2_500_000_000),
        (" 0.00000001GBP ", 1),
        ("1.08 GBP", 108_000_000),
        ("0 GBP", 0),
    ],
)
def test_pounds_are_read_exactly(text: str, units: int) -> None:
    assert Money.parse(text).units == units


@pytest.mark.parametrize(
    "value",
    [
        "25.00",
        "25.00 EUR",
        "-1 GBP",
        "1.000000001 GBP",
        "1e3 GBP",
        "",
        "GBP",
        "1,50 GBP",
        "٣ GBP",
        None,
        25,
        2.5,
    ],
)
def test_anything_else_is_refused_and_named(value: object) -> None:
    with pytest.raises(InputError) as caught:
        Money.parse(value, param="max_cost_after_tax")
    assert repr(value) in str(caught.value)
    assert caught.value.param == "max_cost_after_tax"


@pytest.mark.parametrize(
    ("units", "text"),
    [
        (108_000_000, "1.08 GBP"),
        (90_000_001, "0.90000001 GBP"),
        (UNITS_PER_POUND, "1.00 GBP"),
        (-50_000_000, "-0.50 GBP"),
        (123_450_000, "1.2345 GBP"),
    ],
)
def test_amounts_are_written_with_at_least_two_decimals(units: int, text: str) -> None:
    assert str(Money(units)) == text


def test_amounts_compare_add_and_convert_without_rounding() -> None:
    assert Money(1) < Money(2) <= Money(2)
    assert Money(1) + Money(2) == Money(3)
    assert Money(1) - Money(2) == Money(-1)
    assert Money(1).pounds == Decimal("0.00000001")
    assert int(Money(7)) == 7
    assert Money.parse(Money(7)) == Money(7)
