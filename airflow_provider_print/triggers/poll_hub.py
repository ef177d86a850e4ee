"""One poll for everything that waits on one connection.

The triggerer runs all triggers of a process in one event loop. Ten thousand waiting triggers that each ask
once a minute would need a hundred times the service's rate limit; together they need ten calls a minute,
because one page of the list tells about a thousand jobs. So a trigger does not ask: it registers its ids
with the hub of its connection, and the hub asks for all.

A poll that fails tells nothing about any letter, so nobody hears of it but the log; each trigger watches its
own deadline. The only news besides views of jobs is an error that asking again cannot heal. HTTP runs in a
thread and never holds up the loop.
"""

from __future__ import annotations

import asyncio
import contextvars
import logging
import random
import time
from contextlib import asynccontextmanager
from importlib import import_module
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from airflow_provider_print.core.errors import AuthenticationError, PrintError
from airflow_provider_print.core.identifiers import check_id
from airflow_provider_print.triggers.failures import ends_waiting
from airflow_provider_print.triggers.look import PAGE, Looker

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from airflow_provider_print.hooks.intelliprint import IntelliprintHook
    from airflow_provider_print.triggers.judgement import JobView

log = logging.getLogger(__name__)

_START_WITHIN = 5.0
_PAGES_A_MINUTE = 20

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
        self._news: dict[str, JobView] = {}
        self._error: PrintError | None = None
        self._arrived = asyncio.Event()

    def tell(self, views: dict[str, JobView]) -> None:
        """Hand over news; what has not been fetched yet is overwritten by what is newer."""
        mine = {job_id: view for job_id, view in views.items() if job_id in self.ids}
        if mine:
            self._news.update(mine)
            self._arrived.set()

    def fail(self, error: PrintError) -> None:
        """End the wait with an error that asking again cannot heal."""
        self._error = error
        self._arrived.set()

    async def news(self, within: float) -> dict[str, JobView]:
        """Return the next news.

        :param within: seconds.
        :raises TimeoutError: when there was none.
        :raises PrintError: when asking cannot help any more.
        """
        async with asyncio.timeout(max(within, 0)):
            await self._arrived.wait()
        self._arrived.clear()
        if self._error is not None:
            raise self._error
        news, self._news = self._news, {}
        return news


async def connect(conn_id: str) -> IntelliprintHook:
    """Return a client with a connection as it is now; its calls belong into a thread.

    :param conn_id: the connection.
    """
    from airflow.sdk import BaseHook

    # Importing a client takes a while, and the loop belongs to all triggers.
    module = await asyncio.to_thread(import_module, "airflow_provider_print.hooks.intelliprint")
    connection = await BaseHook.aget_connection(conn_id)
    hook: IntelliprintHook = module.IntelliprintHook.from_connection(connection)
    return hook


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
        if not hub.watches and hubs.get(conn_id) is hub:
            del hubs[conn_id]


class PollHub:
    """Asks for all that wait on one connection in one event loop.

    :param conn_id: the connection; it is looked up when the first look is due, and again after a 401.
    """

    def __init__(self, conn_id: str) -> None:
        self.conn_id = conn_id
        self.watches: set[Watch] = set()
        self.looks = 0
        self._looker: Looker | None = None
        self._task: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()

    def add(self, watch: Watch) -> None:
        """Let a trigger in; the first one starts the poll."""
        self.watches.add(watch)
        self._changed.set()
        if self._task is None:
            # An empty context: the hub must not write into the task log of whichever trigger came first.
            loop = asyncio.get_running_loop()
            self._task = loop.create_task(self._run(), context=contextvars.Context())

    def remove(self, watch: Watch) -> None:
        """Let a trigger out; the last one ends the poll."""
        self.watches.discard(watch)
        if not self.watches and self._task is not None:
            self._task.cancel()
            self._task = None

    async def _run(self) -> None:
        # Triggers of one DAG run arrive together, and triggerers are restarted together: neither should ask
        # at once.
        await asyncio.sleep(random.uniform(0, min(_START_WITHIN, self._interval())))  # noqa: S311
        while self.watches:
            started = time.monotonic()
            await self._look()
            await self._pause(started)

    def _interval(self) -> float:
        """Return the seconds between looks: what the most impatient asks for, within fair use."""
        ids = sum(len(watch.ids) for watch in self.watches)
        pages = 1 + ids // PAGE
        floor = 60 * pages / _PAGES_A_MINUTE if pages > 1 else 0
        return max(min((watch.interval for watch in self.watches), default=0), floor)

    async def _pause(self, started: float) -> None:
        """Sleep until the next look is due. A newcomer that is more impatient brings it forward."""
        while True:
            self._changed.clear()
            left = started + self._interval() - time.monotonic()
            if left <= 0:
                await asyncio.sleep(0)
                return
            try:
                async with asyncio.timeout(left):
                    await self._changed.wait()
            except TimeoutError:
                return

    async def _look(self) -> None:
        ids = frozenset[str]().union(*(watch.ids for watch in self.watches))
        try:
            views = await self._ask(ids)
        except PrintError as error:
            if ends_waiting(error):
                self._end_all(error)
            else:
                log.warning("Could not ask for %d print jobs with %s: %s", len(ids), self.conn_id, error)
        except Exception as error:  # noqa: BLE001 - a connection that cannot be read now may be readable later
            what = type(error).__name__
            log.warning("Could not ask for %d print jobs with %s: %s", len(ids), self.conn_id, what)
        else:
            for watch in self.watches:
                watch.tell(views)

    async def _ask(self, ids: frozenset[str]) -> dict[str, JobView]:
        """Look once. A 401 may mean that the API key was changed, so the connection is read again, once."""
        looker = self._looker or await self._connect()
        try:
            return await self._in_thread(looker, ids)
        except AuthenticationError:
            return await self._in_thread(await self._connect(), ids)

    async def _in_thread(self, looker: Looker, ids: frozenset[str]) -> dict[str, JobView]:
        self.looks += 1
        return await asyncio.to_thread(looker.look, ids)

    async def _connect(self) -> Looker:
        hook = await connect(self.conn_id)
        self._looker = Looker(hook, testmode=hook.settings.testmode)
        return self._looker

    def _end_all(self, error: PrintError) -> None:
        for watch in self.watches:
            watch.fail(error)
