"""Values that no honest client sends, and those that one sends by mistake."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest

from airflow_provider_print.sandbox import pdf
from airflow_provider_print.sandbox.pdf.pool import pool
from tests.sandbox.calls import ADDRESSED, fault

if TYPE_CHECKING:
    from collections.abc import Callable

    import requests

    from airflow_provider_print.sandbox import PrintSandbox
    from tests.sandbox.calls import Api

BLANK = {"address": {"name": "A", "line": " \t\n\u00a0", "postcode": " "}}


def send(api: Api, path: str, raw: str) -> requests.Response:
    return api.post(path, data=raw.encode(), headers={"Content-Type": "application/json"})


def test_a_blank_address_is_no_address(api: Api) -> None:
    assert api.refused(content="x", recipients=[BLANK]) == (
        400,
        "parameter_missing",
        "recipients[0].address.line",
    )
    answer = api.post("/mailing_lists", json={"recipients": [BLANK]})
    assert fault(answer) == (400, "parameter_missing", "recipients[0].address.line")


@pytest.mark.parametrize("line", [None, "", "  "])
def test_a_recipient_whose_line_was_emptied_is_not_posted_to(
    print_sandbox: PrintSandbox, api: Api, line: str | None
) -> None:
    list_id = api.post("/mailing_lists", json={"recipients": [ADDRESSED]}).json()["id"]
    recipient = api.get(f"/mailing_lists/{list_id}/recipients").json()["data"][0]["id"]
    answer = api.post(f"/mailing_lists/{list_id}/recipients/{recipient}", json={"address": {"line": line}})
    assert answer.status_code == 200
    job = api.post("/prints", json={"content": "x", "mailing_list": list_id}).json()
    assert fault(api.post(f"/prints/{job['id']}", json={"confirmed": True})) == (
        400,
        "parameter_invalid",
        "recipients",
    )
    window = pdf.window_lines(api.get(job["letters"][0]["pdf"]).content, 0)
    assert window == ["A Reader", "AB1 2CD"]
    assert print_sandbox.invariants()["charges"]["after_tax"] == 0


@pytest.mark.parametrize("method", ["none", "split_on_phrase"])
def test_a_blank_phrase_removes_no_letter(
    api: Api, statements: Callable[[int, int], bytes], method: str
) -> None:
    fields = {"splitting[method]": method, "splitting[phrase]": "Dear", "remove_letters[with_phrase]": " \n "}
    job = api.upload(statements(2, 1), **fields).json()
    assert job["remove_letters"]["with_phrase"] is None
    assert len(job["letters"]) == (1 if method == "none" else 2)


@pytest.mark.parametrize("pages", ["0-99999," * 1000 + "0", ["0-99999"] * 1000, "0-99999"])
def test_many_ranges_of_double_sided_pages_cost_nothing(
    api: Api, statements: Callable[[int, int], bytes], pages: str | list[str]
) -> None:
    job = api.upload(statements(1, 3)).json()
    printing = {"double_sided": "mixed", "double_sided_specific_pages": pages}
    started = time.monotonic()
    answer = api.post(f"/prints/{job['id']}", json={"printing": printing}).json()
    assert time.monotonic() - started < 1
    assert answer["printing"]["double_sided_specific_pages"] == list(range(5000))
    assert answer["sheets"] == 2


def test_a_very_long_list_of_double_sided_pages_is_refused(api: Api) -> None:
    printing = {"double_sided": "mixed", "double_sided_specific_pages": "0," * 6000 + "0"}
    assert api.refused(content="x", recipients=[ADDRESSED], printing=printing) == (
        400,
        "parameter_invalid",
        "printing.double_sided_specific_pages",
    )


def test_the_name_of_an_unknown_parameter_is_not_repeated_at_any_length(api: Api) -> None:
    started = time.monotonic()
    for params in ({"x" * 300_000: 1}, {"printing": {"x" * 300_000: 1}}, {"metadata": {"x" * 300_000: []}}):
        answer = api.post("/prints", json=params)
        assert answer.status_code == 400
        assert len(answer.content) < 1000
    assert time.monotonic() - started < 2


@pytest.mark.parametrize("number", ["9" * 400, "1e999", "-1e999", "NaN"])
@pytest.mark.parametrize(
    "body", ['{"content": "x", "nudge": {"x": %s}}', '{"content": "x", "splitting": {"pages": %s}}']
)
def test_a_number_without_measure_is_refused(api: Api, body: str, number: str) -> None:
    assert send(api, "/prints", body % number).status_code == 400


def test_half_a_character_is_refused_wherever_it_stands(api: Api) -> None:
    bodies = {
        "/prints": '{"content": "x", "reference": "\\ud800", "recipients": [{"address": {"line": "a"}}]}',
        "/backgrounds": '{"name": "\\udfff"}',
        "/mailing_lists": '{"recipients": [{"address": {"line": "a"}, "variables": {"\\ud800": 1}}]}',
    }
    for path, body in bodies.items():
        assert send(api, path, body).status_code == 400
        assert api.get(path).json()["total_available"] == 0


def test_an_upload_that_cannot_be_read_is_not_named(api: Api) -> None:
    answer = api.post("/prints", files={"file": ("Ada Lovelace.txt", b"Dear Ada")}, data={"testmode": "true"})
    assert fault(answer) == (400, "parameter_invalid", "file")
    assert "Ada" not in answer.text


def test_a_letter_that_cannot_be_drawn_is_told_behind_its_link(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = api.make()["letters"][0]["pdf"]

    def refuse(*_args: object, **_kwargs: object) -> None:
        raise pdf.UnreadableFile("too large", "This takes too long.")

    monkeypatch.setattr(pool, "call", refuse)
    answer = api.get(link)
    assert answer.status_code == 404
    assert answer.text == "This file cannot be drawn (too large): This takes too long.\n"


@pytest.mark.parametrize("levels", [100, 600, 900])
def test_what_is_nested_deeply_is_refused_before_it_is_kept(api: Api, levels: int) -> None:
    nested = '{"a":' * levels + "1" + "}" * levels
    recipient = json.dumps(ADDRESSED)[:-1] + f', "variables": {nested}}}'
    answer = send(api, "/prints", f'{{"content": "x", "recipients": [{recipient}]}}')
    assert fault(answer) == (400, "body_incorrect_format", None)
    answer = send(api, "/prints", f'{{"content": "x", "insert": {nested}}}')
    assert fault(answer) == (400, "body_incorrect_format", None)
    assert api.get("/prints").json()["total_available"] == 0


def test_what_is_nested_less_deeply_is_kept_and_can_be_confirmed(api: Api) -> None:
    nested = '{"a":' * 97 + "1" + "}" * 97  # in a recipient, in a list, in the body
    recipient = json.dumps(ADDRESSED)[:-1] + f', "variables": {nested}}}'
    answer = send(api, "/prints", f'{{"content": "x", "recipients": [{recipient}]}}')
    assert answer.status_code == 200
    assert api.post(f"/prints/{answer.json()['id']}", json={"confirmed": True}).status_code == 200
