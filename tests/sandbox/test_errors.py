"""Errors have the shape of the service that they are about, whoever makes them."""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
import requests

if TYPE_CHECKING:
    from airflow_provider_print.sandbox import PrintSandbox
    from tests.sandbox.calls import Api

PRINTFUL = {"Authorization": "Bearer printful_sandbox"}


def raw(box: PrintSandbox, head: str) -> bytes:
    parts = urlsplit(box.url)
    with socket.create_connection((str(parts.hostname), int(parts.port or 0)), timeout=5) as wire:
        wire.sendall(head.replace("\n", "\r\n").encode() + b"\r\n\r\n")
        return wire.makefile("rb").read()


@pytest.mark.parametrize("status", [400, 402, 429, 500, 503])
def test_an_intelliprint_error_of_a_fault_rule_has_a_request_id(
    print_sandbox: PrintSandbox, api: Api, status: int
) -> None:
    print_sandbox.fault("GET", "/prints", status=status)
    answer = api.get("/prints")
    assert answer.status_code == status
    assert answer.headers["request-id"].startswith("req_")
    assert answer.json()["error"]["type"]


def test_a_rule_can_name_the_request_id_itself(print_sandbox: PrintSandbox, api: Api) -> None:
    print_sandbox.fault("GET", "/prints", status=500, headers={"Request-Id": "req_mine"})
    assert api.get("/prints").headers["request-id"] == "req_mine"


def test_a_handler_that_breaks_says_so_with_a_request_id(
    print_sandbox: PrintSandbox, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(print_sandbox.sandbox.store, "peek_all", lambda *_args, **_kwargs: 1 / 0)
    answer = api.get("/prints")
    assert answer.status_code == 500
    assert answer.headers["request-id"].startswith("req_")


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/files", {"code", "result", "error"}),
        ("/v2/files", {"type", "status", "title", "details", "instance"}),
    ],
)
def test_a_printful_error_of_a_fault_rule_has_the_form_of_its_version(
    print_sandbox: PrintSandbox, path: str, fields: set[str]
) -> None:
    print_sandbox.fault("GET", service="printful", status=503)
    answer = requests.get(print_sandbox.printful_url + path, headers=PRINTFUL)
    assert answer.status_code == 503
    assert answer.json().keys() == fields


@pytest.mark.parametrize("method", ["TRACE", "PROPFIND", "OPTIONS", "PUT"])
@pytest.mark.parametrize("path", ["/prints", "/nothing"])
def test_any_method_is_refused_in_the_service_s_words(
    print_sandbox: PrintSandbox, api: Api, method: str, path: str
) -> None:
    answer = api.request(method, path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


@pytest.mark.parametrize("target", ["*", "http://localhost/_sandbox/nothing", "nothing"])
def test_a_target_that_is_no_path_is_not_found(print_sandbox: PrintSandbox, target: str) -> None:
    said = raw(print_sandbox, f"OPTIONS {target} HTTP/1.1\nHost: localhost\nConnection: close")
    assert said.startswith(b"HTTP/1.1 404")


def test_a_whole_url_as_target_is_answered_when_it_is_ours(print_sandbox: PrintSandbox) -> None:
    end = "HTTP/1.1\nHost: localhost\nConnection: close"
    for target, status in (("http://127.0.0.1:99", 200), ("http://evil.test", 421), ("http://", 421)):
        said = raw(print_sandbox, f"GET {target}/_sandbox/health {end}")
        assert said.startswith(f"HTTP/1.1 {status}".encode()), target
    assert raw(print_sandbox, f"GET http://localhost {end}").startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    "body",
    [
        b'{"reference": "\\ud800", "content": "Hello"}',
        b'{"reference": "\xed\xa0\x80", "content": "Hello"}',
        b'{"content": "Hello", "metadata": {"x": NaN}}',
        b'{"content": "Hello", "metadata": {"x": [1e999]}}',
        b'{"content": "Hello", "metadata": {"x": -Infinity}}',
    ],
)
def test_json_that_could_never_be_sent_again_is_refused_by_both_services(
    print_sandbox: PrintSandbox, api: Api, body: bytes
) -> None:
    answer = api.post("/prints", data=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "body_incorrect_format")
    other = body.replace(b'"content": "Hello"', b'"url": "http://files.test/a.png"')
    assert (
        requests.post(print_sandbox.printful_url + "/files", data=other, headers=PRINTFUL).status_code == 400
    )
    assert api.get("/prints").json()["data"] == []
    assert requests.get(print_sandbox.url).status_code == 200


def test_a_half_of_a_surrogate_pair_in_the_state_does_not_stop_the_answers(
    print_sandbox: PrintSandbox, api: Api
) -> None:
    job = api.make()
    store = print_sandbox.sandbox.store
    doc = next(one for one in store.all("print") if one["id"] == job["id"])
    store.put("print", job["id"], {**doc, "reference": "\ud800"})
    assert api.get(f"/prints/{job['id']}").json()["reference"] == "\ud800"
    assert requests.get(print_sandbox.url + "/_sandbox/outbox").status_code == 200


def test_malformed_bracket_names_are_unknown_parameters(api: Api) -> None:
    for name in ("confirmed[", "testmode[x", "recipients[0]address[line]", "a[b]c", "[a]", "postage]"):
        answer = api.post("/prints", data={"content": "Hello", "testmode": "true", name: "true"})
        error = answer.json()["error"]
        assert (answer.status_code, error["code"], error["param"]) == (400, "parameter_unknown", name)


def test_raw_utf_8_in_a_urlencoded_body_is_read(api: Api) -> None:
    answer = api.post(
        "/prints",
        data="content=Grüße&reference=größer&testmode=true&recipients[0][address][line]=Straße".encode(),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert answer.status_code == 200, answer.text
    assert answer.json()["reference"] == "größer"


def test_a_url_that_is_none_is_an_error_of_its_field(api: Api) -> None:
    status, code, param = api.refused(file={"url": "http://[bad"}, recipients=[])
    assert (status, code, param) == (400, "parameter_invalid", "file.url")


def test_a_rule_about_the_body_meets_json_under_any_content_type(print_sandbox: PrintSandbox) -> None:
    for kind in ("application/x-www-form-urlencoded", "text/plain", "application/json"):
        print_sandbox.fault("POST", "/files", status=503, body={"filename": "a.png"})
        answer = requests.post(
            print_sandbox.printful_url + "/files",
            data=json.dumps({"url": "http://files.test/a.png", "filename": "a.png"}),
            headers={**PRINTFUL, "Content-Type": kind},
        )
        assert answer.status_code == 503, kind
