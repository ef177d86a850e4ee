from __future__ import annotations

import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
import requests

from airflow_provider_print.sandbox import PrintSandbox
from airflow_provider_print.sandbox.store import DataError, Store
from tests.sandbox.calls import Api

if TYPE_CHECKING:
    from pathlib import Path


def test_state_on_disk_outlives_a_restart(tmp_path: Path) -> None:
    with PrintSandbox(data=tmp_path, seed=3) as box:
        api = Api(box.intelliprint_url)
        job = api.make(reference="kept", confirmed=True)
        box.world(reconfirm=200)
        box.add_asset("a.txt", b"kept")
        box.freeze()
        api.post(f"/prints/{job['id']}", json={"confirmed": True})
        moment = box.advance(1_000_000 - 600_000)
    with PrintSandbox(data=tmp_path, seed=3) as box:
        api = Api(box.intelliprint_url)
        assert box.now() == moment
        kept = api.get(f"/prints/{job['id']}").json()
        assert (kept["reference"], kept["confirmed"]) == ("kept", True)
        assert box.world()["reconfirm"] == 200
        assert box.outbox()["jobs"][0]["id"] == job["id"]
        assert requests.get(box.url + "/_sandbox/assets/a.txt").content == b"kept"
        assert api.make()["id"] != job["id"]


def test_links_outlive_a_restart(tmp_path: Path) -> None:
    with PrintSandbox(data=tmp_path) as box:
        link = Api(box.intelliprint_url).make()["letters"][0]["pdf"]
        path = link.removeprefix(box.url)
    with PrintSandbox(data=tmp_path) as box:
        assert requests.get(box.url + path).content.startswith(b"%PDF")


def test_a_taken_port_is_an_error(print_sandbox: PrintSandbox) -> None:
    port = int(print_sandbox.url.rpartition(":")[2])
    with pytest.raises(OSError, match="in use"):
        PrintSandbox(port=port).start()


def test_the_server_starts_and_stops_at_once_even_when_a_request_hangs() -> None:
    begin = time.monotonic()
    with PrintSandbox() as box:
        box.fault("GET", kind="hang")
        with pytest.raises(requests.ReadTimeout):
            requests.get(box.intelliprint_url + "/prints", timeout=0.2)
    assert time.monotonic() - begin < 3
    with pytest.raises(requests.ConnectionError):
        requests.get(box.url)


def test_a_freed_port_can_be_used_again_at_once() -> None:
    with PrintSandbox() as box:
        port = int(box.url.rpartition(":")[2])
        requests.get(box.url)
    with PrintSandbox(port=port) as box:
        assert requests.get(box.url).status_code == 200


@pytest.mark.behaviour("sandbox.seed")
def test_ids_are_the_same_for_the_same_seed() -> None:
    ids = []
    for _ in range(2):
        with PrintSandbox(seed=42) as box:
            api = Api(box.intelliprint_url)
            ids.append([api.make()["id"] for _ in range(2)])
    assert ids[0] == ids[1]


def test_ipv6_is_served_where_the_machine_has_it() -> None:
    with socket.socket(socket.AF_INET6) as probe:
        try:
            probe.bind(("::1", 0))
        except OSError:
            assert not probe.getsockname()[1]
            return
    with PrintSandbox(host="::1") as box:
        assert requests.get(box.url + "/_sandbox/health").status_code == 200


def test_importing_the_sandbox_and_the_plugin_loads_nothing_heavy() -> None:
    code = (
        "import sys, airflow_provider_print.sandbox, airflow_provider_print.sandbox.cli\n"
        "import airflow_provider_print.pytest_plugin\n"
        "heavy = {'starlette', 'uvicorn', 'sqlite3', 'requests', 'pypdfium2', 'reportlab', 'airflow'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_an_empty_host_is_refused() -> None:
    with pytest.raises(ValueError, match="every address"):
        PrintSandbox(host="")


def test_a_damaged_document_of_the_sandbox_itself_is_an_error_of_the_folder(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.put("_meta", "clock", {"now": "tomorrow", "frozen": False})
    store.close()
    for _ in range(2):  # the first try does not keep the folder
        with pytest.raises(DataError, match="cannot be read"):
            PrintSandbox(data=tmp_path).start()


def test_everything_answers_at_the_end_of_time(print_sandbox: PrintSandbox, api: Api) -> None:
    print_sandbox.sandbox.clock.set(1e11)
    api.make(confirmed=True)
    key = {"Authorization": "Bearer printful_sandbox"}
    files = print_sandbox.printful_url + "/v2/files"
    made = requests.post(files, json={"url": "http://files.test/a.png"}, headers=key)
    assert made.status_code == 200
    for url in (
        print_sandbox.url,
        f"{files}/{made.json()['data']['id']}",
        print_sandbox.url + "/_sandbox/outbox",
    ):
        assert requests.get(url, headers=key).status_code == 200, url
    assert api.get("/prints").status_code == 200
