"""Files of an object storage: fetched in small pieces, and noticed when they change."""

from __future__ import annotations

from typing import Any, cast

import pytest
from fsspec.spec import AbstractBufferedFile

from airflow_provider_print.core.errors import InputError
from airflow_provider_print.core.multipart import Body
from airflow_provider_print.hooks._storage import open_storage, storage_path

CONTENT = b"%PDF-1.7\n" + bytes(range(256)) * 40_000


class Fetched(AbstractBufferedFile):
    """A file as the libraries for S3 and the like make it: it reads ahead."""

    ranges: list[int]
    content = CONTENT

    def _fetch_range(self, start: int, end: int) -> bytes:
        self.ranges.append(end - start)
        return self.content[start:end]


class Far:
    """A path of a storage far away."""

    name = "run.pdf"

    def __init__(self) -> None:
        self.ranges: list[int] = []
        self.etag = "one"

    def stat(self) -> Any:
        from airflow.sdk.io.stat import stat_result

        return stat_result({"size": len(CONTENT), "ETag": self.etag})

    def open(self, mode: str, **options: Any) -> Fetched:
        found = Fetched(None, "bucket/run.pdf", mode, size=len(CONTENT), **options)
        found.ranges = self.ranges
        return found


def test_little_is_fetched_ahead_however_large_the_file_is() -> None:
    far = Far()
    body = Body.of_form([], [("file", open_storage(cast("Any", far), None, "file"))])
    received = b""
    while block := body.read(1 << 18):
        received += block
    body.close()
    assert CONTENT in received
    assert max(far.ranges) < 3_000_000


def test_another_version_of_the_same_size_and_time_is_noticed_by_what_the_storage_says_of_it() -> None:
    far = Far()
    document = open_storage(cast("Any", far), None, "file")
    far.etag = "two"
    with pytest.raises(InputError, match="was changed"):
        document.open()


def test_a_file_that_is_written_anew_in_a_storage_is_noticed() -> None:
    from airflow.sdk.io import attach
    from fsspec.implementations.memory import MemoryFileSystem

    attach("memory", fs=MemoryFileSystem())
    path = storage_path("memory://bucket/anew.pdf")
    assert path is not None
    path.write_bytes(CONTENT)
    document = open_storage(path, None, "file")
    body = Body.of_form([], [("file", document)])
    body.read(1000)
    path.write_bytes(CONTENT[:-1] + b"x")
    with pytest.raises(InputError, match="was changed"):
        body.read()
    body.close()
