from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import requests

from airflow_provider_print.sandbox.intelliprint import outbox

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow_provider_print.sandbox import PrintSandbox
    from tests.sandbox.calls import Api


@pytest.mark.behaviour("sandbox.outbox.all", "sandbox.page.pictures")
def test_the_outbox_holds_every_job_newest_first_with_pictures(print_sandbox: PrintSandbox, api: Api) -> None:
    older, newer = api.make(), api.make(testmode=False, confirmed=True)
    shown = requests.get(print_sandbox.url + "/_sandbox/outbox").json()
    assert [job["id"] for job in shown["jobs"]] == [newer["id"], older["id"]]
    (letter,) = shown["jobs"][0]["letters"]
    assert letter["status"] == "waiting_to_print"
    (picture,) = letter["pages_png"]
    plain, framed = requests.get(picture), requests.get(picture + "?window=1")
    assert plain.content.startswith(b"\x89PNG")
    assert framed.content != plain.content
    small = requests.get(picture + "?dpi=20")
    assert len(small.content) < len(plain.content)
    assert print_sandbox.outbox()["jobs"][0]["letters"][0]["id"] == letter["id"]


@pytest.mark.behaviour("sandbox.page.pictures")
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


@pytest.mark.behaviour("sandbox.page.pictures")
def test_a_page_drawn_from_the_file_is_the_page_of_the_letter(
    print_sandbox: PrintSandbox,
    api: Api,
    statements: Callable[[int, int], bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    letters = api.upload(
        statements(3, 2), **{"splitting[method]": "split_on_pages", "splitting[pages]": "2"}
    ).json()["letters"]
    links = [
        f"{print_sandbox.url}/_sandbox/outbox/letters/{letter['id']}/pages/{page}.png?window=1"
        for letter in letters
        for page in (1, 2)
    ]
    quick = [requests.get(link).content for link in links]
    assert len(set(quick)) > 3
    monkeypatch.setattr(outbox, "_as_sent", lambda *_: False)
    assert [requests.get(link).content for link in links] == quick


@pytest.mark.behaviour("sandbox.page.pictures")
def test_a_nudged_letter_is_drawn_as_it_is_printed(
    print_sandbox: PrintSandbox, api: Api, statements: Callable[[int, int], bytes]
) -> None:
    job = api.upload(statements(1, 1)).json()
    link = f"{print_sandbox.url}/_sandbox/outbox/letters/{job['letters'][0]['id']}/pages/1.png"
    before = requests.get(link).content
    api.post(f"/prints/{job['id']}", json={"nudge": {"x": 9, "y": 9}})
    assert requests.get(link).content != before


@pytest.mark.behaviour("sandbox.outbox.all")
def test_what_time_has_deleted_is_not_in_the_outbox(print_sandbox: PrintSandbox, api: Api) -> None:
    letter = api.make(confirmed=True)["letters"][0]["id"]
    print_sandbox.advance(8 * 86_400)
    assert print_sandbox.outbox()["jobs"] == []
    assert requests.get(f"{print_sandbox.url}/_sandbox/outbox/letters/{letter}.pdf").status_code == 404


@pytest.mark.behaviour("sandbox.outbox.move")
def test_a_letter_moves_now_or_later_and_never_out_of_a_draft(print_sandbox: PrintSandbox, api: Api) -> None:
    draft = api.make(testmode=False)
    link = f"{print_sandbox.url}/_sandbox/letters/{draft['letters'][0]['id']}"
    assert requests.post(link, json={"status": "sent"}).status_code == 400
    api.post(f"/prints/{draft['id']}", json={"confirmed": True})

    def status() -> str:
        return str(api.get(f"/prints/{draft['id']}").json()["letters"][0]["status"])

    requests.post(link, json={"status": "printing"}).raise_for_status()
    assert status() == "printing"
    moved = requests.post(link, json={"status": "returned", "after": 600, "reason": "Refused"}).json()
    assert (moved["print_id"], moved["at"]) == (draft["id"], print_sandbox.now() + 600)
    assert status() == "printing"
    print_sandbox.advance(600)
    assert status() == "returned"
