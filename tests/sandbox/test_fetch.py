"""Fetching files by URL: from the sandbox's own assets, and from hosts that were allowed by name."""

from __future__ import annotations

import http.server
import socket
import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import pytest
import requests

from airflow_provider_print.sandbox import PrintSandbox
from airflow_provider_print.sandbox.fetch import FetchError, fetch
from tests.sandbox.calls import Api

if TYPE_CHECKING:
    from collections.abc import Iterator


class Files(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/file")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(200 if self.path.startswith("/file") else 404)
        self.send_header("Content-Length", "1000" if self.path == "/file-short" else "5")
        self.end_headers()
        self.wfile.write(b"bytes")

    def log_message(self, *_args: object) -> None:
        pass


@contextmanager
def host() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Files) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def allowed() -> Iterator[PrintSandbox]:
    with PrintSandbox(allow_fetch=["127.0.0.1", "nowhere.invalid", "169.254.169.254"]) as box:
        yield box


@pytest.fixture
def api_of(allowed: PrintSandbox) -> Iterator[Api]:
    with Api(allowed.intelliprint_url) as session:
        yield session


@pytest.mark.behaviour("sandbox.fetch.named")
def test_a_named_host_is_fetched_from_even_when_it_is_private(allowed: PrintSandbox) -> None:
    with host() as url:
        assert fetch(allowed.sandbox, url + "/file?x=1") == b"bytes"


@pytest.mark.behaviour("sandbox.fetch.named")
def test_no_host_is_fetched_from_by_default(print_sandbox: PrintSandbox) -> None:
    with host() as url, pytest.raises(FetchError, match=r"--allow-fetch 127\.0\.0\.1"):
        fetch(print_sandbox.sandbox, url + "/file")


def test_a_host_can_be_allowed_with_one_port_only(print_sandbox: PrintSandbox) -> None:
    with host() as one, host() as other, PrintSandbox(allow_fetch=[one.removeprefix("http://")]) as box:
        assert fetch(box.sandbox, one + "/file") == b"bytes"
        with pytest.raises(FetchError, match="does not fetch"):
            fetch(box.sandbox, other + "/file")


@pytest.mark.parametrize(
    ("path", "why"),
    [("/moved", "status 302"), ("/none", "status 404"), ("/file-short", r"could not be read|too early")],
)
@pytest.mark.behaviour("sandbox.fetch.redirects")
def test_redirects_errors_and_short_files_are_failures(allowed: PrintSandbox, path: str, why: str) -> None:
    with host() as url, pytest.raises(FetchError, match=why):
        fetch(allowed.sandbox, url + path)


@pytest.mark.behaviour("sandbox.fetch.size")
def test_a_file_over_the_limit_is_refused(allowed: PrintSandbox) -> None:
    with host() as url, pytest.raises(FetchError, match="larger than 3 bytes"):
        fetch(allowed.sandbox, url + "/file", limit=3)


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://127.0.0.1/x",
        "http:///x",
        "http://127.0.0.1:99999/x",
        "http://nowhere.invalid/x",
        "http://169.254.169.254/latest/meta-data",
        "nonsense",
        "http://[bad",
        "http://[::1",
        "http://127.0.0.1/\ud800",
        "http://127.0.0.1/a b",
    ],
)
@pytest.mark.behaviour("sandbox.fetch.schemes")
def test_other_urls_are_refused(allowed: PrintSandbox, url: str) -> None:
    with pytest.raises(FetchError):
        fetch(allowed.sandbox, url, seconds=2)


@pytest.mark.behaviour("sandbox.assets")
def test_assets_of_the_sandbox_can_always_be_fetched(print_sandbox: PrintSandbox) -> None:
    url = print_sandbox.add_asset("a.bin", b"asset")
    assert fetch(print_sandbox.sandbox, url) == b"asset"
    assert fetch(print_sandbox.sandbox, url + "?v=2") == b"asset"
    assert fetch(print_sandbox.sandbox, url.replace("127.0.0.1", "localhost")) == b"asset"
    with pytest.raises(FetchError, match="does not fetch"):
        fetch(print_sandbox.sandbox, url.replace("127.0.0.1", "10.1.2.3"))
    with pytest.raises(FetchError, match="no such asset"):
        fetch(print_sandbox.sandbox, print_sandbox.url + "/_sandbox/assets/none.bin")
    with pytest.raises(FetchError, match="does not fetch"):
        fetch(print_sandbox.sandbox, print_sandbox.url + "/_sandbox/journal")


def test_under_every_address_the_assets_are_the_own_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    with PrintSandbox(host="0.0.0.0", allow_hosts=["Print-Box"]) as box:
        url = box.add_asset("a.bin", b"asset")
        assert url.startswith("http://127.0.0.1:")
        for host in ("127.0.0.1", "10.1.2.3", "print-box", "[fd00::1]"):
            assert fetch(box.sandbox, url.replace("127.0.0.1", host)) == b"asset"
        with pytest.raises(FetchError, match="does not fetch"):
            fetch(box.sandbox, url.replace("127.0.0.1", "other"))


