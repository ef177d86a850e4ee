from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from airflow_provider_print.core.errors import InputError, UnexpectedAnswerError
from airflow_provider_print.core.money import Money
from airflow_provider_print.intelliprint.models import Background, Cost, MergedFile, Page, PrintJob
from airflow_provider_print.intelliprint.statuses import (
    CANCELLABLE,
    FAILURE,
    IN_FLIGHT,
    SUCCESS,
    LetterStatus,
    parse_status,
    parse_targets,
)

LETTER = {
    "id": "ltr_1",
    "status": "returned",
    "address": {
        "name": "Ada Reader",
        "line": ["7 Any Road", "ANYTOWN"],
        "postcode": "AB1 2CD",
        "country": "GB",
    },
    "cost": {"amount": 90_000_000, "tax": 18_000_000, "after_tax": 108_000_000, "currency": "GBP"},
    "returned": {"acknowledged": False, "date": 1, "reason": "gone away"},
}


def test_a_job_of_any_age_is_read_and_unknown_fields_are_kept() -> None:
    job = PrintJob.read({"id": "print_1", "letters": [LETTER], "tomorrow": {"x": 1}, "extra_documents": None})
    assert job.letters[0].address is not None
    assert job.letters[0].address.line == "7 Any Road\nANYTOWN"
    assert job.letters[0].returned is not None
    assert job.letters[0].returned.reason == "gone away"
    assert job.extra_documents == []
    assert job.model_extra == {"tomorrow": {"x": 1}}


def test_a_projected_row_may_have_an_id_only() -> None:
    job = PrintJob.read({"id": "print_1", "letters": [{"status": "sent"}, {"status": "sent"}, {}]})
    assert job.letters_by_status() == {"sent": 2, "unknown": 1}
    assert job.cost is None


@pytest.mark.parametrize(
    ("given", "parts"),
    [
        ({"amount": 90, "tax": 18, "after_tax": 108}, (90, 18, 108)),
        ({"amount": 90}, (90, 0, 90)),
        ({"amount": 90, "tax": 18}, (90, 18, 108)),
        ({"after_tax": 108, "tax": None}, (108, 0, 108)),
        ({"amount": 90, "after_tax": 108}, (90, 18, 108)),
    ],
)
def test_missing_parts_of_a_price_follow_from_the_others(
    given: dict[str, Any], parts: tuple[int, ...]
) -> None:
    cost = Cost.read(given)
    assert (cost.amount, cost.tax, cost.after_tax) == parts


def test_a_price_is_exact_in_pounds() -> None:
    cost = Cost.read({"amount": 90_000_000, "tax": 18_000_001, "after_tax": 108_000_001})
    assert cost.pounds == Decimal("1.08000001")
    assert cost.total == Money(108_000_001)


@pytest.mark.parametrize("data", [{}, {"tax": 1}, {"amount": "much"}, {"amount": 1.5}, [], None])
def test_what_is_no_price_is_an_error_without_its_values(data: object) -> None:
    with pytest.raises(UnexpectedAnswerError) as caught:
        Cost.read(data)
    assert "much" not in str(caught.value)


def test_an_answer_that_cannot_be_read_names_fields_and_no_values() -> None:
    with pytest.raises(UnexpectedAnswerError) as caught:
        PrintJob.read({"id": "print_1", "letters": [{**LETTER, "address": "Ada Reader"}]}, request_id="req_1")
    assert "letters.0.address" in str(caught.value)
    assert "Ada" not in str(caught.value)
    assert caught.value.request_id == "req_1"
    assert caught.value.__context__ is None


def test_printing_an_answer_shows_ids_and_never_addresses_or_links() -> None:
    job = PrintJob.read({"id": "print_1", "reference": "r", "letters": [{**LETTER, "pdf": "https://signed"}]})
    for text in (repr(job), str(job), repr(job.letters), f"{job.letters[0].address!r}"):
        assert "Ada" not in text
        assert "Any Road" not in text
        assert "signed" not in text
    assert "print_1" in repr(job)


@pytest.mark.parametrize("name", ["link", "download_link", "url"])
def test_a_merge_is_read_whatever_its_link_is_called(name: str) -> None:
    assert MergedFile.read({"id": "m", "object": "merge", name: "https://x"}).link == "https://x"


def test_a_background_of_the_older_shape_is_read() -> None:
    old = Background.read({"id": "bg_1", "filename": "a.pdf", "preview": "https://x", "team": {"id": "t"}})
    assert (old.filename, old.preview, old.file) == ("a.pdf", "https://x", None)


def test_a_page_of_a_list_is_typed() -> None:
    page = Page[PrintJob].read({"object": "list", "data": [{"id": "print_1"}], "has_more": True})
    assert isinstance(page.data[0], PrintJob)
    assert page.has_more
    assert page.total_available is None


def test_every_status_but_draft_means_exactly_one_thing_for_who_waits() -> None:
    groups = [IN_FLIGHT, SUCCESS, FAILURE, {LetterStatus.DRAFT}]
    assert sorted(status for group in groups for status in group) == sorted(LetterStatus)
    assert CANCELLABLE <= IN_FLIGHT


@pytest.mark.parametrize("value", ["delivered", "", None])
def test_a_status_that_nobody_knows_is_an_error_that_names_it(value: str | None) -> None:
    with pytest.raises(UnexpectedAnswerError, match=r"Letter ltr_1 has the status") as caught:
        parse_status(value, letter_id="ltr_1")
    assert repr(str(value)) in str(caught.value)
    assert parse_status("sent") is LetterStatus.SENT


def test_targets_are_known_statuses() -> None:
    assert parse_targets("sent") == {LetterStatus.SENT}
    assert parse_targets(["sent", "shipping"]) == {LetterStatus.SENT, LetterStatus.SHIPPING}
    for wrong in (["dispatched"], []):
        with pytest.raises(InputError, match="waiting_to_print") as caught:
            parse_targets(wrong)
        assert caught.value.param == "target_statuses"
