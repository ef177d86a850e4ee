"""The watcher of an account, against the sandbox and under Airflow's own runner of triggers."""

from __future__ import annotations

import asyncio
import inspect
import json
import time
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import pytest
from airflow.sdk import Asset
from airflow.sdk.execution_time import comms

from airflow_provider_print.core.errors import InputError
from airflow_provider_print.intelliprint.events import PrintEvent
from airflow_provider_print.triggers import patience, watching
from airflow_provider_print.triggers.watch_state import DAYS, Found, WatchState, discover, is_over
from airflow_provider_print.triggers.watching import IntelliprintPrintJobWatchTrigger
from tests.airflow.fixtures import posted
from tests.airflow.harness import Supervisor, supervised_by

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow_provider_print.hooks.intelliprint import IntelliprintHook
    from airflow_provider_print.sandbox import PrintSandbox

DAY = 24 * 3600.0
ARGUMENTS = {
    "outcome": "finished",
    "poll_interval": 7.5,
    "tell_past": True,
    "intelliprint_conn_id": "other",
}


class Store:
    """As `asset_state_store` of Airflow 3.3: a dict that takes JSON."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}
        self.writes = 0
        self.broken = False

    async def aget(self, key: str) -> Any:
        if self.broken:
            raise OSError("away")
        return json.loads(self.kept[key]) if key in self.kept else None

    async def aset(self, key: str, value: Any) -> None:
        if self.broken:
            raise OSError("away")
        self.writes += 1
        self.kept[key] = json.dumps(value)


class Watcher:
    """One life of a trigger, in a loop of its own."""

    def __init__(self, store: Store | None = None, **more: Any) -> None:
        self.trigger = IntelliprintPrintJobWatchTrigger(poll_interval=0.05, **more)
        if store is not None:
            self.trigger.asset_state_store = store  # type: ignore[assignment]
        self.events: list[PrintEvent] = []

    def live(self, *steps: Callable[[], Any], wait_for: int = 0) -> list[PrintEvent]:
        """Run, take the steps one after the other, and die; returns what was told.

        Before the first step, after each and at the end, it has looked for new jobs and gone on twice.

        :param wait_for: how many events are waited for after the last step.
        """
        looks = []

        def counted(*args: Any, **kwargs: Any) -> Any:
            found = discover(*args, **kwargs)
            looks.append(len(found))
            return found

        async def run() -> None:
            task = asyncio.create_task(self._take())

            async def until(condition: Callable[[], bool]) -> None:
                deadline = time.monotonic() + 20
                while not condition() and time.monotonic() < deadline and not task.done():
                    await asyncio.sleep(0.01)
                assert condition()

            async def looked() -> None:
                wanted = len(looks) + 2
                await until(lambda: len(looks) >= wanted)

            await looked()
            for step in steps:
                await asyncio.to_thread(step)
                await looked()
            await until(lambda: len(self.events) >= wait_for)
            await looked()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(watching, "discover", counted)
            asyncio.run(run())
        return self.events

    async def _take(self) -> None:
        async with aclosing(self.trigger.run()) as events:  # type: ignore[type-var]
            async for event in events:
                self.events.append(PrintEvent.parse({"from_trigger": True, "payload": event.payload}))


def told(events: list[PrintEvent]) -> list[tuple[str, str]]:
    return [(event.status, event.print_job) for event in events]


def test_every_argument_survives_being_stored() -> None:
    wanted = set(inspect.signature(IntelliprintPrintJobWatchTrigger.__init__).parameters) - {"self"}
    assert wanted == set(ARGUMENTS)
    path, stored = IntelliprintPrintJobWatchTrigger(**ARGUMENTS).serialize()
    assert path == "airflow_provider_print.triggers.watching.IntelliprintPrintJobWatchTrigger"
    assert json.loads(json.dumps(stored)) == ARGUMENTS


@pytest.mark.parametrize(
    ("argument", "value"),
    [("outcome", "delivered"), ("poll_interval", 0), ("poll_interval", "60"), ("tell_past", "False")],
)
def test_arguments_that_make_no_sense_are_refused(argument: str, value: Any) -> None:
    with pytest.raises(InputError) as refused:
        IntelliprintPrintJobWatchTrigger(**{argument: value})
    assert refused.value.param == argument


def test_a_job_is_told_when_all_of_its_letters_are_sent(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    old = posted(intelliprint, reference="A Reader, personally")
    watcher = Watcher()
    new: list[Any] = []
    watcher.live(
        lambda: new.append(posted(intelliprint, letters=3)),
        lambda: print_sandbox.advance(30 * DAY),
        wait_for=2,
    )
    assert sorted(told(watcher.events)) == sorted([("sent", old.id), ("sent", new[0].id)])
    by_id = {event.print_job: event for event in watcher.events}
    assert by_id[new[0].id].letters == {"sent": 3}
    assert by_id[old.id].reference is None
    assert {event.source for event in watcher.events} == {"watcher"}


def test_what_was_over_before_it_began_is_told_only_when_asked_to(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    job = posted(intelliprint)
    print_sandbox.advance(30 * DAY)
    assert Watcher().live() == []
    assert told(Watcher(tell_past=True).live(wait_for=1)) == [("sent", job.id)]


def test_letters_that_will_not_arrive_are_told_to_those_who_watch_for_them(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    jobs = [posted(intelliprint), posted(intelliprint)]
    failed, finished, sent = (Watcher(outcome=name) for name in ("failed", "finished", "sent"))
    for watcher in (failed, finished, sent):
        watcher.trigger.tell_past = True
    intelliprint.delete_print_job(jobs[0].id)
    print_sandbox.advance(30 * DAY)
    assert told(failed.live(wait_for=1)) == [("failed", jobs[0].id)]
    assert sorted(told(finished.live(wait_for=2))) == sorted(("finished", job.id) for job in jobs)
    assert told(sent.live(wait_for=1)) == [("sent", jobs[1].id)]


def test_a_watcher_that_is_started_again_goes_on_where_it_was(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    store = Store()
    first = posted(intelliprint)
    assert told(Watcher(store).live(lambda: print_sandbox.advance(30 * DAY), wait_for=1)) == [
        ("sent", first.id)
    ]
    missed = posted(intelliprint)
    print_sandbox.advance(30 * DAY)
    assert told(Watcher(store).live(wait_for=1)) == [("sent", missed.id)]
    assert Watcher(store).live() == []


def test_an_event_that_may_not_have_been_stored_is_told_again(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    store = Store()
    job = posted(intelliprint)
    Watcher(store).live()
    print_sandbox.advance(30 * DAY)

    async def killed_right_after_its_event() -> Any:
        trigger = IntelliprintPrintJobWatchTrigger(poll_interval=0.05)
        trigger.asset_state_store = store  # type: ignore[assignment]
        async with aclosing(trigger.run()) as events:  # type: ignore[type-var]
            return await anext(events)

    assert asyncio.run(killed_right_after_its_event()).payload["print_job"] == job.id
    assert told(Watcher(store).live(wait_for=1)) == [("sent", job.id)]


def test_only_what_has_changed_is_written(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    store = Store()
    posted(intelliprint)
    Watcher(store).live()
    assert set(store.kept) >= {"cursor"}
    before = store.writes
    Watcher(store).live()
    assert store.writes == before


def test_a_store_that_is_away_does_not_end_the_watch(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox, caplog: pytest.LogCaptureFixture
) -> None:
    store = Store()
    store.broken = True
    job = posted(intelliprint)
    assert told(Watcher(store).live(lambda: print_sandbox.advance(30 * DAY), wait_for=1)) == [
        ("sent", job.id)
    ]
    assert "could not be kept: OSError" in caplog.text


def test_a_service_that_is_away_for_a_while_does_not_end_the_watch(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox, caplog: pytest.LogCaptureFixture
) -> None:
    job = posted(intelliprint)
    print_sandbox.fault(kind="status", status=401, method="GET", times=3)
    watcher = Watcher()
    assert told(watcher.live(lambda: print_sandbox.advance(30 * DAY), wait_for=1)) == [("sent", job.id)]
    assert "Could not look for print jobs with intelliprint_default" in caplog.text


def test_an_error_that_ends_other_waits_does_not_end_the_watch(
    intelliprint: IntelliprintHook,
    print_sandbox: PrintSandbox,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(patience, "PATIENCE", 0.0)
    monkeypatch.setattr(patience, "LEAST", 1)
    job = posted(intelliprint)
    print_sandbox.fault("GET", "/v1/prints/{id}", kind="status", status=401, times=2)
    assert told(Watcher().live(lambda: print_sandbox.advance(30 * DAY), wait_for=1)) == [("sent", job.id)]
    assert "goes on in a while" in caplog.text


def test_many_jobs_cost_one_page_to_find_and_one_to_follow(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    for _ in range(8):
        posted(intelliprint)
    before = len(print_sandbox.journal())
    watcher = Watcher()
    watcher.trigger.poll_interval = 0.2
    watcher.live()
    calls = print_sandbox.journal()[before:]
    assert {(call["method"], call["path"]) for call in calls} == {("GET", "/intelliprint/v1/prints")}
    assert 4 <= len(calls) <= 12, "two for each of some four rounds"


def test_airflows_own_runner_takes_the_events(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    from airflow.jobs.triggerer_job_runner import TriggerRunner

    job = posted(intelliprint)

    async def run() -> list[Any]:
        runner = TriggerRunner()
        trigger = IntelliprintPrintJobWatchTrigger(poll_interval=0.05)
        task = asyncio.create_task(_in_runner(runner, trigger))
        await asyncio.sleep(0.5)
        await asyncio.to_thread(print_sandbox.advance, 30 * DAY)
        deadline = time.monotonic() + 15
        while not runner.events and time.monotonic() < deadline and not task.done():
            await asyncio.sleep(0.02)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return list(runner.events)

    (entry,) = asyncio.run(run())
    event = getattr(entry, "event", None) or entry[1]
    assert event.payload["print_job"] == job.id


async def _in_runner(runner: Any, trigger: Any) -> None:
    task: Any = asyncio.current_task()
    runner.triggers[1] = {"task": task, "is_watcher": True, "name": "watcher", "events": 0}
    await runner.run_trigger(1, trigger)


def test_the_place_is_kept_beside_the_asset_where_airflow_has_a_store(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    from airflow.sdk.execution_time import context

    accessors = getattr(context, "AssetStateStoreAccessors", None)
    keeper = AssetKeeper()
    job = posted(intelliprint)
    with supervised_by(keeper):  # type: ignore[arg-type]
        for expected in ([], [("sent", job.id)] if accessors else []):
            store = accessors and accessors(
                inlets=[Asset("intelliprint://intelliprint_default/print-jobs/sent")]
            )
            assert told(Watcher(store).live(wait_for=len(expected))) == expected
            print_sandbox.advance(30 * DAY)
    assert ("cursor" in keeper.kept) is (accessors is not None)


class AssetKeeper(Supervisor):
    """Keeps the state of one asset, as Airflow's supervisor does."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[str, Any] = {}

    def _GetAssetStateStoreByName(self, msg: Any) -> Any:  # noqa: N802 - Airflow's message
        if msg.key not in self.kept:
            return comms.ErrorResponse(error=comms.ErrorType.ASSET_STORE_NOT_FOUND)
        return comms.AssetStateStoreResult(value=self.kept[msg.key])

    def _SetAssetStateStoreByName(self, msg: Any) -> Any:  # noqa: N802 - Airflow's message
        self.kept[msg.key] = msg.value
        return comms.OKResponse(ok=True)


