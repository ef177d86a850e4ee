"""What the letters look like: pages, backgrounds, addresses, extra documents, nudge."""

from __future__ import annotations

import base64
import io
import shutil
from typing import TYPE_CHECKING, Any

import pypdfium2
import pytest
import requests
from pypdf import PdfWriter
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen import canvas

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


@pytest.mark.behaviour("intelliprint.object.letter.pdf")
def test_each_letter_is_its_own_pages(api: Api, statements: Callable[[int, int], bytes]) -> None:
    job = api.upload(
        statements(3, 2), **{"splitting[method]": "split_on_phrase", "splitting[phrase]": "Dear customer"}
    ).json()
    first, second = texts(job["letters"][1])
    assert "Dear customer 1" in first
    assert second == "Page 2"


@pytest.mark.behaviour("intelliprint.content.backgrounds")
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


@pytest.mark.behaviour(
    "intelliprint.content.extra-documents",
    "intelliprint.content.extra-background",
    "intelliprint.object.letter.pages",
)
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


@pytest.mark.behaviour(
    "intelliprint.address.onto-page-one",
    "intelliprint.address.right-window",
    "intelliprint.address.country",
    "intelliprint.address.newlines",
)
def test_the_address_of_a_recipient_is_printed_into_the_window(
    api: Api, make_pdf: Callable[..., bytes]
) -> None:
    other = {"address": {"name": "B", "line": "Rue 5", "postcode": "75001", "country": "fr"}}
    job = api.make(file=encoded(make_pdf("main")), recipients=[ADDRESSED, other], address_window="right")
    lines = [pdf.window_lines(requests.get(letter["pdf"]).content, 0, "right") for letter in job["letters"]]
    assert lines == [["A Reader", "7 Any Road", "ANYTOWN", "AB1 2CD"], ["B", "Rue 5", "75001", "FR"]]
    assert job["pages"] == 2


@pytest.mark.behaviour("intelliprint.address.nudge")
def test_a_nudge_brings_an_address_into_the_window(api: Api, make_pdf: Callable[..., bytes]) -> None:
    page = ["text", *[""] * 8, "Person", "Street", "TOWN", "AB1 2CD"]
    outside = api.upload(make_pdf(page)).json()
    assert outside["letters"][0]["address"]["name"] is None
    inside = api.post(f"/prints/{outside['id']}", json={"nudge": {"y": -40}}).json()
    assert inside["letters"][0]["address"]["name"] == "Person"
    assert pdf.window_lines(requests.get(inside["letters"][0]["pdf"]).content, 0)[0] == "Person"


@pytest.mark.behaviour("intelliprint.address.nudge")
def test_a_nudge_brings_the_address_of_every_letter_of_a_run_into_the_window(
    api: Api, make_pdf: Callable[..., bytes]
) -> None:
    pages = [["Dear", *[""] * 8, f"Person {number}", "Street", "TOWN", "AB1 2CD"] for number in range(3)]
    run = api.upload(make_pdf(*pages), **{"splitting[method]": "split_on_pages", "splitting[pages]": "1"})
    assert [letter["address"]["name"] for letter in run.json()["letters"]] == [None] * 3
    nudged = api.post(f"/prints/{run.json()['id']}", json={"nudge": {"y": -40}}).json()
    assert [letter["address"]["name"] for letter in nudged["letters"]] == ["Person 0", "Person 1", "Person 2"]


@pytest.mark.behaviour("intelliprint.address.lines", "intelliprint.address.none")
def test_a_window_with_less_than_three_lines_is_no_address(api: Api, make_pdf: Callable[..., bytes]) -> None:
    job = api.upload(make_pdf(["text", "Person", "AB1 2CD"])).json()
    assert job["letters"][0]["address"] == {"name": None, "line": None, "postcode": None, "country": None}


@pytest.mark.behaviour("intelliprint.address.postcard", "intelliprint.content.postcard-sides")
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


