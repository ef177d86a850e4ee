"""One poll for everything that waits on one connection.

The triggerer runs all triggers of a process in one event loop. Ten thousand waiting triggers that each ask
once a minute would need a hundred times the service's rate limit; together they need ten calls a minute,
because one page of the list tells about a thousand jobs. So a trigger does not ask: it registers its ids
with the hub of its connection, and the hub asks for all, once for each mode (test and live) that it has jobs
of.

A poll that fails tells nothing about any letter, so nobody hears of it but the log; each trigger watches its
own deadline. The only news besides views of jobs is an error that asking again cannot heal, and that only
after a while (see `patience`). HTTP runs in a thread and never holds up the loop; and a trigger is woken only
when one of its jobs has changed, for whoever wakes ten thousand at once holds the loop up as well.
"""

from __future__ import annotations

import asyncio
import contextvars
import logging
import random
import time
from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from airflow_provider_print.core.errors import AuthenticationError, PrintError
from airflow_provider_print.core.identifiers import check_id
from airflow_provider_print.triggers.aside import arrival, aside
from airflow_provider_print.triggers.connecting import following_intelliprint
from airflow_provider_print.triggers.look import ONE_BY_ONE, PAGE, Looker
from airflow_provider_print.triggers.patience import Patience

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from airflow_provider_print.hooks.intelliprint import IntelliprintHook
    from airflow_provider_print.triggers.judgement import JobView

log = logging.getLogger(__name__)

_START_WITHIN = 5.0
_CALLS_A_MINUTE = 20
#: How many jobs are told at a time, before the loop is let go on.
_AT_ONCE = 200

_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, PollHub]] = WeakKeyDictionary()


class Watch:
    """What one trigger waits for.

    :param ids: ids of print jobs.
    :param interval: how often it would like to hear of them, in seconds.
    :raises InputError: for an id that is none: it must not spoil the poll for all others.
    """

    def __init__(self, ids: Iterable[str], interval: float) -> None:
        self.ids = frozenset(check_id(job_id, param="print_job_id") for job_id in ids)
        self.interval = interval
        self._told: dict[str, JobView] = {}
        self._news: dict[str, JobView] = {}
        self._error: PrintError | None = None
        self._arrived = asyncio.Event()

    def tell(self, view: JobView) -> None:
        """Hand over what is news; what has not been fetched yet is overwritten by what is newer."""
        if self._told.get(view.id) != view:
            self._told[view.id] = self._news[view.id] = view
            self._arrived.set()

    def fail(self, error: PrintError) -> None:
        """End the wait with an error that asking again cannot heal."""
        self._error = error
        self._arrived.set()

    async def news(self, deadline: float) -> dict[str, JobView]:
        """Return the next news.

        :param deadline: in UNIX seconds.
        :raises TimeoutError: when there was none until then.
        :raises PrintError: when asking cannot help any more.
        """
        await arrival(self._arrived, deadline)
        if self._error is not None:
            raise self._error
        news, self._news = self._news, {}
        return news


@asynccontextmanager
async def watching(conn_id: str, ids: Iterable[str], interval: float) -> AsyncIterator[Watch]:
    """Register for news of some print jobs as long as the block lasts.

    :param conn_id: the connection to ask with.
    :param ids: ids of print jobs.
    :param interval: seconds between two looks; the most impatient of all sets the pace.
    """
    watch = Watch(ids, interval)
    hubs = _hubs.setdefault(asyncio.get_running_loop(), {})
    hub = hubs.setdefault(conn_id, PollHub(conn_id))
    hub.add(watch)
    try:
        yield watch
    finally:
        hub.remove(watch)
        if hub.is_idle and hubs.get(conn_id) is hub:
            del hubs[conn_id]


