"""A reset ends what is under way: nothing of one test reaches the next."""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
import requests

from airflow_provider_print.sandbox import PrintSandbox

if TYPE_CHECKING:
    from tests.sandbox.calls import Api


class Gate:
    """Holds a call of the service at one place until it is let through."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, place: object, name: str) -> None:
        self.reached, self.open = threading.Event(), threading.Event()
        self._inner = getattr(place, name)
        monkeypatch.setattr(place, name, self._wait)

    def _wait(self, *args: Any, **kwargs: Any) -> Any:
        self.reached.set()
        assert self.open.wait(10)
        return self._inner(*args, **kwargs)


class Caller(threading.Thread):
    """Makes a print job in the background."""

    def __init__(self, api: Api) -> None:
        super().__init__(daemon=True)
        self._api, self.result = api, None
        self.start()

    def run(self) -> None:
        try:
            self.result: Any = self._api.make(reference="of the test before")
        except requests.ConnectionError as error:
            self.result = error


@pytest.mark.behaviour("sandbox.reset")
def test_a_job_that_is_being_made_is_not_there_after_a_reset(
    print_sandbox: PrintSandbox, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate(monkeypatch, print_sandbox.sandbox.store, "put_blob")
    caller = Caller(api)
    assert gate.reached.wait(10)
    print_sandbox.reset(frozen=True)
    gate.open.set()
    caller.join(10)
    assert isinstance(caller.result, requests.ConnectionError)
    assert print_sandbox.outbox()["jobs"] == []
    assert print_sandbox.journal() == []
    assert print_sandbox.invariants()["jobs_confirmed"] == 0


def test_ids_after_a_reset_do_not_depend_on_what_was_under_way(
    print_sandbox: PrintSandbox, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = api.make()["id"]
    print_sandbox.reset(frozen=True)
    with monkeypatch.context() as patch:
        gate = Gate(patch, print_sandbox.sandbox.store, "put_blob")
        caller = Caller(api)
        assert gate.reached.wait(10)
        print_sandbox.reset(frozen=True)
        gate.open.set()
        caller.join(10)
    assert api.make()["id"] == expected


@pytest.mark.behaviour("sandbox.reset")
def test_background_work_of_the_time_before_touches_nothing(
    print_sandbox: PrintSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def add(name: str) -> int:
        answer = requests.post(
            print_sandbox.printful_url + "/files",
            json={"url": f"{print_sandbox.url}/_sandbox/assets/{name}"},
            headers={"Authorization": "Bearer printful_sandbox"},
        )
        return int(answer.json()["result"]["id"])

    gate = Gate(monkeypatch, print_sandbox.sandbox.store, "get_blob")
    print_sandbox.add_asset("one.png", b"no picture")
    before = add("one.png")
    waiting = threading.Thread(target=print_sandbox.advance, args=(60,), daemon=True)
    waiting.start()
    assert gate.reached.wait(10)
    print_sandbox.reset(frozen=True)
    after = add("two.png")
    gate.open.set()
    waiting.join(10)
    assert before == after
    doc = print_sandbox.sandbox.store.get("printful_file", str(after))
    assert doc is not None
    assert doc["status"] == "waiting"


def test_a_delayed_request_is_not_executed_in_the_world_after_a_reset(
    print_sandbox: PrintSandbox, api: Api
) -> None:
    print_sandbox.fault("POST", "/prints", phase="before", kind="delay", delay=60)
    caller = Caller(api)
    while not print_sandbox.sandbox.faults.as_dicts()[0]["fired"]:
        caller.join(0.01)
    print_sandbox.reset(frozen=True)
    caller.join(10)
    assert isinstance(caller.result, requests.ConnectionError)
    assert print_sandbox.outbox()["jobs"] == []


@pytest.mark.parametrize(
    ("path", "answered"), [("/intelliprint/v1/prints", False), ("/_sandbox/clock", True)]
)
def test_of_what_is_still_being_sent_only_the_tester_s_calls_are_answered(
    print_sandbox: PrintSandbox, path: str, answered: bool
) -> None:
    parts = urlsplit(print_sandbox.url)
    with socket.create_connection((str(parts.hostname), int(parts.port or 0)), timeout=5) as wire:
        head = (
            f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 13"
        )
        # The server asks for the body once it has begun with the request.
        wire.sendall(f"{head}\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n".encode())
        assert wire.recv(100).startswith(b"HTTP/1.1 100")
        print_sandbox.reset(frozen=True)
        wire.sendall(b'{"advance":1}')
        assert wire.makefile("rb").read().startswith(b"HTTP/1.1 200") is answered
    assert print_sandbox.journal() == []


def test_a_reset_restores_the_speed_of_the_beginning() -> None:
    with PrintSandbox(speed=7) as box:
        box.set_speed(1000)
        box.reset()
        assert requests.get(box.url + "/_sandbox/clock").json()["speed"] == 7
