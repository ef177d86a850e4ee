from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

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
        "executions": 1,
        "executed": True,
        "answer_sent": True,
        "rule": None,
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
