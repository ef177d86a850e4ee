"""Looking at print jobs: the cheapest calls that tell how many jobs stand.

Up to three jobs are read one by one. More are swept from the list of confirmed jobs, a thousand to a call,
from the newest down to the oldest that is waited for. The list is never filtered by status: rows would leave
the filter while it is paged, and take other rows with them. Rows of this list never leave, and new ones at
its head only repeat some.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from airflow_provider_print.core.errors import BadRequestError, GoneError, NotFoundError
from airflow_provider_print.triggers.judgement import JobView, LetterView
from airflow_provider_print.triggers.polling import polling

if TYPE_CHECKING:
    from collections.abc import Collection

    from airflow_provider_print.intelliprint.client import IntelliprintClient
    from airflow_provider_print.intelliprint.models import PrintJob

ONE_BY_ONE = 3
PAGE = 1000
_PAGES = 50
_STRAGGLERS = 20
_FIELDS = ("id", "confirmed_at", "letters.id", "letters.status", "letters.returned")


class Looker:
    """Looks at print jobs with one client, and remembers where in the list they are.

    :param client: reads; nothing else is ever called.
    :param testmode: the mode to look in first; jobs of the other mode are found, too.
    """

    def __init__(self, client: IntelliprintClient, *, testmode: bool) -> None:
        self._client = polling(client)
        self._testmode = testmode
        self._known: dict[str, JobView] = {}
        self._turns: Counter[str] = Counter()

    def look(self, ids: Collection[str]) -> dict[str, JobView]:
        """Return what is to be known of these jobs; one that is missing from the answer has no news.

        :param ids: ids of print jobs.
        :raises PrintError: when the service could not be asked.
        """
        wanted = list(dict.fromkeys(ids))
        views = self._read(wanted) if len(wanted) <= ONE_BY_ONE else self._sweep_both(wanted)
        for job_id in set(self._known) - set(wanted):
            del self._known[job_id]
        self._known.update(views)
        return views

    def _read(self, ids: list[str]) -> dict[str, JobView]:
        views = {}
        for job_id in ids:
            try:
                views[job_id] = view_of(self._client.get_print_job(job_id))
            except (BadRequestError, GoneError, NotFoundError):
                # An answer about this id alone: it must not end the waits for others.
                views[job_id] = JobView(id=job_id, gone=True)
        return views

    def _sweep_both(self, ids: list[str]) -> dict[str, JobView]:
        """Sweep the likely mode; one job that is not in it then tells whether to sweep the other."""
        mode = self._testmode
        views = self._sweep([i for i in ids if self._in_list(i, mode)], testmode=mode)
        unknown = [i for i in ids if i not in views and i not in self._known]
        if len(unknown) > _STRAGGLERS:
            probe = self._read(unknown[:1])
            views.update(probe)
            if probe[unknown[0]].testmode is mode:
                unknown = []
        else:
            unknown = []
        known = [i for i in ids if i in self._known and self._in_list(i, not mode)]
        views.update(self._sweep([*known, *unknown[1:]], testmode=not mode))
        views.update(self._read(self._next_stragglers([i for i in ids if i not in views])))
        return views

    def _in_list(self, job_id: str, testmode: bool) -> bool:
        """Tell whether a job may be in the list of confirmed jobs of a mode: a known draft is not."""
        known = self._known.get(job_id)
        return known is None or (known.testmode is testmode and known.confirmed)

    def _next_stragglers(self, missing: list[str]) -> list[str]:
        """Choose some of the jobs that no list has: those first that were read least often."""
        chosen = sorted(missing, key=lambda job_id: self._turns[job_id])[:_STRAGGLERS]
        self._turns.update(chosen)
        return chosen

    def _sweep(self, ids: list[str], *, testmode: bool) -> dict[str, JobView]:
        wanted, views = set(ids), {}
        oldest = self._oldest(ids)
        for number in range(_PAGES if wanted else 0):
            page = self._client.list_print_jobs(
                testmode=testmode,
                confirmed=True,
                sort_field="confirmed_at",
                sort_order="desc",
                limit=PAGE,
                skip=number * PAGE,
                fields=_FIELDS,
            )
            for job in page.data:
                if job.id in wanted:
                    views[job.id] = view_of(job, testmode=testmode, confirmed=True)
            last = page.data[-1].confirmed_at if page.data else None
            passed = oldest is not None and last is not None and last < oldest
            if not page.has_more or len(views) == len(wanted) or passed:
                break
        return views

    def _oldest(self, ids: list[str]) -> int | None:
        """Return when the oldest of these jobs was confirmed; None when that is not known of each."""
        times = [self._known[job_id].confirmed_at for job_id in ids if job_id in self._known]
        known = [at for at in times if at is not None]
        return min(known) if known and len(known) == len(ids) else None


def view_of(job: PrintJob, *, testmode: bool | None = None, confirmed: bool | None = None) -> JobView:
    """Reduce a job to what waiting needs.

    :param job: as the service told it.
    :param testmode: for a row of a list of this mode; None when the job tells it itself.
    :param confirmed: for a row of a list of confirmed jobs; None when the job tells it itself.
    """
    letters = tuple(
        LetterView(
            id=letter.id or "(without id)",
            status=letter.status or "",
            reason=letter.returned.reason if letter.returned else None,
        )
        for letter in job.letters
    )
    whole = testmode is None
    return JobView(
        id=job.id,
        testmode=bool(job.testmode) if testmode is None else testmode,
        confirmed=bool(job.confirmed) if confirmed is None else confirmed,
        confirmed_at=job.confirmed_at,
        letters=letters,
        job=job if whole else None,
    )
