from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import requests

from airflow_provider_print.sandbox.pdf.errors import UnreadableFile

if TYPE_CHECKING:
    from airflow_provider_print.sandbox import PrintSandbox
    from tests.sandbox.calls import Api


@pytest.fixture
def control(print_sandbox: PrintSandbox) -> str:
    return print_sandbox.url + "/_sandbox"


def test_the_clock_can_be_read_and_moved(control: str) -> None:
    before = requests.get(control + "/clock").json()
    assert before["frozen"] is True
    after = requests.post(control + "/clock", json={"advance": 100}).json()
    assert after["now"] == pytest.approx(before["now"] + 100)
    assert requests.post(control + "/clock", json={"set": after["now"] + 5}).json()["now"] == after["now"] + 5
    running = requests.post(control + "/clock", json={"speed": 2}).json()
    assert (running["speed"], running["frozen"]) == (2, False)
    assert requests.post(control + "/clock", json={"freeze": True}).json()["frozen"] is True


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/clock", {"advance": -1}),
        ("/clock", {"advance": "x"}),
        ("/clock", {"advance": True}),
        ("/clock", {"freeze": 1}),
        ("/clock", {"backwards": 1}),
        ("/clock", {}),
        ("/world", {"nonsense": 1}),
        ("/world", {"limiter": "leaky"}),
        ("/faults", {"phase": "sometimes"}),
        ("/faults", {"kind": "explode"}),
        ("/faults", {"phase": "late", "kind": "delay"}),
        ("/faults", {"match": 5}),
        ("/faults", {"fired": 5}),
        ("/faults", {"unheard_of": 5}),
        ("/faults", {"status": 99}),
        ("/faults", {"probability": 2}),
        ("/faults", {"delay": -1}),
        ("/letters/x", {"status": "draft"}),
        ("/letters/x", {"status": "lost"}),
        ("/letters/x", {}),
        ("/letters/x", {"status": "sent", "self": 1}),
        ("/letters/x", {"status": "sent", "reason": {}}),
        ("/clock", {"advance": [1]}),
        ("/clock", {"advance": None}),
        ("/clock", {"speed": 10**400}),
        ("/clock", {"set": 1e12}),
        ("/world", {"self": 1}),
        ("/world", {"list_lag_s": 10**400}),
        ("/world", {"balance": "x"}),
        ("/reset", {"frozen": "no"}),
        ("/reset", {"frozen": 1}),
        ("/reset", {"frozn": True}),
        ("/faults", {"faults": [1]}),
        ("/faults", {"body": 5}),
        ("/faults", {"nth": "x"}),
        ("/faults", {"nth": 1.5}),
        ("/faults", {"nth": [0]}),
        ("/faults", {"nth": []}),
        ("/faults", {"times": "x"}),
        ("/faults", {"times": 0}),
        ("/faults", {"reference": 5}),
        ("/faults", {"route": 5}),
        ("/faults", {"method": 5}),
        ("/faults", {"method": "GET /"}),
        ("/faults", {"service": "intelliprnt"}),
        ("/faults", {"service": []}),
        ("/faults", {"phase": []}),
        ("/faults", {"headers": 5}),
        ("/faults", {"headers": {"x": "a\r\nb"}}),
        ("/faults", {"headers": {"x": "\u20ac"}}),
        ("/faults", {"headers": {"\u20ac": "x"}}),
        ("/faults", {"headers": {"Content-Length": "3"}}),
        ("/faults", {"bytes": 1.5}),
        ("/faults", {"bytes": 10**12}),
        ("/faults", {"probability": True}),
        ("/faults", {"pause": "x"}),
        ("/faults", {"delay": 1e300}),
        ("/faults", {"phase": "before", "kind": "none"}),
    ],
)
def test_a_control_call_that_makes_no_sense_is_400_and_says_why(
    control: str, path: str, body: object
) -> None:
    answer = requests.post(control + path, json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]
    for word in ("__init__", "keyword", "argument", "convert"):
        assert word not in answer.json()["error"]


