"""Which rows a print job has posted, written down and read back."""

from __future__ import annotations

import pytest

from airflow_provider_print.intelliprint.bulk.proof import proof_of, rows_told, split_told
from airflow_provider_print.intelliprint.bulk.rows import Row, digest_of
from airflow_provider_print.intelliprint.bulk.split import Split

ROWS = [Row(digest_of(str(n), bulk="af1-a"), b"{}") for n in range(1000)]


@pytest.mark.parametrize("number", [1, 39, 40, 41, 1000])
def test_rows_and_split_come_back_in_texts_below_500_characters(number: int) -> None:
    told = proof_of(ROWS[:number], Split(3, 1))
    assert rows_told(told) == {row.digest for row in ROWS[:number]}
    assert split_told(told) == Split(3, 1)
    assert max(map(len, told.values())) < 500
    assert len(told) <= 2 + number / 40 + 1


def test_a_thousand_rows_leave_room_among_fifty_entries() -> None:
    assert len(proof_of(ROWS, Split(1))) + 15 <= 50, "15 are those of every letter and its chunk"


def test_a_part_that_is_lost_cut_or_doubled_proves_nothing() -> None:
    told = proof_of(ROWS, Split(1))
    broken = [
        {},
        {name: text for name, text in told.items() if name != "bulk_rows"},
        {name: text for name, text in told.items() if name != "bulk_rows_3"},
        {**told, "bulk_rows_3": told["bulk_rows_3"][:-1]},
        {**told, "bulk_rows_3": told["bulk_rows_4"]},
        {**told, "bulk_rows": "1001"},
        {**told, "bulk_rows": "9" * 30},
        {**told, "bulk_rows": "many"},
    ]
    assert [rows_told(metadata) for metadata in broken] == [None] * len(broken)
    assert rows_told(None) is None
    assert split_told(None) is None


def test_a_digest_tells_nothing_of_its_row_key_and_differs_from_bulk_to_bulk() -> None:
    assert digest_of("1", bulk="af1-a") != digest_of("1", bulk="af1-b")
    assert digest_of("1", bulk="2") != digest_of("12", bulk="")
    assert "customer" not in digest_of("customer", bulk="af1-a")
