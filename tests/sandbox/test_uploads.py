"""Bodies that come slowly, in part, or many at once."""

from __future__ import annotations

import json
import socket
import threading
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
import requests

from airflow_provider_print.sandbox import PrintSandbox, uploads
from airflow_provider_print.sandbox.bodies import BodyFormatError, read_json

if TYPE_CHECKING:
    from tests.sandbox.calls import Api

MIB = 1024 * 1024


def begin(box: PrintSandbox, path: str, *lines: str, body: bytes = b"") -> socket.socket:
    """Send the beginning of a POST."""
    parts = urlsplit(box.url)
    wire = socket.create_connection((str(parts.hostname), int(parts.port or 0)), timeout=20)
    head = [f"POST {path} HTTP/1.1", "Host: localhost", "Authorization: Bearer key_sandbox", *lines]
    wire.sendall("\r\n".join([*head, "", ""]).encode() + body)
    return wire


def until_journal(box: PrintSandbox, entries: int) -> None:
    deadline = time.monotonic() + 10
    while len(box.journal()) < entries and time.monotonic() < deadline:
        time.sleep(0.01)


@pytest.mark.behaviour("sandbox.body.whole")
@pytest.mark.parametrize("framing", ["Content-Length: 500", "Transfer-Encoding: chunked"])
def test_a_request_that_ends_in_its_body_does_nothing(
    print_sandbox: PrintSandbox, api: Api, framing: str
) -> None:
    job = api.make(reference="before")
    chunk = b'5\r\n{"ref\r\n' if "chunked" in framing else b'{"ref'
    for path in (f"/intelliprint/v1/prints/{job['id']}", "/_sandbox/reset"):
        begin(print_sandbox, path, framing, "Content-Type: application/json", body=chunk).close()
    until_journal(print_sandbox, 2)
    last = print_sandbox.journal()[-1]
    assert (last["route"], last["executions"]) == ("/intelliprint/v1/prints/{id}", 0)
    assert (last["executed"], last["answer_sent"], last["status"]) == (False, False, None)
    assert api.get(f"/prints/{job['id']}").json()["reference"] == "before"


@pytest.mark.behaviour("sandbox.body.room")
def test_large_bodies_take_turns_and_small_ones_do_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "ROOM", 5 * MIB)
    with PrintSandbox() as box:
        body = b"x" * 2 * MIB
        wires = [begin(box, "/intelliprint/v1/prints", f"Content-Length: {len(body)}") for _ in range(6)]
        threads = [threading.Thread(target=wire.sendall, args=(body[:-1],), daemon=True) for wire in wires]
        for thread in threads:
            thread.start()
        time.sleep(0.3)  # by now as many have been let in as ever will be: two
        assert box.app._room._free == MIB
        assert requests.get(box.url + "/_sandbox/health", timeout=5).status_code == 200
        for wire in wires:  # bytes are alike: it does not matter which of the two threads is first
            threading.Thread(target=wire.sendall, args=(b"x",), daemon=True).start()
        assert [wire.makefile("rb").readline()[:12] for wire in wires] == [b"HTTP/1.1 400"] * 6
        assert box.app._room._free == 5 * MIB


@pytest.mark.behaviour("sandbox.body.room")
def test_a_large_body_that_comes_too_slowly_is_cut_off_and_gives_its_room_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(uploads, "ROOM", 3 * MIB)
    monkeypatch.setattr(uploads, "SECONDS", 0.3)
    with PrintSandbox() as box:
        slow = begin(box, "/intelliprint/v1/prints", f"Content-Length: {3 * MIB}", body=b"x")
        assert slow.recv(100) == b""
        answer = requests.put(box.url + "/_sandbox/assets/next.bin", data=b"x" * 2 * MIB, timeout=10)
        assert answer.status_code == 201
        assert [entry["executed"] for entry in box.journal()] == [False]


@pytest.mark.behaviour("sandbox.body.room")
def test_a_fault_that_hangs_keeps_no_large_body_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "ROOM", 3 * MIB)
    with PrintSandbox() as box:
        box.fault("POST", phase="before", kind="hang", seconds=3600)
        hangs = begin(box, "/intelliprint/v1/prints", f"Content-Length: {3 * MIB}", body=b"x" * 3 * MIB)
        answer = requests.put(box.url + "/_sandbox/assets/next.bin", data=b"x" * 3 * MIB, timeout=10)
        assert answer.status_code == 201
        hangs.close()


@pytest.mark.behaviour("sandbox.body.values")
def test_a_json_text_of_more_values_than_bytes_of_use_is_refused() -> None:
    with pytest.raises(BodyFormatError, match="too many values"):
        read_json(b'{"a": [' + b"[]," * 3_000_001 + b"1]}")
    prose = json.dumps({"content": "word " * 1_000_000}).encode()
    assert len(read_json(prose)["content"]) == 5_000_000
