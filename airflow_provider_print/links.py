"""Buttons of a task that lead to the service.

Airflow stores the URL of such a button as an XCom and computes it only when a stretch of the task has ended.
Our operators push that XCom themselves as soon as an id exists, so the button is there while the task runs,
and also when its process dies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperatorLink

if TYPE_CHECKING:
    from airflow.sdk import BaseOperator
    from airflow.sdk.types import TaskInstanceKey


class _PushedLink(BaseOperatorLink):
    """A link whose URL the operator has remembered, or pushed in an earlier stretch of the task."""

    remembered: str

    @property
    def name(self) -> str:
        """The words on the button."""
        raise NotImplementedError

    def push(self, task_instance: Any, url: str) -> None:
        """Store the URL at once.

        :param task_instance: the task instance of the context.
        :param url: http(s) URL; nothing secret, every reader of the DAG sees it.
        """
        task_instance.xcom_push(key=self.xcom_key, value=url)

    def get_link(self, operator: BaseOperator, *, ti_key: TaskInstanceKey) -> str:
        """Return the URL, or an empty text when there is none.

        Airflow writes the answer over what was pushed, so an answer of nothing would take the button away: a
        stretch that did not come across the id itself (a resume that failed at once) reads back what the
        earlier one has pushed.

        :param operator: the operator that has run.
        :param ti_key: names its task instance.
        """
        url = getattr(operator, self.remembered, None)
        if not url:
            from airflow.sdk.execution_time.xcom import XCom

            url = XCom.get_value(ti_key=ti_key, key=self.xcom_key)
        return url if isinstance(url, str) else ""


class PrintJobLink(_PushedLink):
    """To the print job, by the URL pattern `job_link` of the connection."""

    remembered = "_print_job_url"

    @property
    def name(self) -> str:
        """The words on the button."""
        return "Print job"


class PrintfulFileLink(_PushedLink):
    """To the preview of a library file, once the service has made one."""

    remembered = "_library_file_url"

    @property
    def name(self) -> str:
        """The words on the button."""
        return "Library file"
