"""A long list is read without losing a row, whatever happens to it meanwhile."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest

from airflow_provider_print.core.errors import UnexpectedAnswerError
from airflow_provider_print.intelliprint.models import Page, PrintJob
from airflow_provider_print.nets._sweep import Sweep

if TYPE_CHECKING:
    from collections.abc import Callable


class Listing:
    """A list that something happens to between two pages."""

    def __init__(self, times: list[int], *, descending: bool = True) -> None:
        self.rows = [PrintJob(id=f"print_{n}", confirmed_at=at) for n, at in enumerate(times)]
        self.descending = descending
        self.calls = 0
        self.between: Callable[[int], None] = lambda _: None
        self.shuffle = random.Random(1)

    def page(self, *, skip: int, limit: int) -> Page[PrintJob]:
        if self.calls:
            self.between(self.calls)
        self.calls += 1
        self.shuffle.shuffle(self.rows)  # rows of one second come in any order
        rows = sorted(self.rows, key=lambda row: row.confirmed_at or 0, reverse=self.descending)
        data = rows[skip : skip + limit]
        return Page[PrintJob](data=data, has_more=skip + limit < len(rows))

    def sweep(self, limit: int, *, past: Callable[[PrintJob], bool] = lambda _: False) -> Sweep:
        return Sweep(
            self.page, second=lambda row: row.confirmed_at, past=past, descending=self.descending, limit=limit
        )


def ids(rows: list[Any]) -> set[str]:
    return {row.id for row in rows}


@pytest.mark.parametrize("seed", range(20))
def test_rows_of_one_second_at_the_edge_of_a_page_are_not_lost(seed: int) -> None:
    listing = Listing([100 + n // 3 for n in range(30)])
    listing.shuffle = random.Random(seed)
    rows = listing.sweep(10).rows()
    assert len(rows) == 30
    assert ids(rows) == ids(listing.rows)


def test_the_sweep_stops_at_the_end_of_what_is_wanted() -> None:
    listing = Listing(list(range(1000, 1100)))
    rows = listing.sweep(10, past=lambda row: (row.confirmed_at or 0) < 1085).rows()
    assert {row.confirmed_at for row in rows} == set(range(1085, 1100))
    assert listing.calls == 2


def test_rows_that_are_new_at_the_top_are_read_as_well_and_push_none_out() -> None:
    listing = Listing(list(range(1000, 1030)))
    before = ids(listing.rows)

    def confirmed_meanwhile(call: int) -> None:
        if call == 1:
            listing.rows += [PrintJob(id=f"print_new{n}", confirmed_at=2000 + n) for n in range(4)]

    listing.between = confirmed_meanwhile
    rows = listing.sweep(10).rows()
    assert ids(rows) == before | {f"print_new{n}" for n in range(4)}


def test_rows_that_go_away_above_the_reader_make_it_read_again() -> None:
    listing = Listing(list(range(1000, 1030)), descending=False)
    kept = {row.id for row in listing.rows if (row.confirmed_at or 0) >= 1005}

    def deleted_meanwhile(call: int) -> None:
        if call == 1:
            listing.rows = [row for row in listing.rows if (row.confirmed_at or 0) >= 1005]

    listing.between = deleted_meanwhile
    rows = listing.sweep(10).rows()
    assert kept <= ids(rows)


def test_a_list_that_shrinks_below_the_reader_is_read_again() -> None:
    listing = Listing(list(range(1000, 1014)), descending=False)
    kept = {f"print_{n}" for n in range(10, 14)}

    def deleted_meanwhile(call: int) -> None:
        if call == 1:
            listing.rows = [row for row in listing.rows if row.id in kept]

    listing.between = deleted_meanwhile
    assert kept <= ids(listing.sweep(10).rows())


def test_a_list_that_loses_rows_each_time_it_is_read_is_no_answer() -> None:
    listing = Listing(list(range(1000, 1200)), descending=False)

    def deleted_meanwhile(_: int) -> None:
        listing.rows = sorted(listing.rows, key=lambda row: row.confirmed_at or 0)[3:]

    listing.between = deleted_meanwhile
    with pytest.raises(UnexpectedAnswerError, match="some may be missing"):
        listing.sweep(10).rows()


def test_a_page_of_one_second_only_does_not_stop_the_sweep() -> None:
    listing = Listing([1000] * 25)
    rows = listing.sweep(10).rows()
    assert len(rows) <= 25
    assert listing.calls == 3


def test_an_empty_list_takes_one_call() -> None:
    listing = Listing([])
    assert listing.sweep(10).rows() == []
    assert listing.calls == 1


@pytest.mark.parametrize("descending", [True, False])
def test_a_list_that_is_not_sorted_as_asked_is_no_answer(descending: bool) -> None:
    listing = Listing([1, 2, 3], descending=not descending)
    sweep = Sweep(
        listing.page,
        second=lambda row: row.confirmed_at,
        past=lambda _: False,
        descending=descending,
        limit=10,
    )
    with pytest.raises(UnexpectedAnswerError, match="not sorted"):
        sweep.rows()
