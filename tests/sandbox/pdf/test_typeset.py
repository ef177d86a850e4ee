from __future__ import annotations

import base64
import http.server
import io
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest
from PIL import Image

from airflow_provider_print.sandbox import pdf
from airflow_provider_print.sandbox.pdf.pool import Pool
from tests.sandbox.pdf.builders import letter_pdf


def image(kind: str, size=(300, 200), mode="RGB", colour=(200, 30, 30)) -> bytes:
    target = io.BytesIO()
    Image.new(mode, size, colour).save(target, kind)
    return target.getvalue()


def dark_box(data: bytes) -> list[int]:
    shot = Image.open(io.BytesIO(pdf.render_png(data, 0, dpi=50))).convert("L")
    return [
        round(pixel * 25.4 / 50) for pixel in shot.point(lambda value: 255 if value < 200 else 0).getbbox()
    ]


def test_plain_text_of_one_letter_fills_one_a4_page_below_the_window():
    data = pdf.typeset_text("Dear Ada,\n\nit is < 5 & > 3.\n\nYours\n")
    assert pdf.inspect(data) == pdf.PdfInfo(1, [(210.0, 297.0)])
    assert "it is < 5 & > 3." in pdf.page_texts(data)[0]
    assert dark_box(data)[1] >= 100


def test_line_breaks_of_plain_text_are_kept():
    lines = pdf.page_texts(pdf.typeset_text("first\nsecond\n\nthird"))[0].split()
    assert lines == ["first", "second", "third"]


def test_long_plain_text_goes_on_to_more_pages_and_long_words_are_wrapped():
    assert pdf.inspect(pdf.typeset_text("word " * 4000)).pages > 3
    assert dark_box(pdf.typeset_text("x" * 900))[2] <= 191


def test_html_keeps_the_layout_of_its_author():
    html = "<style>@page{size:A5;margin:10mm}h1{break-after:page}</style><h1>One</h1><p>Two</p>"
    data = pdf.typeset_html(html)
    assert pdf.inspect(data).sizes == [(148.0, 210.0)] * 2
    assert [text.strip() for text in pdf.page_texts(data)] == ["One", "Two"]


def test_html_without_a_page_rule_is_a4():
    assert pdf.inspect(pdf.typeset_html("<p>Hello")).sizes == [(210.0, 297.0)]


def test_pictures_inside_the_html_are_shown():
    source = base64.b64encode(image("PNG")).decode()
    html = f'<style>@page{{margin:0}}body{{margin:0}}</style><img src="data:image/png;base64,{source}">'
    shot = Image.open(io.BytesIO(pdf.render_png(pdf.typeset_html(html), 0))).convert("RGB")
    assert shot.getpixel((10, 10)) == (200, 30, 30)


def test_html_can_reach_neither_network_nor_files(tmp_path):
    asked: list[str] = []

    class Spy(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_error(404)

    secret = tmp_path / "secret.svg"
    secret.write_text('<svg xmlns="http://www.w3.org/2000/svg"><text y="20">SECRET-9</text></svg>')
    server = http.server.HTTPServer(("127.0.0.1", 0), Spy)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        base = f"http://127.0.0.1:{server.server_address[1]}"
        data = pdf.typeset_html(
            f'<link rel="stylesheet" href="{base}/a.css"><style>@import url({base}/b.css);'
            f"@font-face{{font-family:X;src:url({base}/c.ttf)}}body{{font-family:X;background:url({base}/d.png)}}"
            f'</style><img src="{base}/e.png"><img src="{secret.as_uri()}"><img src="{secret}">'
            f'<object data="{secret.as_uri()}"></object><iframe src="{base}/f.html"></iframe><p>Dear Ada'
        )
    finally:
        server.shutdown()
        server.server_close()
    text = pdf.page_texts(data)[0]
    assert asked == []
    assert "SECRET" not in text
    assert "Dear Ada" in text


def test_typesetting_works_where_no_font_is_installed(tmp_path):
    """The fonts of the package alone: fontconfig is shown a machine with an empty font folder."""
    code = (
        "from airflow_provider_print.sandbox.pdf import typeset\n"
        f"typeset._FONTCONFIG = typeset._FONTCONFIG.replace('/usr/share/fonts', {str(tmp_path)!r})\n"
        "import sys; sys.stdout.buffer.write(typeset.typeset_text('Dear Zoë Żółć,'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, env={"HOME": str(tmp_path)}
    )
    assert "Dear Zoë Żółć," in pdf.page_texts(done.stdout)[0]


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_picture_becomes_an_a4_page_and_keeps_its_shape(kind):
    data = pdf.to_pdf(image(kind, (300, 200)))
    assert pdf.inspect(data) == pdf.PdfInfo(1, [(210.0, 297.0)])
    left, top, right, bottom = dark_box(data)
    assert (right - left) / (bottom - top) == pytest.approx(1.5, abs=0.05)
    assert right - left >= 209


def test_a_see_through_picture_lies_on_white():
    data = pdf.to_pdf(image("PNG", (210, 297), "RGBA", (255, 0, 0, 0)))
    shot = Image.open(io.BytesIO(pdf.render_png(data, 0))).convert("RGB")
    assert shot.getpixel((50, 50)) == (255, 255, 255)


def test_a_damaged_picture_is_broken():
    with pytest.raises(pdf.UnreadableFile) as caught:
        pdf.to_pdf(image("PNG")[:60])
    assert caught.value.reason == "broken"


def test_a_picture_with_too_many_pixels_is_too_large():
    with pytest.raises(pdf.UnreadableFile) as caught:
        pdf.to_pdf(image("PNG", (20_000, 11_000), "1", 1))
    assert caught.value.reason == "too large"


def test_a_pdf_stays_as_it_is():
    data = letter_pdf(["one"])
    assert pdf.to_pdf(data) == data


def test_the_content_of_a_file_decides_and_not_its_name():
    assert pdf.inspect(pdf.to_pdf(image("PNG"))).pages == 1


def test_an_empty_file_and_an_unknown_kind_say_so():
    with pytest.raises(pdf.UnreadableFile, match="is empty"):
        pdf.to_pdf(b"")
    with pytest.raises(pdf.UnreadableFile, match="is none of PDF, Word, RTF, PNG and JPEG"):
        pdf.to_pdf(b"Dear Ada")


def test_a_worker_that_is_stopped_leaves_no_temporary_files():
    before = set(Path(tempfile.gettempdir()).glob("print-sandbox-fonts-*"))
    pool = Pool(size=1)
    pool.call("typeset_text", "Dear Ada")
    assert set(Path(tempfile.gettempdir()).glob("print-sandbox-fonts-*")) - before
    pool.close()
    assert not set(Path(tempfile.gettempdir()).glob("print-sandbox-fonts-*")) - before
