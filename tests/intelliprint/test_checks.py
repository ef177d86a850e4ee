"""What stops a draft before it is paid, and what the error says."""

from __future__ import annotations

from typing import Any

import pytest

from airflow_provider_print.core.errors import CheckError, InputError
from airflow_provider_print.intelliprint.checks import QuoteChecks
from airflow_provider_print.intelliprint.models import PrintJob

DRAFT = {
    "id": "print_1",
    "file": {"name": "a.pdf", "size": 1000, "pages": 6},
    "letters": [
        {"id": "ltr_1", "pages": 2, "address": {"name": "A", "line": "7 Any Road"}},
        {"id": "ltr_2", "pages": 4, "address": {"name": "B", "line": "8 Any Road"}},
    ],
    "pages": 6,
    "cost": {"amount": 168_000_000, "tax": 33_600_000, "after_tax": 201_600_000, "currency": "GBP"},
}


def verify(
    checks: QuoteChecks, *, sent_bytes: int | None = 1000, splitting: bool = True, **fields: Any
) -> None:
    checks.verify(PrintJob.model_validate({**DRAFT, **fields}), sent_bytes=sent_bytes, splitting=splitting)


def test_a_draft_inside_every_limit_passes() -> None:
    checks = QuoteChecks(
        max_cost_after_tax="2.016 GBP",
        expected_letters=2,
        min_letters=2,
        max_pages_per_letter=4,
        expected_pages=6,
    )
    verify(checks)
    assert checks.min_letters == 2


@pytest.mark.parametrize(
    ("limits", "fields", "param", "numbers"),
    [
        ({"max_cost_after_tax": "2.01 GBP"}, {}, "max_cost_after_tax", ["2.016 GBP", "2.01 GBP"]),
        ({"max_cost_after_tax": "2 GBP"}, {"cost": None}, "max_cost_after_tax", ["no cost"]),
        ({"expected_letters": 3}, {}, "expected_letters", ["3", "2"]),
        ({"min_letters": 3}, {}, "min_letters", ["3", "2"]),
        ({"max_pages_per_letter": 3}, {}, "max_pages_per_letter", ["Letter 2", "4", "3"]),
        ({"expected_pages": 7}, {}, "expected_pages", ["7", "6"]),
        ({}, {"file": {"size": 990, "pages": 6}}, "file", ["1,000", "990"]),
        ({}, {"letters": DRAFT["letters"][:1]}, "min_letters", ["2", "1", "splitting.phrase"]),
        ({}, {"letters": []}, "min_letters", ["2", "0"]),
        (
            {},
            {"letters": [{"pages": 1, "address": {"name": None, "line": None}}] * 2},
            "recipients",
            ["2 of 2", "letter 1, 2"],
        ),
    ],
    ids=[
        "budget",
        "no cost",
        "letters",
        "fewer",
        "long letter",
        "pages",
        "size",
        "phrase",
        "none",
        "address",
    ],
)
def test_each_limit_names_its_argument_and_both_numbers(
    limits: dict[str, Any], fields: dict[str, Any], param: str, numbers: list[str]
) -> None:
    with pytest.raises(CheckError) as caught:
        verify(QuoteChecks(**limits), **fields)
    assert caught.value.param == param
    assert all(number in str(caught.value) for number in [*numbers, "print_1", "has paid nothing"])


def test_one_letter_is_fine_where_nothing_is_split() -> None:
    with pytest.raises(CheckError):
        verify(QuoteChecks(), letters=DRAFT["letters"][:1])
    verify(QuoteChecks(), letters=DRAFT["letters"][:1], splitting=False)
    verify(QuoteChecks(min_letters=1), letters=DRAFT["letters"][:1])
    verify(QuoteChecks(expected_letters=1), letters=DRAFT["letters"][:1])


def test_a_size_that_nobody_knows_is_not_held_against_the_draft() -> None:
    with pytest.raises(CheckError):
        verify(QuoteChecks(), sent_bytes=999)
    verify(QuoteChecks(), sent_bytes=None)
    verify(QuoteChecks(), sent_bytes=999, file=None)


@pytest.mark.parametrize(
    "limit", ["expected_letters", "min_letters", "max_pages_per_letter", "expected_pages"]
)
@pytest.mark.parametrize("value", [0, -1, "3", 2.5, True])
def test_a_limit_that_is_no_count_is_refused_by_name(limit: str, value: Any) -> None:
    with pytest.raises(InputError) as caught:
        QuoteChecks(**{limit: value})
    assert caught.value.param == limit


@pytest.mark.parametrize("budget", ["25", "25 EUR", "-1 GBP", "lots", 25])
def test_a_budget_that_is_no_amount_is_refused_by_name(budget: Any) -> None:
    with pytest.raises(InputError) as caught:
        QuoteChecks(max_cost_after_tax=budget)
    assert caught.value.param == "max_cost_after_tax"
