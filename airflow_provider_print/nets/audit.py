"""The audit: finds letters that are paid twice, and runs that posted less than they should have.

The paid step keeps its promise as long as its own assumptions hold (see `intelliprint.submission`). This net
assumes nothing: it reads what the account has been charged for, one call for 1,000 jobs, groups it by letter
key, and believes a finding only after the jobs themselves have been read again.

What it cannot see: a job that the list does not show yet (lists may lag), and the older of two jobs that was
confirmed before the window. Both are there for the next audit with a longer window.
"""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from airflow_provider_print.core.errors import BadRequestError, LetterFailedError, NotFoundError
from airflow_provider_print.intelliprint.models import PrintJob
from airflow_provider_print.intelliprint.statuses import CANCELLABLE, LetterStatus
from airflow_provider_print.nets._expected import Expected
from airflow_provider_print.nets._findings import DoublePost, ran_at
from airflow_provider_print.nets._rows import in_the_post, letter_key_of
from airflow_provider_print.nets._sweep import PAGE, Sweep

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from airflow_provider_print.intelliprint.client import IntelliprintClient
    from airflow_provider_print.nets._rows import RunScope

log = logging.getLogger(__name__)

#: Seconds that the audit looks back when it is not told otherwise.
A_DAY = 24 * 3600.0
#: Seconds until a second look when letters are missing: a list may lag behind.
SECOND_LOOK = 5.0

_FIELDS = ("id", "reference", "metadata", "confirmed", "confirmed_at", "letters.status", "testmode")
_CLOSE = (*_FIELDS, "cost")
_SHOWN = 20


class AuditError(LetterFailedError):
    """The account does not hold what it should: a letter is paid twice, or one is missing."""


@dataclass(frozen=True, kw_only=True)
class AuditReport:
    """What the audit found.

    :param jobs: paid jobs in the window.
    :param letters: letters of the run (or of the account, where no run is audited), each once.
    :param doubles: letter keys with more than one paid job, of what is audited.
    :param missing: what should have been paid and is not, in words.
    :param elsewhere: letter keys with more than one paid job that belong to others.
    :param cancelled: ids of jobs whose letters were all stopped by this audit.
    :param calls: pages read.
    :param since: beginning of the window, UNIX seconds.
    :param testmode: whether it was the list of test jobs.
    """

    jobs: int
    letters: int
    doubles: list[DoublePost] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    elsewhere: int = 0
    cancelled: list[str] = field(default_factory=list)
    calls: int = 0
    since: float = 0.0
    testmode: bool = False

    @property
    def findings(self) -> list[str]:
        """Everything that is wrong, one text each."""
        return [*(str(one) for one in self.doubles if not one.settled), *self.missing]

    def raise_for_findings(self) -> None:
        """Fail where something is wrong.

        :raises AuditError: naming letter keys, job ids, times, costs, and what to do.
        """
        found = self.findings
        if not found:
            return
        shown = "\n".join(f"- {text}" for text in found[:_SHOWN])
        if len(found) > _SHOWN:
            shown += f"\n- and {len(found) - _SHOWN} more: they are in the log"
            for text in found:
                log.error("%s", text)
        only = next((one.letter_key for one in self.doubles), None) if len(found) == 1 else None
        raise AuditError(f"The audit has found:\n{shown}", letter_key=only)

    def as_dict(self) -> dict[str, Any]:
        """Return the numbers, for XCom; no text of a job but ids and letter keys."""
        return {
            "jobs": self.jobs,
            "letters": self.letters,
            "paid_twice": [one.letter_key for one in self.doubles if not one.settled],
            "missing": len(self.missing),
            "elsewhere": self.elsewhere,
            "cancelled": list(self.cancelled),
            "since": int(self.since),
            "testmode": self.testmode,
        }

    @property
    def summary(self) -> str:
        """One line for a log."""
        mode = "test jobs" if self.testmode else "live jobs"
        twice = sum(not one.settled for one in self.doubles)
        return (
            f"Audit of {self.jobs} paid {mode} since {ran_at(self.since)} (calls: {self.calls}). "
            f"Letters: {self.letters}, paid twice: {twice}, missing: {len(self.missing)}, "
            f"jobs cancelled: {len(self.cancelled)}."
        )


