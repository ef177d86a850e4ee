"""Print jobs: the calls that cost money, and those that look.

Creating a draft is free and confirming one known id is harmless to repeat; creating a job that is confirmed
at once is neither. So a create is sent once: when its answer is lost, only the reference can tell what
became of it.
"""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING, Any

from airflow_provider_print.core.errors import BadRequestError, NotFoundError
from airflow_provider_print.core.identifiers import check_id
from airflow_provider_print.intelliprint.client.base import ClientBase, SortOrder, every
from airflow_provider_print.intelliprint.models import Deleted, Page, PrintJob
from airflow_provider_print.intelliprint.statuses import CANCELLABLE
from airflow_provider_print.intelliprint.wire import tree_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from airflow_provider_print.core.answers import Answer
    from airflow_provider_print.intelliprint.requests import PrintJobRequest, PrintJobUpdate

log = logging.getLogger(__name__)

_ID = "print_job_id"


class PrintJobs(ClientBase):
    """The part of the client that makes, reads, confirms and cancels print jobs."""

    def create_print_job(self, request: PrintJobRequest) -> PrintJob:
        """Make a print job: a free draft with its exact cost, unless the request says `confirmed`.

        Sent once, unless it was never delivered or refused without work. Raises `UnknownOutcomeError` when
        the answer was lost: look for the reference before sending it again.

        :param request: see `PrintJobRequest.build`
        """
        if request.confirmed:
            log.warning(
                "A print job is created confirmed: it is paid for without a look at its cost, and a lost "
                "answer leaves no way to try again safely. Better create a draft and confirm its id."
            )
        return self._post(PrintJob, "/prints", tree_of(request, self.open_file))

    def get_print_job(self, print_job_id: str) -> PrintJob:
        """Read a print job.

        :param print_job_id: the service's id
        """
        return self._get(PrintJob, _path(print_job_id), _ID)

    def update_print_job(self, print_job_id: str, update: PrintJobUpdate) -> PrintJob:
        """Change a draft; what the update gives as `None` is cleared.

        A confirmed job cannot be changed (documented).

        :param print_job_id: the service's id
        :param update: see `PrintJobUpdate.build`
        """
        path = _path(print_job_id)
        tree = tree_of(update, self.open_file, clear=True)
        # A change is an assignment, so making it twice is harmless; a confirmation is left to whoever asked
        # for it.
        return self._post(PrintJob, path, tree, id_from=_ID, repeatable=not update.confirmed)

    def confirm_print_job(self, print_job_id: str) -> PrintJob:
        """Submit a draft for printing: the paid step, possible for 30 days (documented).

        Sent once. When the answer was lost (`UnknownOutcomeError`), read the job: it is confirmed, or it
        can be confirmed again, for the same id is never paid twice.

        :param print_job_id: the service's id
        """
        return self._post(PrintJob, _path(print_job_id), {"confirmed": True}, id_from=_ID)

    def delete_print_job(self, print_job_id: str) -> Deleted | PrintJob:
        """Delete a draft, or cancel what is still `waiting_to_print` of a confirmed job.

        What is cancelled is refunded. `Deleted` for a draft; for a confirmed job the job, whose letters
        tell which were still cancelled (observed by others). Raises `BadRequestError` when nothing is left
        to cancel. Repeated after a lost answer, and then "not found" or "nothing left" counts as done,
        after a look; a draft that is still there does not.

        :param print_job_id: the service's id
        """
        path = _path(print_job_id)
        try:
            answer = self.transport.request("DELETE", path, repeatable=True, id_from=_ID)
        except BadRequestError as error:
            if not error.unsure:
                raise
            refused = error
        else:
            return _deleted_or_cancelled(print_job_id, answer)
        try:
            job = self.get_print_job(print_job_id)
        except NotFoundError:
            return Deleted(id=print_job_id, object="print", deleted=True)
        if not job.confirmed or any(letter.status in CANCELLABLE for letter in job.letters):
            raise refused
        return job

    def list_print_jobs(
        self,
        *,
        limit: int | None = None,
        skip: int | None = None,
        sort_field: str | None = None,
        sort_order: SortOrder | None = None,
        fields: Sequence[str] | None = None,
        testmode: bool | None = None,
        confirmed: bool | None = None,
        letters_status: str | Collection[str] | None = None,
        letters_returned_acknowledged: bool | None = None,
        reference: str | None = None,
        type: str | None = None,  # noqa: A002 - the service's own word
    ) -> Page[PrintJob]:
        """Read one page of the list of print jobs, newest first by default.

        :param limit: 1 to 1000, 10 by default
        :param skip: rows to leave out at the start
        :param sort_field: `created`, `mail_date`, `cost.amount`, `cost.after_tax`, `letters.returned.date`,
            `pages`, `sheets`, `letters`, `reference`, `type` or `confirmed_at`
        :param fields: dotted names of what is wanted, e.g. `letters.status`
        :param testmode: true for test jobs only; by default the service shows live jobs only (documented)
        :param confirmed: true, false, or both by default
        :param letters_status: jobs with at least one letter in one of these statuses
        :param letters_returned_acknowledged: by whether a return was acknowledged (observed by others)
        :param reference: exact and case-sensitive; references need not be unique
        :param type: `letter` or `postcard`
        """
        filters: dict[str, Any] = {
            "limit": limit,
            "skip": skip,
            "sort_field": sort_field,
            "sort_order": sort_order,
            "testmode": testmode,
            "confirmed": confirmed,
            "letters.status": letters_status,
            "letters.returned.acknowledged": letters_returned_acknowledged,
            "reference": reference,
            "type": type,
        }
        return self._page(PrintJob, "/prints", filters, fields)

    def iterate_print_jobs(
        self,
        *,
        sort_field: str | None = "created",
        sort_order: SortOrder | None = "asc",
        fields: Sequence[str] | None = None,
        testmode: bool | None = None,
        confirmed: bool | None = None,
        letters_status: str | Collection[str] | None = None,
        letters_returned_acknowledged: bool | None = None,
        reference: str | None = None,
        type: str | None = None,  # noqa: A002 - the service's own word
        page_size: int = 100,
    ) -> Iterator[PrintJob]:
        """Go through all print jobs that match, each once; oldest first, so that new ones move no others.

        Takes the filters of `list_print_jobs`.

        :param page_size: rows of each page, 1 to 1000
        """
        page = partial(
            self.list_print_jobs,
            sort_field=sort_field,
            sort_order=sort_order,
            fields=fields,
            testmode=testmode,
            confirmed=confirmed,
            letters_status=letters_status,
            letters_returned_acknowledged=letters_returned_acknowledged,
            reference=reference,
            type=type,
        )
        yield from every(page, page_size=page_size)


def _path(print_job_id: str) -> str:
    return f"/prints/{check_id(print_job_id, param=_ID)}"


def _deleted_or_cancelled(print_job_id: str, answer: Answer) -> Deleted | PrintJob:
    """Tell the two successes apart by their body, for their statuses are known from others only."""
    data = answer.data
    if answer.gone or not isinstance(data, dict) or data.get("deleted"):
        return Deleted(id=print_job_id, object="print", deleted=True)
    return PrintJob.read(data, request_id=answer.request_id)
