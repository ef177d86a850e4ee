from __future__ import annotations

import io

import pytest
from PIL import Image, ImageChops
from reportlab.lib.colors import Color, blue, red
from reportlab.lib.pagesizes import A4, A6
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from airflow_provider_print.sandbox import pdf
from tests.sandbox.pdf.builders import coloured_pdf, letter_pdf

PINK, GREEN = Color(1, 0.8, 0.8), Color(0.8, 1, 0.8)


def picture(data: bytes, page: int = 0) -> Image.Image:
    return Image.open(io.BytesIO(pdf.render_png(data, page, dpi=40))).convert("RGB")


def corner(data: bytes, page: int) -> tuple[int, ...]:
    return picture(data, page).getpixel((2, 2))


def test_merged_files_follow_each_other_and_keep_their_sizes():
    merged = pdf.merge([letter_pdf(["one", "two"]), letter_pdf(["three"], size=A6)])
    assert [text.strip() for text in pdf.page_texts(merged)] == ["one", "two", "three"]
    assert pdf.inspect(merged).sizes == [(210.0, 297.0), (210.0, 297.0), (105.0, 148.0)]


def test_a_bad_file_in_a_merge_is_named_by_its_number():
    with pytest.raises(pdf.UnreadableFile, match="File 2: ") as caught:
        pdf.merge([letter_pdf(["one"]), b"no pdf"])
    assert caught.value.reason == "unknown kind"


def test_extracted_pages_come_in_the_wanted_order():
    part = pdf.extract(letter_pdf(["zero", "one", "two"]), [2, 0])
    assert [text.strip() for text in pdf.page_texts(part)] == ["two", "zero"]


def test_extracting_a_page_that_does_not_exist_is_refused():
    with pytest.raises(pdf.UnreadableFile, match="no page 8"):
        pdf.extract(letter_pdf(["zero"]), [7])


def test_the_first_background_lies_under_page_one_and_the_other_under_the_rest():
    letter = letter_pdf(["one", "two", "three"])
    laid = pdf.lay_under(letter, coloured_pdf(PINK), coloured_pdf(GREEN, text="Continued"))
    assert [corner(laid, page) for page in range(3)] == [(255, 204, 204), (204, 255, 204), (204, 255, 204)]
    texts = pdf.page_texts(laid)
    assert "one" in texts[0]
    assert "Letterhead" in texts[0]
    assert "Continued" in texts[2]
    assert pdf.inspect(laid) == pdf.inspect(letter)


def test_without_a_background_for_other_pages_they_stay_as_they_are():
    laid = pdf.lay_under(letter_pdf(["one", "two"]), coloured_pdf(PINK), None)
    assert [corner(laid, page) for page in range(2)] == [(255, 204, 204), (255, 255, 255)]


def test_the_content_stays_on_top_of_the_background():
    target = io.BytesIO()
    canvas = Canvas(target, pagesize=A4)
    canvas.setFillColor(blue)
    canvas.rect(0, 0, *A4, fill=1)
    canvas.showPage()
    canvas.save()
    assert corner(pdf.lay_under(target.getvalue(), coloured_pdf(PINK), None), 0) == (0, 0, 255)


def test_a_page_with_gradients_clipping_and_pictures_looks_the_same_on_a_white_background():
    target = io.BytesIO()
    canvas = Canvas(target, pagesize=A4)
    canvas.saveState()
    path = canvas.beginPath()
    path.circle(300, 500, 100)
    canvas.clipPath(path, stroke=0)
    canvas.linearGradient(100, 300, 500, 700, (red, blue))
    canvas.restoreState()
    canvas.drawInlineImage(Image.radial_gradient("L").convert("RGB"), 400, 100, 100, 100)
    canvas.translate(50, 50)  # left open on purpose: what follows must not inherit it
    canvas.scale(0.5, 0.5)
    canvas.showPage()
    canvas.save()
    plain = target.getvalue()
    laid = pdf.lay_under(plain, coloured_pdf(Color(1, 1, 1), text=""), None)
    assert ImageChops.difference(picture(plain), picture(laid)).getbbox() is None
    stamped = pdf.stamp_address(laid, ["Ada Example", "ZZ99 9ZZ"])
    assert pdf.window_lines(stamped, 0) == ["Ada Example", "ZZ99 9ZZ"]


def test_a_background_of_another_size_is_stretched_to_the_page():
    laid = pdf.lay_under(letter_pdf(["one"]), coloured_pdf(PINK, size=A6), None)
    shot = picture(laid)
    assert {shot.getpixel(at) for at in [(2, 2), (shot.width - 3, shot.height - 3)]} == {(255, 204, 204)}


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_background_lies_upright_under_a_turned_page(turn):
    upright = pdf.lay_under(letter_pdf([""]), coloured_pdf(PINK), None)
    turned = pdf.lay_under(letter_pdf([""], turn=turn), coloured_pdf(PINK), None)
    difference = ImageChops.difference(picture(upright), picture(turned)).convert("L")
    assert difference.point(lambda value: 255 if value > 90 else 0).getbbox() is None


def test_backgrounds_of_280_pages_share_one_copy():
    letter = letter_pdf(["page"] * 280)
    laid = pdf.lay_under(letter, coloured_pdf(PINK), coloured_pdf(GREEN))
    assert len(laid) < len(letter) + 300_000


def test_a_stamped_address_is_read_back_from_the_window():
    lines = ["Zoë Łukasz Żółć", "Ελλη Στ. 5", "Дом 7", "ZZ99 9ZZ"]
    assert pdf.window_lines(pdf.stamp_address(letter_pdf(["text"]), lines), 0) == lines
    assert pdf.window_lines(pdf.stamp_address(letter_pdf(["text"]), lines, "right"), 0, "right") == lines


def test_long_and_many_address_lines_are_set_smaller_so_that_they_fit():
    lines = ["A very long name of a company that goes on and on and on, Limited by Guarantee"] * 9
    assert pdf.window_lines(pdf.stamp_address(letter_pdf([""]), lines), 0) == lines


def test_stamping_an_address_adds_no_page():
    assert pdf.inspect(pdf.stamp_address(letter_pdf(["a", "b"]), ["Ada"])).pages == 2


@pytest.mark.parametrize("turn", [0, 90])
def test_nudging_moves_the_content_right_and_down(turn):
    data = pdf.stamp_address(letter_pdf([""], turn=turn), ["Ada Example"])
    moved = pdf.nudge(data, 12, 30)
    before, after = (
        shot.convert("L").point(lambda value: 255 if value < 200 else 0).getbbox()
        for shot in (picture(data), picture(moved))
    )
    assert (after[0] - before[0]) * 25.4 / 40 == pytest.approx(12, abs=1)
    assert (after[1] - before[1]) * 25.4 / 40 == pytest.approx(30, abs=1)


def test_a_nudge_brings_a_misplaced_address_into_the_window():
    data = letter_pdf(["Ada Example\nZZ99 9ZZ"], at=(8 * mm, 297 * mm - 40 * mm))
    assert pdf.window_lines(data, 0) == []
    assert pdf.window_lines(pdf.nudge(data, 20, 15), 0) == ["Ada Example", "ZZ99 9ZZ"]
