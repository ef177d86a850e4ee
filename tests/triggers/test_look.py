"""Sweeps of a list whose rows move while it is paged: none is lost."""

from __future__ import annotations

import random
from types import SimpleNamespace
from typing import Any

import pytest

from airflow_provider_print.core.errors import NoAnswerError, NotFoundError
from airflow_provider_print.intelliprint.models import Page, PrintJob
from airflow_provider_print.triggers import look
from airflow_provider_print.triggers.look import Looker

NOON = 1_800_000_000


class Service:
    """A list that misbehaves in every way that the documents leave open.

    :param times: when each job was confirmed; job number n is `print_n`.
    :param shuffles: jobs of one second come in another order at each call.
    :param meanwhile: called with the number of the call, after each page.
    """

    def __init__(self, times: list[int], *, shuffles: bool = False, meanwhile: Any = None) -> None:
        self.times = {f"print_{n}": at for n, at in enumerate(times)}
        self.lists_nothing: set[str] = set()
        self.shuffles = shuffles
        self.meanwhile = meanwhile or (lambda _: None)
        self.random = random.Random(7)
        self.pages: list[dict[str, Any]] = []
        self.reads: list[str] = []
        self.transport = SimpleNamespace(stepping_back=lambda: None)

    def list_print_jobs(self, **query: Any) -> Page[PrintJob]:
        self.pages.append(query)
        assert query["fields"] == look._FIELDS, "always projected"
        assert "letters_status" not in query, "never filtered by what changes"
        names = [] if query["testmode"] else [one for one in self.times if one not in self.lists_nothing]
        if self.shuffles:
            self.random.shuffle(names)
        rows = sorted(names, key=lambda name: self.times[name], reverse=True)
        shown = rows[query["skip"] : query["skip"] + query["limit"]]
        page = Page[PrintJob].model_validate(
            {
                "data": [self.row(name) for name in shown],
                "has_more": query["skip"] + len(shown) < len(rows),
                "total_available": len(rows),
            }
        )
        self.meanwhile(len(self.pages))
        return page

    def row(self, name: str) -> dict[str, Any]:
        letters = [{"id": f"let_{name}", "status": "printing"}]
        return {"id": name, "confirmed_at": self.times[name], "letters": letters}

    def get_print_job(self, name: str) -> PrintJob:
        self.reads.append(name)
        if name not in self.times:
            raise NotFoundError("no such job", status=404)
        return PrintJob.model_validate({**self.row(name), "testmode": False, "confirmed": True})


def looker(service: Any) -> Looker:
    return Looker(service, testmode=False)


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(look, "PAGE", 100)


def names(*numbers: int) -> list[str]:
    return [f"print_{n}" for n in numbers]


def test_a_sweep_goes_down_to_the_oldest_that_is_waited_for_and_no_further() -> None:
    service = Service([NOON + n for n in range(1000)])
    one = looker(service)
    wanted = names(*range(700, 730))
    assert set(one.look(wanted)) == set(wanted)
    assert set(one.look(wanted)) == set(wanted)
    assert (len(service.pages), service.reads) == (8, []), "four for each look: 90 new rows a page"
    assert one.calls == 4


def test_jobs_confirmed_in_one_second_in_an_order_that_changes_are_all_found() -> None:
    service = Service([NOON] * 350 + [NOON - 5] * 100, shuffles=True)
    one = looker(service)
    wanted = names(*range(450))
    found = [len(one.look(wanted)) for _ in range(3)]
    assert min(found) > 400, "swept again, because a count says that rows were lost"
    seen: set[str] = set()
    for _ in range(6):
        seen |= set(one.look(wanted))
    assert seen == set(wanted)


def test_more_than_a_page_of_jobs_of_one_second_in_a_settled_order_needs_one_sweep() -> None:
    service = Service([NOON] * 350)
    assert len(looker(service).look(names(*range(350)))) == 350
    assert len(service.pages) == 4


def test_jobs_that_are_confirmed_while_the_list_is_paged_only_repeat_rows() -> None:
    service = Service([NOON + n for n in range(500)])

    def more(call: int) -> None:
        service.times |= {f"print_new{call}_{n}": NOON + 10_000 + call for n in range(70)}

    service.meanwhile = more
    wanted = names(*range(500))
    assert set(looker(service).look(wanted)) == set(wanted)
    assert service.reads == []


@pytest.mark.parametrize("leaving", [1, 9, 30, 95, 250])
def test_rows_that_leave_while_the_list_is_paged_take_no_others_with_them(leaving: int) -> None:
    service = Service([NOON + n for n in range(700)])

    def leave(call: int) -> None:
        if call in (2, 4):
            newest = sorted(service.times, key=lambda name: -service.times[name])[:leaving]
            for name in newest:
                del service.times[name]

    service.meanwhile = leave
    wanted = names(*range(200))
    assert set(looker(service).look(wanted)) == set(wanted)
    assert service.reads == []


def test_a_server_that_gives_smaller_pages_than_were_asked_for_is_read_to_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    service = Service([NOON + n for n in range(60)])
    plain = service.list_print_jobs
    monkeypatch.setattr(service, "list_print_jobs", lambda **query: plain(**{**query, "limit": 10}))
    wanted = names(*range(60))
    assert set(looker(service).look(wanted)) == set(wanted)


def test_a_few_new_jobs_do_not_page_through_years_of_letters() -> None:
    service = Service([NOON + n for n in range(5000)])
    service.lists_nothing = set(names(1, 2))
    one = looker(service)
    wanted = names(1, 2, *range(4980, 5000))
    assert set(one.look(wanted)) == set(wanted)
    assert len(service.pages) <= 4
    assert set(service.reads) == set(names(1, 2)), "at most as many pages as there are jobs to find"


def test_what_no_list_has_is_read_in_turns_so_that_none_waits_for_ever() -> None:
    service = Service([NOON + n for n in range(100)])
    service.lists_nothing = set(names(*range(70)))
    one = looker(service)
    seen: set[str] = set()
    for _ in range(5):
        seen |= set(one.look(names(*range(100))))
    assert seen == set(names(*range(100)))
    assert max(map(service.reads.count, service.reads)) <= 2


def test_one_answer_of_not_found_is_asked_for_again_before_it_is_believed() -> None:
    service = Service([NOON])
    plain, asked = service.get_print_job, []

    def at_first_not(name: str) -> PrintJob:
        asked.append(name)
        if len(asked) == 1:
            raise NotFoundError("not yet", status=404)
        return plain(name)

    service.get_print_job = at_first_not  # type: ignore[method-assign]
    assert not looker(service).look(names(0))["print_0"].gone
    assert looker(service).look(["print_never"])["print_never"].gone


def test_a_look_that_nobody_waits_for_any_more_makes_no_further_call() -> None:
    def lose_interest(call: int) -> None:
        one.stopped = call == 2

    service = Service([NOON + n for n in range(500)], meanwhile=lose_interest)
    one = looker(service)
    with pytest.raises(NoAnswerError, match="Nobody waits"):
        one.look(names(*range(500)))
    assert len(service.pages) == 2
