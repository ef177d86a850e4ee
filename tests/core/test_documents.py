from __future__ import annotations

import hashlib
import io
import os
import zipfile
from typing import TYPE_CHECKING

import pytest

from airflow_provider_print.core import documents
from airflow_provider_print.core.documents import Document, RemoteFile, open_document
from airflow_provider_print.core.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

PDF = b"%PDF-1.7\nrest"


def word() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    return target.getvalue()


def other_zip() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("xl/workbook.xml", "<x/>")
    return target.getvalue()


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (PDF, "application/pdf"),
        (b"\n\n%PDF-1.4", "application/pdf"),
        (word(), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (b"{\\rtf1 hello}", "application/rtf"),
        (b"\x89PNG\r\n\x1a\nxx", "image/png"),
        (b"\xff\xd8\xff\xe0xx", "image/jpeg"),
    ],
)
def test_a_kind_is_recognised_by_its_bytes(data: bytes, kind: str) -> None:
    document = open_document(data)
    assert isinstance(document, Document)
    assert document.content_type == kind
    assert document.size == len(data)


@pytest.mark.parametrize("data", [b"hello", b"<html>", other_zip(), b"PK\x03\x04broken", b"GIF89a"])
def test_any_other_kind_is_refused(data: bytes) -> None:
    with pytest.raises(InputError, match="none of PDF, DOCX, RTF, PNG, JPEG") as caught:
        open_document(data)
    assert caught.value.param == "file"


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.touch()
    for source in (b"", path):
        with pytest.raises(InputError, match="The file is empty"):
            open_document(source)


def test_a_file_above_the_limit_of_the_service_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MAX_BYTES", 10)
    with pytest.raises(InputError, match="13 bytes"):
        open_document(PDF)


def test_a_path_is_opened_as_text_or_path_and_can_be_read_again_and_again(tmp_path: Path) -> None:
    path = tmp_path / "run.pdf"
    path.write_bytes(PDF)
    for source in (path, str(path)):
        document = open_document(source)
        assert isinstance(document, Document)
        assert document.name == "run.pdf"
        for _ in range(2):
            with document.open() as stream:
                assert stream.read() == PDF
        assert document.sha256() == hashlib.sha256(PDF).hexdigest()


@pytest.mark.parametrize("source", ["", "/no/such/file.pdf", "/tmp", "a\0b", "s3://bucket/x", 7, None, ["x"]])
def test_what_is_no_file_is_refused(source: object) -> None:
    with pytest.raises(InputError) as caught:
        open_document(source, param="files[1]")
    assert caught.value.param == "files[1]"


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match="not a regular file"):
        open_document(tmp_path / "pipe")


def test_a_file_that_changes_after_it_was_measured_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "run.pdf"
    path.write_bytes(PDF)
    document = open_document(path)
    assert isinstance(document, Document)
    path.write_bytes(PDF + b"more")
    with pytest.raises(InputError, match="was changed"):
        document.open()
    path.unlink()
    with pytest.raises(InputError, match="was changed"):
        document.check_unchanged()


def test_a_url_is_for_the_service_to_fetch_and_shown_to_nobody() -> None:
    remote = open_document("HTTPS://files.example/a%20run.pdf?signature=secret")
    assert isinstance(remote, RemoteFile)
    assert remote.name == "a run.pdf"
    assert "secret" not in repr(remote)
    assert remote == RemoteFile(remote.url)
    assert len({remote, RemoteFile(remote.url)}) == 1


def test_an_opened_document_is_taken_as_it_is() -> None:
    document = open_document(PDF)
    assert open_document(document) is document


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("Übersicht.pdf", "_bersicht.pdf"),
        ('a"b\r\nc.pdf', "a_b__c.pdf"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("", "document.pdf"),
        ("plain", "plain.pdf"),
        ("x" * 200, "x" * 96 + ".pdf"),
    ],
)
def test_a_name_is_made_harmless(name: str, sent: str) -> None:
    document = open_document(PDF, name)
    assert isinstance(document, Document)
    assert document.name == sent
    assert len(document.name) <= 100


def test_the_text_of_a_document_has_neither_name_nor_bytes() -> None:
    assert repr(open_document(PDF, "ada.pdf")) == "Document(size=13, content_type='application/pdf')"
