"""Waiting for a library file."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from airflow.sdk import PokeReturnValue

from airflow_provider_print._compat import conf
from airflow_provider_print.links import PrintfulFileLink
from airflow_provider_print.sensors._deadline import DeadlineSensor
from airflow_provider_print.triggers.failures import airflow_errors
from airflow_provider_print.triggers.printful_task import PrintfulFileTask
from airflow_provider_print.triggers.seconds import TEN_MINUTES

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import timedelta

    from airflow.sdk import BaseOperatorLink, Context

    from airflow_provider_print.printful.models import LibraryFile


__all__ = ["PrintfulFileSensor"]


class PrintfulFileSensor(PrintfulFileTask, DeadlineSensor):
    """Waits until the library has fetched and read a file.

    A file that the library could not use fails the task, and so does a status that nobody knows. A service
    that cannot be asked never does: the wait goes on until its deadline, with one last look there.

    :param file_id: id of the file, or the result of the task that added it.
    :param wait_timeout: seconds to wait, or a `timedelta`, from the first look; files usually take seconds.
    :param poke_interval: seconds between two looks.
    :param deferrable: wait in the triggerer; the default is Airflow's own. Takes the place of `mode`.
    :param printful_conn_id: the connection.
    :return: the file: `id`, `status`, `type`, `filename`, `mime_type`, `hash`, `size` (bytes), `width` and
        `height` (pixels), `dpi`, `thumbnail_url`, `preview_url`.
    """

    template_fields: Sequence[str] = ("file_id", "printful_conn_id")
    operator_extra_links: Collection[BaseOperatorLink] = (PrintfulFileLink(),)
    ui_color = "#f1ece4"

    _library_file_url: str | None = None

    def __init__(
        self,
        *,
        file_id: Any,
        wait_timeout: float | timedelta = TEN_MINUTES,
        poke_interval: float = 5.0,
        deferrable: bool = conf.getboolean("operators", "default_deferrable", fallback=False),
        printful_conn_id: str = "printful_default",
        **kwargs: Any,
    ) -> None:
        super().__init__(
            wait_timeout=wait_timeout, deferrable=deferrable, poke_interval=poke_interval, **kwargs
        )
        self.file_id = file_id
        self.printful_conn_id = printful_conn_id

    def interval(self) -> float:
        """Return the seconds between two looks."""
        return self.poke_interval

    def poke(self, context: Context) -> PokeReturnValue:
        """Look once."""
        from airflow_provider_print.triggers.printful_waiting import (
            file_number,
            look_patiently,
            settled,
            too_late,
        )

        with airflow_errors():
            last = time.time() >= self.deadline(context)
            file_id = file_number(self.file_id)
            file = look_patiently(self.hook, file_id, begun=self.looked_before(context))
            if file is not None and settled(file):
                return PokeReturnValue(is_done=True, xcom_value=self._result(context, file))
            if last:
                raise too_late(file_id)
            return PokeReturnValue(is_done=False)

    def begin(self, context: Context) -> Any:
        """Look once; defer when there is something to wait for."""
        from airflow_provider_print.triggers.printful_waiting import file_number, look_patiently, settled

        with airflow_errors():
            deadline = self.deadline(context)
            file_id = file_number(self.file_id)
            file = look_patiently(self.hook, file_id)
            if file is not None and settled(file):
                return self._result(context, file)
            self._hand_over(file_id, deadline)
            return None

    def _result(self, context: Context, file: LibraryFile) -> dict[str, Any]:
        from airflow_provider_print.triggers.printful_waiting import result_of

        if file.preview_url:
            self._library_file_url = file.preview_url
            PrintfulFileLink().push(context["ti"], file.preview_url)
        return result_of(file)
