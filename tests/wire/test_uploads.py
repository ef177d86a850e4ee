"""Files on their way: held in no memory, whole again on each attempt, and never half of two versions."""

from __future__ import annotations

import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from airflow_provider_print.core.documents import Document, open_document
from airflow_provider_print.core.errors import InputError, UnknownOutcomeError
from airflow_provider_print.core.multipart import Body
from airflow_provider_print.core.transport import Timeouts
from tests.support.fakes import transport
from tests.support.stub import Stub, Talk, answer, raw_answer, reset_after_reading, swallow

if TYPE_CHECKING:
    from pathlib import Path

JOB = {"id": "print_1", "object": "print"}
OK = answer(200, JOB)
REFUSED = answer(429, {"error": {"type": "rate_limited", "code": "rate_limited", "message": "Slow down."}})
# More than a socket takes in one go, and no multiple of a block.
CONTENT = b"%PDF-1.7\n" + bytes(range(256)) * 8_000 + b"the end"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "run.pdf"
    path.write_bytes(CONTENT)
    return path


def opened(path: Path) -> Document:
    found = open_document(path)
    assert isinstance(found, Document)
    return found


def upload(stub: Stub, document: Document, *, repeatable: bool) -> object:
    body = Body.of_form([("testmode", "true")], [("file", document)])
    there = transport(stub.url, timeouts=Timeouts(connect=1, read=2, total=10))
    return there.request("POST", "/prints", body=body, repeatable=repeatable).data


def reset_in_the_middle(talk: Talk) -> None:
    left = len(CONTENT) // 2
    while left > 0:
        left -= len(talk.connection.recv(min(left, 65536)))
    talk.reset()


def answer_in_the_middle(talk: Talk) -> None:
    """Refuse as a front end does that has read enough."""
    talk.connection.recv(65536)
    talk.connection.sendall(raw_answer(429, b"{}", {"Retry-After": "1"}))
    talk.connection.shutdown(socket.SHUT_WR)
    while talk.connection.recv(1 << 20):
        pass


def test_a_429_after_the_whole_upload_is_followed_by_the_whole_upload(path: Path) -> None:
    with Stub([REFUSED, OK]) as stub:
        assert upload(stub, opened(path), repeatable=False) == JOB
    first, second = (seen.body for seen in stub.seen)
    assert first == second
    assert CONTENT in second


def test_a_429_in_the_middle_of_an_upload_is_followed_by_the_whole_upload(path: Path) -> None:
    with Stub([answer_in_the_middle, OK]) as stub:
        assert upload(stub, opened(path), repeatable=False) == JOB
    assert [CONTENT in seen.body for seen in stub.seen] == [True]
    assert stub.accepted == 2


def test_an_upload_that_was_reset_in_the_middle_is_sent_whole_again_where_that_does_no_harm(
    path: Path,
) -> None:
    with Stub([reset_in_the_middle, reset_in_the_middle, OK]) as stub:
        assert upload(stub, opened(path), repeatable=True) == JOB
    assert [CONTENT in seen.body for seen in stub.seen] == [True]
    assert stub.accepted == 3


def test_an_upload_that_was_reset_in_the_middle_is_not_sent_again_where_it_may_cost(path: Path) -> None:
    with Stub([reset_in_the_middle, OK]) as stub, pytest.raises(UnknownOutcomeError):
        upload(stub, opened(path), repeatable=False)
    assert stub.accepted == 1


def test_an_upload_whose_answer_was_lost_is_sent_whole_again_where_that_does_no_harm(path: Path) -> None:
    with Stub([reset_after_reading, OK]) as stub:
        assert upload(stub, opened(path), repeatable=True) == JOB
    first, second = (seen.body for seen in stub.seen)
    assert first == second
    assert CONTENT in second


@pytest.mark.parametrize("digested", [True, False])
def test_a_file_that_changes_between_two_attempts_is_not_sent_again(path: Path, digested: bool) -> None:
    def refuse_and_change(talk: Talk) -> None:
        talk.read()
        path.write_bytes(CONTENT[::-1])
        talk.connection.sendall(raw_answer(429, b"{}"))

    document = opened(path)
    if digested:
        document.sha256()
    with Stub([refuse_and_change, OK]) as stub:
        with pytest.raises(InputError, match="was changed"):
            upload(stub, document, repeatable=False)
        assert [seen.body.count(CONTENT) for seen in stub.seen] == [1]


def test_a_file_that_changes_under_an_upload_never_becomes_a_whole_request(path: Path) -> None:
    whole: list[bytes] = []

    def slow(talk: Talk) -> None:
        talk.connection.recv(1000)
        path.write_bytes(CONTENT[::-1])
        whole.append(talk.read().body)

    # More than the sockets of both sides take, so that the end is read after the change.
    path.write_bytes(CONTENT * 10)
    with Stub([slow]) as stub, pytest.raises(InputError, match=r"changed|shorter"):
        upload(stub, opened(path), repeatable=False)
    assert whole == []


_CHILD = """
import sys
from airflow_provider_print.core.documents import open_document
from airflow_provider_print.core.multipart import Body
from airflow_provider_print.core.transport import Transport
from airflow_provider_print.intelliprint.dialect import IntelliprintDialect

def peak():
    with open("/proc/self/status") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))

there = Transport(sys.argv[1], dialect=IntelliprintDialect())
there.request("POST", "/prints", body=Body.of_json({}))
idle = peak()
document = open_document(sys.argv[2])
document.sha256()
there.request("POST", "/prints", body=Body.of_form([], [("file", document)]))
print(peak() - idle)
"""


def test_a_process_grows_by_less_than_10_mb_while_it_digests_and_sends_95_mib(tmp_path: Path) -> None:
    path = tmp_path / "large.pdf"
    with path.open("wb") as file:
        file.write(b"%PDF-1.7\n")
        file.truncate(95 << 20)
    with Stub([OK, swallow]) as stub:
        command = [sys.executable, "-c", _CHILD, stub.url, str(path)]
        told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert int(told.stdout) < 10_000
