from __future__ import annotations

import http.client
import http.server
import json
import socket
import threading
import time
import urllib.error
import urllib.request

import pytest
import requests

from airflow_provider_print.sandbox import PrintSandbox
from tests.sandbox.printful.conftest import TOKEN, Library, bearer, picture


def raw(box, method: str, path: str, headers: dict[str, str], body: bytes | None = None):
    """Ask without any library that would tidy up headers."""
    connection = http.client.HTTPConnection("127.0.0.1", int(box.url.rpartition(":")[2]), timeout=10)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer, answer.read()
    finally:
        connection.close()


@pytest.mark.behaviour("printful.wire.chunked")
def test_answers_come_in_chunks_without_a_length(library, box):
    for path, status in (("/files", 200), ("/files/5", 404), ("/nowhere", 404)):
        answer, body = raw(box, "GET", f"/printful{path}", bearer(TOKEN))
        assert (answer.status, answer.getheader("Transfer-Encoding")) == (status, "chunked")
        assert answer.getheader("Content-Length") is None
        assert body.startswith(b'{"code":%d,' % status)


@pytest.mark.behaviour("printful.wire.chunked")
def test_an_answer_in_chunks_that_is_cut_is_noticed(library, box):
    box.fault(method="GET", route="/printful/files", phase="after", kind="truncate")
    with pytest.raises(http.client.HTTPException):
        raw(box, "GET", "/printful/files", bearer(TOKEN))


@pytest.mark.parametrize("kind", ["reset", "close", "truncate", "garbage"])
def test_an_answer_can_be_spoiled_on_its_way(library, box, kind):
    box.fault(method="GET", route="/printful/files", phase="after", kind=kind)
    with pytest.raises(requests.RequestException):
        library.call("GET", "/files").json()
    assert library.list()["result"] == []


def test_an_answer_can_come_letter_by_letter(library, box):
    box.fault(method="GET", route="/printful/files", phase="after", kind="dribble", bytes=7, pause=0.001)
    assert library.list()["result"] == []


def test_heads_and_clients_of_http_1_0_get_no_chunks(box):
    answer, body = raw(box, "HEAD", "/printful/files", bearer(TOKEN))
    assert (answer.status, body) == (200, b"")
    with socket.create_connection(("127.0.0.1", int(box.url.rpartition(":")[2])), timeout=10) as wire:
        lines = ("GET /printful/files HTTP/1.0", "Host: localhost", f"Authorization: Bearer {TOKEN}", "", "")
        wire.sendall("\r\n".join(lines).encode())
        head, _, content = wire.makefile("rb").read().partition(b"\r\n\r\n")
    assert b"chunked" not in head
    assert json.loads(content)["paging"]["total"] == 0


@pytest.mark.behaviour("printful.wire.proxied-host")
def test_a_call_through_a_proxy_keeps_the_host_of_the_service():
    with PrintSandbox(port=0, allow_hosts=["api.printful.com"]) as box:
        headers = bearer(TOKEN) | {"Host": "api.printful.com"}
        answer, body = raw(box, "GET", "/printful/files", headers)
        assert (answer.status, body[:11]) == (200, b'{"code":200')
        other, _ = raw(box, "GET", "/printful/files", bearer(TOKEN) | {"Host": "api.example.com"})
        assert other.status >= 400


@pytest.mark.behaviour("printful.wire.empty-query", "printful.wire.double-slash")
def test_an_empty_query_and_repeated_slashes_are_as_good_as_none(library, box):
    file = library.add("http://example.test/a.png")
    for path in ("/files?", "//files", "///files?", f"//files//{file['id']}?"):
        answer, body = raw(box, "GET", f"/printful{path}", bearer(TOKEN))
        assert (answer.status, b"http://example.test/a.png" in body) == (200, True)
    sent = b'{"url": "http://example.test/a.png"}'
    answer, body = raw(box, "POST", "/printful//files?", bearer(TOKEN), sent)
    assert (answer.status, b'"id":%d,' % file["id"] in body) == (200, True)


@pytest.mark.behaviour("printful.wire.json-get")
def test_a_content_type_on_a_call_without_a_body_does_no_harm(library):
    headers = bearer(TOKEN) | {"Content-Type": "application/json"}
    assert library.call("GET", "/files", headers=headers).json() == library.list()


@pytest.mark.behaviour("printful.wire.language", "printful.wire.force-pagination")
def test_language_and_forced_pagination_change_nothing(library, box):
    file = library.processed(box.add_asset("a.png", picture()))
    plain = library.list()
    for locale in ("en_US", "en_GB", "en_CA", "es_ES", "fr_FR", "de_DE", "it_IT", "ja_JP"):
        headers = bearer(TOKEN) | {"X-PF-Language": locale, "X-PF-Force-Pagination": "1"}
        assert library.call("GET", "/files", headers=headers).json() == plain
        assert library.call("GET", f"/files/{file['id']}", headers=headers).json()["result"] == file


@pytest.mark.behaviour("printful.wire.bot-protection")
def test_the_default_user_agent_of_pythons_urllib_is_refused_where_the_world_has_it(library, box):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    request = urllib.request.Request(f"{box.printful_url}/files", headers=bearer(TOKEN))
    with opener.open(request, timeout=10) as answer:
        assert answer.status == 200
    box.world(printful_bot_protection=True)
    with pytest.raises(urllib.error.HTTPError) as refused:
        opener.open(request, timeout=10)
    assert (refused.value.code, refused.value.headers["Content-Type"][:9]) == (403, "text/html")
    refused.value.close()
    assert library.call("GET", "/files").status_code == 200, "whoever names himself may pass"


@pytest.mark.behaviour("printful.wire.no-webhook")
def test_nothing_is_pushed_when_a_file_is_ready():
    pushed: list[str] = []

    class Receiver(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            pushed.append(self.path)
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            """Keep quiet."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    url = f"http://127.0.0.1:{server.server_address[1]}/hook"
    try:
        with PrintSandbox(port=0, webhooks=[url]) as box:
            library = Library(box)
            library.processed(box.add_asset("a.png", picture()))
            library.processed(box.add_asset("b.png", b"no picture"))
            shown = library.session.get(f"{box.url}/_sandbox/webhooks", timeout=10).json()
            assert (len(shown["endpoints"]), shown["messages"]) == (1, [])
            print_job(library, box)
            wait_until(pushed)
            library.session.close()
    finally:
        server.shutdown()
        server.server_close()
    assert set(pushed) == {"/hook"}


def print_job(library, box) -> None:
    """Make a letter that is posted, to see that the receiver would have been told of something."""
    made = library.session.post(
        f"{box.intelliprint_url}/prints",
        headers=bearer("key_sandbox"),
        json={
            "content": "Hello",
            "confirmed": True,
            "recipients": [{"address": {"name": "A", "line": "1 Any Road", "postcode": "AB1 2CD"}}],
        },
        timeout=10,
    )
    assert made.status_code == 200, made.text
    box.advance(10 * 24 * 3600)


def wait_until(found: list[str]) -> None:
    deadline = time.monotonic() + 10
    while not found and time.monotonic() < deadline:
        time.sleep(0.01)
