"""Waiting for a library file without a worker."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.triggers.base import BaseTrigger, TriggerEvent

from airflow_provider_print.core.errors import PrintError
from airflow_provider_print.triggers.events import Outcome, WaitEvent
from airflow_provider_print.triggers.file_hub import watching

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class PrintfulFileTrigger(BaseTrigger):
    """Wakes its task when a library file is no longer being processed.

    Files are done within seconds, and no call tells of many of them. All such triggers of a connection take
    turns, so that together they ask no faster than its pace.

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
        async with watching(self.printful_conn_id, self.file_id, self.poll_interval) as watch:
            try:
                await watch.news(self.deadline)
            except TimeoutError:
                return Outcome.TIMEOUT
            return Outcome.READY

    def _event(self, outcome: Outcome, message: str = "") -> WaitEvent:
        return WaitEvent(
            outcome=outcome, ids=[self.file_id], deadline=self.deadline, message=message, carry=self.carry
        )
