"""Looking at print jobs: the cheapest calls that tell how many jobs stand.

Up to three jobs are read one by one. More are swept from the list of confirmed jobs, a thousand to a call,
from the newest down to the oldest that is waited for. The list is never filtered by status: rows would leave
the filter while it is paged, and take other rows with them.

What moves the rows of this list while it is paged, and what is done about it:

* A job that is confirmed meanwhile comes in at the head, and rows only repeat.
* A row that leaves (a test job a week after it was confirmed) moves those below it up, past the end of the
  page before. So pages overlap; a page that does not join what was seen is asked for again, further up.
* Jobs of one second, and a bulk run may confirm thousands in one, stand in an order that no document states,
  and that may differ from page to page. Then some rows come twice and others not at all; a count finds it
  out, and the list is swept again for those that are missing.

Whatever a sweep does not have is read by itself, some at each look, those first that were read least often.
So absence from a list is never taken for an answer, and no job is lost for longer than its turn takes.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from airflow_provider_print.core.errors import BadRequestError, GoneError, NoAnswerError, NotFoundError
from airflow_provider_print.triggers.judgement import JobView, LetterView
from airflow_provider_print.triggers.polling import polling

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from airflow_provider_print.intelliprint.client import IntelliprintClient
    from airflow_provider_print.intelliprint.models import Page, PrintJob

ONE_BY_ONE = 3
PAGE = 1000
_OVERLAP = 10
_PAGES = 200
_SWEEPS = 3
_STRAGGLERS = 20
_FIELDS = ("id", "confirmed_at", "letters.id", "letters.status", "letters.returned")


@dataclass(frozen=True)
class _Place:
    """Where a job is to be found: in which list, and how far down."""

    testmode: bool
    confirmed: bool
    confirmed_at: int | None


class Looker:
    """Looks at print jobs, and remembers where in the lists they are.

    :param client: reads; nothing else is ever called.
    :param testmode: the mode to look in first; jobs of the other mode are found, too.
    """

    def __init__(self, client: IntelliprintClient, *, testmode: bool) -> None:
        self.use(client, testmode=testmode)
        self._places: dict[str, _Place] = {}
        self._turns: Counter[str] = Counter()
        #: Calls that the last look took.
        self.calls = 0
        #: Set by whoever lost interest: the look that is under way makes no further call.
        self.stopped = False

    def use(self, client: IntelliprintClient, *, testmode: bool) -> None:
        """Ask with another client from now on; see the parameters of the class."""
        self._client = polling(client)
        self._testmode = testmode

    def look(self, ids: Collection[str]) -> dict[str, JobView]:
        """Return what is to be known of these jobs; one that is missing from the answer has no news.

        :param ids: ids of print jobs.
        :raises PrintError: when the service could not be asked.
        """
        self.calls = 0
        wanted = dict.fromkeys(ids)
        self._places = {job_id: place for job_id, place in self._places.items() if job_id in wanted}
        self._turns = Counter({job_id: n for job_id, n in self._turns.items() if job_id in wanted})
        views = self._read(wanted) if len(wanted) <= ONE_BY_ONE else self._sweep_both(list(wanted))
        for view in views.values():
            self._places[view.id] = _Place(view.testmode, view.confirmed, view.confirmed_at)
        return views

    def _read(self, ids: Collection[str]) -> dict[str, JobView]:
        return {job_id: self._read_one(job_id) for job_id in ids}

    def _read_one(self, job_id: str) -> JobView:
        """Read a job. What refuses this id alone must not end the waits for others, and is asked twice."""
        for _ in range(2):
            self._count()
            try:
                return view_of(self._client.get_print_job(job_id))
            except (BadRequestError, GoneError, NotFoundError):
                continue
        return JobView(id=job_id, gone=True)

    def _count(self) -> None:
        if self.stopped:
            raise NoAnswerError("Nobody waits for this look any more.")
        self.calls += 1

    def _sweep_both(self, ids: list[str]) -> dict[str, JobView]:
        """Sweep the likely mode; one job that is not in it then tells whether to sweep the other."""
        mode = self._testmode
        views = self._sweep([i for i in ids if self._in_list(i, mode)], testmode=mode)
        unknown = [i for i in ids if i not in views and i not in self._places]
        if len(unknown) > _STRAGGLERS:
            probe = self._read(unknown[:1])
            self._turns.update(unknown[:1])
            views.update(probe)
            if probe[unknown[0]].testmode is mode:
                unknown = []
        else:
            unknown = []
        known = [i for i in ids if i in self._places and self._in_list(i, not mode)]
        views.update(self._sweep([*known, *unknown[1:]], testmode=not mode))
        views.update(self._read(self._next_stragglers([i for i in ids if i not in views])))
        return views

    def _in_list(self, job_id: str, testmode: bool) -> bool:
        """Tell whether a job may be in the list of confirmed jobs of a mode: a known draft is not."""
        place = self._places.get(job_id)
        return place is None or (place.testmode is testmode and place.confirmed)

    def _next_stragglers(self, missing: list[str]) -> list[str]:
        """Choose some of the jobs that no list has: those first that were read least often."""
        chosen = sorted(missing, key=lambda job_id: self._turns[job_id])[:_STRAGGLERS]
        self._turns.update(chosen)
        return chosen

    def _sweep(self, ids: list[str], *, testmode: bool) -> dict[str, JobView]:
        """Go through the list of a mode, and again as long as rows were lost on the way."""
        views: dict[str, JobView] = {}
        for _ in range(_SWEEPS):
            missing = [job_id for job_id in ids if job_id not in views]
            if not missing:
                break
            down = _Down(missing, self._places)
            for page in self._pages(down, testmode):
                for job in down.read(page):
                    views[job.id] = view_of(job, testmode=testmode, confirmed=True)
            if not down.lost_rows:
                break
        return views

    def _pages(self, down: _Down, testmode: bool) -> Iterator[Page[PrintJob]]:
        for _ in range(_PAGES):
            if down.done:
                return
            self._count()
            yield self._client.list_print_jobs(
                testmode=testmode,
                confirmed=True,
                sort_field="confirmed_at",
                sort_order="desc",
                limit=PAGE,
                skip=down.skip,
                fields=_FIELDS,
            )


class _Down:
    """One way down a list.

    :param ids: jobs that are looked for.
    :param places: where jobs are that were seen before.
    """

    def __init__(self, ids: list[str], places: Mapping[str, _Place]) -> None:
        self.skip = 0
        self.done = False
        self._missing = set(ids)
        self._unknown = {job_id for job_id in ids if job_id not in places}
        times = [places[job_id].confirmed_at for job_id in ids if job_id in places]
        #: None when there is nothing to go down to, or no telling how far that is.
        self._oldest = None if None in times else min((at for at in times if at is not None), default=None)
        self._without_end = None in times
        self._seen: set[str] = set()
        self._covered = 0
        self._beyond = 0
        self._back = PAGE
        self._totals: list[int | None] = []

    def read(self, page: Page[PrintJob]) -> list[PrintJob]:
        """Take in a page and say where the next one begins; return the rows that were looked for."""
        rows = {job.id: job for job in page.data}
        self._totals.append(page.total_available)
        joins = self.skip == 0 or not self._seen.isdisjoint(rows)
        found = [job for job_id, job in rows.items() if job_id in self._missing]
        self._missing.difference_update(rows)
        self._unknown.difference_update(rows)
        if not joins:
            self.skip = max(0, self.skip - self._back)
            self._back *= 2
            return found
        self._seen.update(rows)
        self._covered = max(self._covered, self.skip + len(page.data))
        self.done = not page.has_more or not page.data or not self._missing or self._is_far_enough(page)
        self.skip += len(page.data) - min(_OVERLAP, len(page.data) // 2)
        return found

    @property
    def lost_rows(self) -> bool:
        """Whether fewer rows came by than were there, while some are missing."""
        first, last = self._totals[0], self._totals[-1]
        if not self._missing or first is None or last is None:
            return False
        return len(self._seen) < self._covered - max(0, last - first)

    def _is_far_enough(self, page: Page[PrintJob]) -> bool:
        """Tell whether going on is worth its calls.

        Below the oldest job that was seen before, only new ones can be; going on for those may cost as many
        pages as reading them one by one.
        """
        last = page.data[-1].confirmed_at
        passed = not self._without_end and (
            self._oldest is None or (last is not None and last < self._oldest)
        )
        self._beyond += passed
        return self._beyond > len(self._unknown)


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
