from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest
import requests

from airflow_provider_print.sandbox.intelliprint.splitting import Span, by_pages, by_phrase, fold, without
from tests.sandbox.calls import fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow_provider_print.sandbox import PrintSandbox
    from tests.sandbox.calls import Api

S = "intelliprint.split."
SPLIT = {"splitting": {"method": "split_on_phrase", "phrase": "Dear"}}
PHRASE = {"splitting[method]": "split_on_phrase", "splitting[phrase]": "Dear"}


@pytest.mark.behaviour("intelliprint.split.starts", "intelliprint.split.runs-on")
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
@pytest.mark.behaviour(
    "intelliprint.split.front",
    "intelliprint.split.unfound",
    "intelliprint.split.twice-on-a-page",
    "intelliprint.split.case",
    "intelliprint.split.substring",
    "intelliprint.split.white-space",
)
def test_pages_in_front_no_match_repetition_case_and_white_space(
    texts: list[str], phrase: str, spans: list[Span]
) -> None:
    assert by_phrase([fold(text) for text in texts], phrase) == spans


@pytest.mark.behaviour("intelliprint.split.white-space")
def test_white_space_of_real_files_is_folded() -> None:
    assert fold(" Dear\u00a0\n  Sir\t") == "Dear Sir"


@pytest.mark.behaviour("intelliprint.split.remainder", "intelliprint.split.by-pages")
def test_the_last_letter_of_a_split_by_pages_may_be_shorter() -> None:
    assert by_pages(7, 3) == [Span(0, 3), Span(3, 3), Span(6, 1)]


@pytest.mark.behaviour("intelliprint.split.removes-letters", "intelliprint.split.removal-any-page")
def test_removal_drops_whole_letters_after_splitting() -> None:
    texts = ["Dear A", "EMAIL ONLY", "Dear B", "x"]
    assert without(by_phrase(texts, "Dear"), texts, "EMAIL ONLY") == [Span(2, 2)]


@pytest.mark.behaviour(
    "intelliprint.split.pages-kept",
    "intelliprint.split.removes-letters",
    "intelliprint.split.file-pages",
    "intelliprint.split.synchronous",
    "intelliprint.split.whole-run",
    "intelliprint.split.address",
    "intelliprint.split.no-address-page",
)
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


@pytest.mark.behaviour("intelliprint.split.by-pages", "intelliprint.split.remainder")
def test_a_run_is_split_by_pages(api: Api, statements: Callable[[int, int], bytes]) -> None:
    job = api.upload(
        statements(3, 2), **{"splitting[method]": "split_on_pages", "splitting[pages]": "4"}
    ).json()
    assert [letter["pages"] for letter in job["letters"]] == [4, 2]
    assert [letter["address"]["name"] for letter in job["letters"]] == ["Person 0", "Person 2"]


@pytest.mark.behaviour("intelliprint.split.all-removed")
def test_removing_every_letter_is_refused(api: Api, statements: Callable[[int, int], bytes]) -> None:
    answer = api.upload(statements(2, 1), **PHRASE, **{"remove_letters[with_phrase]": "customer"})
    assert fault(answer) == (400, "parameter_invalid", "remove_letters.with_phrase")


@pytest.mark.behaviour("intelliprint.split.removal-any-page", "intelliprint.split.removal-in-text")
def test_a_removal_phrase_on_a_later_page_counts(api: Api, make_pdf: Callable[..., bytes]) -> None:
    job = api.upload(
        make_pdf("Dear A", "EMAIL ONLY", "Dear B"), **PHRASE, **{"remove_letters[with_phrase]": "EMAIL ONLY"}
    ).json()
    assert [letter["pages"] for letter in job["letters"]] == [1]


def split(api: Api, data: bytes, phrase: str = "Dear", **fields: str) -> list[int]:
    """The pages of each letter after splitting by a phrase."""
    given = {"splitting[method]": "split_on_phrase", "splitting[phrase]": phrase, **fields}
    answer = api.upload(data, **given)
    assert answer.status_code == 200, answer.text
    return [letter["pages"] for letter in answer.json()["letters"]]


@pytest.mark.behaviour(S + "starts", S + "runs-on", S + "anywhere", S + "twice-on-a-page")
def test_the_phrase_is_found_wherever_it_is_on_a_page_of_a_file(
    api: Api, make_pdf: Callable[..., bytes]
) -> None:
    in_window = ["text", "Person", "Dear Street", "TOWN"]
    assert split(api, make_pdf("Dear A Dear A", "x", in_window, "y", "z", "see Dear")) == [2, 3, 1]


