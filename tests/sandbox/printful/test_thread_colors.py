from __future__ import annotations

import io

import pytest
from PIL import Image

from tests.sandbox.pdf.builders import letter_pdf
from tests.sandbox.printful.conftest import bearer, picture

PALETTE = [
    *("#FFFFFF", "#000000", "#96A1A8", "#A67843", "#FFCC00", "#E25C27", "#CC3366", "#CC3333", "#660000"),
    *("#333366", "#005397", "#3399FF", "#6B5294", "#01784E", "#7BA35A"),
]


@pytest.fixture(autouse=True)
def modern(box):
    box.world(printful_profile="modern")


def stripes(*colours: str, background: str = "#00000000") -> bytes:
    """Draw stripes of equal width, with as much see-through room below them."""
    image = Image.new("RGBA", (64 * len(colours), 128), background)
    for number, colour in enumerate(colours):
        image.paste(colour, (64 * number, 0, 64 * (number + 1), 64))
    target = io.BytesIO()
    image.save(target, "PNG")
    return target.getvalue()


def ask(library, box, data: bytes, **options):
    url = box.add_asset("badge.png", data)
    return library.call("POST", "/files/thread-colors", json={"file_url": url}, **options)


def colours(library, box, data: bytes) -> list[str]:
    answer = ask(library, box, data)
    assert answer.status_code == 200, answer.text
    return answer.json()["result"]["thread_colors"]


@pytest.mark.behaviour("printful.threads.answer", "printful.threads.no-file", "printful.envelope.extra")
def test_the_colours_of_a_picture_are_answered_at_once_and_no_file_is_added(library, box):
    answer = ask(library, box, picture(colour=(50, 50, 100)))
    assert (answer.status_code, answer.json()) == (
        200,
        {"code": 200, "result": {"thread_colors": ["#333366"]}, "extra": []},
    )
    assert library.list()["result"] == []


@pytest.mark.behaviour("printful.threads.palette")
def test_every_colour_of_the_palette_is_found_and_others_become_the_nearest(library, box):
    for start in range(0, 15, 5):
        some = PALETTE[start : start + 5]
        assert set(colours(library, box, stripes(*some))) == set(some)
    assert colours(library, box, stripes("#fdfdfe")) == ["#FFFFFF"]
    assert colours(library, box, stripes("#ff0000")) == ["#CC3333"]


@pytest.mark.behaviour("printful.threads.most")
def test_there_are_six_colours_at_most_the_largest_first(library, box):
    image = Image.open(io.BytesIO(stripes(*PALETTE[:9])))
    image.paste("#005397", (0, 64, image.width, 128))
    target = io.BytesIO()
    image.save(target, "PNG")
    found = colours(library, box, target.getvalue())
    assert (len(found), found[0]) == (6, "#005397")


def test_a_colour_of_less_than_a_hundredth_is_the_rim_of_another(library, box):
    image = Image.open(io.BytesIO(stripes("#FFFFFF")))
    for side, found in ((4, ["#FFFFFF"]), (16, ["#FFFFFF", "#000000"])):
        image.paste("#000000", (0, 0, side, side))
        target = io.BytesIO()
        image.save(target, "PNG")
        assert colours(library, box, target.getvalue()) == found


def test_a_pdf_has_colours_too(library, box):
    assert colours(library, box, letter_pdf(["Hello"]))[0] == "#FFFFFF"


@pytest.mark.behaviour("printful.threads.bad-request")
@pytest.mark.parametrize(
    "body", [{}, {"file_url": ""}, {"file_url": 5}, {"file_url": "invalid_url"}, {"url": "http://x.test/a"}]
)
def test_a_missing_or_wrong_url_is_a_bad_request(library, box, body):
    for rule in ("refused", "failed"):
        box.world(printful_bad_url=rule)
        answer = library.call("POST", "/files/thread-colors", json=body)
        assert (answer.status_code, answer.json()["error"]["reason"]) == (400, "BadRequest")
        assert answer.json()["result"] != "The image cannot be processed."


@pytest.mark.behaviour("printful.threads.unreadable")
def test_an_image_that_cannot_be_had_or_read_is_a_bad_request(library, box):
    for answer in (
        ask(library, box, b"no picture"),
        library.call("POST", "/files/thread-colors", json={"file_url": "http://example.test/a.png"}),
    ):
        assert (answer.status_code, answer.json()["result"]) == (400, "The image cannot be processed.")


@pytest.mark.behaviour("printful.threads.token", "printful.threads.no-scope")
def test_it_needs_a_token_of_any_scope_unless_the_world_says_otherwise(library, box):
    data = picture()
    assert ask(library, box, data, headers={}).status_code == 401
    assert ask(library, box, data, headers=bearer("wrong")).status_code == 401
    assert ask(library, box, data, headers=bearer("printful_sandbox_orders")).status_code == 200
    box.world(printful_thread_colors_token=False)
    assert ask(library, box, data, headers={}).status_code == 200


@pytest.mark.behaviour("printful.threads.modern")
def test_the_legacy_profile_does_not_have_it(library, box):
    box.world(printful_profile="legacy")
    for headers in (None, {}):
        answer = ask(library, box, picture(), headers=headers)
        assert (answer.status_code, answer.json()["result"]) == (404, "Not found")
