"""Many waits, one poll."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import pytest

from airflow_provider_print.triggers import look, poll_hub
from airflow_provider_print.triggers.intelliprint import IntelliprintPrintJobTrigger
from airflow_provider_print.triggers.look import Looker
from tests.airflow.fixtures import posted

if TYPE_CHECKING:
    from airflow_provider_print.hooks.intelliprint import IntelliprintHook
    from airflow_provider_print.sandbox import PrintSandbox


def reads(box: PrintSandbox) -> list[dict[str, Any]]:
    return [one for one in box.journal() if one["method"] == "GET"]


def test_twenty_waiting_triggers_share_one_poll_and_each_gets_its_own_news(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    jobs = [posted(intelliprint) for _ in range(20)]

    async def wait(job_id: str) -> Any:
        trigger = IntelliprintPrintJobTrigger(
            print_job_ids=[job_id], deadline=time.time() + 20, poll_interval=0.2
        )
        return (await anext(trigger.run())).payload

    async def together() -> list[Any]:
        tasks = [asyncio.ensure_future(wait(job.id)) for job in jobs]
        while len(reads(print_sandbox)) < 3:
            await asyncio.sleep(0.02)
        assert len(poll_hub._hubs[asyncio.get_running_loop()]) == 1
        print_sandbox.advance(7200)
        events = await asyncio.gather(*tasks)
        assert poll_hub._hubs[asyncio.get_running_loop()] == {}, "the last one out ends the poll"
        return events

    events = asyncio.run(together())
    assert [event["ids"] for event in events] == [[job.id] for job in jobs]
    assert {event["outcome"] for event in events} == {"ready"}
    assert {one["route"] for one in reads(print_sandbox)} == {"/intelliprint/v1/prints"}
    assert len(reads(print_sandbox)) < 10, "a call for all, not one for each"


def test_the_event_loop_goes_on_while_the_service_is_slow(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    job = posted(intelliprint)
    print_sandbox.fault("GET", "/prints/{id}", kind="delay", delay=1.0, times=1)

    async def measure() -> float:
        trigger = IntelliprintPrintJobTrigger(
            print_job_ids=[job.id], deadline=time.time() + 1.5, poll_interval=0.05
        )
        event = asyncio.ensure_future(anext(trigger.run()))
        worst, before = 0.0, time.monotonic()
        while not event.done():
            await asyncio.sleep(0.01)
            now = time.monotonic()
            worst, before = max(worst, now - before), now
        return worst

    assert asyncio.run(measure()) < 0.5


def test_the_most_impatient_sets_the_pace_and_many_jobs_slow_it_down() -> None:
    async def paces() -> list[float]:
        hub = poll_hub.PollHub("x")
        first, second = poll_hub.Watch(["a"], 60), poll_hub.Watch(["b"], 300)
        many = poll_hub.Watch([f"p{n}" for n in range(50_000)], 1)
        found = []
        for change, watch in (
            (hub.add, second),
            (hub.add, first),
            (hub.add, many),
            (hub.remove, many),
            (hub.remove, first),
            (hub.remove, second),
        ):
            change(watch)
            found.append(hub._interval())
        return found

    assert asyncio.run(paces()) == [300, 60, 153, 60, 300, 0]


def test_the_interval_grows_with_the_pages_that_the_last_sweep_took() -> None:
    async def pace(calls: int) -> float:
        hub = poll_hub.PollHub("x")
        hub.add(poll_hub.Watch(["a", "b", "c", "d"], 10))
        hub._calls = calls
        return hub._interval()

    assert asyncio.run(pace(1)) == 10
    assert asyncio.run(pace(40)) == 120, "twenty calls a minute, however few jobs are waited for"


def test_up_to_three_jobs_are_read_one_by_one_and_more_are_swept(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    jobs = [posted(intelliprint) for _ in range(5)]
    looker = Looker(intelliprint, testmode=False)
    assert set(looker.look([job.id for job in jobs[:3]])) == {job.id for job in jobs[:3]}
    assert [one["route"].rpartition("/")[2] for one in reads(print_sandbox)] == ["{id}"] * 3
    views = looker.look([job.id for job in jobs])
    assert {view.id: view.letters[0].status for view in views.values()} == {
        job.id: "waiting_to_print" for job in jobs
    }
    assert len(reads(print_sandbox)) == 4


def test_drafts_and_jobs_of_the_other_mode_are_found_although_no_sweep_has_them(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    from tests.airflow.fixtures import draft

    ids = [posted(intelliprint).id for _ in range(4)] + [draft(intelliprint).id]
    looker = Looker(intelliprint, testmode=True)
    views = looker.look(ids)
    assert [views[job_id].confirmed for job_id in ids] == [True] * 4 + [False]
    assert not any(view.testmode for view in views.values())


def test_many_jobs_of_the_other_mode_are_swept_there(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(look, "_STRAGGLERS", 2)
    ids = [posted(intelliprint).id for _ in range(8)]
    looker = Looker(intelliprint, testmode=True)
    assert set(looker.look(ids)) == set(ids)
    assert len(reads(print_sandbox)) == 3, "the likely mode, one job, the other mode"
    assert set(looker.look(ids)) == set(ids)
    assert len(reads(print_sandbox)) == 4, "now the mode is known"


def test_jobs_that_no_list_has_take_turns(
    intelliprint: IntelliprintHook, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.airflow.fixtures import draft

    monkeypatch.setattr(look, "_STRAGGLERS", 2)
    ids = [draft(intelliprint).id for _ in range(6)]
    looker = Looker(intelliprint, testmode=False)
    seen: set[str] = set()
    for _ in range(3):
        seen |= set(looker.look(ids))
    assert seen == set(ids)


def test_a_job_that_is_gone_is_told_to_those_who_wait_for_it_only(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    job = posted(intelliprint)
    views = Looker(intelliprint, testmode=False).look([job.id, "print_nosuch"])
    assert views["print_nosuch"].gone
    assert not views[job.id].gone


@pytest.mark.parametrize("status", [400, 410])
def test_an_id_that_the_service_refuses_does_not_end_the_waits_for_others(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox, status: int
) -> None:
    job = posted(intelliprint)
    print_sandbox.fault("GET", "/prints/{id}", status=status, nth=[1])
    views = Looker(intelliprint, testmode=False).look(["print_refused", job.id])
    assert views["print_refused"].gone
    assert not views[job.id].gone


def test_an_id_that_is_none_ends_its_own_wait_and_no_other(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    job = posted(intelliprint)

    async def wait(job_id: str) -> Any:
        trigger = IntelliprintPrintJobTrigger(
            print_job_ids=[job_id], deadline=time.time() + 20, poll_interval=0.1
        )
        return (await anext(trigger.run())).payload

    async def together() -> Any:
        good = asyncio.ensure_future(wait(job.id))
        bad = await wait("../prints")
        await asyncio.sleep(0.2)
        assert not good.done()
        print_sandbox.advance(7200)
        return bad, await good

    bad, good = asyncio.run(together())
    assert bad["outcome"] == "error"
    assert "print_job_id" in bad["message"]
    assert good["outcome"] == "ready"
