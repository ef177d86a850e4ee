"""A connection becomes a client of Intelliprint."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

from airflow.sdk import BaseHook

from airflow_provider_print.core.errors import PrintError
from airflow_provider_print.core.identifiers import host_of
from airflow_provider_print.core.retry import NO_RETRY
from airflow_provider_print.core.transport import Timeouts, Transport
from airflow_provider_print.hooks._connection import (
    ConnectionSettings,
    make_transport,
    mask,
    read_connection,
)
from airflow_provider_print.hooks._storage import open_storage, storage_path
from airflow_provider_print.intelliprint.client import IntelliprintClient
from airflow_provider_print.intelliprint.dialect import IntelliprintDialect

if TYPE_CHECKING:
    from airflow.sdk import Connection

    from airflow_provider_print.core.documents import Document, RemoteFile
    from airflow_provider_print.core.retry import RetryPolicy

DEFAULT_URL = "https://api.intelliprint.net/v1"
_EXTRAS = frozenset({"testmode", "environment", "test_letters_move", "job_link"})


class IntelliprintHook(IntelliprintClient, BaseHook):
    """A client of Intelliprint whose API key and settings come from a connection.

    Nothing is looked up before the first call. All methods are those of `IntelliprintClient`; files may
    also be given as object-storage URLs or as `ObjectStoragePath`.

    :param intelliprint_conn_id: id of a connection of the type `intelliprint`
    """

    conn_name_attr = "intelliprint_conn_id"
    default_conn_name = "intelliprint_default"
    conn_type = "intelliprint"
    hook_name = "Intelliprint"

    def __init__(self, intelliprint_conn_id: str = default_conn_name) -> None:
        BaseHook.__init__(self)
        self.intelliprint_conn_id = intelliprint_conn_id
        self._connection: Connection | None = None

    @classmethod
    def from_connection(cls, connection: Connection) -> Self:
        """Make a hook of a connection that was looked up already, as asynchronous code has to.

        :param connection: of the type `intelliprint`
        """
        hook = cls(connection.conn_id)
        hook._connection = connection
        return hook

    @cached_property
    def settings(self) -> ConnectionSettings:
        """What the connection says; `ConfigurationError` that names the field when it says nonsense."""
        connection = self._connection
        looked_up = connection is None
        if connection is None:
            connection = self.get_connection(self.intelliprint_conn_id)
        settings = read_connection(
            connection, default_url=DEFAULT_URL, default_path="/v1", own_extras=_EXTRAS
        )
        if looked_up:
            mask(settings.api_key)
        return settings

    @cached_property
    def transport(self) -> Transport:  # type: ignore[override]
        """The HTTP side of this hook, made when it is first needed."""
        return self._make_transport()

    def get_conn(self) -> Self:
        """Return the client, which is the hook itself."""
        return self

    def open_file(
        self, source: Any, name: str | None = None, *, param: str = "file"
    ) -> Document | RemoteFile:
        """Turn what a caller has into something that can be sent.

        :param source: path, bytes, http(s) URL, object-storage URL or path, or an opened document
        :param name: file name for the service
        :param param: the field it came from, for errors
        """
        path = storage_path(source)
        return (
            open_storage(path, name, param)
            if path is not None
            else super().open_file(source, name, param=param)
        )

    def test_connection(self) -> tuple[bool, str]:
        """Ask once for one test job: `(True, what was found)` or `(False, what is wrong)`."""
        try:
            asking = IntelliprintClient(
                self._make_transport(NO_RETRY, Timeouts(connect=5, read=15, total=20))
            )
            asking.list_print_jobs(limit=1, testmode=True, fields=["id"])
        except PrintError as error:
            return False, str(error)
        mode = (
            "Test mode: nothing is charged or posted."
            if self.settings.testmode
            else "LIVE: letters are paid for."
        )
        return True, f"{host_of(self.settings.base_url)} accepts the API key. {mode}"

    def _make_transport(
        self, policy: RetryPolicy | None = None, timeouts: Timeouts | None = None
    ) -> Transport:
        return make_transport(
            self.settings,
            dialect=IntelliprintDialect(),
            authorization=f"Bearer {self.settings.api_key}",
            policy=policy,
            timeouts=timeouts,
        )
