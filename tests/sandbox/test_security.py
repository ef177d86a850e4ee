"""What whoever can reach the sandbox must not be able to do with it."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
import requests

from airflow_provider_print.sandbox import PrintSandbox, core
from airflow_provider_print.sandbox.fetch import FetchError, fetch
from airflow_provider_print.sandbox.store import DataError
from tests.sandbox.calls import Api
from tests.sandbox.test_fetch import host

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HOSTILE_NAMES = ("../../outside.pdf", "/tmp/outside.pdf", "..\\outside.pdf", "a\x00b.pdf", "CON", "x" * 5000)


@pytest.mark.behaviour("sandbox.fetch.link-local")
@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "fe80::1",
        "fe80::1%lo",
        "::ffff:169.254.169.254",
        "::169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "2002:a9fe:a9fe::1",
        "2001:0:a9fe:a9fe::1",
        "fd00:ec2::254",
        "100.100.100.200",
        "::ffff:100.100.100.200",
    ],
)
def test_no_name_leads_to_a_link_local_address_in_any_writing(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    asked: list[object] = []

    def connect(_wire: socket.socket, where: object) -> None:
        asked.append(where)
        raise OSError("nothing may be asked")

    def found(_name: str, port: int, **_options: int) -> list[object]:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        return [(family, socket.SOCK_STREAM, 0, "", (address, port))]

    with PrintSandbox(allow_fetch=["metadata.test"]) as box, monkeypatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", found)
        patch.setattr(socket.socket, "connect", connect)
        with pytest.raises(FetchError):
            fetch(box.sandbox, "http://metadata.test/latest", seconds=5)
    assert asked == []


@pytest.mark.behaviour("sandbox.fetch.rebinding")
def test_a_name_that_changes_its_address_is_resolved_once(monkeypatch: pytest.MonkeyPatch) -> None:
    inner, answers = socket.getaddrinfo, []

    def found(name: str, port: int, **options: int) -> list[object]:
        if name != "rebind.test":
            return list(inner(name, port, **options))
        answers.append("127.0.0.1" if not answers else "169.254.169.254")
        return [(socket.AF_INET, socket.SOCK_STREAM, 0, "", (answers[-1], port))]

    monkeypatch.setattr(socket, "getaddrinfo", found)
    with host() as url, PrintSandbox(allow_fetch=["rebind.test"]) as box:
        assert fetch(box.sandbox, url.replace("127.0.0.1", "rebind.test") + "/file") == b"bytes"
    assert answers == ["127.0.0.1"]


@pytest.mark.behaviour("sandbox.fetch.redirects", "sandbox.fetch.named")
def test_a_redirect_leads_a_fetch_nowhere(make_pdf: Callable[..., bytes]) -> None:
    with host() as url, PrintSandbox(allow_fetch=[urlsplit(url).netloc]) as box:
        api = Api(box.intelliprint_url)
        body = {"testmode": True, "file": {"url": url + "/moved"}}
        refused = api.post("/prints", json=body)
        assert refused.status_code == 400
        assert "302" in refused.json()["error"]["message"]
        assert "/moved" not in refused.text
        elsewhere = api.post("/prints", json={"testmode": True, "file": {"url": "http://127.0.0.2/file"}})
        assert elsewhere.status_code == 400


@pytest.mark.behaviour("sandbox.names")
@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_no_name_becomes_a_path(tmp_path: Path, make_pdf: Callable[..., bytes], name: str) -> None:
    folder = tmp_path / "data"
    with PrintSandbox(data=folder) as box:
        api = Api(box.intelliprint_url)
        upload = {"name": name, "content": make_pdf(["x", "A B", "1 Road", "TOWN", "AB1 2CD"]).hex()}
        files = {"file": (name.replace("\x00", ""), make_pdf("x"), "application/pdf")}
        assert api.post("/prints", files=files, data={"testmode": "true"}).status_code < 500
        assert api.post("/prints", json={"testmode": True, "file": upload}).status_code < 500
        assert api.get("/prints/" + requests.utils.quote(name, safe="")).status_code in (400, 404)
        for path in ("assets", "letters", "outbox/letters"):
            url = f"{box.url}/_sandbox/{path}/{requests.utils.quote(name, safe='')}"
            assert requests.put(url, data=b"x").status_code in (201, 400, 404, 431)
            assert requests.get(url).status_code in (200, 400, 404, 431)
    assert [path.name for path in tmp_path.iterdir()] == ["data"]
    assert {path.name.split("-")[0] for path in folder.iterdir()} <= {"sandbox.sqlite3", "sandbox.lock"}


@pytest.mark.behaviour("sandbox.body.size")
def test_a_body_over_the_limit_is_read_and_refused_without_being_kept(
    print_sandbox: PrintSandbox, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("airflow_provider_print.sandbox.uploads.MAX_BODY", 1000)
    assert core.MAX_BODY == 100 * 1024 * 1024
    answer = api.post("/prints", data=b"x" * 5000, headers={"Content-Type": "application/json"})
    assert answer.status_code == 413
    assert print_sandbox.journal()[-1]["body_bytes"] == 0
    assert print_sandbox.sandbox.store.all("print") == []


@pytest.mark.behaviour("sandbox.host", "sandbox.origin")
def test_a_web_page_can_neither_rebind_its_name_to_the_sandbox_nor_post_to_it(
    print_sandbox: PrintSandbox,
) -> None:
    port = urlsplit(print_sandbox.url).port
    for headers, status in (
        ({"Host": f"evil.test:{port}"}, 421),
        ({"Host": "localhost.evil.test"}, 421),
        ({"Origin": "http://evil.test"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": f"http://127.0.0.1:{port}1"}, 403),
        ({"Origin": print_sandbox.url}, 200),
    ):
        answer = requests.post(print_sandbox.url + "/_sandbox/clock", json={"advance": 1}, headers=headers)
        assert answer.status_code == status, headers


@pytest.mark.behaviour("sandbox.host")
def test_by_default_it_listens_to_this_machine_alone() -> None:
    with PrintSandbox() as box, socket.socket() as other:
        assert box.url.startswith("http://127.0.0.1:")
        other.bind(("127.0.0.2", int(urlsplit(box.url).port or 0)))  # free: it is not bound to every address
        other.listen()
        with pytest.raises(requests.ConnectionError):
            requests.get(box.url.replace("127.0.0.1", "127.0.0.3"), timeout=5)


@pytest.mark.behaviour("sandbox.data.links")
@pytest.mark.parametrize("name", ["sandbox.sqlite3", "sandbox.sqlite3-wal", "sandbox.lock"])
def test_a_link_in_the_data_folder_leads_nowhere(tmp_path: Path, name: str) -> None:
    folder, outside = tmp_path / "data", tmp_path / "outside"
    folder.mkdir()
    (folder / name).symlink_to(outside)
    with pytest.raises(DataError, match="is a link"):
        PrintSandbox(data=folder).start()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data"]
    assert [path.name for path in folder.iterdir()] == [name]
