"""Public clients of both services, changed in nothing but their base URL."""

from __future__ import annotations

from typing import Any

import pytest
from intelliprint_py import IntelliprintClient
from intelliprint_py.models.address import IntelliprintAddress, IntelliprintRecipient
from intelliprint_py.services.base import BaseService
from pyPrintful import pyPrintful

LEGACY_KEY = "sandbox0-file-libr:aryk-eysandbox00"


@pytest.fixture
def intelliprint(print_sandbox: Any, monkeypatch: pytest.MonkeyPatch) -> IntelliprintClient:
    monkeypatch.setattr(BaseService, "BASE_URL", print_sandbox.intelliprint_url)
    return IntelliprintClient(api_key="key_sandbox")


@pytest.fixture
def printful(print_sandbox: Any, monkeypatch: pytest.MonkeyPatch) -> pyPrintful:
    monkeypatch.setitem(pyPrintful._store, "base_url", f"{print_sandbox.printful_url}/")
    return pyPrintful(LEGACY_KEY)


def test_a_public_intelliprint_client_creates_reads_updates_lists_and_deletes(
    intelliprint: IntelliprintClient,
) -> None:
    address = IntelliprintAddress(name="A Reader", line="7 Any Road\nANYTOWN", postcode="ZZ1 1ZZ")
    made = intelliprint.prints.create(
        testmode=True,
        content="<h1>Hello</h1>",
        recipients=[IntelliprintRecipient(address=address)],
        reference="public",
    )
    assert made["object"] == "print"
    assert made["letters"][0]["address"]["name"] == "A Reader"
    assert made["cost"]["after_tax"] == 100_800_000
    assert intelliprint.prints.get(made["id"])["id"] == made["id"]
    assert intelliprint.prints.update(made["id"], reference="changed")["reference"] == "changed"
    listed = intelliprint.prints.list(testmode=True)
    assert [row["id"] for row in listed["data"]] == [made["id"]]
    assert intelliprint.prints.delete(made["id"])["deleted"] is True
    assert intelliprint.prints.list(testmode=True)["data"] == []


def test_a_public_printful_client_adds_reads_lists_and_gets_the_same_file_for_the_same_url(
    print_sandbox: Any, printful: pyPrintful
) -> None:
    url = f"{print_sandbox.url}/_sandbox/assets/artwork-front.png"
    added = printful.put_file_new({"url": url, "visible": 0})
    assert added["status"] == "waiting"
    print_sandbox.advance(3600)
    found = printful.get_file_info(str(added["id"]))
    assert (found["status"], found["dpi"], found["width"]) == ("ok", 300, 1800)
    assert [row["id"] for row in printful.get_file_list()] == [added["id"]]
    assert printful.put_file_new({"url": url}) == found