def found(number: int, at: int) -> Found:
    return Found(f"print_{number}", at, None, ["printing"])


def test_the_state_survives_json_however_many_jobs_are_open() -> None:
    state = WatchState()
    now = 1_800_000_000.0
    new = state.add([found(number, int(now) - number) for number in range(5000)], now, 600.0)
    for job in new:
        state.open[job.id] = [job.confirmed_at, f"customer-{job.id} af1-{'a' * 26}"]
    parts = json.loads(json.dumps(state.parts()))
    assert WatchState.of_parts(parts) == state
    assert max(len(json.dumps(part)) for part in parts.values()) < 64 * 1024
    assert len(state.recent) == 601


@pytest.mark.parametrize(
    "parts",
    [{}, {"cursor": None}, {"cursor": {"newest": "x"}}, {"cursor": [1], "open-00": {"print_1": [1, None]}}],
)
def test_nonsense_in_the_store_is_a_beginning(parts: dict[str, Any]) -> None:
    assert WatchState.of_parts(parts).begins


def test_jobs_that_were_open_for_too_long_are_let_go() -> None:
    now = 1_800_000_000.0
    state = WatchState(
        newest=int(now), open={"old": [int(now - DAYS * DAY) - 1, None], "new": [int(now), None]}
    )
    state.add([], now, 600.0)
    assert set(state.open) == {"new"}


