"""Waiting for a library file without a worker."""

from __future__ import annotations

import asyncio
import logging
import time
from importlib import import_module
from typing import TYPE_CHECKING, Any

from airflow.triggers.base import BaseTrigger, TriggerEvent

from airflow_provider_print.core.errors import AuthenticationError, PrintError
from airflow_provider_print.printful.models import FileStatus
from airflow_provider_print.triggers.events import Outcome, WaitEvent
from airflow_provider_print.triggers.failures import ends_waiting
from airflow_provider_print.triggers.polling import polling

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from airflow_provider_print.hooks.printful import PrintfulHook

log = logging.getLogger(__name__)


class PrintfulFileTrigger(BaseTrigger):
    """Wakes its task when a library file is no longer being processed.

    Files are done within seconds, and no call tells of many known ones, so each trigger asks for its own.

    :param file_id: id of the file.
    :param deadline: when to wake the task in any case, in UNIX seconds.
    :param poll_interval: seconds between two looks.
    :param carry: comes back with the event, for the result of the task.
    :param printful_conn_id: the connection to ask with.
    """

    def __init__(
        self,
        *,
        file_id: int,
        deadline: float,
        poll_interval: float = 5.0,
        carry: dict[str, Any] | None = None,
        printful_conn_id: str = "printful_default",
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.file_id = file_id
        self.deadline = deadline
        self.poll_interval = poll_interval
        self.carry = carry or {}
        self.printful_conn_id = printful_conn_id

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Return the class path and the arguments."""
        return (
            f"{type(self).__module__}.{type(self).__qualname__}",
            {
                "file_id": self.file_id,
                "deadline": self.deadline,
                "poll_interval": self.poll_interval,
                "carry": self.carry,
                "printful_conn_id": self.printful_conn_id,
            },
        )

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Yield the one event."""
        try:
            event = self._event(await self._wait())
        except PrintError as error:
            event = self._event(Outcome.ERROR, str(error))
        yield TriggerEvent(event.payload())  # type: ignore[no-untyped-call]

    async def _wait(self) -> Outcome:
        hook: PrintfulHook | None = None
        refused = False
        while time.time() < self.deadline:
            try:
                hook = hook or await self._connect()
                file = await asyncio.to_thread(hook.get_file, self.file_id)
                refused = False
                if file.known_status is not FileStatus.WAITING:
                    return Outcome.READY
            except AuthenticationError:
                if refused:
                    raise
                hook, refused = None, True  # the token may have been changed: read the connection again, once
                continue
            except Exception as error:
                if isinstance(error, PrintError) and ends_waiting(error):
                    raise
                log.warning("Could not ask for file %s: %s", self.file_id, _short(error))
            await asyncio.sleep(max(0.0, min(self.poll_interval, self.deadline - time.time())))
        return Outcome.TIMEOUT

    async def _connect(self) -> PrintfulHook:
        from airflow.sdk import BaseHook

        # Importing a client takes a while, and the loop belongs to all triggers.
        module = await asyncio.to_thread(import_module, "airflow_provider_print.hooks.printful")
        connection = await BaseHook.aget_connection(self.printful_conn_id)
        hook: PrintfulHook = module.PrintfulHook.from_connection(connection)
        return polling(hook)

    def _event(self, outcome: Outcome, message: str = "") -> WaitEvent:
        return WaitEvent(
            outcome=outcome, ids=[self.file_id], deadline=self.deadline, message=message, carry=self.carry
        )


def _short(error: Exception) -> str:
    return str(error) if isinstance(error, PrintError) else type(error).__name__
