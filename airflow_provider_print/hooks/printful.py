"""A connection becomes a client of the Printful File Library."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from airflow_provider_print.core.errors import BadRequestError, GoneError, NotFoundError, PrintError
from airflow_provider_print.core.identifiers import host_of
from airflow_provider_print.core.retry import NO_RETRY
from airflow_provider_print.core.transport import Timeouts, Transport
from airflow_provider_print.hooks._connection import make_transport
from airflow_provider_print.hooks._hook import ServiceHook
from airflow_provider_print.printful.client import PrintfulClient
from airflow_provider_print.printful.dialect import PrintfulDialect

if TYPE_CHECKING:
    from airflow_provider_print.core.retry import RetryPolicy


class PrintfulHook(PrintfulClient, ServiceHook):
    """A client of the Printful File Library whose token and settings come from a connection.

    Nothing is looked up before the first call. All methods are those of `PrintfulClient`. A token of 36
    characters with a colon in it is an old store key and is sent by HTTP Basic (observed by others), any
    other by Bearer.

    :param printful_conn_id: id of a connection of the type `printful`
    """

    conn_name_attr = "printful_conn_id"
    default_conn_name = "printful_default"
    conn_type = "printful"
    hook_name = "Printful"
    default_url = "https://api.printful.com"
    own_extras = frozenset({"store_id"})

    def __init__(self, printful_conn_id: str = default_conn_name) -> None:
        ServiceHook.__init__(self, printful_conn_id)
        self.printful_conn_id = printful_conn_id

    def test_connection(self) -> tuple[bool, str]:
        """Ask once for one file: `(True, what was found)` or `(False, what is wrong)`."""
        try:
            self._ask(PrintfulClient(self._make_transport(NO_RETRY, Timeouts(connect=5, read=15, total=20))))
        except BadRequestError as error:
            hint = (
                ""
                if self.settings.store_id
                else " A token of a whole account needs `store_id` in the extras."
            )
            return False, f"{error}{hint}"
        except PrintError as error:
            return False, str(error)
        return True, f"{host_of(self.settings.base_url)} accepts the token."

    @staticmethod
    def _ask(client: PrintfulClient) -> None:
        """List a file; where the list was removed, which says nothing about the token, look for one."""
        try:
            client.list_files(limit=1)
        except GoneError:
            try:
                client.get_file(1)
            except NotFoundError:
                return

    def _make_transport(
        self, policy: RetryPolicy | None = None, timeouts: Timeouts | None = None
    ) -> Transport:
        token, store_id = self.settings.api_key, self.settings.store_id
        legacy = ":" in token
        return make_transport(
            self.settings,
            dialect=PrintfulDialect(),
            authorization=f"Basic {base64.b64encode(token.encode()).decode()}"
            if legacy
            else f"Bearer {token}",
            headers={"X-PF-Store-Id": store_id} if store_id else None,
            policy=policy,
            timeouts=timeouts,
        )
