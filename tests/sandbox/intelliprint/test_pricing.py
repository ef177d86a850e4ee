from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest

from airflow_provider_print.sandbox.intelliprint import pricing
from airflow_provider_print.sandbox.intelliprint.errors import ServiceError
from tests.sandbox.calls import ADDRESSED

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow_provider_print.sandbox import PrintSandbox
    from tests.sandbox.calls import Api

C = "intelliprint.content."
M = "intelliprint.money."
L = "intelliprint.object.letter."


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
@pytest.mark.behaviour("intelliprint.content.double-sided")
def test_sheets_follow_from_duplex(pages: int, how: dict[str, object], sheets: int) -> None:
    assert pricing.sheets_of(pages, how) == sheets


@pytest.mark.parametrize(
    ("sheets", "ideal", "envelope"),
    [(15, "c5", "c5"), (16, "c5", "c4"), (51, "c5", "c4_plus"), (251, "c4", "a4_box"), (1, "c4", "c4")],
)
@pytest.mark.behaviour("intelliprint.object.letter.envelope")
def test_a_letter_that_does_not_fit_gets_a_bigger_envelope(sheets: int, ideal: str, envelope: str) -> None:
    assert pricing.envelope_for(sheets, ideal, "uk_second_class") == envelope


def test_nothing_holds_more_than_a_box() -> None:
    with pytest.raises(ServiceError):
        pricing.envelope_for(1801, "c5", "uk_second_class")


@pytest.mark.behaviour("intelliprint.money.real-figure", "intelliprint.money.formula")
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
@pytest.mark.behaviour("intelliprint.money.formula", "intelliprint.money.tax", "intelliprint.money.unit")
def test_each_service_has_its_price(api: Api, service: str, amount: int, envelope: str) -> None:
    job = api.make(postage={"service": service})
    assert job["cost"] == {
        "amount": amount,
        "tax": amount // 5,
        "after_tax": amount * 6 // 5,
        "currency": "GBP",
    }
    assert job["letters"][0]["envelope"] == envelope


@pytest.mark.behaviour("intelliprint.money.sum")
def test_a_job_costs_what_its_letters_cost(api: Api) -> None:
    job = api.make(content="x", recipients=[ADDRESSED] * 3)
    assert (
        job["cost"]["after_tax"]
        == sum(letter["cost"]["after_tax"] for letter in job["letters"])
        == 302_400_000
    )


@pytest.mark.behaviour(M + "quote", M + "unit", M + "tax", M + "sum")
def test_a_draft_is_a_quote_in_whole_numbers(api: Api) -> None:
    job = api.make(testmode=False, content="x", recipients=[ADDRESSED] * 3)
    assert job["confirmed"] is False
    assert job["cost"] == {
        "amount": 3 * 84_000_000,
        "tax": 3 * 16_800_000,
        "after_tax": 3 * 100_800_000,
        "currency": "GBP",
    }
    assert all(type(job["cost"][name]) is int for name in ("amount", "tax", "after_tax"))
    confirmed = api.post(f"/prints/{job['id']}", json={"confirmed": True}).json()
    assert confirmed["cost"] == job["cost"]


@pytest.mark.behaviour(M + "tax-abroad")
def test_an_account_outside_the_uk_pays_no_vat(print_sandbox: PrintSandbox, api: Api) -> None:
    print_sandbox.world(uk_account=False)
    job = api.make(testmode=False, confirmed=True)
    expected = {"amount": 84_000_000, "tax": 0, "after_tax": 84_000_000, "currency": "GBP"}
    assert job["cost"] == job["letters"][0]["cost"] == expected
    assert print_sandbox.invariants()["charges"] == expected
    print_sandbox.world(uk_account=True)
    assert api.get(f"/prints/{job['id']}").json()["cost"] == expected


@pytest.mark.parametrize(
    ("percent", "amount"), [(0, 84_000_000), (2.5, 81_900_000), (33.33, 56_002_800), (100, 0)]
)
@pytest.mark.behaviour(M + "sub-penny", M + "sum")
def test_a_discount_gives_parts_of_a_penny_that_still_add_up(
    print_sandbox: PrintSandbox, api: Api, percent: float, amount: int
) -> None:
    print_sandbox.world(discount_percent=percent)
    job = api.make(testmode=False, confirmed=True, content="x", recipients=[ADDRESSED] * 7)
    assert {letter["cost"]["amount"] for letter in job["letters"]} == {amount}
    for name in ("amount", "tax", "after_tax"):
        assert job["cost"][name] == sum(letter["cost"][name] for letter in job["letters"])
    assert job["cost"]["tax"] * 5 == job["cost"]["amount"]
    assert print_sandbox.invariants()["charges"]["after_tax"] == job["cost"]["after_tax"]


@pytest.mark.parametrize(("base", "sheets"), [(0, 3), (1, 4)])
@pytest.mark.behaviour(C + "double-sided", "intelliprint.split.series-base")
def test_pages_for_both_sides_are_counted_as_the_world_has_it(
    print_sandbox: PrintSandbox, api: Api, make_pdf: Callable[..., bytes], base: int, sheets: int
) -> None:
    print_sandbox.world(series_base=base)
    fields = {"printing[double_sided]": "mixed", "printing[double_sided_specific_pages]": "0-1"}
    assert api.upload(make_pdf("a", "b", "c", "d"), **fields).json()["sheets"] == sheets


@pytest.mark.behaviour(C + "sheets-extra", C + "double-sided")
def test_sheets_are_counted_with_the_extra_documents(api: Api, make_pdf: Callable[..., bytes]) -> None:
    extra = {"document": {"content": base64.b64encode(make_pdf("e", "f")).decode()}}
    job = api.make(printing={"double_sided": "yes"}, extra_documents=[extra])
    assert (job["pages"], job["sheets"]) == (3, 2)


@pytest.mark.behaviour(L + "envelope")
def test_a_thick_letter_is_moved_to_a_bigger_envelope_and_pays_for_it(
    api: Api, make_pdf: Callable[..., bytes]
) -> None:
    job = api.upload(make_pdf(*["x"] * 16)).json()
    assert (job["postage"]["ideal_envelope"], job["letters"][0]["envelope"]) == ("c5", "c4")
    thin = api.upload(make_pdf(*["x"] * 16), **{"printing[double_sided]": "yes"}).json()
    assert thin["letters"][0]["envelope"] == "c5"
    assert job["cost"]["amount"] > thin["cost"]["amount"]
