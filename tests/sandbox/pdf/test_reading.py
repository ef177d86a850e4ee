from __future__ import annotations

import io
import time

import pypdfium2
import pytest
from PIL import Image
from reportlab.lib.units import mm

from airflow_provider_print.sandbox import pdf
from tests.sandbox.pdf.builders import letter_pdf, raw_pdf

ADDRESS = "Ada Example\n1 Nowhere Street\nNotown\nZZ99 9ZZ"
#: Where the address of the test letters starts: inside the window, 52 mm from the top.
IN_WINDOW = (25 * mm, 297 * mm - 55 * mm)


def test_pages_are_counted_and_measured_in_millimetres():
    info = pdf.inspect(letter_pdf(["a", "b", "c"]))
    assert info == pdf.PdfInfo(3, [(210.0, 297.0)] * 3)


def test_a_turned_page_is_measured_as_the_reader_sees_it():
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [10 20 430 615] /Rotate 90 >>"
    tree = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
    info = pdf.inspect(raw_pdf({1: b"<< /Type /Catalog /Pages 2 0 R >>", 2: tree, 3: page}))
    assert info.sizes == [(209.9, 148.17)]


def test_each_page_gives_its_text():
    texts = pdf.page_texts(letter_pdf(["Dear Ada,", "Page two", ""]))
    assert [text.strip() for text in texts] == ["Dear Ada,", "Page two", ""]


def test_280_pages_are_read_in_about_the_time_of_pdfium_alone():
    words = "\n".join(f"line {number} of a statement with some words in it" for number in range(40))
    data = letter_pdf([words] * 280, at=(25 * mm, 280 * mm))
    pdf.page_texts(letter_pdf(["warm up"]))
    start = time.perf_counter()
    texts = pdf.page_texts(data)
    ours = time.perf_counter() - start
    start = time.perf_counter()
    document = pypdfium2.PdfDocument(data)
    alone = [document[index].get_textpage().get_text_range() for index in range(280)]
    theirs = time.perf_counter() - start
    document.close()
    assert texts == alone
    assert ours < 3 * theirs + 1


def test_more_pages_than_one_call_reads_come_back_in_order():
    texts = pdf.page_texts(letter_pdf([f"number {number}" for number in range(1203)]))
    assert [text.strip() for text in texts] == [f"number {number}" for number in range(1203)]


def test_the_window_gives_the_lines_of_the_address_and_nothing_around_it():
    target = letter_pdf([ADDRESS + "\n" * 12 + "Dear Ada,"], at=IN_WINDOW)
    assert pdf.window_lines(target, 0) == ADDRESS.split("\n")


def test_the_right_window_is_the_left_one_mirrored():
    data = letter_pdf([ADDRESS], at=(110 * mm, IN_WINDOW[1]))
    assert pdf.window_lines(data, 0, "right") == ADDRESS.split("\n")
    assert pdf.window_lines(data, 0, "left") == []


def test_runs_of_blanks_in_the_window_become_one():
    assert pdf.window_lines(letter_pdf(["Ada\u00a0 \u00a0Example"], at=IN_WINDOW), 0) == ["Ada Example"]


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_the_window_of_a_turned_page_is_where_the_reader_sees_it(turn):
    stamped = pdf.stamp_address(letter_pdf([""], turn=turn), ["Ada Example", "ZZ99 9ZZ"])
    assert pdf.window_lines(stamped, 0) == ["Ada Example", "ZZ99 9ZZ"]
    picture = Image.open(io.BytesIO(pdf.render_png(stamped, 0, dpi=50))).convert("L")
    dark = picture.point(lambda value: 255 if value < 128 else 0).getbbox()
    left, top, right, bottom = (pixel * 25.4 / 50 for pixel in dark)
    assert 20 <= left < right <= 110
    assert 45 <= top < bottom <= 80


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
@pytest.mark.parametrize(("x", "y"), [(7, -3), (-30, 12), (0, 40)])
def test_a_nudged_document_is_read_without_writing_it_anew(turn, x, y):
    data = pdf.stamp_address(letter_pdf([""], turn=turn), ["Ada Example", "1 Road", "Notown", "ZZ99 9ZZ"])
    (page,) = pdf.read_pages(data, [0], "left", x, y)
    assert page.lines == pdf.window_lines(pdf.nudge(data, x, y), 0)
    (back,) = pdf.read_pages(pdf.nudge(data, x, y), [0], "left", -x, -y)
    assert back.lines == ["Ada Example", "1 Road", "Notown", "ZZ99 9ZZ"]


def test_a_page_that_does_not_exist_is_refused():
    with pytest.raises(pdf.UnreadableFile, match="no page 4"):
        pdf.window_lines(letter_pdf(["a"]), 3)


def test_a_page_is_drawn_at_the_wanted_resolution():
    picture = Image.open(io.BytesIO(pdf.render_png(letter_pdf(["Hello"]), 0, dpi=60)))
    assert (picture.format, picture.size) == ("PNG", (497, 702))


def test_the_window_is_drawn_as_a_dashed_frame_when_asked_for():
    data = letter_pdf([""])
    plain = Image.open(io.BytesIO(pdf.render_png(data, 0)))
    framed = Image.open(io.BytesIO(pdf.render_png(data, 0, window="left")))
    assert plain.getcolors() == [(plain.width * plain.height, (255, 255, 255))]
    box = framed.convert("L").point(lambda value: 255 if value < 250 else 0).getbbox()
    assert [round(pixel * 25.4 / 60) for pixel in box] == [20, 45, 110, 80]
