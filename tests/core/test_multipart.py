from __future__ import annotations

import hashlib
import io
import os
from email import message_from_bytes
from typing import TYPE_CHECKING

import pytest
from requests.utils import super_len

from airflow_provider_print.core.documents import Document, open_document
from airflow_provider_print.core.errors import InputError
from airflow_provider_print.core.multipart import Body

if TYPE_CHECKING:
    from pathlib import Path

PDF = b"%PDF-1.7\n" + bytes(range(256)) * 300


def document(source: bytes | Path = PDF, name: str | None = None) -> Document:
    found = open_document(source, name)
    assert isinstance(found, Document)
    return found


def parts(body: Body) -> list[tuple[str, str | None, bytes]]:
    head = f"Content-Type: {body.content_type}\r\n\r\n".encode()
    message = message_from_bytes(head + body.read())
    return [
        (
            str(part.get_param("name", header="content-disposition")),
            part.get_filename(),
            part.get_payload(decode=True),
        )
        for part in message.get_payload()
    ]


def test_fields_and_files_arrive_as_they_were_given() -> None:
    body = Body.of_form(
        [("recipients[0][address][line]", "7 Any Road\nTöwn")], [("file", document(name="run.pdf"))]
    )
    found = parts(body)
    assert found[0] == ("recipients[0][address][line]", None, "7 Any Road\nTöwn".encode())
    assert found[1] == ("file", "run.pdf", PDF)


def test_the_length_is_known_before_anything_is_read() -> None:
    body = Body.of_form([("a", "b")], [("file", document())])
    assert super_len(body) == len(body)
    assert not body.started
    assert len(body.read()) == len(body)
    assert body.started


@pytest.mark.parametrize("size", [1, 7, 1000, 65536])
def test_a_body_reads_the_same_in_any_steps_and_again_after_rewinding(size: int) -> None:
    body = Body.of_form([("a", "b")], [("one", document()), ("two", document())])
    whole = body.read()
    body.seek(0)
    again = b""
    while block := body.read(size):
        assert len(block) <= size
        again += block
        assert body.tell() == len(again)
    assert again == whole
    assert body.read() == b""


def test_a_name_cannot_end_its_header() -> None:
    raw = Body.of_form([('a"\r\nX: y', "b")], []).read()
    assert b'name="a%22%0D%0AX: y"' in raw


def test_only_a_rewind_is_a_seek() -> None:
    with pytest.raises(io.UnsupportedOperation):
        Body.of_json({}).seek(3)


def test_json_is_frozen_when_the_body_is_made() -> None:
    value = {"a": ["ü"]}
    body = Body.of_json(value)
    value["a"].append("later")
    assert body.read() == '{"a":["ü"]}'.encode()
    assert body.content_type == "application/json"


def test_json_has_no_infinite_numbers() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        Body.of_json({"x": float("inf")})


@pytest.mark.parametrize("change", ["longer", "shorter", "touched"])
def test_a_file_that_changes_while_it_is_sent_breaks_the_sending_off(tmp_path: Path, change: str) -> None:
    path = tmp_path / "run.pdf"
    path.write_bytes(PDF)
    body = Body.of_form([], [("file", document(path))])
    body.read(1000)
    path.write_bytes({"longer": PDF + b"x", "shorter": PDF[:2000], "touched": PDF[::-1]}[change])
    with pytest.raises(InputError, match=r"changed|shorter"):
        body.read()
    body.close()


def test_other_bytes_of_the_same_size_and_time_are_noticed_by_their_digest(tmp_path: Path) -> None:
    path = tmp_path / "run.pdf"
    path.write_bytes(PDF)
    found = document(path)
    found.sha256()
    facts = path.stat()
    path.write_bytes(PDF[:-1] + b"x")
    os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    body = Body.of_form([], [("file", found)])
    with pytest.raises(InputError, match="was changed"):
        body.read()
    body.close()


def test_the_digest_is_taken_again_for_each_sending(tmp_path: Path) -> None:
    path = tmp_path / "run.pdf"
    path.write_bytes(PDF)
    found = document(path)
    found.sha256()
    body = Body.of_form([], [("file", found)])
    body.read(1000)
    body.rewind()
    whole = body.read()
    body.rewind()
    assert body.read() == whole
    body.close()


def test_a_digest_that_nobody_has_asked_for_is_not_taken_while_sending(tmp_path: Path) -> None:
    path = tmp_path / "run.pdf"
    path.write_bytes(PDF)
    found = document(path)
    body = Body.of_form([], [("file", found)])
    body.read()
    body.close()
    assert not found.is_digested
    assert found.sha256() == hashlib.sha256(PDF).hexdigest()
    assert found.is_digested


def test_files_are_closed_when_they_were_read_and_when_the_body_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "run.pdf"
    path.write_bytes(PDF)
    opened = []

    class Watched(Document):
        def open(self):  # type: ignore[no-untyped-def]
            opened.append(super().open())
            return opened[-1]

    found = Watched(name="run.pdf", size=len(PDF), opener=lambda: path.open("rb"))
    body = Body.of_form([], [("file", found)])
    body.read()
    body.rewind()
    body.read(500)
    body.close()
    assert len(opened) == 2
    assert all(stream.closed for stream in opened)


def test_the_text_of_a_body_has_nothing_of_its_content() -> None:
    assert repr(Body.of_json({"secret": 1})) == "Body(12 bytes, application/json)"
