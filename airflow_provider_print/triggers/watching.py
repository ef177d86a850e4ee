"""Watching an account: asset events for those whom no webhook can reach.

An `AssetWatcher` runs this trigger for as long as a DAG is scheduled on its asset. It finds new print jobs
in the list of confirmed ones, and waits for their letters as all other waits do: with the poll of its
connection, which is shared with every sensor and task that waits in the same triggerer.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any, Self

from airflow.triggers.base import BaseEventTrigger, TriggerEvent

from airflow_provider_print.core.errors import InputError, PrintError
from airflow_provider_print.intelliprint.events import OUTCOMES, PRINT_JOB, PrintEvent, ours, outcomes
from airflow_provider_print.triggers.aside import aside
from airflow_provider_print.triggers.connecting import following_intelliprint
from airflow_provider_print.triggers.poll_hub import watching
from airflow_provider_print.triggers.polling import polling
from airflow_provider_print.triggers.seconds import check_seconds, check_switches
from airflow_provider_print.triggers.watch_state import AGAIN_S, Found, Keeper, WatchState, discover, is_over

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from airflow_provider_print.triggers.judgement import JobView
    from airflow_provider_print.triggers.poll_hub import Watch

log = logging.getLogger(__name__)


class IntelliprintPrintJobWatchTrigger(BaseEventTrigger):
    """Yields an event for each print job that has come somewhere with all of its letters; never ends.

    It only reads. An event is told at least once: one that was told shortly before the triggerer died is told
    again. On Airflow 3.3 the place is kept beside the asset. Before, a watcher begins anew when the
    triggerer does: what has happened meanwhile is told only with `tell_past`, and then with all else that is
    past. A print job is watched until none of its letters will move by itself, so a letter that comes back
    after that is told of by webhooks only.

    :param outcome: `sent`, `failed` or `finished`, see `assets.print_job_asset`.
    :param poll_interval: seconds between two looks.
    :param tell_past: when there is no place to go on from, tell of the last 60 days.
    :param intelliprint_conn_id: the connection; its mode says whether test jobs are watched, or live ones.
    :raises InputError: naming the argument.
    """

    def __init__(
        self,
        *,
        outcome: str = "sent",
        poll_interval: float = 300.0,
        tell_past: bool = False,
        intelliprint_conn_id: str = "intelliprint_default",
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        if outcome not in OUTCOMES:
            raise InputError(f"An outcome is one of {', '.join(OUTCOMES)}.", param="outcome")
        check_seconds(poll_interval=poll_interval)
        if poll_interval == 0:
            raise InputError("Looking without a pause would use up the rate limit.", param="poll_interval")
        check_switches(tell_past=tell_past)
        self.outcome = outcome
        self.poll_interval = poll_interval
        self.tell_past = tell_past
        self.intelliprint_conn_id = intelliprint_conn_id

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Return the class path and the arguments."""
        return (
            f"{type(self).__module__}.{type(self).__qualname__}",
            {
                "outcome": self.outcome,
                "poll_interval": self.poll_interval,
                "tell_past": self.tell_past,
                "intelliprint_conn_id": self.intelliprint_conn_id,
            },
        )

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Yield events for ever. Whatever goes wrong is logged, and tried again at the next look."""
        keeper = Keeper(getattr(self, "asset_state_store", None))
        state = await keeper.load()
        begins = state.begins
        async with _Rounds(self, state) as rounds:
            while True:
                until = time.time() + self.poll_interval
                before = state.parts()
                for event in await rounds.find():
                    yield _yielded(event)
                if begins and not self.tell_past:  # nothing was told, so nothing can get lost
                    before, begins = state.parts(), state.begins
                while time.time() < until:
                    for event in await rounds.wait(until):
                        yield _yielded(event)
                # What is yielded is not stored at once. So what is kept is always a round behind.
                await keeper.save(before)
                await asyncio.sleep(0)


def _yielded(event: PrintEvent) -> TriggerEvent:
    return TriggerEvent(event.payload())  # type: ignore[no-untyped-call]


class _Rounds:
    """The looks of one watcher."""

    def __init__(self, trigger: IntelliprintPrintJobWatchTrigger, state: WatchState) -> None:
        self._outcome, self._interval = trigger.outcome, trigger.poll_interval
        self._conn_id, self._tell_past = trigger.intelliprint_conn_id, trigger.tell_past
        self._state = state
        self._again = max(float(AGAIN_S), 3 * trigger.poll_interval)
        self._following = following_intelliprint(self._conn_id)
        self._testmode = False
        self._watch: Watch | None = None
        self._entered = AsyncExitStack()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self._entered.aclose()

    async def find(self) -> list[PrintEvent]:
        """Look for new jobs; return what is to be told of them already."""
        try:
            hook = await self._following.hook()
            self._testmode, now = hook.settings.testmode, time.time()
            since = self._state.since(now, self._again)
            found = await aside(lambda: discover(polling(hook), testmode=hook.settings.testmode, since=since))
        except Exception as error:  # noqa: BLE001 - it may be possible the next time
            what = error if isinstance(error, PrintError) else type(error).__name__
            log.warning("Could not look for print jobs with %s: %s", self._conn_id, what)
            return []
        past = self._state.begins and not self._tell_past
        events = []
        for job in self._state.add(found, now, self._again):
            event = None if past else self._event(job.id, job.reference, job.statuses)
            if event is not None:
                events.append(event)
            elif not is_over(job.statuses) and not self._reached(job.statuses):
                self._state.open[job.id] = [job.confirmed_at, _reference(job)]
        await self._follow()
        return events

    async def wait(self, until: float) -> list[PrintEvent]:
        """Wait for news of jobs that are known; return what is to be told of them."""
        if self._watch is None:
            await asyncio.sleep(max(0.0, until - time.time()))
            return []
        try:
            views = await self._watch.news(until)
        except TimeoutError:
            return []
        except PrintError as error:
            log.warning("The watch of print jobs with %s goes on in a while: %s", self._conn_id, error)
            await self._follow(anew=True)
            await asyncio.sleep(max(0.0, until - time.time()))
            return []
        return [event for view in views.values() if (event := self._moved(view)) is not None]

    def _moved(self, view: JobView) -> PrintEvent | None:
        """Take in how a job stands; it is waited for no more once it is told of, or never will be."""
        kept = self._state.open.get(view.id)
        if kept is None:
            return None
        statuses = [letter.status for letter in view.letters]
        event = self._event(view.id, kept[1], statuses)
        if event is not None or view.gone or is_over(statuses):
            del self._state.open[view.id]
        return event

    async def _follow(self, *, anew: bool = False) -> None:
        """Have the poll of the connection tell of the jobs that are open now."""
        wanted = frozenset(self._state.open)
        if not anew and self._watch is not None and self._watch.ids == wanted:
            return
        before, self._entered, self._watch = self._entered, AsyncExitStack(), None
        try:
            if wanted:
                # The new one first: the last one to leave ends the poll.
                self._watch = await self._entered.enter_async_context(
                    watching(self._conn_id, wanted, self._interval)
                )
        finally:
            await before.aclose()

    def _reached(self, statuses: list[str]) -> bool:
        return self._outcome in outcomes(statuses)

    def _event(self, job_id: str, reference: str | None, statuses: list[str]) -> PrintEvent | None:
        if not self._reached(statuses):
            return None
        return PrintEvent(
            kind=PRINT_JOB,
            status=self._outcome,
            conn_id=self._conn_id,
            print_job=job_id,
            letters=dict(Counter(statuses)),
            testmode=self._testmode,
            source="watcher",
            **ours(reference),
        )


def _reference(job: Found) -> str | None:
    return job.reference if ours(job.reference) else None
