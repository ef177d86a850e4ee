"""The clients that uploads are measured with: each sends the whole file, and tells time and memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from benchmarks.sandbox.servers import Child
from benchmarks.uploads import _child

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("digest", [[], ["digest"]])
def test_an_upload_takes_little_memory_beside_the_usual_way(digest: list[str], tmp_path: Path) -> None:
    path = tmp_path / "run.pdf"
    with path.open("wb") as file:
        file.write(b"%PDF-1.7\n")
        file.truncate(40_000_000)
    with Child("benchmarks.sink") as sink:
        mine = _child("ours", sink.url, path, *digest)
        usual = _child("requests", sink.url, path)
    assert mine["peak"] < 10e6 < 40e6 < usual["peak"]
