"""Turns for everything that waits for library files of one connection.

The file library had a list once, and has none any more, so each file is read by itself. A thousand triggers
that do so on their own would sit in a thousand threads and wait there for their turn under the rate limit.
So they queue here: one read at a time for each connection, whichever is due first. With many of them the
interval of each grows by itself, to what the pace allows.
"""

from __future__ import annotations

import asyncio
import contextvars
import logging
import random
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from airflow_provider_print.core.errors import (
    AuthenticationError,
    BadRequestError,
    GoneError,
    NotFoundError,
    PrintError,
)
from airflow_provider_print.printful.models import FileStatus
from airflow_provider_print.triggers.aside import arrival, aside
from airflow_provider_print.triggers.connecting import following_printful
from airflow_provider_print.triggers.patience import Patience
from airflow_provider_print.triggers.polling import polling

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from airflow_provider_print.hooks.printful import PrintfulHook
    from airflow_provider_print.printful.models import LibraryFile

log = logging.getLogger(__name__)

_START_WITHIN = 1.0
#: Seconds after which the connection is read again: a round of the usual interval.
_ROUND = 5.0
_ABOUT_THIS_FILE = (BadRequestError, GoneError, NotFoundError)

_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, FileHub]] = WeakKeyDictionary()


class FileWatch:
    """What one trigger waits for.

    :param file_id: id of the file.
    :param interval: seconds between two looks.
    """

    def __init__(self, file_id: int, interval: float) -> None:
        self.file_id = file_id
        self.interval = interval
        self.due = time.monotonic() + random.uniform(0, min(_START_WITHIN, interval))  # noqa: S311
        self.refused = 0
        self._error: PrintError | None = None
        self._arrived = asyncio.Event()

    def tell(self, error: PrintError | None = None) -> None:
        """End the wait: the file is no longer processed, or asking cannot help any more."""
        self._error = error
        self._arrived.set()

    def judge(self, file: LibraryFile) -> None:
        """End the wait if the file is no longer processed, or has a status that nobody knows."""
        self.refused = 0
        try:
            if file.known_status is not FileStatus.WAITING:
                self.tell()
        except PrintError as error:
            self.tell(error)

    async def news(self, deadline: float) -> None:
        """Return when the file is no longer processed.

        :param deadline: in UNIX seconds.
        :raises TimeoutError: when it still was.
        :raises PrintError: when asking cannot help any more.
        """
        await arrival(self._arrived, deadline)
        if self._error is not None:
            raise self._error


@asynccontextmanager
async def watching(conn_id: str, file_id: int, interval: float) -> AsyncIterator[FileWatch]:
    """Queue for a file as long as the block lasts.

    :param conn_id: the connection to ask with.
    :param file_id: id of the file.
    :param interval: seconds between two looks, or more where many wait.
    """
    watch = FileWatch(file_id, interval)
    hubs = _hubs.setdefault(asyncio.get_running_loop(), {})
    hub = hubs.setdefault(conn_id, FileHub(conn_id))
    hub.add(watch)
    try:
        yield watch
    finally:
        hub.remove(watch)
        if not hub.watches and hubs.get(conn_id) is hub:
            del hubs[conn_id]


class FileHub:
    """Reads one file after the other.

    :param conn_id: the connection. It is read once for each round, and once more after a 401.
    """

    def __init__(self, conn_id: str) -> None:
        self.conn_id = conn_id
        self.watches: set[FileWatch] = set()
        self._following = following_printful(conn_id)
        self._patience = Patience()
        self._hook: PrintfulHook | None = None
        self._next_round = 0.0
        self._task: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()

    def add(self, watch: FileWatch) -> None:
        """Let a trigger in; the first one starts the reads."""
        self.watches.add(watch)
        self._changed.set()
        if self._task is None or self._task.done():
            # An empty context: the hub must not write into the task log of whichever trigger came first.
            loop = asyncio.get_running_loop()
            self._task = loop.create_task(self._run(), context=contextvars.Context())

    def remove(self, watch: FileWatch) -> None:
        """Let a trigger out; the last one ends the reads."""
        self.watches.discard(watch)
        if not self.watches and self._task is not None:
            self._task.cancel()
            self._task = None

    async def _run(self) -> None:
        while self.watches:
            watch = min(self.watches, key=lambda one: one.due)
            left = watch.due - time.monotonic()
            if left <= 0:
                await self._look(watch)
                watch.due = time.monotonic() + watch.interval
                continue
            self._changed.clear()
            try:
                async with asyncio.timeout(left):
                    await self._changed.wait()
            except TimeoutError:
                pass

    async def _look(self, watch: FileWatch) -> None:
        try:
            file = await self._read(watch.file_id)
            self._patience.renew()
        except _ABOUT_THIS_FILE as error:
            watch.refused += 1
            if watch.refused > 1:
                watch.tell(error)
        except Exception as error:  # noqa: BLE001 - a connection that cannot be read now may be readable later
            if isinstance(error, PrintError) and self._patience.ends_with(error):
                for one in self.watches:
                    one.tell(error)
                self._patience.renew()  # who comes while these leave has borne with nothing yet
                return
            what = error if isinstance(error, PrintError) else type(error).__name__
            log.warning("Could not ask for file %s with %s: %s", watch.file_id, self.conn_id, what)
        else:
            watch.judge(file)

    async def _read(self, file_id: int) -> LibraryFile:
        """Read once. A 401 may mean that the token was changed just now: the connection is read again."""
        hook = self._hook
        if hook is None or time.monotonic() >= self._next_round:
            hook = await self._connect()
        try:
            return await self._read_with(hook, file_id)
        except AuthenticationError:
            other = await self._connect()
            if other is hook:
                raise
            return await self._read_with(other, file_id)

    async def _connect(self) -> PrintfulHook:
        hook: PrintfulHook = await self._following.hook()
        self._hook, self._next_round = hook, time.monotonic() + _ROUND
        return hook

    async def _read_with(self, hook: PrintfulHook, file_id: int) -> LibraryFile:
        return await aside(lambda: polling(hook).get_file(file_id))