@pytest.mark.behaviour("intelliprint.content.pictures")
def test_a_picture_can_be_a_letter(print_sandbox: PrintSandbox, api: Api) -> None:
    picture = requests.get(print_sandbox.url + "/_sandbox/assets").json()["assets"][0]["url"]
    job = api.make(file={"url": picture}, recipients=[ADDRESSED])
    assert job["pages"] == 1


@pytest.mark.behaviour("intelliprint.content.unreadable")
def test_a_broken_or_locked_file_is_refused(api: Api, make_pdf: Callable[..., bytes]) -> None:
    assert fault(api.upload(b"%PDF-1.7 broken")) == (400, "parameter_invalid", "file")
    locked = PdfWriter(clone_from=io.BytesIO(make_pdf("secret")))
    locked.encrypt("password")
    target = io.BytesIO()
    locked.write(target)
    assert fault(api.upload(target.getvalue())) == (400, "parameter_invalid", "file")
    assert "encrypted" in api.upload(target.getvalue()).json()["error"]["message"]


@pytest.mark.behaviour("intelliprint.content.no-converter")
def test_a_word_file_is_refused_in_words_without_a_converter(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    answer = api.upload(rb"{\rtf1 Dear Ada}")
    assert fault(answer) == (400, "parameter_invalid", "file")
    assert "install LibreOffice" in answer.json()["error"]["message"]


def addressed_at(x: float, y: float) -> bytes:
    """A page with a small address, whose upper left corner is so many millimetres from the page's."""
    buffer = io.BytesIO()
    paper = canvas.Canvas(buffer, pagesize=A4, invariant=1)
    paper.setFont("Helvetica", 4)
    for number, line in enumerate(("Ada", "1 Road", "TOWN", "AB1")):
        paper.drawString(x * mm, (297 - y - 1.1 - number * 1.2) * mm, line)
    paper.save()
    return buffer.getvalue()


@pytest.mark.behaviour("intelliprint.address.left-window")
@pytest.mark.parametrize(
    ("x", "y", "seen"),
    [(20.5, 45.5, True), (80, 76, True), (10, 60, False), (112, 60, False), (60, 40, False), (60, 86, False)],
)
def test_the_left_window_is_where_the_envelope_has_it(api: Api, x: float, y: float, seen: bool) -> None:
    name = api.upload(addressed_at(x, y)).json()["letters"][0]["address"]["name"]
    assert name == ("Ada" if seen else None)


@pytest.mark.behaviour("intelliprint.address.right-window", "intelliprint.address.from-file")
def test_an_address_is_read_from_the_window_that_was_named(api: Api, make_pdf: Callable[..., bytes]) -> None:
    data = addressed_at(130, 60)
    assert api.upload(data).json()["letters"][0]["address"]["name"] is None
    found = api.upload(data, address_window="right").json()["letters"][0]["address"]
    assert found == {"name": "Ada", "line": "1 Road\nTOWN", "postcode": "AB1", "country": "GB"}


@pytest.mark.behaviour("intelliprint.address.recipients-win", "intelliprint.address.onto-page-one")
def test_recipients_win_over_addresses_in_the_file(api: Api, statements: Callable[[int, int], bytes]) -> None:
    job = api.make(file=encoded(statements(1, 3)), recipients=[ADDRESSED])
    (letter,) = job["letters"]
    assert (letter["address"]["name"], job["pages"], job["add_address_sheet"]) == ("A Reader", 3, False)


@pytest.mark.behaviour("intelliprint.address.code")
def test_a_letter_to_a_recipient_has_a_code_in_its_left_margin(
    api: Api, make_pdf: Callable[..., bytes]
) -> None:
    job = api.make(file=encoded(make_pdf("main", "more")), recipients=[ADDRESSED])
    letter = job["letters"][0]
    first, second = texts(letter)
    assert letter["id"][-12:] in first
    assert letter["id"][-12:] not in second
    assert pdf.window_lines(requests.get(letter["pdf"]).content, 0) == [
        "A Reader",
        "7 Any Road",
        "ANYTOWN",
        "AB1 2CD",
    ]
    document = pypdfium2.PdfDocument(requests.get(letter["pdf"]).content)
    margin = document[0].get_textpage().get_text_bounded(left=0, right=20 * mm)
    assert letter["id"][-12:] in "".join(margin.split())


@pytest.mark.behaviour("intelliprint.address.plain-text")
def test_plain_text_to_one_recipient_is_one_page(api: Api) -> None:
    job = api.make()
    assert (job["pages"], job["sheets"], job["add_address_sheet"]) == (1, 1, False)


@pytest.mark.behaviour("intelliprint.address.newlines")
def test_commas_in_an_address_break_no_lines(api: Api, make_pdf: Callable[..., bytes]) -> None:
    person = {"address": {"name": "A", "line": "7 Any Road, ANYTOWN", "postcode": "AB1 2CD"}}
    job = api.make(file=encoded(make_pdf("main")), recipients=[person])
    found = pdf.window_lines(requests.get(job["letters"][0]["pdf"]).content, 0)
    assert found == ["A", "7 Any Road, ANYTOWN", "AB1 2CD"]


@pytest.mark.behaviour("intelliprint.address.nudge-recipients")
def test_a_nudge_does_not_move_letters_to_recipients(api: Api, make_pdf: Callable[..., bytes]) -> None:
    plain = api.make(file=encoded(make_pdf("main")), recipients=[ADDRESSED])
    moved = api.make(file=encoded(make_pdf("main")), recipients=[ADDRESSED], nudge={"x": 50, "y": 50})
    places = [place(requests.get(job["letters"][0]["pdf"]).content, 0) for job in (plain, moved)]
    assert places[0] == places[1]


@pytest.mark.parametrize(("rule", "moved"), [("all", [True, True]), ("first", [True, False])])
@pytest.mark.behaviour("intelliprint.address.nudge", "intelliprint.address.nudge-first")
def test_a_nudge_moves_all_pages_or_the_first_of_each_letter(
    print_sandbox: PrintSandbox,
    api: Api,
    statements: Callable[[int, int], bytes],
    rule: str,
    moved: list[bool],
) -> None:
    if rule != "all":
        print_sandbox.world(nudge_pages=rule)
    splitting = {"splitting[method]": "split_on_phrase", "splitting[phrase]": "Dear"}
    plain = api.upload(statements(2, 2), **splitting).json()
    nudged = api.upload(statements(2, 2), **splitting, **{"nudge[x]": "3", "nudge[y]": "-2"}).json()
    for before, after in zip(plain["letters"], nudged["letters"], strict=True):
        files = [requests.get(letter["pdf"]).content for letter in (before, after)]
        for page, expected in enumerate(moved):
            (left, top), (new_left, new_top) = (place(data, page) for data in files)
            assert (new_left - left, new_top - top) == pytest.approx(
                (3 * mm, 2 * mm) if expected else (0, 0), abs=0.1
            )


def place(data: bytes, page: int) -> tuple[float, float]:
    """Where the text of a page begins: left and top in points."""
    text = pypdfium2.PdfDocument(data)[page].get_textpage()
    left, _, _, top = text.get_charbox(0)
    return left, top


@pytest.mark.behaviour("intelliprint.address.none", "intelliprint.address.none-unconfirmed")
def test_a_letter_without_address_is_a_draft_that_cannot_be_confirmed_or_none_at_all(
    print_sandbox: PrintSandbox, api: Api, make_pdf: Callable[..., bytes]
) -> None:
    job = api.upload(make_pdf("text")).json()
    assert set(job["letters"][0]["address"].values()) == {None}
    refusal = (400, "parameter_invalid", "recipients")
    assert fault(api.post(f"/prints/{job['id']}", json={"confirmed": True})) == refusal
    assert api.get(f"/prints/{job['id']}").json()["confirmed"] is False
    print_sandbox.world(unaddressed="refused")
    assert fault(api.upload(make_pdf("text"))) == refusal
    assert api.make()["id"]


PDF = {"printing": {"double_sided": "yes"}, "recipients": [ADDRESSED]}


@pytest.mark.parametrize(
    ("rule", "file", "html", "text", "told"),
    [
        ("never", 2, 2, 1, {False}),
        pytest.param(
            *("file", 3, 2, 1, {False, True}),
            marks=pytest.mark.behaviour("intelliprint.address.sheet-of-files"),
        ),
        pytest.param(
            *("html", 2, 3, 1, {False}), marks=pytest.mark.behaviour("intelliprint.address.sheet-of-html")
        ),
        ("always", 3, 3, 2, {True}),
    ],
)
@pytest.mark.behaviour("intelliprint.address.sheet", "intelliprint.object.print.add-address-sheet")
def test_an_address_sheet_leads_the_letters_that_the_world_says(
    print_sandbox: PrintSandbox,
    api: Api,
    make_pdf: Callable[..., bytes],
    rule: str,
    file: int,
    html: int,
    text: int,
    told: set[bool],
) -> None:
    if rule != "never":
        print_sandbox.world(address_sheet=rule)
    two_pages = '<p>one</p><p style="break-before: page">two</p>'
    made = [
        api.make(file=encoded(make_pdf("one", "two")), **PDF),
        api.make(content=two_pages, **PDF),
        api.make(content="one", **PDF),
    ]
    assert [job["pages"] for job in made] == [file, html, text]
    assert [job["letters"][0]["pages"] for job in made] == [file, html, text]
    assert [job["sheets"] for job in made] == [(pages + 1) // 2 for pages in (file, html, text)]
    assert {job["add_address_sheet"] for job in made} == told
    amounts = [84_000_000 + 6_000_000 * (pages - 1) for pages in (file, html, text)]
    assert [job["cost"]["amount"] for job in made] == amounts
    for job, pages, alone in zip(made, (file, html, text), (2, 2, 1), strict=True):
        found = texts(job["letters"][0])
        assert len(found) == pages
        assert ["A Reader" in text for text in found] == [True] + [False] * (pages - 1)
        assert ("one" in found[0]) == (pages == alone)
        assert "one" in found[pages - alone]


@pytest.mark.behaviour("intelliprint.address.sheet")
def test_letters_with_addresses_of_their_own_and_postcards_get_no_sheet(
    print_sandbox: PrintSandbox,
    api: Api,
    statements: Callable[[int, int], bytes],
    make_pdf: Callable[..., bytes],
) -> None:
    print_sandbox.world(address_sheet="always")
    job = api.upload(statements(1, 2)).json()
    assert (job["pages"], job["add_address_sheet"]) == (2, False)
    card = api.make(type="postcard", file=encoded(make_pdf("front", "back")), recipients=[ADDRESSED])
    assert (card["pages"], card["sheets"], card["add_address_sheet"]) == (2, 1, False)


@pytest.mark.behaviour("intelliprint.content.backgrounds", "intelliprint.address.sheet")
def test_backgrounds_lie_under_the_letter_and_not_under_its_address_sheet(
    print_sandbox: PrintSandbox, api: Api, make_pdf: Callable[..., bytes]
) -> None:
    print_sandbox.world(address_sheet="file")
    head = background(api, make_pdf("HEAD"))
    job = api.make(file=encoded(make_pdf("main")), recipients=[ADDRESSED], background={"first_page": head})
    assert ["HEAD" in text for text in texts(job["letters"][0])] == [False, True]


@pytest.mark.behaviour("intelliprint.content.postcard-sides")
def test_a_postcard_is_one_card_of_at_most_two_sides(api: Api, make_pdf: Callable[..., bytes]) -> None:
    two = {"type": "postcard", "recipients": [ADDRESSED]}
    card = api.make(**two, file=encoded(make_pdf("front", "back")))
    assert (card["pages"], card["sheets"]) == (2, 1)
    three = api.refused(**two, file=encoded(make_pdf("a", "b", "c")))
    assert three == (400, "parameter_invalid", "file")
