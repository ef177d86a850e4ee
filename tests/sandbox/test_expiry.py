"""What a sandbox with `--expire` forgets, and what it keeps."""

from __future__ import annotations

import stat
import threading
import time
from typing import TYPE_CHECKING

import pytest
import requests

from airflow_provider_print.sandbox import PrintSandbox
from airflow_provider_print.sandbox.expiry import Expiry, seconds_of
from airflow_provider_print.sandbox.store import Store
from tests.sandbox.calls import ADDRESSED, Api

if TYPE_CHECKING:
    from pathlib import Path

DAY = 86_400.0


@pytest.mark.behaviour("sandbox.expire.jobs", "sandbox.expire.kept")
def test_old_jobs_go_with_their_letters_and_bytes_and_what_was_set_up_stays(
    print_sandbox: PrintSandbox, api: Api
) -> None:
    store = print_sandbox.sandbox.store
    asset = print_sandbox.add_asset("kept.bin", b"asset")
    recipients = [ADDRESSED]
    old = api.make(content="Old", testmode=False, confirmed=True, recipients=recipients)
    young = api.make(content="Young", testmode=False, confirmed=True, recipients=recipients)
    files = [store.get("print", job["id"])["source"]["sha"] for job in (old, young)]
    later = time.time() + 10 * DAY
    store._real = lambda: later
    store.put("print", young["id"], store.get("print", young["id"]))
    Expiry(store, DAY, lambda: later + 1).sweep()
    assert api.get(f"/prints/{old['id']}").status_code == 404
    assert api.get("/prints").json()["total_available"] == 1
    assert {doc["print"] for doc in store.all("letter")} == {young["id"]}
    assert {doc["print"] for doc in store.all("booking")} == {young["id"]}
    assert requests.get(asset).content == b"asset"
    assert store.get_blob(files[1])
    with pytest.raises(KeyError):
        store.get_blob(files[0])


@pytest.mark.behaviour("sandbox.expire.young")
def test_bytes_that_were_just_sent_stay_although_no_job_names_them_yet() -> None:
    now = 1000.0
    store = Store(real=lambda: now)
    sha = store.put_blob(b"being looked at")
    now = 5000.0
    assert store.put_blob(b"being looked at") == sha
    Expiry(store, 60, lambda: now + 30).sweep()
    assert store.get_blob(sha) == b"being looked at"
    Expiry(store, 60, lambda: now + 90).sweep()
    with pytest.raises(KeyError):
        store.get_blob(sha)


@pytest.mark.behaviour("sandbox.expire.restart")
def test_what_grew_old_while_the_sandbox_was_down_goes_when_it_starts(tmp_path: Path) -> None:
    with PrintSandbox(data=tmp_path) as box:
        old = Api(box.intelliprint_url).make()["id"]
        box.sandbox.store._db.execute(
            "UPDATE documents SET written = written - ? WHERE kind = 'print'", (DAY,)
        )
        young = Api(box.intelliprint_url).make()["id"]
    with PrintSandbox(data=tmp_path, expire=3600) as box:
        api, deadline = Api(box.intelliprint_url), time.monotonic() + 5
        while api.get(f"/prints/{old}").status_code != 404 and time.monotonic() < deadline:
            time.sleep(0.01)
        assert api.get(f"/prints/{old}").status_code == 404
        assert api.get(f"/prints/{young}").status_code == 200


@pytest.mark.behaviour("sandbox.expire.never")
def test_without_an_age_nothing_is_forgotten(tmp_path: Path) -> None:
    with PrintSandbox(data=tmp_path) as box:
        old = Api(box.intelliprint_url).make()["id"]
        box.sandbox.store._db.execute("UPDATE documents SET written = 0")
        box.sandbox.store._db.execute("UPDATE blobs SET written = 0")
    with PrintSandbox(data=tmp_path) as box:
        assert "print-sandbox-expiry" not in {thread.name for thread in threading.enumerate()}
        letter = Api(box.intelliprint_url).get(f"/prints/{old}").json()["letters"][0]
        assert requests.get(letter["pdf"]).content.startswith(b"%PDF")


def test_a_folder_of_a_sandbox_that_forgot_nothing_yet_is_taken_over(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for table in ("documents", "blobs"):
        store._db.execute(f"ALTER TABLE {table} DROP COLUMN written")
    store._db.execute("INSERT INTO documents (kind, id, doc) VALUES ('print', '1', '{}')")
    store.close()
    store = Store(tmp_path)
    Expiry(store, 60, time.time).sweep()
    assert store.get("print", "1") == {}
    Expiry(store, 60, lambda: time.time() + 100).sweep()
    assert store.get("print", "1") is None
    store.close()


def test_an_age_is_a_number_with_a_unit() -> None:
    assert [seconds_of(text) for text in ("90s", "2m", "12h", "30d", "4w")] == [
        90,
        120,
        43_200,
        2_592_000,
        2_419_200,
    ]
    for text in ("", "30", "d", "-1d", "1y", "59s", "0d"):
        with pytest.raises(ValueError, match=r"age|minute"):
            seconds_of(text)
    with pytest.raises(ValueError, match="minute"):
        PrintSandbox(expire=1)


@pytest.mark.behaviour("sandbox.data.private")
def test_nobody_else_on_the_machine_can_read_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    with PrintSandbox(data=folder) as box:
        Api(box.intelliprint_url).make()
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in [folder, *folder.iterdir()]}
    assert modes.pop("new") == 0o700
    assert {"sandbox.sqlite3", "sandbox.sqlite3-wal", "sandbox.lock"} <= set(modes)
    assert set(modes.values()) == {0o600}
