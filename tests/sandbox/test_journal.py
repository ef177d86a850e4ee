from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
import requests

from tests.sandbox.calls import ADDRESSED

if TYPE_CHECKING:
    from airflow_provider_print.sandbox import PrintSandbox
    from tests.sandbox.calls import Api


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
