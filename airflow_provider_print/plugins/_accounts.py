"""What the receiver knows of a connection: how its webhooks are signed, and how its print jobs are read."""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from airflow_provider_print.core.errors import ConfigurationError
from airflow_provider_print.core.retry import NO_RETRY
from airflow_provider_print.core.transport import Timeouts
from airflow_provider_print.hooks._connection import make_transport
from airflow_provider_print.hooks._webhook import webhook_keys
from airflow_provider_print.hooks.intelliprint import IntelliprintHook
from airflow_provider_print.intelliprint.client import IntelliprintClient
from airflow_provider_print.intelliprint.dialect import IntelliprintDialect
from airflow_provider_print.plugins._database import find_connection
from airflow_provider_print.plugins._jobs import Jobs
from airflow_provider_print.triggers.look import ONE_BY_ONE, Looker

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from airflow_provider_print.triggers.judgement import JobView

log = logging.getLogger(__name__)

#: Seconds for which a connection is not read again: a changed secret counts that much later.
FRESH_S = 30.0
_REMEMBERED = 1000
_READ_SINGLY = 12
_CONN_TYPE = "intelliprint"


@dataclass
class Account:
    """A connection that webhooks may come in for.

    :param keys: what they are signed with.
    :param testmode: whether the connection is for test letters; webhooks come for both kinds.
    :param jobs: reads its print jobs and remembers them.
    """

    keys: tuple[bytes, ...]
    testmode: bool
    jobs: Jobs


class Accounts:
    """The connections, each looked up now and then, also those that do not exist.

    :param find: returns a connection of Airflow by its id, or None.
    :param clock: monotonic seconds.
    """

    def __init__(
        self,
        find: Callable[[str], Any | None] = find_connection,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._find, self._clock = find, clock
        self._lock = threading.Lock()
        self._known: OrderedDict[str, tuple[float, Any, Account | None]] = OrderedDict()

    def get(self, conn_id: str) -> Account | None:
        """Return a connection that webhooks may come in for; None for any other id. May take a while.

        :param conn_id: as the sender has named it.
        """
        now = self._clock()
        with self._lock:
            known = self._known.get(conn_id)
        if known is not None and now - known[0] < FRESH_S:
            return known[2]
        found = self._find(conn_id)
        what = None if found is None else _identity(found)
        with self._lock:
            # Another thread may have been quicker; what it has made may be at work already.
            _, before, account = self._known.pop(conn_id, (now, None, None))
            if what is None or what != before:
                account = self._make(found)
            self._known[conn_id] = (now, what, account)
            if len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        return account

    def _make(self, found: Any | None) -> Account | None:
        if found is None or found.conn_type != _CONN_TYPE:
            return None
        try:
            keys = webhook_keys(found)
            hook = IntelliprintHook.from_connection(found)
            return Account(keys, hook.settings.testmode, Jobs(_reader(hook))) if keys else None
        except ConfigurationError as error:
            log.error("Webhooks for the connection %s are refused: %s", found.conn_id, error)
            return None


def _identity(connection: Any) -> tuple[Any, ...]:
    return tuple(getattr(connection, name) for name in ("host", "schema", "port", "password", "extra"))


def _reader(hook: IntelliprintHook) -> Callable[[Collection[str]], Mapping[str, JobView]]:
    """Return what reads print jobs, quickly or not at all: whoever has sent a webhook waits 15 seconds."""

    def look(ids: Collection[str]) -> Mapping[str, JobView]:
        transport = make_transport(
            hook.settings,
            dialect=IntelliprintDialect(),
            authorization=f"Bearer {hook.settings.api_key}",
            policy=NO_RETRY,
            timeouts=Timeouts(connect=3, read=8, total=8),
        )
        looker = Looker(IntelliprintClient(transport), testmode=hook.settings.testmode)
        # Some of them may be old, such as those of letters that came back: far down in the list.
        few = list(ids) if len(ids) <= _READ_SINGLY else []
        views = {} if few else dict(looker.look(ids))
        for start in range(0, len(few), ONE_BY_ONE):
            views |= looker.look(few[start : start + ONE_BY_ONE])
        return views

    return look
