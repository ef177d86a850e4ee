"""What the operator and the sensor of the file library have in common: handing over and resuming."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from airflow_provider_print.triggers.failures import airflow_errors

if TYPE_CHECKING:
    from airflow.sdk import BaseOperator as Task
    from airflow.sdk import Context

    from airflow_provider_print.hooks.printful import PrintfulHook
    from airflow_provider_print.printful.models import LibraryFile
else:
    Task = object


class PrintfulFileTask(Task):
    """A task that ends with one library file."""

    printful_conn_id: str

    @cached_property
    def hook(self) -> PrintfulHook:
        """The client, with the connection as it is when the task runs."""
        from airflow_provider_print.hooks.printful import PrintfulHook

        return PrintfulHook(self.printful_conn_id)

    def interval(self) -> float:
        """Return the seconds between two looks."""
        raise NotImplementedError

    def execute_complete(self, context: Context, event: Any = None) -> dict[str, Any]:
        """Go on after the triggerer has waited: look at the file, and believe only that.

        :param context: the template context.
        :param event: what the trigger has sent.
        """
        from airflow_provider_print.triggers.events import WaitEvent
        from airflow_provider_print.triggers.printful_waiting import after_event

        with airflow_errors():
            woken = WaitEvent.parse(event, ids=int)
            file = after_event(self.hook, woken)
            if file is None:
                self._hand_over(woken.ids[0], woken.deadline)
                raise AssertionError("deferring does not return")
            return self._result(context, file)

    def _hand_over(self, file_id: int, deadline: float) -> None:
        from airflow_provider_print.triggers.printful import PrintfulFileTrigger

        trigger = PrintfulFileTrigger(
            file_id=file_id,
            deadline=deadline,
            poll_interval=self.interval(),
            printful_conn_id=self.printful_conn_id,
        )
        # No time limit of Airflow's own: it would kill the trigger before it can tell how things stand.
        self.defer(trigger=trigger, method_name="execute_complete", timeout=None)

    def _result(self, context: Context, file: LibraryFile) -> dict[str, Any]:
        """Make the button that leads to the file, and return what is worth keeping of it."""
        raise NotImplementedError