@pytest.mark.behaviour("sandbox.fetch.link-local")
def test_every_address_of_a_name_is_tried(allowed: PrintSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    inner = socket.getaddrinfo

    def found(name: str, port: int, **options: int) -> list[object]:
        if name != "nowhere.invalid":
            return list(inner(name, port, **options))
        kind = (socket.AF_INET, socket.SOCK_STREAM, 0, "")
        return [(*kind, (address, port)) for address in ("169.254.169.254", "127.0.0.2", "127.0.0.1")]

    monkeypatch.setattr(socket, "getaddrinfo", found)
    with host() as url:
        assert fetch(allowed.sandbox, url.replace("127.0.0.1", "nowhere.invalid") + "/file") == b"bytes"


@contextmanager
def slow(first: bytes, more: bytes = b"") -> Iterator[str]:
    """Serve the first bytes at once, and further ones drop by drop without end."""
    ended = threading.Event()

    def drip(wire: socket.socket) -> None:
        with wire, suppress(OSError):
            wire.sendall(first)
            while more and not ended.wait(0.02):
                wire.sendall(more)
            ended.wait(10)

    def accept() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=drip, args=(listener.accept()[0],), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=accept, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/file"
        ended.set()
        listener.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize(
    ("first", "more", "scheme"),
    [
        (b"", b"", "http"),
        (b"HTTP/1.1 200 OK\r\n", b"X: 1\r\n", "http"),
        (b"HTTP/1.1 200 OK\r\nX-", b"a", "http"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b"a", "http"),
        (b"HTTP/1.1 200 OK\r\n\r\n", b"a", "http"),
        (b"", b"", "https"),
    ],
)
@pytest.mark.behaviour("sandbox.fetch.time")
def test_a_source_that_goes_on_and_on_ends_at_the_deadline(
    allowed: PrintSandbox, first: bytes, more: bytes, scheme: str
) -> None:
    before = {thread.name for thread in threading.enumerate()}
    assert "print-sandbox-fetch" not in before
    with slow(first, more) as url:
        begin = time.monotonic()
        with pytest.raises(FetchError):
            fetch(allowed.sandbox, url.replace("http", scheme), seconds=0.3)
        assert time.monotonic() - begin < 3
        for thread in threading.enumerate():
            if thread.name == "print-sandbox-fetch":
                thread.join(5)
                assert not thread.is_alive()


def test_a_name_server_that_does_not_answer_ends_at_the_deadline(
    allowed: PrintSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = threading.Event()
    inner = socket.getaddrinfo

    def wait(name: str, port: int, **options: int) -> list[object]:
        if name == "nowhere.invalid":
            ended.wait(10)
        return list(inner(name, port, **options))

    monkeypatch.setattr(socket, "getaddrinfo", wait)
    begin = time.monotonic()
    with pytest.raises(FetchError, match="within"):
        fetch(allowed.sandbox, "http://nowhere.invalid/file", seconds=0.2)
    assert time.monotonic() - begin < 3
    ended.set()


def test_slow_sources_stop_neither_the_tester_nor_other_files(allowed: PrintSandbox) -> None:
    key = {"Authorization": "Bearer printful_sandbox"}
    allowed.freeze()

    def add(url: str) -> str:
        answer = requests.post(allowed.printful_url + "/files", json={"url": url}, headers=key, timeout=5)
        return str(answer.json()["result"]["id"])

    def status(number: str) -> str:
        return str(
            requests.get(f"{allowed.printful_url}/files/{number}", headers=key).json()["result"]["status"]
        )

    with slow(b"") as url:
        for number in range(4):
            add(f"{url}?{number}")
        quick = add(allowed.add_asset("no-picture.png", b"x"))
        threading.Thread(target=allowed.advance, args=(60,), daemon=True).start()
        deadline = time.monotonic() + 5
        while status(quick) == "waiting" and time.monotonic() < deadline:
            time.sleep(0.01)
        assert status(quick) == "failed"
        assert requests.get(allowed.url + "/_sandbox/clock", timeout=2).status_code == 200


def test_calls_that_wait_for_slow_sources_leave_room_for_the_tester(
    allowed: PrintSandbox, api_of: Api
) -> None:
    with slow(b"") as url:
        body = {"file": {"url": url}, "testmode": True}
        callers = [
            threading.Thread(target=lambda: api_of.post("/prints", json=body), daemon=True) for _ in range(30)
        ]
        for caller in callers:
            caller.start()
        while len(allowed.journal()) < 24:
            time.sleep(0.01)
        assert requests.get(allowed.url + "/_sandbox/health", timeout=2).json()["status"] == "ok"
        assert requests.get(allowed.url, timeout=5).status_code == 200
    for caller in callers:
        caller.join(15)
