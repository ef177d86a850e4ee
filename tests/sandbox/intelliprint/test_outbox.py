from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import requests

if TYPE_CHECKING:
    from airflow_provider_print.sandbox import PrintSandbox
    from tests.sandbox.calls import Api


def test_the_outbox_holds_every_job_newest_first_with_pictures(print_sandbox: PrintSandbox, api: Api) -> None:
    older, newer = api.make(), api.make(testmode=False, confirmed=True)
    outbox = requests.get(print_sandbox.url + "/_sandbox/outbox").json()
    assert [job["id"] for job in outbox["jobs"]] == [newer["id"], older["id"]]
    (letter,) = outbox["jobs"][0]["letters"]
    assert letter["status"] == "waiting_to_print"
    (picture,) = letter["pages_png"]
    plain, framed = requests.get(picture), requests.get(picture + "?window=1")
    assert plain.content.startswith(b"\x89PNG")
    assert framed.content != plain.content
    small = requests.get(picture + "?dpi=20")
    assert len(small.content) < len(plain.content)
    assert print_sandbox.outbox()["jobs"][0]["letters"][0]["id"] == letter["id"]


def test_a_letter_can_be_taken_as_pdf(print_sandbox: PrintSandbox, api: Api) -> None:
    letter = api.make()["letters"][0]["id"]
    answer = requests.get(f"{print_sandbox.url}/_sandbox/outbox/letters/{letter}.pdf")
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("{id}/pages/2.png", 404),
        ("{id}/pages/0.png", 404),
        ("none/pages/1.png", 404),
        ("none.pdf", 404),
        ("{id}/pages/1.png?dpi=5", 400),
        ("{id}/pages/1.png?dpi=x", 400),
    ],
)
def test_a_page_that_there_is_not_is_an_error(
    print_sandbox: PrintSandbox, api: Api, path: str, status: int
) -> None:
    letter = api.make()["letters"][0]["id"]
    answer = requests.get(f"{print_sandbox.url}/_sandbox/outbox/letters/{path.format(id=letter)}")
    assert answer.status_code == status
    assert answer.json()["error"]
