"""The sandbox sends webhooks to a receiver on a real socket, and Airflow starts DAGs."""

from __future__ import annotations

import http.client
import socket
import threading
import time
from typing import TYPE_CHECKING

import pytest
import uvicorn

from airflow_provider_print.plugins.receiver import LARGEST_BODY, receiver_app
from tests.airflow.fixtures import posted
from tests.plugins.conftest import CONN_ID, SECRET, payload, signed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from airflow_provider_print.sandbox import PrintSandbox
    from tests.plugins.conftest import Events

DAYS = 24 * 3600.0


@pytest.fixture
def port(hooked: PrintSandbox, events: Events) -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(receiver_app(), log_level="error", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield listener.getsockname()[1]
        server.should_exit = True
        thread.join(10)


def listen(sandbox: PrintSandbox, port: int, **options: float) -> None:
    url = f"http://127.0.0.1:{port}/intelliprint/{CONN_ID}"
    sandbox.add_webhook(url, secret=SECRET, **options)


def test_a_job_of_many_letters_that_is_sent_starts_its_dag_once(
    port: int, hooked: PrintSandbox, events: Events
) -> None:
    from airflow_provider_print.hooks.intelliprint import IntelliprintHook

    listen(hooked, port, duplicate=0.5, parallel=4)
    job = posted(IntelliprintHook(CONN_ID), letters=12)
    for _ in range(8):
        hooked.advance(DAYS)
        hooked.settle()
    told = events.all()
    assert [path for path, _ in told].count("letters/sent") == 12
    jobs = [(path, extra["print_job"], extra["letters"]) for path, extra in told if path.startswith("print")]
    assert jobs == [
        ("print-jobs/sent", job.id, {"sent": 12}),
        ("print-jobs/finished", job.id, {"sent": 12}),
    ]
    assert {"job_sent", "job_finished", "letter_sent"} <= events.queued
    assert "job_failed" not in events.queued
    shown = repr(told)
    assert "Reader" not in shown
    assert "ANYTOWN" not in shown


def test_what_comes_late_and_in_disorder_is_told_once_and_never_backwards(
    port: int, hooked: PrintSandbox, events: Events
) -> None:
    from airflow_provider_print.hooks.intelliprint import IntelliprintHook

    listen(hooked, port, reorder=0.7, reorder_s=5 * DAYS, duplicate=0.5)
    posted(IntelliprintHook(CONN_ID), letters=6)
    for _ in range(20):
        hooked.advance(DAYS)
        hooked.settle()
    paths = events.paths
    assert paths.count("letters/sent") == 6
    assert paths.count("print-jobs/sent") == 1
    seen: set[str] = set()
    for path, extra in events.all():
        if path == "letters/sent":
            seen.add(extra["letter"])
        assert not (path == "letters/printing" and extra["letter"] in seen)


def test_a_body_without_an_end_is_cut_off(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.putrequest("POST", f"/intelliprint/{CONN_ID}")
    for name, value in {**signed(payload()), "transfer-encoding": "chunked"}.items():
        connection.putheader(name, value)
    connection.endheaders()
    piece = b"x" * 65_536
    sent = 0
    try:
        while sent < 64 * LARGEST_BODY:
            connection.send(b"%x\r\n%s\r\n" % (len(piece), piece))
            sent += len(piece)
    except OSError:
        pass
    assert sent < 32 * LARGEST_BODY, "what the socket holds, and not much more"
    connection.close()
