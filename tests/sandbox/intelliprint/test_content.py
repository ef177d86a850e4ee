"""What counts as HTML and what as plain text, seen in the letters that come out."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from airflow_provider_print.sandbox import pdf

if TYPE_CHECKING:
    from tests.sandbox.calls import Api


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
def test_plain_text_with_angle_brackets_is_printed_as_it_is(api: Api, content: str) -> None:
    assert printed(api, content) == content


def test_a_long_text_of_half_tags_is_read_in_no_time(api: Api) -> None:
    started = time.monotonic()
    job = api.make(content="<a " * 3_000 + " " * 20_000 + "<a b=" + " " * 20_000)
    assert job["pages"] >= 1
    assert time.monotonic() - started < 5