class PollHub:
    """Asks for all that wait on one connection in one event loop.

    :param conn_id: the connection. It is read once for each look, and once more after a 401.
    """

    def __init__(self, conn_id: str) -> None:
        self.conn_id = conn_id
        self.looks = 0
        self._waiting: dict[str, set[Watch]] = {}
        self._intervals: Counter[float] = Counter()
        self._following = following_intelliprint(conn_id)
        self._patience = Patience()
        self._looker: Looker | None = None
        self._calls = 0
        self._task: asyncio.Task[None] | None = None
        self._hurried = asyncio.Event()

    @property
    def is_idle(self) -> bool:
        """Whether nobody waits."""
        return not self._waiting

    def add(self, watch: Watch) -> None:
        """Let a trigger in; the first one starts the poll."""
        for job_id in watch.ids:
            self._waiting.setdefault(job_id, set()).add(watch)
        if watch.interval < min(self._intervals, default=0):
            self._hurried.set()
        self._intervals[watch.interval] += 1
        if self._task is None or self._task.done():
            # An empty context: the hub must not write into the task log of whichever trigger came first.
            loop = asyncio.get_running_loop()
            self._task = loop.create_task(self._run(), context=contextvars.Context())

    def remove(self, watch: Watch) -> None:
        """Let a trigger out; the last one ends the poll."""
        for job_id in watch.ids:
            watches = self._waiting.get(job_id, set())
            watches.discard(watch)
            if not watches:
                self._waiting.pop(job_id, None)
        self._intervals[watch.interval] -= 1
        self._intervals += Counter()  # drops what nobody asks for any more
        if self.is_idle and self._task is not None:
            self._task.cancel()
            self._task = None
            if self._looker is not None:
                self._looker.stopped = True

    async def _run(self) -> None:
        # Triggers of one DAG run arrive together, and triggerers are restarted together: neither should ask
        # at once.
        await asyncio.sleep(random.uniform(0, min(_START_WITHIN, self._interval())))  # noqa: S311
        while self._waiting:
            started = time.monotonic()
            await self._look()
            await self._pause(started)

    def _interval(self) -> float:
        """Return the seconds between looks: what the most impatient asks for, within fair use.

        Fair use is by the calls that a look takes: before the first one those that it may take if these jobs
        are the newest, later those that the last one took.
        """
        ids = len(self._waiting)
        calls = max(self._calls, ids if ids <= ONE_BY_ONE else -(-ids // PAGE))
        floor = 60 * calls / _CALLS_A_MINUTE if calls > ONE_BY_ONE else 0
        return max(min(self._intervals, default=0), floor)

    async def _pause(self, started: float) -> None:
        """Sleep until the next look is due. A newcomer that is more impatient brings it forward."""
        while True:
            self._hurried.clear()
            left = started + self._interval() - time.monotonic()
            if left <= 0:
                await asyncio.sleep(0)
                return
            try:
                async with asyncio.timeout(left):
                    await self._hurried.wait()
            except TimeoutError:
                return

    async def _look(self) -> None:
        ids = list(self._waiting)
        try:
            views = await self._ask(ids)
        except Exception as error:  # noqa: BLE001 - a connection that cannot be read now may be readable later
            if isinstance(error, PrintError) and self._patience.ends_with(error):
                self._end_all(error)
                return
            what = error if isinstance(error, PrintError) else type(error).__name__
            log.warning("Could not ask for %d print jobs with %s: %s", len(ids), self.conn_id, what)
        else:
            self._patience.renew()
            await self._tell(views)

    async def _ask(self, ids: list[str]) -> dict[str, JobView]:
        """Look once. A 401 may mean that the API key was changed just now: the connection is read again."""
        hook = await self._following.hook()
        try:
            return await self._ask_with(hook, ids)
        except AuthenticationError:
            other = await self._following.hook()
            if other is hook:
                raise
            return await self._ask_with(other, ids)

    async def _ask_with(self, hook: IntelliprintHook, ids: list[str]) -> dict[str, JobView]:
        if self._looker is None:
            self._looker = Looker(hook, testmode=hook.settings.testmode)
        looker = self._looker
        looker.use(hook, testmode=hook.settings.testmode)
        self.looks += 1
        try:
            return await aside(lambda: looker.look(ids))
        finally:
            self._calls = looker.calls

    async def _tell(self, views: dict[str, JobView]) -> None:
        for number, view in enumerate(views.values(), 1):
            # Whole jobs carry addresses, and nobody needs them here.
            small = view if view.job is None else replace(view, job=None)
            for watch in self._waiting.get(view.id, ()):
                watch.tell(small)
            if number % _AT_ONCE == 0:
                await asyncio.sleep(0)

    def _end_all(self, error: PrintError) -> None:
        for watch in frozenset[Watch]().union(*self._waiting.values()):
            watch.fail(error)
        self._patience.renew()  # who comes while these leave has borne with nothing yet
