"""The hub under load and bad news: the loop goes on, nobody is forgotten, nobody is woken for nothing."""

from __future__ import annotations

import asyncio
import json
import os
import time
from typing import TYPE_CHECKING, Any

import pytest

from airflow_provider_print.core.errors import AuthenticationError, ForbiddenError, ServerError
from airflow_provider_print.triggers import patience, poll_hub
from airflow_provider_print.triggers.events import Outcome, WaitEvent
from airflow_provider_print.triggers.intelliprint import IntelliprintPrintJobTrigger
from airflow_provider_print.triggers.judgement import JobView, LetterView
from airflow_provider_print.triggers.patience import Patience
from tests.airflow.fixtures import API_KEY, connect, posted

if TYPE_CHECKING:
    from airflow_provider_print.hooks.intelliprint import IntelliprintHook
    from airflow_provider_print.sandbox import PrintSandbox

MANY = 3000


def view(job_id: str, status: str) -> JobView:
    return JobView(id=job_id, confirmed=True, confirmed_at=1, letters=(LetterView("let_1", status),))


class Telling:
    """Stands in for the looker of a hub: all jobs, in a status that is set from outside."""

    status = "printing"
    looks = 0
    calls = 1

    def use(self, *_: Any, **__: Any) -> None:
        pass

    def look(self, ids: Any) -> dict[str, JobView]:
        type(self).looks += 1
        return {job_id: view(job_id, self.status) for job_id in ids}


def waits(*ids: str, wait: float = 30.0, interval: float = 0.3) -> Any:
    trigger = IntelliprintPrintJobTrigger(
        print_job_ids=ids, deadline=time.time() + wait, poll_interval=interval
    )
    return asyncio.ensure_future(anext(trigger.run()))


async def lag_until(done: Any) -> float:
    worst, before = 0.0, time.monotonic()
    while not done():
        await asyncio.sleep(0.005)
        now = time.monotonic()
        worst, before = max(worst, now - before), now
    return worst


