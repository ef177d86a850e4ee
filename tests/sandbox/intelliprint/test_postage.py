"""By which service, in what envelope and at what price letters and postcards go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox.calls import ADDRESSED, fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow_provider_print.sandbox import PrintSandbox
    from tests.sandbox.calls import Api

PENNY = 1_000_000
CARD = {
    "uk_second_class": 84,
    "uk_first_class": 194,
    "uk_second_class_signed_for": 351,
    "uk_first_class_signed_for": 434,
    "uk_special_delivery": 1135,
    "uk_special_delivery_9am": 4897,
}
"""Pence before tax for one sheet in C5."""
OFF_THE_CARD = ("tracked_24", "tracked_48", "international")
TRACKED = {
    "uk_second_class_signed_for",
    "uk_first_class_signed_for",
    "uk_special_delivery",
    "uk_special_delivery_9am",
    "tracked_24",
    "tracked_48",
}
SERVICES = (*CARD, *OFF_THE_CARD)
HOLDS = {"c5": 15, "c4": 50, "c4_plus": 250, "a4_box": 1800}
POSTCARDS = ("postcard_a6", "postcard_a5", "postcard_a5_enveloped")


@pytest.fixture
def card(api: Api) -> Callable[..., dict[str, Any]]:
    def make(**postage: str) -> dict[str, Any]:
        return api.make(type="postcard", content="x", recipients=[ADDRESSED], postage=postage)

    return make


@pytest.mark.behaviour("intelliprint.postage.services")
def test_there_are_nine_services_and_no_other(api: Api) -> None:
    jobs = [api.make(postage={"service": service}) for service in SERVICES]
    assert [job["postage"]["service"] for job in jobs] == list(SERVICES)
    assert [job["letters"][0]["postage_service"] for job in jobs] == list(SERVICES)
    for wrong in ("uk_third_class", "UK_FIRST_CLASS", "", "tracked"):
        refused = api.refused(content="x", postage={"service": wrong})
        assert refused == (400, "parameter_invalid", "postage.service"), wrong


@pytest.mark.behaviour("intelliprint.postage.prices")
@pytest.mark.parametrize(("service", "pence"), CARD.items())
def test_one_sheet_costs_what_the_rate_card_says(api: Api, service: str, pence: int) -> None:
    job = api.make(postage={"service": service})
    assert (job["letters"][0]["envelope"], job["sheets"]) == ("c5", 1)
    assert job["cost"] == {
        "amount": pence * PENNY,
        "tax": pence * PENNY // 5,
        "after_tax": pence * PENNY * 6 // 5,
        "currency": "GBP",
    }


@pytest.mark.behaviour("intelliprint.postage.prices-off-the-card", "intelliprint.postage.tracked-not-in-c5")
@pytest.mark.parametrize("service", OFF_THE_CARD)
def test_services_off_the_card_cost_something_and_tracked_ones_are_large(api: Api, service: str) -> None:
    small = api.make(postage={"service": service, "ideal_envelope": "c5"})
    large = api.make(postage={"service": service, "ideal_envelope": "c4"})
    assert small["cost"]["amount"] > 0
    tracked = service in TRACKED
    assert (small["postage"]["ideal_envelope"], small["letters"][0]["envelope"]) == (
        "c5",
        "c4" if tracked else "c5",
    )
    assert (small["cost"] == large["cost"]) is tracked


@pytest.mark.behaviour("intelliprint.postage.tracking")
@pytest.mark.parametrize("service", SERVICES)
def test_tracked_services_have_a_number_after_posting_and_none_before(
    print_sandbox: PrintSandbox, api: Api, service: str
) -> None:
    job = api.make(testmode=False, confirmed=True, postage={"service": service})
    assert job["letters"][0]["tracking_number"] is None
    print_sandbox.advance(10 * 86_400)  # signed-for services have it after the delivery only
    (letter,) = api.get(f"/prints/{job['id']}").json()["letters"]
    assert letter["status"] == "sent"
    assert (letter["tracking_number"] is not None) is (service in TRACKED)


@pytest.mark.behaviour("intelliprint.postage.postcards")
@pytest.mark.parametrize("service", SERVICES)
def test_postcards_go_first_or_second_class(
    api: Api, card: Callable[..., dict[str, Any]], service: str
) -> None:
    if service in ("uk_first_class", "uk_second_class"):
        assert card(service=service)["letters"][0]["postage_service"] == service
    else:
        refused = api.refused(type="postcard", content="x", postage={"service": service})
        assert refused == (400, "parameter_invalid", "postage.service")


@pytest.mark.behaviour("intelliprint.envelope.letters", "intelliprint.envelope.postcards")
def test_letters_and_postcards_have_envelopes_and_sizes_of_their_own(
    api: Api, card: Callable[..., dict[str, Any]]
) -> None:
    for envelope in HOLDS:
        job = api.make(postage={"ideal_envelope": envelope})
        assert (job["postage"]["ideal_envelope"], job["letters"][0]["envelope"]) == (envelope, envelope)
        refused = api.refused(type="postcard", content="x", postage={"ideal_envelope": envelope})
        assert refused == (400, "parameter_invalid", "postage.ideal_envelope")
    for size in POSTCARDS:
        job = card(ideal_envelope=size)
        assert (job["postage"]["ideal_envelope"], job["letters"][0]["envelope"]) == (size, size)
        refused = api.refused(content="x", postage={"ideal_envelope": size})
        assert refused == (400, "parameter_invalid", "postage.ideal_envelope")
    refused = api.refused(content="x", postage={"ideal_envelope": "c6"})
    assert refused == (400, "parameter_invalid", "postage.ideal_envelope")


@pytest.mark.behaviour("intelliprint.envelope.capacity", "intelliprint.envelope.moved-up")
def test_a_letter_that_does_not_fit_goes_in_the_next_envelope_and_pays_for_it(
    api: Api, make_pdf: Callable[..., bytes]
) -> None:
    job = api.upload(make_pdf(*["x"] * 1801)).json()["error"]
    assert (job["code"], job["param"]) == ("parameter_invalid", "file")
    file = make_pdf(*["x"] * 1800)
    made = api.upload(file).json()
    sizes = list(HOLDS)
    assert (made["letters"][0]["envelope"], made["sheets"]) == ("a4_box", 1800)
    for envelope, sheets in HOLDS.items():
        fits = _split(api, made["id"], sheets)
        assert (fits["sheets"], fits["envelope"]) == (sheets, envelope)
        if envelope != "a4_box":
            larger = _split(api, made["id"], sheets + 1)
            assert (larger["sheets"], larger["envelope"]) == (
                sheets + 1,
                sizes[sizes.index(envelope) + 1],
            )
            per_page = 6 * PENNY
            assert larger["cost"]["amount"] - fits["cost"]["amount"] > per_page
    assert api.get(f"/prints/{made['id']}").json()["postage"]["ideal_envelope"] == "c5"


@pytest.mark.behaviour("intelliprint.envelope.moved-up")
def test_two_sides_of_a_sheet_take_the_room_of_one(api: Api, make_pdf: Callable[..., bytes]) -> None:
    file = make_pdf(*["x"] * 30)
    sizes = {
        sides: api.upload(file, **{"printing[double_sided]": sides}).json()["letters"][0]["envelope"]
        for sides in ("no", "yes")
    }
    assert sizes == {"no": "c4", "yes": "c5"}


@pytest.mark.behaviour("intelliprint.envelope.postcard-sides")
def test_a_postcard_is_a_file_of_two_pages_on_one_sheet(api: Api, make_pdf: Callable[..., bytes]) -> None:
    form = {"type": "postcard", "recipients[0][address][line]": "1 Any Road"}
    (letter,) = api.upload(make_pdf("front", "back"), **form).json()["letters"]
    assert (letter["pages"], letter["sheets"], letter["envelope"]) == (2, 1, "postcard_a6")
    assert fault(api.upload(make_pdf("1", "2", "3"), **form)) == (400, "parameter_invalid", "file")


def _split(api: Api, job: str, pages: int) -> dict[str, Any]:
    """Return the first letter of a job split every so many pages."""
    rule = {"splitting": {"method": "split_on_pages", "pages": pages}}
    answer = api.post(f"/prints/{job}", json=rule)
    assert answer.status_code == 200, answer.text
    letter: dict[str, Any] = answer.json()["letters"][0]
    return letter
