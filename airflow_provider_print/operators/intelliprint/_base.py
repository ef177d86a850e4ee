"""What all operators of Intelliprint have in common."""

from __future__ import annotations

from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

from airflow_provider_print.links import PrintJobLink
from airflow_provider_print.operators._given import refuse_nothing
from airflow_provider_print.operators._sealed import SealingOperator
from airflow_provider_print.triggers.failures import airflow_errors

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from airflow.sdk import BaseOperatorLink, Context

    from airflow_provider_print.hooks.intelliprint import IntelliprintHook

PRINT_JOB_ID = "print_job_id"


class IntelliprintOperator(SealingOperator):
    """Does one thing with Intelliprint, and tells Airflow which errors no retry can heal.

    :param intelliprint_conn_id: the connection.
    """

    template_fields: Sequence[str] = ("intelliprint_conn_id",)
    ui_color = "#e8f1ea"

    #: Template fields that must not render to nothing.
    given: frozenset[str] = frozenset()

    def __init__(self, *, intelliprint_conn_id: str = "intelliprint_default", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.intelliprint_conn_id = intelliprint_conn_id

    @cached_property
    def hook(self) -> IntelliprintHook:
        """The client, with the connection as it is when the task runs."""
        from airflow_provider_print.hooks.intelliprint import IntelliprintHook

        return IntelliprintHook(self.intelliprint_conn_id)

    def execute(self, context: Context) -> Any:
        """Run; an error that no retry can heal fails the task at once."""
        with airflow_errors():
            refuse_nothing(self, self.given, {"job_label": "label"})
            return self.carry_out(context)

    def carry_out(self, context: Context) -> Any:
        """Do what the operator is for."""
        raise NotImplementedError


class PrintJobOperator(IntelliprintOperator):
    """An operator with one print job, which it links to as soon as the id is known."""

    operator_extra_links: Collection[BaseOperatorLink] = (PrintJobLink(),)

    _print_job_id: str | None = None
    _print_job_url: str | None = None

    def announce(self, context: Context, print_job_id: str) -> None:
        """Keep the id for `on_kill`, tell Airflow, then the log: the very first thing once there is one.

        :param context: the template context.
        :param print_job_id: id of the print job.
        """
        if self._print_job_id == print_job_id:
            return
        self._print_job_id = print_job_id
        self._print_job_url = self.hook.settings.job_link.replace("{id}", print_job_id)
        task_instance = context["ti"]
        task_instance.xcom_push(key=PRINT_JOB_ID, value=print_job_id)
        PrintJobLink().push(task_instance, self._print_job_url)
        self.log.info("Print job %s: %s", print_job_id, self._print_job_url)

    def one_job(self, value: Any) -> str:
        """Return the one id in a template field.

        :param value: an id, or the result of a task that has one.
        :raises InputError: when it is not exactly one.
        """
        from airflow_provider_print.core.errors import InputError
        from airflow_provider_print.core.identifiers import check_id
        from airflow_provider_print.triggers.waiting import job_ids

        ids = job_ids(value)
        if len(ids) != 1:
            message = f"Exactly one print job is wanted, {len(ids)} were given. For many, map this task."
            raise InputError(message, param=PRINT_JOB_ID)
        return check_id(ids[0], param=PRINT_JOB_ID)


@contextmanager
def names_field(field: str) -> Iterator[None]:
    """Let the error about an unknown id name the argument that the id came from.

    :param field: the argument.
    """
    from airflow_provider_print.core.errors import NotFoundError

    try:
        yield
    except NotFoundError as error:
        error.param = error.param or field
        raise