def test_the_loop_goes_on_while_thousands_wait_and_while_all_are_woken_at_once(
    intelliprint: IntelliprintHook, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Here(Telling):
        pass

    monkeypatch.setattr(poll_hub, "Looker", lambda *_, **__: Here())
    judged: list[str] = []
    plain = IntelliprintPrintJobTrigger._judge

    async def judge(self: Any, views: Any) -> Any:
        judged.extend(views)
        return await plain(self, views)

    monkeypatch.setattr(IntelliprintPrintJobTrigger, "_judge", judge)

    async def many() -> tuple[float, list[Any]]:
        tasks = [waits(f"print_{n}") for n in range(MANY)]
        await asyncio.sleep(0)
        lag = await lag_until(lambda: Here.looks >= 4)
        assert len(judged) == MANY, "looks that show nothing new wake nobody"
        Here.status = "sent"
        lag = max(lag, await lag_until(lambda: all(task.done() for task in tasks)))
        return lag, [WaitEvent.parse(task.result().payload) for task in tasks]

    lag, events = asyncio.run(many())
    assert {event.outcome for event in events} == {Outcome.READY}
    assert lag < 1.5


def test_one_trigger_may_wait_for_thousands_of_jobs_without_holding_the_loop_up(
    intelliprint: IntelliprintHook, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Here(Telling):
        status = "sent"

    monkeypatch.setattr(poll_hub, "Looker", lambda *_, **__: Here())

    async def one() -> tuple[float, Any]:
        task = waits(*(f"print_{n}" for n in range(10_000)))
        return await lag_until(task.done), task.result().payload["outcome"]

    lag, outcome = asyncio.run(one())
    assert outcome == "ready"
    assert lag < 1.5


def test_the_first_look_comes_after_a_moment_that_nobody_can_foresee(
    intelliprint: IntelliprintHook, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen: list[tuple[float, float]] = []

    def uniform(low: float, high: float) -> float:
        chosen.append((low, high))
        return 0.0

    monkeypatch.setattr("airflow_provider_print.triggers.poll_hub.random.uniform", uniform)

    async def start(interval: float) -> None:
        task = waits("print_1", interval=interval)
        await asyncio.sleep(0.05)
        task.cancel()

    for interval in (60, 2):
        asyncio.run(start(interval))
    assert chosen == [(0, 5.0), (0, 2)]


def test_the_connection_is_read_once_for_each_look_and_a_change_is_followed(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    from airflow.sdk import BaseHook

    read: list[str] = []
    plain = BaseHook.aget_connection

    async def aget_connection(conn_id: str) -> Any:
        read.append(conn_id)
        return await plain(conn_id)

    monkeypatch.setattr(BaseHook, "aget_connection", aget_connection)
    job = posted(intelliprint)
    url = print_sandbox.intelliprint_url
    keys: list[str] = []

    async def look() -> None:
        task = waits(job.id, interval=0.1)
        hub = None
        while hub is None or hub.looks < 3:
            await asyncio.sleep(0.01)
            hub = poll_hub._hubs[asyncio.get_running_loop()].get("intelliprint_default")
        before = hub._looker._client.transport
        assert len(read) in (hub.looks, hub.looks + 1)
        connect(monkeypatch, "intelliprint_default", "intelliprint", url, API_KEY + "2", testmode=False)
        seen = hub.looks
        while hub.looks < seen + 3:
            await asyncio.sleep(0.01)
        keys.append(hub._following._hook.settings.api_key)
        assert hub._looker._client.transport is not before
        task.cancel()

    asyncio.run(look())
    assert keys == [API_KEY + "2"]


def test_a_401_has_the_connection_read_again_at_once(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The API key changes at the service and in Airflow, between the read of the connection and the look."""
    job = posted(intelliprint)
    print_sandbox.advance(7200)
    print_sandbox.fault("GET", "/prints/{id}", status=401, times=1)
    states = iter([API_KEY + "-old", API_KEY])
    value = json.loads(os.environ["AIRFLOW_CONN_INTELLIPRINT_DEFAULT"])

    from airflow.sdk import BaseHook, Connection

    async def aget_connection(conn_id: str) -> Connection:
        found = {**value, "password": next(states)}
        found["extra"] = json.dumps(found["extra"])
        return Connection(conn_id=conn_id, **found)

    monkeypatch.setattr(BaseHook, "aget_connection", aget_connection)

    async def one() -> Any:
        return (await waits(job.id, interval=20)).payload

    monkeypatch.setattr(poll_hub, "_START_WITHIN", 0.0)
    begun = time.monotonic()
    assert asyncio.run(one())["outcome"] == "ready"
    assert time.monotonic() - begun < 10, "not only at the next look"


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 500])
def test_no_failing_poll_ends_a_wait(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox, status: int
) -> None:
    jobs = [posted(intelliprint) for _ in range(5)]
    print_sandbox.fault("GET", "/prints", status=status, times=2)
    print_sandbox.advance(7200)

    async def all_of_them() -> Any:
        return [(await task).payload for task in [waits(job.id, interval=0.1) for job in jobs]]

    assert {event["outcome"] for event in asyncio.run(all_of_them())} == {"ready"}


def test_errors_that_look_final_end_a_wait_only_when_there_is_nothing_else_for_a_while() -> None:
    moment = [0.0]
    one = Patience(now=lambda: moment[0])
    refused, forbidden, broken = AuthenticationError("no"), ForbiddenError("no"), ServerError("oops")
    assert not one.ends_with(refused)
    moment[0] = patience.PATIENCE + 1
    assert not one.ends_with(forbidden), "long ago, but only twice"
    assert not one.ends_with(broken), "never final"
    assert one.ends_with(refused)
    one.renew()
    assert not one.ends_with(refused)
    assert not one.ends_with(refused)
    assert not one.ends_with(refused), "often, but only just now"


def test_who_comes_while_others_give_up_bears_with_a_refusal_anew(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "PATIENCE", 0.0)
    monkeypatch.setattr(poll_hub, "_START_WITHIN", 0.0)
    print_sandbox.fault("GET", "/prints/{id}", status=403, times=patience.LEAST + 1)
    job = posted(intelliprint)

    async def one_after_the_other() -> None:
        async with poll_hub.watching("intelliprint_default", [job.id], 0.05) as first:
            with pytest.raises(ForbiddenError):
                await first.news(time.time() + 20)
            async with poll_hub.watching("intelliprint_default", [job.id], 0.05) as second:
                assert (await second.news(time.time() + 20))[job.id].letters

    asyncio.run(one_after_the_other())


def test_a_poll_that_has_ended_begins_again_with_the_next_who_comes(intelliprint: IntelliprintHook) -> None:
    job = posted(intelliprint)

    async def wait() -> None:
        async with poll_hub.watching("intelliprint_default", [], 0.05):
            (hub,) = poll_hub._hubs[asyncio.get_running_loop()].values()
            while hub._task is None or not hub._task.done():
                await asyncio.sleep(0.01)
            async with poll_hub.watching("intelliprint_default", [job.id], 0.05) as watch:
                assert (await watch.news(time.time() + 20))[job.id].letters

    asyncio.run(wait())


def test_a_deadline_by_the_wall_clock_is_kept_when_that_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    from airflow_provider_print.triggers import aside

    monkeypatch.setattr(aside, "_NAP", 0.02)
    moments = iter([0.0, 10.0, 5000.0])
    monkeypatch.setattr(aside.time, "time", lambda: next(moments))

    async def wait() -> None:
        await aside.arrival(asyncio.Event(), 4000.0)

    with pytest.raises(TimeoutError):
        asyncio.run(wait())


def test_work_aside_is_not_done_by_the_threads_of_the_loop_and_not_waited_for_at_its_end() -> None:
    from airflow_provider_print.triggers.aside import aside

    async def leave() -> None:
        task = asyncio.ensure_future(aside(lambda: time.sleep(3)))
        await asyncio.sleep(0.05)
        task.cancel()

    begun = time.monotonic()
    asyncio.run(leave())
    assert time.monotonic() - begun < 1

    async def fail() -> None:
        await aside(lambda: 1 // 0)

    with pytest.raises(ZeroDivisionError):
        asyncio.run(fail())
