"""A sandbox with `--data` that is killed in the middle of requests: real processes, real SIGKILL."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
import requests

from airflow_provider_print.sandbox.store import Store
from tests.sandbox.calls import ADDRESSED, Api

if TYPE_CHECKING:
    from pathlib import Path

_KILLS, _CLIENTS = 6, 4


class Client(threading.Thread):
    """Makes and confirms jobs until the server is gone, and notes what it was answered."""

    def __init__(self, url: str, name: str) -> None:
        super().__init__(daemon=True)
        self._url, self._name = url + "/intelliprint/v1", name
        self.made: dict[str, dict[str, Any]] = {}
        self.confirmed: set[str] = set()
        self.cancelled: set[str] = set()
        self.start()

    def run(self) -> None:
        try:
            with Api(self._url) as api:
                for number in range(10_000):
                    self._once(api, f"{self._name}-{number}")
        except requests.RequestException:
            return

    def _once(self, api: Api, reference: str) -> None:
        job = api.make(reference=reference, testmode=False, recipients=[ADDRESSED, ADDRESSED])
        self.made[job["id"]] = job
        answer = api.post(f"/prints/{job['id']}", json={"confirmed": True})
        assert answer.status_code == 200, answer.text
        self.confirmed.add(job["id"])
        if reference.endswith(("3", "7")):
            assert api.delete(f"/prints/{job['id']}").status_code == 200
            self.cancelled.add(job["id"])


_FORKS = """
import os, sys
from airflow_provider_print.sandbox import cli, intelliprint, printful, server
options = ["serve", "--port", "0", "--speed", "0", "--rate-limit", "0", "--data", sys.argv[1]]
for line in sys.stdin:
    child = os.fork()
    if not child:
        sys.exit(cli.main(options))
    print("process", child, flush=True)
    os.waitpid(child, 0)
    print("gone", flush=True)
"""


class Servers:
    """Starts one sandbox after the other on a folder, each a process of its own: a fork imports nothing."""

    def __init__(self, folder: Path) -> None:
        self._mother = subprocess.Popen(
            [sys.executable, "-c", _FORKS, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def start(self) -> str:
        """Return the URL of the next one."""
        assert self._mother.stdin is not None
        print(file=self._mother.stdin, flush=True)
        said = dict(line.split(maxsplit=1) for line in (self._line(), self._line()))
        self._process = int(said["process"])
        return said["Sandbox"].split()[-1]

    def kill(self) -> None:
        os.kill(self._process, signal.SIGKILL)
        assert self._line() == "gone"

    def end(self) -> None:
        assert self._mother.stdin is not None
        self._mother.stdin.close()
        self._mother.wait(15)

    def _line(self) -> str:
        assert self._mother.stdout is not None
        return self._mother.stdout.readline().strip()


@pytest.mark.behaviour("sandbox.data.killed", "sandbox.data.answered")
def test_what_was_answered_is_there_once_and_whole_however_often_it_is_killed(tmp_path: Path) -> None:
    chances, servers = random.Random(4), Servers(tmp_path)
    clients: list[Client] = []
    for kill in range(_KILLS):
        url = servers.start()
        now = [Client(url, f"{kill}-{number}") for number in range(_CLIENTS)]
        while not any(client.confirmed for client in now):
            now[0].join(0.005)
        time.sleep(chances.uniform(0.0, 0.2))
        servers.kill()
        for client in now:
            client.join(10)
            assert not client.is_alive()
        clients += now
    url = servers.start()
    with Api(url + "/intelliprint/v1") as api:
        for client in clients:
            _answered(api, client)
    paid = requests.get(url + "/_sandbox/invariants").json()["paid_jobs"]
    assert set(paid.values()) == {1}
    assert len(paid) >= sum(len(client.confirmed - client.cancelled) for client in clients) >= _KILLS
    servers.kill()
    servers.end()
    _whole(Store(tmp_path))


def _answered(api: Api, client: Client) -> None:
    for name, made in client.made.items():
        found = api.get(f"/prints/{name}").json()
        assert [letter["id"] for letter in found["letters"]] == [letter["id"] for letter in made["letters"]]
        assert found["reference"] == made["reference"]
        if name in client.confirmed:
            assert found["confirmed"]
        if name in client.cancelled:
            assert {letter["status"] for letter in found["letters"]} == {"cancelled"}


def _whole(store: Store) -> None:
    """Every job has its letters, its file and exactly the bookings that it should have."""
    places = {doc["print"]: 0 for doc in store.all("letter")}
    for doc in store.all("letter"):
        places[doc["print"]] += 1
    booked: Counter[str] = Counter()
    signs: Counter[str] = Counter()
    for booking in store.all("booking"):
        booked[booking["print"]] += booking["after_tax"]
        signs[booking["print"]] += 1
    jobs = store.all("print")
    assert set(places) == {job["id"] for job in jobs}
    for job in jobs:
        assert places[job["id"]] == len(job["letters"])
        assert store.get_blob(job["source"]["sha"])
        cancelled = all(letter["events"] for letter in job["letters"])
        assert signs[job["id"]] == (0 if not job["confirmed"] else 2 if cancelled else 1)
        assert (booked[job["id"]] > 0) is (job["confirmed"] and not cancelled)
    store.close()
