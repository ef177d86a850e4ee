from __future__ import annotations

import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
import requests

if TYPE_CHECKING:
    from airflow_provider_print.sandbox import PrintSandbox
    from tests.sandbox.calls import Api


@pytest.mark.parametrize("host", ["evil.test", "evil.test:80", "127.0.0.1.evil.test", "a b", "10.1.2.3"])
@pytest.mark.behaviour("sandbox.host")
def test_another_host_name_is_refused(print_sandbox: PrintSandbox, host: str) -> None:
    assert requests.get(print_sandbox.url + "/_sandbox/health", headers={"Host": host}).status_code == 421


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1:99", "[::1]:5"])
@pytest.mark.behaviour("sandbox.host")
def test_names_of_this_machine_are_answered(print_sandbox: PrintSandbox, host: str) -> None:
    assert requests.get(print_sandbox.url + "/_sandbox/health", headers={"Host": host}).status_code == 200


@pytest.mark.behaviour("sandbox.origin")
def test_a_page_of_another_origin_cannot_steer_the_sandbox(print_sandbox: PrintSandbox) -> None:
    url = print_sandbox.url + "/_sandbox/reset"
    assert requests.post(url, headers={"Origin": "http://evil.test"}).status_code == 403
    assert requests.post(url, headers={"Origin": print_sandbox.url}).status_code == 200


def test_repeated_slashes_are_one(print_sandbox: PrintSandbox) -> None:
    assert requests.get(print_sandbox.url + "//_sandbox///health").json()["status"] == "ok"


@pytest.mark.parametrize("path", ["/_sandbox/nothing", "/nothing", "/_sandbox"])
def test_an_unknown_path_is_404(print_sandbox: PrintSandbox, path: str) -> None:
    assert requests.get(print_sandbox.url + path).status_code == 404


def test_head_answers_without_a_body(print_sandbox: PrintSandbox) -> None:
    answer = requests.head(print_sandbox.url + "/_sandbox/health")
    assert answer.status_code == 200
    assert answer.content == b""


def test_a_path_cannot_leave_the_assets(print_sandbox: PrintSandbox) -> None:
    parts = urlsplit(print_sandbox.url)
    for path in (
        "/_sandbox/assets/../../core.py",
        "/_sandbox/assets/..%2f..%2fcore.py",
        "/_sandbox/assets/%2e%2e",
    ):
        with socket.create_connection((str(parts.hostname), int(parts.port or 0)), timeout=5) as wire:
            wire.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
            answer = wire.makefile("rb").read()
        assert answer.startswith(b"HTTP/1.1 404"), path


def test_a_handler_that_breaks_is_an_internal_error_of_the_service(
    print_sandbox: PrintSandbox, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(print_sandbox.sandbox.store, "peek_all", lambda *_args, **_kwargs: 1 / 0)
    answer = api.get("/prints")
    assert answer.status_code == 500
    assert answer.json()["error"]["code"] == "internal_error"


def test_a_body_over_the_limit_is_refused_in_the_service_s_words(
    print_sandbox: PrintSandbox, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("airflow_provider_print.sandbox.uploads.MAX_BODY", 1000)
    answer = api.post("/prints", data=b"x" * 300_000)
    assert answer.status_code == 413
    assert answer.json()["error"]["code"] == "body_too_large"
