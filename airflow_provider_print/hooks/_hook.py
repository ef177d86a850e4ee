"""What both hooks have in common: a connection that is looked up when it is first needed."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, Self

from airflow.sdk import BaseHook

from airflow_provider_print.hooks._connection import ConnectionSettings, mask, read_connection

if TYPE_CHECKING:
    from airflow.sdk import Connection

    from airflow_provider_print.core.retry import RetryPolicy
    from airflow_provider_print.core.transport import Timeouts, Transport


class ServiceHook(BaseHook):
    """A hook that is a client of its service, with the settings of a connection.

    :param conn_id: id of the connection
    """

    default_url: ClassVar[str]
    default_path: ClassVar[str] = ""
    own_extras: ClassVar[frozenset[str]]

    def __init__(self, conn_id: str) -> None:
        BaseHook.__init__(self)
        self._conn_id = conn_id
        self._connection: Connection | None = None

    @classmethod
    def from_connection(cls, connection: Connection) -> Self:
        """Make a hook of a connection that was looked up already, as asynchronous code has to.

        :param connection: of the type of this hook
        """
        hook = cls(connection.conn_id)
        hook._connection = connection
        return hook

    @cached_property
    def settings(self) -> ConnectionSettings:
        """What the connection says; `ConfigurationError` that names the field when it says nonsense."""
        connection = self._connection or self.get_connection(self._conn_id)
        settings = read_connection(
            connection,
            default_url=self.default_url,
            default_path=self.default_path,
            own_extras=self.own_extras,
        )
        if self._connection is None:
            mask(settings.api_key)
        return settings

    @cached_property
    def transport(self) -> Transport:
        """The HTTP side of this hook, made when it is first needed."""
        return self._make_transport()

    def get_conn(self) -> Self:
        """Return the client, which is the hook itself."""
        return self

    def _make_transport(
        self, policy: RetryPolicy | None = None, timeouts: Timeouts | None = None
    ) -> Transport:
        """Return a new transport with the settings of the connection.

        :param policy: for calls that are to end sooner than usual
        :param timeouts: the same
        """
        raise NotImplementedError
