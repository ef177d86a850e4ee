from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from airflow_provider_print.sandbox.intelliprint import pricing
from airflow_provider_print.sandbox.intelliprint.errors import ServiceError
from tests.sandbox.calls import ADDRESSED

if TYPE_CHECKING:
    from tests.sandbox.calls import Api


def printing(double_sided: str, *pages: int) -> dict[str, object]:
    return {"double_sided": double_sided, "double_sided_specific_pages": list(pages)}


@pytest.mark.parametrize(
    ("pages", "how", "sheets"),
    [
        (5, printing("no"), 5),
        (5, printing("yes"), 3),
        (5, printing("mixed", 0, 1), 4),
        (5, printing("mixed", 0), 5),
        (5, printing("mixed", 0, 1, 2, 3), 3),
        (1, printing("mixed", 0, 1), 1),
    ],
)
def test_sheets_follow_from_duplex(pages: int, how: dict[str, object], sheets: int) -> None:
    assert pricing.sheets_of(pages, how) == sheets


@pytest.mark.parametrize(
    ("sheets", "ideal", "envelope"),
    [(15, "c5", "c5"), (16, "c5", "c4"), (51, "c5", "c4_plus"), (251, "c4", "a4_box"), (1, "c4", "c4")],
)
def test_a_letter_that_does_not_fit_gets_a_bigger_envelope(sheets: int, ideal: str, envelope: str) -> None:
    assert pricing.envelope_for(sheets, ideal, "uk_second_class") == envelope


def test_nothing_holds_more_than_a_box() -> None:
    with pytest.raises(ServiceError):
        pricing.envelope_for(1801, "c5", "uk_second_class")


def test_the_two_real_figures_are_met() -> None:
    assert pricing.cost(pricing.letter_amount(1, "c5", "uk_second_class"))["amount"] == 84_000_000
    assert pricing.cost(pricing.letter_amount(2, "c5", "uk_second_class"))["after_tax"] == 108_000_000


@pytest.mark.parametrize(
    ("service", "amount", "envelope"),
    [
        ("uk_first_class", 194_000_000, "c5"),
        ("uk_second_class_signed_for", 351_000_000, "c5"),
        ("uk_first_class_signed_for", 434_000_000, "c5"),
        ("uk_special_delivery", 1_135_000_000, "c5"),
        ("uk_special_delivery_9am", 4_897_000_000, "c5"),
        ("tracked_24", 570_000_000, "c4"),
        ("tracked_48", 480_000_000, "c4"),
        ("international", 300_000_000, "c5"),
    ],
)
def test_each_service_has_its_price(api: Api, service: str, amount: int, envelope: str) -> None:
    job = api.make(postage={"service": service})
    assert job["cost"] == {
        "amount": amount,
        "tax": amount // 5,
        "after_tax": amount * 6 // 5,
        "currency": "GBP",
    }
    assert job["letters"][0]["envelope"] == envelope


def test_a_job_costs_what_its_letters_cost(api: Api) -> None:
    job = api.make(content="x", recipients=[ADDRESSED] * 3)
    assert (
        job["cost"]["after_tax"]
        == sum(letter["cost"]["after_tax"] for letter in job["letters"])
        == 302_400_000
    )
