from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from airflow_provider_print.sandbox.intelliprint.splitting import Span, by_pages, by_phrase, fold, without
from tests.sandbox.calls import fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.sandbox.calls import Api

PHRASE = {"splitting[method]": "split_on_phrase", "splitting[phrase]": "Dear"}


def test_a_page_with_the_phrase_starts_a_letter() -> None:
    assert by_phrase(["Dear A", "x", "Dear B", "y", "z"], "Dear") == [Span(0, 2), Span(2, 3)]


@pytest.mark.parametrize(
    ("texts", "phrase", "spans"),
    [
        (["cover", "Dear A", "x"], "Dear", [Span(0, 1), Span(1, 2)]),
        (["a", "b"], "Dear", [Span(0, 2)]),
        (["Dear Dear"], "Dear", [Span(0, 1)]),
        (["dear a", "Dear b"], "Dear", [Span(0, 1), Span(1, 1)]),
        (["Dearest", "x"], "Dear", [Span(0, 2)]),
        (["Dear Sir or", "Dear Sir"], "Dear\u00a0 Sir", [Span(0, 1), Span(1, 1)]),
    ],
)
def test_pages_in_front_no_match_repetition_case_and_white_space(
    texts: list[str], phrase: str, spans: list[Span]
) -> None:
    assert by_phrase([fold(text) for text in texts], phrase) == spans


def test_white_space_of_real_files_is_folded() -> None:
    assert fold(" Dear\u00a0\n  Sir\t") == "Dear Sir"


def test_the_last_letter_of_a_split_by_pages_may_be_shorter() -> None:
    assert by_pages(7, 3) == [Span(0, 3), Span(3, 3), Span(6, 1)]


def test_removal_drops_whole_letters_after_splitting() -> None:
    texts = ["Dear A", "EMAIL ONLY", "Dear B", "x"]
    assert without(by_phrase(texts, "Dear"), texts, "EMAIL ONLY") == [Span(2, 2)]


def test_a_run_is_split_counted_and_priced_in_one_request(
    api: Api, statements: Callable[[int, int], bytes]
) -> None:
    job = api.upload(statements(100, 3), **PHRASE, **{"remove_letters[with_phrase]": "customer 7"}).json()
    assert len(job["letters"]) == 89  # 7 and 70 to 79 are gone
    assert (job["pages"], job["file"]["pages"]) == (267, 300)
    assert job["cost"]["amount"] == 89 * 96_000_000
    assert job["letters"][0]["address"] == {
        "name": "Person 0",
        "line": "1 High Street\nTOWN",
        "postcode": "AB1 2CD",
        "country": "GB",
    }
    assert len({letter["id"] for letter in job["letters"]}) == 89
    assert job["splitting"] == {"method": "split_on_phrase", "phrase": "Dear", "pages": None}


def test_a_run_is_split_by_pages(api: Api, statements: Callable[[int, int], bytes]) -> None:
    job = api.upload(
        statements(3, 2), **{"splitting[method]": "split_on_pages", "splitting[pages]": "4"}
    ).json()
    assert [letter["pages"] for letter in job["letters"]] == [4, 2]
    assert [letter["address"]["name"] for letter in job["letters"]] == ["Person 0", "Person 2"]


def test_removing_every_letter_is_refused(api: Api, statements: Callable[[int, int], bytes]) -> None:
    answer = api.upload(statements(2, 1), **PHRASE, **{"remove_letters[with_phrase]": "customer"})
    assert fault(answer) == (400, "parameter_invalid", "remove_letters.with_phrase")


def test_a_removal_phrase_on_a_later_page_counts(api: Api, make_pdf: Callable[..., bytes]) -> None:
    job = api.upload(
        make_pdf("Dear A", "EMAIL ONLY", "Dear B"), **PHRASE, **{"remove_letters[with_phrase]": "EMAIL ONLY"}
    ).json()
    assert [letter["pages"] for letter in job["letters"]] == [1]
