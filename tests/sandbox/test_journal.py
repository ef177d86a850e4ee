from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from typing import Any

import pytest
import requests

from airflow_provider_print.sandbox import PrintSandbox, journal
from tests.sandbox.calls import ADDRESSED, Api


@pytest.mark.behaviour("sandbox.journal.entry")
def test_an_entry_tells_what_was_asked_and_what_became_of_it(print_sandbox: PrintSandbox, api: Api) -> None:
    body = json.dumps({"content": "Hello", "reference": "R 1", "testmode": True}).encode()
    answer = api.post(
        "/prints", data=body, headers={"Content-Type": "application/json", "User-Agent": "test/1"}
    )
    api.get(f"/prints/{answer.json()['id']}", headers={"Authorization": ""})
    api.get("/nothing")
    made, read, unknown = print_sandbox.journal()
    assert made | {"at": 0, "sandbox_time": 0} == {
        "id": 1,
        "at": 0,
        "sandbox_time": 0,
        "service": "intelliprint",
        "method": "POST",
        "path": "/intelliprint/v1/prints",
        "route": "/intelliprint/v1/prints",
        "authorized": True,
        "user_agent": "test/1",
        "body_bytes": len(body),
        "body_sha256": hashlib.sha256(body).hexdigest(),
        "reference": "R 1",
        "status": 200,
        "true_status": 200,
        "executions": 1,
        "executed": True,
        "committed": True,
        "answer_sent": True,
        "rule": None,
        "kept": False,
    }
    assert read["route"] == "/intelliprint/v1/prints/{id}"
    assert (read["reference"], read["status"]) == ("R 1", 401)
    assert (unknown["route"], unknown["status"]) == ("", 404)


@pytest.mark.behaviour("sandbox.journal.private")
def test_the_journal_holds_no_addresses_and_no_content(print_sandbox: PrintSandbox, api: Api) -> None:
    secret = "Zaphod Marker"
    api.make(
        recipients=[{"address": {"name": secret, "line": secret}}], content=secret, metadata={"x": secret}
    )
    api.get("/prints", params={"x": secret})
    assert secret not in json.dumps(print_sandbox.journal())
    assert len(print_sandbox.journal()) == 2


def test_a_call_without_an_api_key_is_told_from_one_with(print_sandbox: PrintSandbox, api: Api) -> None:
    del api.headers["Authorization"]
    api.get("/prints")
    api.get("/prints", headers={"Authorization": "wrong"})
    assert [entry["authorized"] for entry in print_sandbox.journal()] == [False, True]


@pytest.mark.behaviour("sandbox.journal.entry")
@pytest.mark.parametrize(
    ("fault", "status", "true_status", "committed"),
    [
        ({"phase": "before", "kind": "reset"}, None, None, False),
        ({"phase": "before", "kind": "close"}, None, None, False),
        ({"phase": "before", "kind": "hang", "seconds": 0.01}, None, None, False),
        ({"phase": "before", "status": 503}, 503, None, False),
        ({"phase": "before", "kind": "truncate"}, 500, None, False),
        ({"phase": "after", "kind": "reset"}, 200, 200, True),
        ({"phase": "after", "status": 502}, 502, 200, True),
        ({"phase": "late", "kind": "close", "delay": 0}, None, 200, True),
        ({"phase": "late", "kind": "status", "status": 504, "delay": 0}, 504, 200, True),
        ({"phase": "twice"}, 400, 400, True),
        ({"phase": "before", "kind": "delay", "delay": 0}, 200, 200, True),
    ],
)
def test_what_was_sent_is_told_from_what_the_service_decided(
    print_sandbox: PrintSandbox,
    api: Api,
    fault: dict[str, Any],
    status: int | None,
    true_status: int | None,
    committed: bool,
) -> None:
    job = api.make()
    print_sandbox.fault("POST", "/prints/{id}", **fault)
    with suppress(requests.RequestException):
        api.post(f"/prints/{job['id']}", json={"confirmed": True})
    print_sandbox.settle()
    entry = print_sandbox.journal()[-1]
    assert (entry["status"], entry["true_status"], entry["committed"]) == (status, true_status, committed)
    assert entry["executed"] is (true_status is not None)


@pytest.mark.behaviour("sandbox.journal.entry")
def test_only_what_changed_something_is_committed(print_sandbox: PrintSandbox, api: Api) -> None:
    job = api.make()
    api.get("/prints")
    api.get(f"/prints/{job['id']}")
    api.post("/prints", json={"content": "Hello", "nonsense": 1})
    api.post("/prints", json={"content": "Hello"}, headers={"Authorization": "wrong"})
    requests.get(print_sandbox.printful_url + "/files", headers={"Authorization": "Bearer printful_sandbox"})
    api.delete(f"/prints/{job['id']}")
    api.delete(f"/prints/{job['id']}")
    assert [(entry["true_status"], entry["committed"]) for entry in print_sandbox.journal()] == [
        (200, True),
        (200, False),
        (200, False),
        (400, False),
        (401, False),
        (200, False),
        (202, True),
        (404, False),
    ]


