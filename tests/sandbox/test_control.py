from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import requests

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
    ],
)
def test_a_control_call_that_makes_no_sense_is_400_and_says_why(
    control: str, path: str, body: object
) -> None:
    answer = requests.post(control + path, json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]


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