@pytest.mark.behaviour(S + "front")
def test_pages_before_the_first_phrase_are_a_letter_or_dropped(
    print_sandbox: PrintSandbox, api: Api, make_pdf: Callable[..., bytes]
) -> None:
    data = make_pdf("cover", "list", "Dear A", "x", "Dear B")
    assert split(api, data) == [2, 2, 1]
    print_sandbox.world(split_front="dropped")
    assert split(api, data) == [2, 1]
    assert split(api, make_pdf("a", "b")) == [2]


@pytest.mark.behaviour(S + "unfound")
def test_a_phrase_on_no_page_gives_one_letter_or_is_refused(
    print_sandbox: PrintSandbox, api: Api, make_pdf: Callable[..., bytes]
) -> None:
    assert split(api, make_pdf("a", "b")) == [2]
    print_sandbox.world(split_unfound="refused")
    assert fault(api.upload(make_pdf("a", "b"), **PHRASE)) == (400, "parameter_invalid", "splitting.phrase")
    assert split(api, make_pdf("a", "see Dear")) == [1, 1]


@pytest.mark.behaviour(S + "case", S + "removal-in-text")
def test_case_counts_unless_the_world_ignores_it(
    print_sandbox: PrintSandbox, api: Api, make_pdf: Callable[..., bytes]
) -> None:
    data = make_pdf("Dear A", "dear B", "DEAR C Email Only")
    removal = {"remove_letters[with_phrase]": "EMAIL ONLY"}
    assert split(api, data, **removal) == [3]
    print_sandbox.world(split_ignores_case=True)
    assert split(api, data, **removal) == [1, 1]


@pytest.mark.behaviour(S + "white-space", S + "substring")
def test_a_phrase_is_found_over_gaps_and_line_breaks_of_a_file(
    api: Api, make_pdf: Callable[..., bytes]
) -> None:
    data = make_pdf("Dear\u00a0Sir", "x", "Dearest  Sir", ["y", "Dear", "Sirs"])
    assert split(api, data, phrase=" Dear   Sir ") == [3, 1]


@pytest.mark.parametrize(
    ("splitting", "code", "param"),
    [
        pytest.param(
            {"method": "split_on_phrase"},
            "parameter_missing",
            "splitting.phrase",
            marks=pytest.mark.behaviour(S + "phrase-missing"),
        ),
        pytest.param(
            {"method": "split_on_phrase", "phrase": " "},
            "parameter_missing",
            "splitting.phrase",
            marks=pytest.mark.behaviour(S + "phrase-missing"),
        ),
        pytest.param(
            {"method": "split_on_pages"},
            "parameter_missing",
            "splitting.pages",
            marks=pytest.mark.behaviour(S + "pages-missing"),
        ),
        pytest.param(
            {"method": "split_on_pages", "pages": 0},
            "parameter_invalid",
            "splitting.pages",
            marks=pytest.mark.behaviour(S + "pages-least"),
        ),
        pytest.param(
            {"method": "split_on_pages", "pages": -3},
            "parameter_invalid",
            "splitting.pages",
            marks=pytest.mark.behaviour(S + "pages-least"),
        ),
    ],
)
def test_a_split_says_by_what(
    api: Api, make_pdf: Callable[..., bytes], splitting: dict[str, Any], code: str, param: str
) -> None:
    fields = {f"splitting[{name}]": value for name, value in splitting.items()}
    assert fault(api.upload(make_pdf("a"), **fields)) == (400, code, param)


@pytest.mark.parametrize("method", ["split_on_phrase", "split_on_pages"])
@pytest.mark.behaviour(S + "postcard")
def test_a_postcard_is_not_split(api: Api, make_pdf: Callable[..., bytes], method: str) -> None:
    fields = {"splitting[method]": method, "splitting[phrase]": "a", "splitting[pages]": "1"}
    answer = api.upload(make_pdf("a", "b"), type="postcard", **fields)
    assert fault(answer) == (400, "parameter_invalid", "splitting")


@pytest.mark.behaviour(S + "extra-documents", S + "pages-kept")
def test_extra_documents_follow_every_letter_that_is_kept(api: Api, make_pdf: Callable[..., bytes]) -> None:
    job = api.make(
        file={"content": base64.b64encode(make_pdf("Dear A", "x", "Dear B gone", "Dear C")).decode()},
        splitting={"method": "split_on_phrase", "phrase": "Dear"},
        remove_letters={"with_phrase": "gone"},
        extra_documents=[{"document": {"content": base64.b64encode(make_pdf("p", "q")).decode()}}],
    )
    assert [letter["pages"] for letter in job["letters"]] == [4, 3]
    assert (job["pages"], job["file"]["pages"]) == (7, 4)


