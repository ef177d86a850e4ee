"""A file of rows: CSV with a header, or JSON lines. Read once from its start to its end, row by row.

Errors name lines and columns, never what is in them.
"""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any, BinaryIO

from airflow_provider_print.core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_PARAM = "rows"
# A file that is no table at all may be one line of any length.
_LONGEST = 1 << 20


def read_rows(stream: BinaryIO, name: str) -> Iterator[Mapping[str, Any]]:
    """Read the rows of a file.

    :param stream: of the file, from its start, in UTF-8 (with or without a byte order mark).
    :param name: of the file; its ending says what it is.
    :raises InputError: naming `rows` and the line.
    """
    reader = _READERS.get(name.rpartition(".")[2].lower() if "." in name else "")
    if reader is None:
        endings = ", ".join(f".{ending}" for ending in _READERS)
        raise InputError("The kind of the file is not known by its name.", param=_PARAM, advice=f"{endings}.")
    try:
        source: Any = _Unclosed(stream)
        yield from reader(io.TextIOWrapper(source, encoding="utf-8-sig", newline=""))
    except UnicodeDecodeError as error:
        wrong = error.start
    else:
        return
    raise InputError(
        f"The file is not in UTF-8 (byte {wrong} of a block).", param=_PARAM, advice="Save it in UTF-8."
    )


class _Unclosed(io.BufferedIOBase):
    """Bytes for a `TextIOWrapper` that is thrown away while whoever opened the stream still needs it.

    :param stream: anything that can be read.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def readable(self) -> bool:
        """Say that this can be read."""
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        """Read bytes."""
        return self._stream.read(-1 if size is None else size)

    def read1(self, size: int = -1, /) -> bytes:
        """Read bytes, a block at most."""
        return self._stream.read(io.DEFAULT_BUFFER_SIZE if size < 0 else size)


def _csv(text: io.TextIOWrapper) -> Iterator[Mapping[str, Any]]:
    reader = csv.reader(_lines(text), strict=True)
    try:
        columns = [name.strip() for name in next(reader, [])]
        if not any(columns):
            raise InputError("The file has no line with the names of its columns.", param=_PARAM)
        twice = {name for name in columns if name and columns.count(name) > 1}
        if twice:
            raise InputError(f"{len(twice)} columns of the file have a name twice.", param=_PARAM)
        for cells in reader:
            if not cells:
                continue
            if len(cells) != len(columns):
                raise InputError(
                    f"Line {reader.line_num} has {len(cells)} cells, the header has {len(columns)}.",
                    param=_PARAM,
                    advice="A comma or a quotation mark in a cell that is not quoted is the usual reason.",
                )
            yield dict(zip(columns, cells, strict=True))
    except csv.Error:
        line = reader.line_num
    else:
        return
    raise InputError(f"Line {line} cannot be read as CSV.", param=_PARAM)


def _json_lines(text: io.TextIOWrapper) -> Iterator[Mapping[str, Any]]:
    for number, line in enumerate(_lines(text), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line, object_pairs_hook=_object)
        except (ValueError, RecursionError):
            row = None
        if not isinstance(row, dict):
            raise InputError(f"Line {number} is not an object in JSON with each name once.", param=_PARAM)
        yield row


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make a dict; of a name that is there twice, nobody knows which value is meant."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name is there twice")
    return found


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    number = 0
    while line := text.readline(_LONGEST):
        number += 1
        if len(line) == _LONGEST:
            raise InputError(f"Line {number} is longer than {_LONGEST:,} characters.", param=_PARAM)
        yield line


_READERS: dict[str, Callable[[io.TextIOWrapper], Iterator[Mapping[str, Any]]]] = {
    "csv": _csv,
    "jsonl": _json_lines,
    "ndjson": _json_lines,
}
