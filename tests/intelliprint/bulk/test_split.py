"""Which chunk a row is in: told by its own key."""

from __future__ import annotations

import math
from collections import Counter

import pytest

from airflow_provider_print.intelliprint.bulk import split as cut
from airflow_provider_print.intelliprint.bulk.rows import Row, digest_of
from airflow_provider_print.intelliprint.bulk.split import Split


def rows(number: int, *, bulk: str = "af1-a", begin: int = 0) -> list[Row]:
    return [Row(digest_of(str(n), bulk=bulk), b"{}") for n in range(begin, begin + number)]


@pytest.mark.parametrize("number", [1, 7, 999, 1000])
def test_what_fits_into_one_chunk_is_one_chunk(number: int) -> None:
    assert Split.of(rows(number), 1000).chunks == 1


@pytest.mark.parametrize(("number", "most"), [(1001, 1000), (10_000, 1000), (30_000, 1000), (5_000, 100)])
def test_no_chunk_is_above_the_limit_and_there_are_few_more_than_full_ones(number: int, most: int) -> None:
    split = Split.of(rows(number), most)
    sizes = [len(found) for found in split.assign(rows(number)).values()]
    assert max(sizes) <= most
    assert sum(sizes) == number
    # the fullest lies about three roots above the mean
    expected = number / (most - 3.5 * math.sqrt(most))
    assert number / most <= split.chunks <= math.ceil(expected) + 1


def test_very_small_chunks_are_at_most_twice_as_many_as_full_ones() -> None:
    assert Split.of(rows(1000), 1).chunks == 2000


def test_cutting_very_many_rows_very_small_is_no_endless_search(monkeypatch: pytest.MonkeyPatch) -> None:
    counted: list[int] = []
    monkeypatch.setattr(cut, "Counter", lambda found: counted.append(1) or Counter(found))
    assert Split.of(rows(3_000), 1).chunks == 6_000
    assert len(counted) < 100


def test_a_row_that_comes_or_goes_changes_its_own_chunk_and_no_other() -> None:
    split = Split.of(rows(5_000), 1000)
    before = split.assign(rows(5_000))
    after = split.assign(rows(5_000, begin=1))  # 0 is missing, 5000 is late
    changed = {number for number in before if set(before[number]) != set(after[number])}
    missing, late = (split.chunk_of(row.digest) for row in (rows(1)[0], rows(1, begin=5_000)[0]))
    assert changed == {missing, late}


def test_chunk_1_is_never_empty_when_a_bulk_is_cut() -> None:
    for begin in range(0, 400, 4):
        some = rows(4, begin=begin)
        assert 1 in Split.of(some, 1).assign(some)


def test_the_order_of_rows_means_nothing() -> None:
    assert Split.of(rows(3_000), 700) == Split.of(rows(3_000)[::-1], 700)


def test_rows_are_spread_like_dice_and_otherwise_in_each_bulk() -> None:
    split = Split(10)
    sizes = Counter(split.chunk_of(row.digest) for row in rows(10_000))
    assert all(900 < size < 1100 for size in sizes.values())
    other = [split.chunk_of(row.digest) for row in rows(10_000, bulk="af1-b")]
    same = sum(a == split.chunk_of(b.digest) for a, b in zip(other, rows(10_000), strict=True))
    assert 800 < same < 1200


def test_a_split_is_written_and_read_back_and_nothing_else_is() -> None:
    assert Split.parse(str(Split(12, 3))) == Split(12, 3)
    for other in (None, "", "12", "1:0:0", "1:3:3", "2:12:3", "1:12:3 ", 12):
        assert Split.parse(other) is None
