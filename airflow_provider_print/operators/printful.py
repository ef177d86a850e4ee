"""Stocking artwork in the Printful File Library."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from airflow_provider_print._compat import conf
from airflow_provider_print.links import PrintfulFileLink
from airflow_provider_print.operators._given import given_fields, refuse_nothing, switch
from airflow_provider_print.operators._sealed import Private, SealingOperator, is_private_file, unsealed
from airflow_provider_print.triggers.failures import airflow_errors
from airflow_provider_print.triggers.printful_task import PrintfulFileTask
from airflow_provider_print.triggers.seconds import TEN_MINUTES, check_seconds, check_switches, in_seconds

if TYPE_CHECKING:
    from datetime import timedelta

    from airflow.sdk import BaseOperatorLink, Context

    from airflow_provider_print.printful.models import LibraryFile

__all__ = ["PrintfulAddFileOperator"]


class PrintfulAddFileOperator(PrintfulFileTask, SealingOperator):
    """Adds a file to the library by its URL, and waits until the library has fetched and read it.

    The same URL always gives the same record, so the task may be retried and cleared freely; and artwork
    that has changed needs a URL that has changed, which `version` does.

    :param url: http(s) URL that the service can reach.
    :param type: role of the file; the service's default is `default`.
    :param filename: name in the library.
    :param visible: whether the web library shows it.
    :param options: list of `{"id": ..., "value": ...}`.
    :param version: a hash, a date or a number that is put into the query of the URL.
    :param wait_for_completion: wait until the file is `ok`; otherwise it may still be `waiting`.
    :param poll_interval: seconds between two looks, or a `timedelta`.
    :param wait_timeout: seconds to wait, or a `timedelta`.
    :param deferrable: wait in the triggerer instead of in a worker slot; the default is Airflow's own.
    :param printful_conn_id: the connection.
    :return: the file, as `PrintfulFileSensor` returns it.
    """

    template_fields: Sequence[str] = (
        "url",
        "type",
        "filename",
        "visible",
        "options",
        "version",
        "printful_conn_id",
    )
    operator_extra_links: Collection[BaseOperatorLink] = (PrintfulFileLink(),)
    ui_color = "#f1ece4"

    _library_file_url: str | None = None

    url = Private("characters", only=is_private_file, urls=True)

    def __init__(
        self,
        *,
        url: str,
        type: str | None = None,  # noqa: A002 - the service's own word
        filename: str | None = None,
        visible: bool | str | None = None,
        options: Sequence[Mapping[str, Any]] | None = None,
        version: str | None = None,
        wait_for_completion: bool = True,
        poll_interval: float | timedelta = 5.0,
        wait_timeout: float | timedelta = TEN_MINUTES,
        deferrable: bool = conf.getboolean("operators", "default_deferrable", fallback=False),
        printful_conn_id: str = "printful_default",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.url = url
        self.type = type
        self.filename = filename
        self.visible = visible
        self.options = options
        self.version = version
        self.wait_for_completion = wait_for_completion
        self.poll_interval = in_seconds(poll_interval)
        self.wait_timeout = in_seconds(wait_timeout)
        self.deferrable = deferrable
        self.printful_conn_id = printful_conn_id
        self.given = given_fields(self)

    def interval(self) -> float:
        """Return the seconds between two looks."""
        return float(self.poll_interval)

    def execute(self, context: Context) -> dict[str, Any]:
        """Add the file and wait for it."""
        with airflow_errors():
            refuse_nothing(self, self.given, {})
            check_switches(wait_for_completion=self.wait_for_completion, deferrable=self.deferrable)
            check_seconds(poll_interval=self.poll_interval, wait_timeout=self.wait_timeout)
            file = self._add()
            self.log.info("Library file %s is %s", file.id, file.status)
            if self.wait_for_completion:
                file = self._wait(file)
            return self._result(context, file)

    def _add(self) -> LibraryFile:
        from airflow_provider_print.core.errors import InputError

        url = unsealed(self.url)
        for name, value in (("url", url), ("type", self.type), ("filename", self.filename)):
            if value is not None and not isinstance(value, str):
                raise InputError(f"{name} is a text, not {type(value).__name__}.", param=name)
        options = self.options
        if options is not None and not _are_options(options):
            raise InputError('options is a list of {"id": ..., "value": ...}.', param="options")
        return self.hook.add_file(
            url if self.version is None else self.hook.with_version(url, str(self.version)),
            type=self.type,
            filename=self.filename,
            visible=switch("visible", self.visible),
            options=options or None,
        )

    def _wait(self, file: LibraryFile) -> LibraryFile:
        from airflow_provider_print.triggers.printful_waiting import settled, wait_for_file

        if settled(file):
            return file
        deadline = time.time() + self.wait_timeout
        if self.deferrable:
            self._hand_over(file.id, deadline)
        return wait_for_file(self.hook, file.id, deadline=deadline, poll_interval=self.poll_interval)

    def _result(self, context: Context, file: LibraryFile) -> dict[str, Any]:
        from airflow_provider_print.triggers.printful_waiting import result_of

        if file.preview_url:
            self._library_file_url = file.preview_url
            PrintfulFileLink().push(context["ti"], file.preview_url)
        return result_of(file)


def _are_options(value: Any) -> bool:
    rows = isinstance(value, Sequence) and not isinstance(value, str | bytes)
    return rows and all(isinstance(row, Mapping) for row in value)