@pytest.mark.behaviour(S + "file-pages")
def test_file_pages_are_those_that_were_kept_when_the_world_has_it_so(
    print_sandbox: PrintSandbox, api: Api, make_pdf: Callable[..., bytes]
) -> None:
    data = make_pdf("Dear A", "x", "Dear B gone", "Dear C")
    removal = {**PHRASE, "remove_letters[with_phrase]": "gone"}
    assert api.upload(data, **removal).json()["file"]["pages"] == 4
    print_sandbox.world(file_pages="kept")
    assert api.upload(data, **removal).json()["file"]["pages"] == 3


@pytest.mark.behaviour(S + "series")
def test_letters_are_not_removed_by_number(api: Api, statements: Callable[[int, int], bytes]) -> None:
    job = api.upload(statements(3, 1), **PHRASE, **{"remove_letters[series][0]": "1"}).json()
    assert len(job["letters"]) == 3
    assert job["remove_letters"] == {"with_phrase": None, "series": []}


@pytest.mark.parametrize(("base", "left"), [(0, ["Person 0", "Person 2"]), (1, ["Person 1", "Person 2"])])
@pytest.mark.behaviour(S + "series", S + "series-base")
def test_letters_are_removed_by_number_as_the_world_counts(
    print_sandbox: PrintSandbox,
    api: Api,
    statements: Callable[[int, int], bytes],
    base: int,
    left: list[str],
) -> None:
    print_sandbox.world(remove_series=True, series_base=base)
    job = api.upload(statements(3, 1), **PHRASE, **{"remove_letters[series][0]": "1"}).json()
    assert [letter["address"]["name"] for letter in job["letters"]] == left
    assert job["remove_letters"]["series"] == [1]
    changed = api.post(f"/prints/{job['id']}", json={"remove_letters": {"with_phrase": "customer 2"}}).json()
    assert [letter["address"]["name"] for letter in changed["letters"]] == left[:1]


@pytest.mark.parametrize("series", [["x"], ["-1"], ["1", "1"], ["1.5"], ["0", "1", "2"]])
@pytest.mark.behaviour(S + "series")
def test_numbers_that_make_no_sense_are_refused_once_they_count(
    print_sandbox: PrintSandbox, api: Api, statements: Callable[[int, int], bytes], series: list[str]
) -> None:
    print_sandbox.world(remove_series=True)
    fields = {f"remove_letters[series][{index}]": value for index, value in enumerate(series)}
    assert fault(api.upload(statements(3, 1), **PHRASE, **fields)) == (
        400,
        "parameter_invalid",
        "remove_letters.series",
    )


@pytest.mark.behaviour(S + "image-pages")
def test_pages_without_text_hold_no_phrase(print_sandbox: PrintSandbox, api: Api) -> None:
    picture = requests.get(print_sandbox.url + "/_sandbox/assets").json()["assets"][0]["url"]
    answer = api.post("/prints", json={"testmode": True, "file": {"url": picture}, **SPLIT})
    assert answer.status_code == 200, answer.text
    assert [letter["pages"] for letter in answer.json()["letters"]] == [1]


@pytest.mark.behaviour(S + "update")
def test_an_update_splits_the_same_file_anew(api: Api, statements: Callable[[int, int], bytes]) -> None:
    job = api.upload(statements(3, 2), **PHRASE).json()
    assert [letter["pages"] for letter in job["letters"]] == [2, 2, 2]
    changed = api.post(
        f"/prints/{job['id']}", json={"splitting": {"method": "split_on_pages", "pages": 5}}
    ).json()
    assert [letter["pages"] for letter in changed["letters"]] == [5, 1]
    assert changed["cost"]["amount"] == 84_000_000 * 2 + 4 * 6_000_000


@pytest.mark.behaviour(S + "removal-any-page", S + "removal-in-text", S + "removes-letters")
def test_whether_a_letter_goes_is_decided_after_splitting_on_the_whole_text(
    api: Api, make_pdf: Callable[..., bytes]
) -> None:
    outside_the_window = make_pdf("Dear A EMAIL", "x", "Dear B", "EMAIL", "Dear C")
    assert split(api, outside_the_window, **{"remove_letters[with_phrase]": "EMAIL"}) == [1]
