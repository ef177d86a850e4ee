"""Fetching files by URL: from the sandbox's own assets, and from hosts that were allowed by name."""

from __future__ import annotations

import http.server
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from airflow_provider_print.sandbox import PrintSandbox
from airflow_provider_print.sandbox.fetch import FetchError, fetch

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


def test_a_named_host_is_fetched_from_even_when_it_is_private(allowed: PrintSandbox) -> None:
    with host() as url:
        assert fetch(allowed.sandbox, url + "/file?x=1") == b"bytes"


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
def test_redirects_errors_and_short_files_are_failures(allowed: PrintSandbox, path: str, why: str) -> None:
    with host() as url, pytest.raises(FetchError, match=why):
        fetch(allowed.sandbox, url + path)


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
    ],
)
def test_other_urls_are_refused(allowed: PrintSandbox, url: str) -> None:
    with pytest.raises(FetchError):
        fetch(allowed.sandbox, url, seconds=2)


def test_assets_of_the_sandbox_can_always_be_fetched(print_sandbox: PrintSandbox) -> None:
    url = print_sandbox.add_asset("a.bin", b"asset")
    assert fetch(print_sandbox.sandbox, url) == b"asset"
    assert fetch(print_sandbox.sandbox, url + "?v=2") == b"asset"
    assert fetch(print_sandbox.sandbox, url.replace("127.0.0.1", "localhost")) == b"asset"
    with pytest.raises(FetchError, match="no such asset"):
        fetch(print_sandbox.sandbox, print_sandbox.url + "/_sandbox/assets/none.bin")
    with pytest.raises(FetchError, match="does not fetch"):
        fetch(print_sandbox.sandbox, print_sandbox.url + "/_sandbox/journal")