def test_what_was_rolled_back_is_not_committed(
    print_sandbox: PrintSandbox, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = print_sandbox.sandbox.store.put

    def put(kind: str, id: str, doc: dict[str, Any]) -> None:  # noqa: A002
        inner(kind, id, doc)
        if kind == "letter":
            raise RuntimeError

    monkeypatch.setattr(print_sandbox.sandbox.store, "put", put)
    assert api.post("/prints", json={"content": "Hello", "recipients": [ADDRESSED]}).status_code == 500
    (entry,) = print_sandbox.journal()
    assert (entry["true_status"], entry["committed"]) == (500, False)
    assert print_sandbox.outbox()["jobs"] == []


@pytest.mark.behaviour("sandbox.journal.private")
def test_queries_and_bodies_are_kept_when_that_is_asked_for_and_no_longer(
    print_sandbox: PrintSandbox, api: Api
) -> None:
    url = f"{print_sandbox.url}/_sandbox/journal"
    api.make(content="before")
    assert api.post(url, json={"keep_bodies": True}).json() == {"keep_bodies": True}
    api.make(content="kept")
    api.post("/prints", data=b"\xff\x00", headers={"Content-Type": "application/octet-stream"})
    api.get("/prints", params={"x": "R 1"})
    before, made, binary, read = print_sandbox.journal()
    assert [entry["kept"] for entry in (before, made, binary, read)] == [False, True, True, True]
    shown = api.get(f"{url}/{made['id']}").json()
    assert json.loads(shown["body"])["content"] == "kept"
    assert shown["content_type"] == "application/json"
    assert print_sandbox.body(made["id"]) == shown["body"].encode()
    assert print_sandbox.body(before["id"]) is None
    assert "body" not in api.get(f"{url}/{before['id']}").json()
    shown = api.get(f"{url}/{binary['id']}").json()
    assert (shown["body"], shown["body_base64"]) == (None, "/wA=")
    assert api.get(f"{url}/{read['id']}").json()["query"] == [["x", "R 1"]]
    assert "R 1" not in json.dumps(print_sandbox.journal())
    api.post(url, json={"keep_bodies": False})
    assert print_sandbox.body(made["id"]) is None
    assert not any(entry["kept"] for entry in print_sandbox.journal())
    assert api.get(f"{url}/999").status_code == 404
    assert api.post(url, json={"keep_bodies": 1}).status_code == 400


def test_a_reset_keeps_no_more_bodies_than_the_start(print_sandbox: PrintSandbox, api: Api) -> None:
    print_sandbox.keep_bodies()
    print_sandbox.reset(frozen=True)
    api.make()
    assert [entry["kept"] for entry in print_sandbox.journal()] == [False]
    with PrintSandbox(keep_bodies=True) as box:
        with Api(box.intelliprint_url) as other:
            other.get("/prints")
        box.reset()
        with Api(box.intelliprint_url) as other:
            other.get("/prints")
        assert [entry["kept"] for entry in box.journal()] == [True]


def test_the_oldest_bodies_go_when_they_become_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "_MOST_BYTES", 100)
    log = journal.Journal(keep_bodies=True)
    what = dict.fromkeys(("service", "method", "path", "route"), "")
    for _ in range(5):
        entry = log.open(at=0, sandbox_time=0, authorized=True, user_agent=None, body_bytes=40, **what)
        log.keep(entry, journal.Kept([], None, b"x" * 40))
    assert [log.request(number)[1] is not None for number in range(1, 6)] == [False, False, False, True, True]


@pytest.mark.behaviour("sandbox.journal.filters")
def test_the_journal_can_be_searched(print_sandbox: PrintSandbox, api: Api) -> None:
    print_sandbox.fault("DELETE", status=503)
    first, second = api.make(reference="af-1"), api.make(reference="other")
    api.get("/prints")
    api.get(f"/prints/{first['id']}")
    api.delete(f"/prints/{second['id']}")
    requests.get(f"{print_sandbox.printful_url}/files", timeout=10)

    def found(**query: object) -> list[int]:
        answer = api.get(f"{print_sandbox.url}/_sandbox/journal", params=query)
        assert answer.status_code == 200, answer.text
        return [entry["id"] for entry in answer.json()["requests"]]

    assert found() == [1, 2, 3, 4, 5, 6]
    assert found(limit=2) == [5, 6]
    assert found(after=4) == [5, 6]
    assert found(method="GET", service="intelliprint") == [3, 4]
    assert found(route="*/prints/{id}") == [4, 5]
    assert found(reference="af-*") == [1, 4]
    assert found(status=503) == found(rule=1) == [5]
    assert found(committed="true") == [1, 2]
    assert found(committed="false", limit=1) == [6]
    assert [entry["id"] for entry in print_sandbox.journal(method="POST", limit=1)] == [2]
    for query in ({"colour": "red"}, {"limit": 0}, {"limit": -1}, {"status": "x"}, {"committed": "maybe"}):
        assert api.get(f"{print_sandbox.url}/_sandbox/journal", params=query).status_code == 400
    with pytest.raises(ValueError, match="can be chosen by"):
        print_sandbox.journal(colour="red")


@pytest.mark.behaviour("sandbox.journal.short")
def test_no_request_makes_an_entry_large(print_sandbox: PrintSandbox, api: Api) -> None:
    long = "x" * 30_000
    api.post("/prints", json={"reference": long * 10, "content": "Hello"}, headers={"User-Agent": long})
    api.get(f"/prints/{long}")
    made, looked = print_sandbox.journal()
    assert len(made["reference"]) == len(made["user_agent"]) == len(looked["path"]) == 1000
    assert looked["path"].startswith("/intelliprint/v1/prints/xxx")
