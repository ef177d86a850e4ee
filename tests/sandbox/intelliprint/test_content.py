"""What counts as HTML and what as plain text, seen in the letters that come out."""

from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING

import pytest

from airflow_provider_print.sandbox import pdf

if TYPE_CHECKING:
    from tests.sandbox.calls import Api


C = "intelliprint.content."


def printed(api: Api, content: str) -> str:
    job = api.make(content=content)
    answer = api.get(job["letters"][0]["pdf"])
    assert answer.status_code == 200
    return " ".join(" ".join(pdf.page_texts(answer.content)).split())


@pytest.mark.parametrize(
    "content",
    [
        "<section>Dear Ada</section>",
        "<em>Dear</em> Ada",
        '<a href="http://example.test/?a=1&b=2">Dear Ada</a>',
        "<i>Dear</i> Ada",
        "<BLOCKQUOTE\nclass='x'>Dear Ada</BLOCKQUOTE>",
        "Dear<br/> Ada",
        "Dear Ada<hr />",
        "<!DOCTYPE html>Dear Ada",
    ],
)
@pytest.mark.behaviour("intelliprint.content.html")
def test_any_element_of_html_makes_html(api: Api, content: str) -> None:
    text = printed(api, content)
    assert "Ada" in text
    assert "<" not in text


@pytest.mark.parametrize(
    "content",
    [
        "2 <b and c",
        "2 <b and c> 1",
        "if a<b then",
        "write to <ada@example.test>",
        "<anything> goes",
        "a < p > b",
        "<b",
    ],
)
@pytest.mark.behaviour("intelliprint.content.text")
def test_plain_text_with_angle_brackets_is_printed_as_it_is(api: Api, content: str) -> None:
    assert printed(api, content) == content


def test_a_long_text_of_half_tags_is_read_in_no_time(api: Api) -> None:
    started = time.monotonic()
    job = api.make(content="<a " * 3_000 + " " * 20_000 + "<a b=" + " " * 20_000)
    assert job["pages"] >= 1
    assert time.monotonic() - started < 5


@pytest.mark.behaviour(C + "text")
def test_plain_text_leaves_the_address_window_free(api: Api) -> None:
    job = api.make(content="first line\nsecond line")
    data = api.get(job["letters"][0]["pdf"]).content
    assert pdf.window_lines(data, 0) == []
    assert pdf.page_texts(data)[0].splitlines()[:2] == ["first line", "second line"]


@pytest.mark.behaviour(C + "html")
def test_html_is_laid_out_on_a4_with_its_own_style(api: Api) -> None:
    job = api.make(content='<h1>One</h1><p style="break-before: page">Two</p><p hidden>never</p>')
    assert job["pages"] == 2
    data = api.get(job["letters"][0]["pdf"]).content
    assert pdf.inspect(data).sizes == [(210.0, 297.0)] * 2
    assert [text.strip() for text in pdf.page_texts(data)] == ["One", "Two"]


@pytest.mark.behaviour(C + "nothing-fetched")
def test_html_loads_nothing_from_elsewhere(api: Api) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.3)
        base = f"http://127.0.0.1:{listener.getsockname()[1]}"
        html = (
            f'<link rel="stylesheet" href="{base}/a.css"><img src="{base}/b.png">'
            f'<style>@import url("{base}/c.css"); body {{background: url({base}/d.png)}}</style>'
            f'<img src="file:///etc/hostname"><p>Dear Ada'
        )
        assert printed(api, html) == "Dear Ada"
        with pytest.raises(TimeoutError):
            listener.accept()
