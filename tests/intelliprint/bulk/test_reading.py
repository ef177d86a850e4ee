"""Files of rows, read row by row."""

from __future__ import annotations

import io
from typing import Any

import pytest

from airflow_provider_print.core.errors import InputError
from airflow_provider_print.intelliprint.bulk.reading import read_rows

TABLE = 'number,name,line\n1,A,"7 Any Road\nANYTOWN"\n\n2,"B, the second",8 Any Road\n'


def read(data: bytes | str, name: str = "rows.csv") -> list[Any]:
    raw = data.encode() if isinstance(data, str) else data
    return list(read_rows(io.BytesIO(raw), name))


def refused(data: bytes | str, name: str = "rows.csv") -> str:
    with pytest.raises(InputError) as caught:
        read(data, name)
    assert caught.value.param == "rows"
    assert "orgwald" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("data", [TABLE, "\ufeff" + TABLE, TABLE.replace("\n", "\r\n")])
def test_a_table_is_read_with_its_header(data: str) -> None:
    first, second = read(data)
    assert first["line"].splitlines() == ["7 Any Road", "ANYTOWN"]
    assert second == {"number": "2", "name": "B, the second", "line": "8 Any Road"}


def test_json_lines_are_read_and_empty_ones_left_out() -> None:
    assert read('{"number": 1, "name": "\u00c4"}\n\n{"number": 2}', "s3/rows.JSONL") == [
        {"number": 1, "name": "\u00c4"},
        {"number": 2},
    ]


@pytest.mark.parametrize(
    ("data", "name", "words"),
    [
        ("number,name\n1,Zorgwald,more\n", "a.csv", "Line 2 has 3 cells, the header has 2."),
        ("number,name\n1\n", "a.csv", "Line 2 has 1 cells"),
        ('number,name\n1,"Zorg"wald"\n', "a.csv", "Line 2 cannot be read as CSV."),
        ("number,number\n1,2\n", "a.csv", "1 columns of the file have a name twice."),
        ("", "a.csv", "no line with the names of its columns"),
        ("\n1,2\n", "a.csv", "no line with the names of its columns"),
        (b"number\n\xff\n", "a.csv", "not in UTF-8"),
        ('{"a": 1}\n[1]\n', "a.jsonl", "Line 2 is not an object in JSON"),
        (
            '{"name": "Zorgwald", "name": "B"}',
            "a.jsonl",
            "Line 1 is not an object in JSON with each name once.",
        ),
        ("[" * 100_000, "a.jsonl", "Line 1 is not an object in JSON"),
        ('{"name": "Zorgwald"', "a.jsonl", "Line 1 is not an object in JSON"),
        ("x" * (1 << 20), "a.jsonl", "Line 1 is longer than"),
        ("a", "a.xlsx", ".csv, .jsonl, .ndjson"),
        ("a", "rows", ".csv, .jsonl, .ndjson"),
    ],
)
def test_what_cannot_be_read_is_named_by_its_line_and_not_quoted(
    data: bytes | str, name: str, words: str
) -> None:
    assert words in refused(data, name)


def test_a_file_is_read_as_it_is_needed() -> None:
    stream = io.BytesIO(b"number\n" + b"1\n" * 100_000)
    rows = read_rows(stream, "a.csv")
    next(iter(rows))
    assert stream.tell() < 100_000
