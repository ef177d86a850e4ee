"""What the letters look like: pages, backgrounds, addresses, extra documents, nudge."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest
import requests

from airflow_provider_print.sandbox import pdf
from tests.sandbox.calls import ADDRESSED, fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow_provider_print.sandbox import PrintSandbox
    from tests.sandbox.calls import Api


def texts(letter: dict[str, Any]) -> list[str]:
    answer = requests.get(letter["pdf"])
    assert answer.status_code == 200
    return [" ".join(text.split()) for text in pdf.page_texts(answer.content)]


def background(api: Api, data: bytes) -> str:
    answer = api.post("/backgrounds", files={"file": ("head.pdf", data, "application/pdf")})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


def encoded(data: bytes) -> dict[str, str]:
    return {"content": base64.b64encode(data).decode(), "name": "a.pdf"}


def test_each_letter_is_its_own_pages(api: Api, statements: Callable[[int, int], bytes]) -> None:
    job = api.upload(
        statements(3, 2), **{"splitting[method]": "split_on_phrase", "splitting[phrase]": "Dear customer"}
    ).json()
    first, second = texts(job["letters"][1])
    assert "Dear customer 1" in first
    assert second == "Page 2"


def test_backgrounds_lie_under_the_first_and_the_other_pages(
    api: Api, make_pdf: Callable[..., bytes]
) -> None:
    head, plain = background(api, make_pdf("HEAD")), background(api, make_pdf("PLAIN"))
    job = api.upload(
        make_pdf("one", "two", "three"), **{"background[first_page]": head, "background[other_pages]": plain}
    ).json()
    found = texts(job["letters"][0])
    assert [("HEAD" in text, "PLAIN" in text) for text in found] == [
        (True, False),
        (False, True),
        (False, True),
    ]
    assert job["background"] == {"first_page": head, "other_pages": plain}


def test_extra_documents_follow_every_letter_and_count(api: Api, make_pdf: Callable[..., bytes]) -> None:
    plain = background(api, make_pdf("PLAIN"))
    extras = [
        {"document": encoded(make_pdf("first extra", "still"))},
        {"document": encoded(make_pdf("second extra")), "apply_background": True},
    ]
    job = api.make(
        file=encoded(make_pdf("main")),
        recipients=[ADDRESSED, ADDRESSED],
        extra_documents=extras,
        background={"other_pages": plain},
    )
    assert [letter["pages"] for letter in job["letters"]] == [4, 4]
    assert job["pages"] == 8
    shown = [(extra["pages"], extra["apply_background"], extra["order"]) for extra in job["extra_documents"]]
    assert shown == [(2, False, "last"), (1, True, "last")]
    found = texts(job["letters"][1])
    assert found[1:3] == ["first extra", "still"]
    assert "second extra" in found[3]
    assert ["PLAIN" in text for text in found] == [False, False, False, True]


def test_the_address_of_a_recipient_is_printed_into_the_window(
    api: Api, make_pdf: Callable[..., bytes]
) -> None:
    other = {"address": {"name": "B", "line": "Rue 5", "postcode": "75001", "country": "fr"}}
    job = api.make(file=encoded(make_pdf("main")), recipients=[ADDRESSED, other], address_window="right")
    lines = [pdf.window_lines(requests.get(letter["pdf"]).content, 0, "right") for letter in job["letters"]]
    assert lines == [["A Reader", "7 Any Road", "ANYTOWN", "AB1 2CD"], ["B", "Rue 5", "75001", "FR"]]
    assert job["pages"] == 2


def test_a_nudge_brings_an_address_into_the_window(api: Api, make_pdf: Callable[..., bytes]) -> None:
    page = ["text", *[""] * 8, "Person", "Street", "TOWN", "AB1 2CD"]
    outside = api.upload(make_pdf(page)).json()
    assert outside["letters"][0]["address"]["name"] is None
    inside = api.post(f"/prints/{outside['id']}", json={"nudge": {"y": -40}}).json()
    assert inside["letters"][0]["address"]["name"] == "Person"
    assert pdf.window_lines(requests.get(inside["letters"][0]["pdf"]).content, 0)[0] == "Person"


def test_a_window_with_less_than_three_lines_is_no_address(api: Api, make_pdf: Callable[..., bytes]) -> None:
    job = api.upload(make_pdf(["text", "Person", "AB1 2CD"])).json()
    assert job["letters"][0]["address"] == {"name": None, "line": None, "postcode": None, "country": None}


def test_a_postcard_has_its_address_on_the_back(api: Api, make_pdf: Callable[..., bytes]) -> None:
    job = api.make(type="postcard", file=encoded(make_pdf("front", "back")), recipients=[ADDRESSED])
    front, back = texts(job["letters"][0])
    assert front == "front"
    assert "A Reader" in back
    one_side = api.make(type="postcard", file=encoded(make_pdf("front")), recipients=[ADDRESSED])
    assert texts(one_side["letters"][0]) == ["front"]


@pytest.mark.parametrize("kind", ["extra", "background"])
def test_pictures_are_no_letterheads_and_no_extra_documents(
    print_sandbox: PrintSandbox, api: Api, kind: str
) -> None:
    picture = requests.get(print_sandbox.url + "/_sandbox/assets").json()["assets"][0]["url"]
    data = requests.get(picture).content
    if kind == "background":
        answer = api.post("/backgrounds", files={"file": ("a.png", data)})
        assert fault(answer) == (400, "parameter_invalid", "file")
    else:
        assert api.refused(content="x", extra_documents=[{"document": encoded(data)}]) == (
            400,
            "parameter_invalid",
            "extra_documents[0].document",
        )


def test_a_picture_can_be_a_letter(print_sandbox: PrintSandbox, api: Api) -> None:
    picture = requests.get(print_sandbox.url + "/_sandbox/assets").json()["assets"][0]["url"]
    job = api.make(file={"url": picture}, recipients=[ADDRESSED])
    assert job["pages"] == 1


def test_a_broken_or_locked_file_is_refused(api: Api) -> None:
    assert fault(api.upload(b"%PDF-1.7 broken")) == (400, "parameter_invalid", "file")
