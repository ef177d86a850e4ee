from __future__ import annotations

import re
from typing import TYPE_CHECKING

import requests

if TYPE_CHECKING:
    from airflow_provider_print.sandbox import PrintSandbox
    from tests.sandbox.calls import Api


def test_the_page_shows_jobs_with_pictures_that_load(print_sandbox: PrintSandbox, api: Api) -> None:
    job = api.make(reference="<b>January</b>", confirmed=True)
    page = requests.get(print_sandbox.url).text
    assert "&lt;b&gt;January&lt;/b&gt;" in page
    assert "1 waiting_to_print" in page
    assert "GBP 1.00 with VAT" in page
    assert job["id"] in page
    pictures = [source.replace("&amp;", "&") for source in re.findall(r"src='([^']+)'", page)]
    assert any("/pages/1.png" in source for source in pictures)
    assert any("/assets/" in source for source in pictures)
    for source in pictures:
        assert requests.get(print_sandbox.url + source).headers["Content-Type"] == "image/png"


def test_the_page_shows_the_file_library(print_sandbox: PrintSandbox) -> None:
    asset = requests.get(print_sandbox.url + "/_sandbox/assets").json()["assets"][0]
    key = {"Authorization": "Bearer printful_sandbox"}
    requests.post(
        print_sandbox.printful_url + "/files", json={"url": asset["url"]}, headers=key
    ).raise_for_status()
    print_sandbox.advance(60)
    page = requests.get(print_sandbox.url).text
    (thumbnail,) = re.findall(r"src='(/printful/[^']+)'", page)
    assert f"{asset['name']}, ok" in page
    assert requests.get(print_sandbox.url + thumbnail).headers["Content-Type"] == "image/png"


def test_the_page_of_an_empty_sandbox_says_so(print_sandbox: PrintSandbox) -> None:
    answer = requests.get(print_sandbox.url)
    assert "Nothing has been posted yet" in answer.text
    assert "script" not in answer.text
