"""A sandbox on a real socket, its clock stopped, and a client that is nothing but `requests`."""

from __future__ import annotations

import base64
import io

import pytest
import requests
from PIL import Image

from airflow_provider_print.sandbox import PrintSandbox

TOKEN, ACCOUNT = "printful_sandbox", "printful_sandbox_account"
LEGACY = "sandbox0-file-libr:aryk-eysandbox000"


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def basic(credential: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(credential.encode()).decode()}


def picture(kind="PNG", size=(600, 400), mode="RGB", colour=(31, 77, 58), **options) -> bytes:
    target = io.BytesIO()
    Image.new(mode, size, colour).save(target, kind, **options)
    return target.getvalue()


class Library:
    """The file library as a client sees it."""

    def __init__(self, box: PrintSandbox) -> None:
        self.box = box
        self.session = requests.Session()
        self.session.trust_env = False

    def call(self, method, path, *, headers=None, **options) -> requests.Response:
        url = self.box.printful_url + path
        return self.session.request(
            method, url, headers=bearer(TOKEN) if headers is None else headers, timeout=20, **options
        )

    def add(self, url, **fields) -> dict:
        answer = self.call("POST", "/files", json={"url": url, **fields})
        assert answer.status_code == 200, answer.text
        return answer.json()["result"]

    def get(self, number) -> dict:
        answer = self.call("GET", f"/files/{number}")
        assert answer.status_code == 200, answer.text
        return answer.json()["result"]

    def list(self, **query) -> dict:
        answer = self.call("GET", "/files", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def processed(self, url, **fields) -> dict:
        """Add a file and step over the time that it waits."""
        number = self.add(url, **fields)["id"]
        self.box.advance(60)
        return self.get(number)


@pytest.fixture(scope="module")
def running_sandbox():
    with PrintSandbox(port=0, rate_limit=0, seed=7, allow_fetch=["127.0.0.1"]) as box:
        yield box


@pytest.fixture
def box(running_sandbox):
    running_sandbox.reset(frozen=True)
    running_sandbox.world(rate_limit=0)
    return running_sandbox


@pytest.fixture
def library(box):
    made = Library(box)
    yield made
    made.session.close()
