"""Public clients of both services, changed in nothing but their base URL."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from intelliprint_py import IntelliprintClient
from intelliprint_py.exceptions import IntelliprintError
from intelliprint_py.models.address import IntelliprintAddress, IntelliprintRecipient
from intelliprint_py.models.enums import PostageService
from intelliprint_py.models.settings import BackgroundSettings, PostageSettings, PrintingSettings
from intelliprint_py.services.base import BaseService
from pyPrintful import pfException, pyPrintful

import airflow_provider_print

ADDRESS = IntelliprintAddress(name="A Reader", line="7 Any Road\nANYTOWN", postcode="ZZ1 1ZZ")
FILES = Path(airflow_provider_print.__file__).parent / "sandbox" / "files"
LEGACY_KEY = "sandbox0-file-libr:aryk-eysandbox000"


@pytest.fixture
def intelliprint(print_sandbox: Any, monkeypatch: pytest.MonkeyPatch) -> IntelliprintClient:
    monkeypatch.setattr(BaseService, "BASE_URL", print_sandbox.intelliprint_url)
    return IntelliprintClient(api_key="key_sandbox")


@pytest.fixture
def printful(print_sandbox: Any, monkeypatch: pytest.MonkeyPatch) -> pyPrintful:
    monkeypatch.setitem(pyPrintful._store, "base_url", f"{print_sandbox.printful_url}/")
    return pyPrintful(LEGACY_KEY)


@pytest.mark.behaviour("sandbox.clients.intelliprint-py")
def test_a_public_intelliprint_client_creates_reads_updates_lists_and_deletes(
    intelliprint: IntelliprintClient,
) -> None:
    made = intelliprint.prints.create(
        testmode=True,
        content="<h1>Hello</h1>",
        recipients=[IntelliprintRecipient(address=ADDRESS)],
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


@pytest.mark.behaviour("sandbox.clients.intelliprint-py")
def test_a_public_intelliprint_client_confirms_lists_by_reference_and_cancels(
    print_sandbox: Any, intelliprint: IntelliprintClient
) -> None:
    made = intelliprint.prints.create(
        testmode=False,
        file_content=(FILES / "artwork-front.png").read_bytes(),
        file_name="front.png",
        recipients=[IntelliprintRecipient(address=ADDRESS)],
        reference="from a picture",
        printing=PrintingSettings(double_sided="yes", black_and_white=True),
        postage=PostageSettings(service=PostageService.UK_FIRST_CLASS),
        metadata={"batch": "7"},
    )
    assert (made["confirmed"], made["printing"]["double_sided"], made["pages"]) == (False, "yes", 1)
    assert made["postage"]["service"] == "uk_first_class"
    assert intelliprint.prints.confirm(made["id"])["confirmed"] is True
    listed = intelliprint.prints.list(testmode=False, reference="from a picture", confirmed=True)
    assert [(row["id"], row["metadata"]) for row in listed["data"]] == [(made["id"], {"batch": "7"})]
    assert print_sandbox.invariants()["paid_jobs"] == {"from a picture": 1}
    with pytest.raises(IntelliprintError) as refused:
        intelliprint.prints.confirm(made["id"])
    assert refused.value.error_type == "invalid_request_error"
    assert intelliprint.prints.delete(made["id"])["id"] == made["id"]
    assert [letter["status"] for letter in intelliprint.prints.get(made["id"])["letters"]] == ["cancelled"]


@pytest.mark.behaviour("sandbox.clients.intelliprint-py")
def test_a_public_intelliprint_client_keeps_a_mailing_list_and_posts_to_it(
    intelliprint: IntelliprintClient,
) -> None:
    lists = intelliprint.mailing_lists
    made = lists.create("Readers", recipients=[IntelliprintRecipient(address=ADDRESS)])
    second = lists.create_recipient(made["id"], ADDRESS, variables={"given": "B"})
    assert lists.get(made["id"])["recipients"] == 2
    assert lists.get_recipient(made["id"], second["id"])["variables"] == {"given": "B"}
    changed = lists.update_recipient(made["id"], second["id"], variables={"given": "C"})
    assert changed["variables"] == {"given": "C"}
    assert {row["id"] for row in lists.list_recipients(made["id"])["data"]} > {second["id"]}
    letters = intelliprint.prints.create(testmode=True, content="Hello", mailing_list=made["id"])["letters"]
    assert [letter["address"]["name"] for letter in letters] == ["A Reader", "A Reader"]
    assert lists.delete_recipient(made["id"], second["id"])["deleted"] is True
    assert lists.update(made["id"], name="Writers")["name"] == "Writers"
    assert [row["recipients"] for row in lists.list()["data"]] == [1]
    assert lists.delete(made["id"])["deleted"] is True
    with pytest.raises(IntelliprintError):
        lists.get(made["id"])


@pytest.mark.behaviour("sandbox.clients.intelliprint-py")
def test_a_public_intelliprint_client_keeps_backgrounds_and_prints_on_them(
    intelliprint: IntelliprintClient, make_pdf: Any
) -> None:
    paper = intelliprint.backgrounds.create(make_pdf("letterhead"), "paper.pdf", name="Letterhead")
    assert intelliprint.backgrounds.get(paper["id"])["name"] == "Letterhead"
    assert intelliprint.backgrounds.update(paper["id"], name="Paper")["name"] == "Paper"
    assert [row["id"] for row in intelliprint.backgrounds.list()["data"]] == [paper["id"]]
    made = intelliprint.prints.create(
        testmode=True,
        content="Hello",
        recipients=[IntelliprintRecipient(address=ADDRESS)],
        background=BackgroundSettings(first_page=paper["id"]),
    )
    assert made["background"]["first_page"] == paper["id"]
    with pytest.raises(IntelliprintError):  # it was used lately
        intelliprint.backgrounds.delete(paper["id"])


@pytest.mark.behaviour("sandbox.clients.pyprintful")
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
    with pytest.raises(pfException, match="Invalid API response"):
        printful.get_file_info("1")