def test_a_control_body_that_is_no_json_is_400(control: str) -> None:
    answer = requests.post(control + "/world", data=b"{", headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert "JSON" in answer.json()["error"]


def test_rules_of_the_world_are_set_by_name(control: str) -> None:
    assert (
        requests.post(control + "/world", json={"list_lag_s": 2, "reconfirm": 200}).json()["reconfirm"] == 200
    )
    assert requests.get(control + "/world").json()["list_lag_s"] == 2


def test_a_reset_forgets_jobs_faults_rules_and_journal(
    print_sandbox: PrintSandbox, control: str, api: Api
) -> None:
    api.make()
    print_sandbox.world(reconfirm=200)
    print_sandbox.fault("GET")
    requests.post(control + "/reset", json={"frozen": True})
    assert requests.get(control + "/outbox").json()["jobs"] == []
    assert requests.get(control + "/faults").json()["faults"] == []
    assert requests.get(control + "/world").json()["reconfirm"] == 400
    assert requests.get(control + "/journal").json()["requests"] == []
    assert requests.get(control + "/clock").json()["frozen"] is True


def test_deleting_the_faults_answers_with_those_that_never_fired(control: str, api: Api) -> None:
    rules = [{"method": "GET", "kind": "status", "status": 503}, {"method": "PATCH"}]
    added = requests.post(control + "/faults", json={"faults": rules})
    assert added.status_code == 201
    assert [rule["id"] for rule in added.json()["faults"]] == [1, 2]
    assert api.get("/prints").status_code == 503
    unfired = requests.delete(control + "/faults").json()["unfired"]
    assert [rule["method"] for rule in unfired] == ["PATCH"]
    assert requests.get(control + "/faults").json()["faults"] == []


def test_a_rule_can_be_written_as_match_on_and_do(control: str, api: Api) -> None:
    rule = {
        "match": {
            "method": "POST",
            "route": "/v1/prints/{id}",
            "body": {"confirmed": True},
            "reference": "af-*",
        },
        "on": {"nth": [1], "times": 1, "probability": 1.0},
        "do": {"phase": "before", "kind": "status", "status": 502},
    }
    assert requests.post(control + "/faults", json=rule).status_code == 201
    job = api.make(reference="af-1")
    assert api.post(f"/prints/{job['id']}", json={"confirmed": True}).status_code == 502
    assert api.post(f"/prints/{job['id']}", json={"confirmed": True}).status_code == 200


def test_the_journal_can_be_emptied(control: str, api: Api) -> None:
    api.get("/prints")
    requests.delete(control + "/journal")
    assert requests.get(control + "/journal").json() == {"requests": []}


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999"])
def test_numbers_that_json_does_not_have_change_no_rule(control: str, api: Api, number: str) -> None:
    for name in ("list_lag_s", "rate_limit", "balance"):
        answer = requests.post(
            control + "/world",
            data=f'{{"{name}": {number}}}',
            headers={"Content-Type": "application/json"},
        )
        assert answer.status_code == 400
    assert api.make()["id"]


def test_a_batch_of_faults_with_a_bad_one_adds_none(control: str) -> None:
    answer = requests.post(control + "/faults", json={"faults": [{"method": "GET"}, {"kind": "explode"}]})
    assert answer.status_code == 400
    assert requests.get(control + "/faults").json()["faults"] == []


def test_the_method_of_a_fault_may_be_written_small(control: str, api: Api) -> None:
    requests.post(control + "/faults", json={"method": "get", "status": 503})
    assert api.get("/prints").status_code == 503


@pytest.mark.parametrize("content", [5, None, True, [1], {"a": "\u00e9"}, "text", ""])
@pytest.mark.parametrize("status", [200, 204, 304, 418, 599])
def test_any_content_goes_with_any_status(control: str, api: Api, content: object, status: int) -> None:
    requests.post(control + "/faults", json={"status": status, "content": content, "headers": {"X-A": 1}})
    answer = api.get("/prints")
    assert (answer.status_code, answer.headers["X-A"]) == (status, "1")
    assert (answer.content == b"") is (status in (204, 304) or content == "")


def test_a_letter_that_cannot_be_drawn_is_said_in_words(
    print_sandbox: PrintSandbox, control: str, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: object, **_kwargs: object) -> None:
        raise UnreadableFile("broken", "The file is damaged")

    letter = api.make()["letters"][0]["id"]
    monkeypatch.setattr("airflow_provider_print.sandbox.intelliprint.outbox.letter_pdf", broken)
    answer = requests.get(f"{control}/outbox/letters/{letter}.pdf")
    assert (answer.status_code, answer.json()) == (409, {"error": "The file is damaged"})