def test_a_clock_that_was_ahead_does_not_make_it_blind() -> None:
    state = WatchState()
    state.add([found(1, 2_000_000_000)], 1_800_000_000.0, 600.0)
    assert state.newest == 1_800_000_000


def test_the_list_is_read_down_to_the_time_that_is_known(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("airflow_provider_print.triggers.watch_state.PAGE", 2)
    jobs = []
    for _ in range(7):
        jobs.append(posted(intelliprint))
        print_sandbox.advance(60.0)
    before = len(print_sandbox.journal())
    since = intelliprint.get_print_job(jobs[3].id).confirmed_at
    seen = discover(intelliprint, testmode=False, since=float(since or 0))
    assert [job.id for job in seen] == [job.id for job in reversed(jobs[3:])]
    assert len(print_sandbox.journal()) - before == 4, "one for the time, and three pages"


@pytest.mark.parametrize(
    ("statuses", "over"),
    [
        ([], False),
        (["sent"], True),
        (["sent", "cancelled"], True),
        (["sent", "shipping"], False),
        (["?"], False),
    ],
)
def test_a_job_is_over_when_no_letter_will_move(statuses: list[str], over: bool) -> None:
    assert is_over(statuses) is over


def test_what_is_no_id_in_an_edited_place_does_not_end_the_watch_at_each_start() -> None:
    parts = {"cursor": {"newest": 5, "recent": {}}, "open_0": {"print_1": [5, None], "../keys": [5, None]}}
    assert list(WatchState.of_parts(parts).open) == ["print_1"]
