"""A client that follows its connection.

A wait may last for ten days, and connections change: an API key is renewed, a host moves, the rate is set
lower. So whoever polls reads the connection once for each round. That is one question to Airflow a minute; a
new client is made only when the answer differs, so that connections to the service stay open.
"""

from __future__ import annotations

import logging
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar

from airflow_provider_print.triggers.aside import aside

if TYPE_CHECKING:
    from airflow_provider_print.hooks._hook import ServiceHook
    from airflow_provider_print.hooks.intelliprint import IntelliprintHook

log = logging.getLogger(__name__)

H = TypeVar("H", bound="ServiceHook")

_FIELDS = ("conn_type", "host", "schema", "login", "password", "port", "extra")


class Following:
    """The hook of a connection, as that is now; the calls of a hook belong into a thread.

    :param conn_id: the connection.
    :param where: module and class of the hook.
    """

    def __init__(self, conn_id: str, where: tuple[str, str]) -> None:
        self.conn_id = conn_id
        self._where = where
        self._hook: Any = None
        self._state: tuple[Any, ...] | None = None

    async def hook(self) -> Any:
        """Read the connection, and return the hook: the one of before when nothing has changed.

        When the connection cannot be read now, it stays what it was.

        :raises Exception: whatever Airflow raises, when the connection could never be read.
        :raises ConfigurationError: when it says nonsense.
        """
        from airflow.sdk import BaseHook

        try:
            connection = await BaseHook.aget_connection(self.conn_id)
        except Exception as error:
            if self._hook is None:
                raise
            log.warning("The connection %s cannot be read now: %s", self.conn_id, type(error).__name__)
            return self._hook
        state = tuple(getattr(connection, name, None) for name in _FIELDS)
        if state != self._state:
            # Importing a client takes a while, and so does loading certificates: not on the loop.
            self._hook = await aside(lambda: self._make(connection))
            self._state = state
        return self._hook

    def _make(self, connection: Any) -> Any:
        module, name = self._where
        hook = getattr(import_module(module), name).from_connection(connection)
        hook.transport  # noqa: B018 - made now, because that reads files
        return hook


async def intelliprint(conn_id: str) -> IntelliprintHook:
    """Return a hook with a connection as it is now.

    :param conn_id: the connection.
    """
    hook: IntelliprintHook = await following_intelliprint(conn_id).hook()
    return hook


def following_intelliprint(conn_id: str) -> Following:
    """Return what follows a connection to Intelliprint."""
    return Following(conn_id, ("airflow_provider_print.hooks.intelliprint", "IntelliprintHook"))


def following_printful(conn_id: str) -> Following:
    """Return what follows a connection to the file library."""
    return Following(conn_id, ("airflow_provider_print.hooks.printful", "PrintfulHook"))


def changed(hook: H, conn_id: str) -> H | None:
    """Read the connection of a hook again, on a worker; return another hook if it has changed, else None.

    :param hook: whose API key was refused.
    :param conn_id: its connection.
    """
    try:
        other = type(hook)(conn_id)
        return None if other.settings == hook.settings else other
    except Exception as error:  # noqa: BLE001 - secrets backends raise what they like
        log.warning("The connection %s cannot be read now: %s", conn_id, type(error).__name__)
        return None