def audit(
    client: IntelliprintClient,
    *,
    testmode: bool,
    since: float,
    run: RunScope | None = None,
    expected: int | list[str] | None = None,
    cancel_younger: bool = False,
    second_look: float = SECOND_LOOK,
    page_size: int = PAGE,
    sleep: Callable[[float], None] = time.sleep,
) -> AuditReport:
    """Compare what was paid with what should have been.

    :param client: speaks to the service.
    :param testmode: which of the two lists; the service keeps test jobs and live jobs apart.
    :param since: beginning of the window, UNIX seconds: jobs confirmed before it are not read.
    :param run: judge the letters of one run only, which must have at least one; others that are paid twice
        are counted, and logged. None judges the whole account.
    :param expected: how many letters must be paid, or the ids of the jobs that must be. 0 lets a run have
        none.
    :param cancel_younger: of two paid jobs of one letter, stop the one that was confirmed later, as far as
        its letters are still waiting to be printed.
    :param second_look: seconds to wait before looking again when something is missing.
    :param page_size: rows of a page.
    :param sleep: passes the time until the second look.
    :return: what was found; it raises nothing by itself.
    :raises PrintError: when the service could not be asked. Then nothing is known.
    """
    looking = _Audit(client, testmode=testmode, since=since, run=run, page_size=page_size)
    wanted = Expected(expected, run)
    looking.look(wanted)
    missing = wanted.missing(looking.jobs)
    if missing and second_look:
        log.info("Not everything is there; looking again in %.0f s, for lists may lag.", second_look)
        sleep(second_look)
        looking.look(wanted)
        missing = wanted.missing(looking.jobs)
    doubles, cancelled = looking.doubles(wanted, cancel=cancel_younger)
    return AuditReport(
        jobs=len(looking.jobs),
        letters=wanted.count(looking.jobs),
        doubles=doubles,
        missing=missing,
        elsewhere=looking.elsewhere,
        cancelled=cancelled,
        calls=looking.calls,
        since=since,
        testmode=testmode,
    )


class _Audit:
    """One audit: what has been read so far."""

    def __init__(
        self,
        client: IntelliprintClient,
        *,
        testmode: bool,
        since: float,
        run: RunScope | None,
        page_size: int,
    ) -> None:
        self._client = client
        self._testmode = testmode
        self._since = since
        self._run = run
        self._page_size = page_size
        self.jobs: dict[str, PrintJob] = {}
        self.calls = 0
        self.elsewhere = 0

    def look(self, wanted: Expected) -> None:
        """Read the window, and one by one the jobs that must be there and are not in it."""
        sweep = Sweep(
            lambda **place: self._client.list_print_jobs(
                confirmed=True,
                testmode=self._testmode,
                sort_field="confirmed_at",
                sort_order="desc",
                fields=_FIELDS,
                **place,
            ),
            second=lambda job: job.confirmed_at,
            past=lambda job: job.confirmed_at is not None and job.confirmed_at < self._since,
            descending=True,
            limit=self._page_size,
        )
        self.jobs = {job.id: job for job in sweep.rows() if self._is_paid(job)}
        self.calls += sweep.calls
        for job_id in wanted.ids:
            if job_id not in self.jobs:
                job = self._read(job_id)
                if job is not None and job.confirmed:
                    self.jobs[job_id] = job

    def _is_paid(self, job: PrintJob) -> bool:
        """Believe the row more than the filter."""
        return job.confirmed is not False and job.testmode in (None, self._testmode)

    def doubles(self, wanted: Expected, *, cancel: bool) -> tuple[list[DoublePost], list[str]]:
        """Return the letters that are paid more than once, and the ids of the jobs that were stopped."""
        found, cancelled = [], []
        for key, jobs in sorted(self._groups().items()):
            if len(jobs) < 2:
                continue
            if not wanted.concerns(jobs):
                self.elsewhere += 1
                log.warning(
                    "Letter %s, which is not of this run, has %d paid print jobs: %s.",
                    key,
                    len(jobs),
                    ", ".join(job.id for job in jobs),
                )
                continue
            double = self._closer(key, jobs)
            if double is None:
                continue
            if cancel:
                cancelled += self._stop(double)
            if double.settled:
                log.warning("%s", double)
            found.append(double)
        return found, cancelled

    def _groups(self) -> dict[str, list[PrintJob]]:
        groups: dict[str, list[PrintJob]] = defaultdict(list)
        for job in self.jobs.values():
            key = letter_key_of(job)
            if key is not None and in_the_post(job):
                groups[key].append(job)
        return groups

    def _closer(self, key: str, jobs: Iterable[PrintJob]) -> DoublePost | None:
        """Read the jobs themselves: a list may be behind, and only they tell what they cost."""
        read = [job for job in (self._read(job.id) for job in jobs) if job is not None]
        alive = [job for job in read if job.confirmed and in_the_post(job)]
        return DoublePost(key, alive) if len(alive) > 1 else None

    def _read(self, job_id: str) -> PrintJob | None:
        try:
            return self._client.get_print_job(job_id, fields=_CLOSE)
        except NotFoundError:
            return None

    def _stop(self, double: DoublePost) -> list[str]:
        """Stop all but the oldest; what cannot be stopped stays in the finding."""
        stopped = []
        for job in double.younger:
            after = self._cancel(job)
            double.after[job.id] = after
            if after is None or not in_the_post(after):
                stopped.append(job.id)
        return stopped

    def _cancel(self, job: PrintJob) -> PrintJob | None:
        """Stop what is still waiting of a job, and return it as it is then; None when it is gone."""
        if not any(letter.status in CANCELLABLE for letter in job.letters):
            return job
        try:
            answer = self._client.delete_print_job(job.id)
        except BadRequestError as error:
            log.warning("Nothing of print job %s can be stopped any more: %s", job.id, error)
            return self._read(job.id)
        except NotFoundError:
            return None
        after = answer if isinstance(answer, PrintJob) else self._read(job.id)
        count = sum(letter.status == LetterStatus.CANCELLED for letter in after.letters) if after else 0
        log.warning("Print job %s: letters stopped and refunded: %d.", job.id, count)
        return after
