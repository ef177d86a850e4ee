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

from airflow_provider_print.core.errors import LetterFailedError
from airflow_provider_print.intelliprint.cancelling import look
from airflow_provider_print.nets._expected import Expected
from airflow_provider_print.nets._findings import DoublePost, ran_at, reason_of
from airflow_provider_print.nets._rows import in_the_post, letter_key_of
from airflow_provider_print.nets._stopping import stop_younger
from airflow_provider_print.nets._sweep import PAGE, Sweep

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from airflow_provider_print.intelliprint.client import IntelliprintClient
    from airflow_provider_print.intelliprint.models import PrintJob
    from airflow_provider_print.nets._rows import RunScope

log = logging.getLogger(__name__)

#: Seconds that the audit looks back when it is not told otherwise.
A_DAY = 24 * 3600.0
#: Seconds until a second look when letters are missing: a list may lag behind.
SECOND_LOOK = 5.0

_FIELDS = ("id", "reference", "metadata", "confirmed", "confirmed_at", "letters.status", "testmode")
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
    :param broken_off: what could not be asked, after something was found; None where everything was.
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
    broken_off: str | None = None
    calls: int = 0
    since: float = 0.0
    testmode: bool = False

    @property
    def findings(self) -> list[str]:
        """Everything that is wrong, one text each."""
        found = [*(str(one) for one in self.doubles if not one.settled), *self.missing]
        return [*found, *([f"Not everything could be asked: {self.broken_off}"] if self.broken_off else [])]

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
            "settled": [one.letter_key for one in self.doubles if one.settled],
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
        settled = sum(one.settled for one in self.doubles)
        return (
            f"Audit of {self.jobs} paid {mode} since {ran_at(self.since)} (calls: {self.calls}). "
            f"Letters: {self.letters}, paid twice: {len(self.doubles)}, "
            f"missing: {len(self.missing)}, jobs cancelled: {len(self.cancelled)}, "
            f"settled: {settled}. What was paid before that time was not compared."
        )


def audit(
    client: IntelliprintClient,
    *,
    testmode: bool,
    since: float,
    run: RunScope | None = None,
    expected: int | list[str] | None = None,
    cancel_younger: bool = False,
    environment: str | None = None,
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
        its letters are still waiting to be printed; only where the older one is in the post as a whole, and
        both are beyond doubt the same letter.
    :param environment: that of the connection, whose letters may be stopped; that of the run by default.
    :param second_look: seconds to wait before looking again when something is missing.
    :param page_size: rows of a page.
    :param sleep: passes the time until the second look.
    :return: what was found; it raises nothing by itself. Where something was found before the service could
        not be asked any more, that is in it.
    :raises PrintError: when the service could not be asked. Then nothing is known, and nothing was stopped.
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
    if environment is None:
        environment = run.environment if run is not None else ""
    looking.find_doubles(wanted, stop_in=environment if cancel_younger else None, alarmed=bool(missing))
    return AuditReport(
        jobs=len(looking.jobs),
        letters=wanted.count(looking.jobs),
        doubles=looking.doubles,
        missing=missing,
        elsewhere=looking.elsewhere,
        cancelled=looking.cancelled,
        broken_off=looking.broken_off,
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
        self.doubles: list[DoublePost] = []
        self.cancelled: list[str] = []
        self.broken_off: str | None = None
        self._by_id: dict[str, PrintJob] = {}

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
                self._look_at(job_id, wanted)
        self.jobs |= {job_id: job for job_id, job in self._by_id.items() if job_id not in self.jobs}

    def _look_at(self, job_id: str, wanted: Expected) -> None:
        """Read one that is expected and not in the window; what is known to be paid is not read again."""
        if job_id in self._by_id:
            return
        job = look(self._client, job_id)
        if job is None:
            return
        if job.testmode not in (None, self._testmode):
            wanted.strange[job_id] = (
                "a test job, and nothing of it is ever posted" if job.testmode else "live"
            )
        elif job.confirmed is True:
            self._by_id[job_id] = job

    def _is_paid(self, job: PrintJob) -> bool:
        """Believe the row more than the filter."""
        return job.confirmed is not False and job.testmode in (None, self._testmode)

    def find_doubles(self, wanted: Expected, *, stop_in: str | None, alarmed: bool) -> None:
        """Find the letters that are paid more than once, and stop the younger jobs.

        :param stop_in: the environment in which to stop them; None stops none.
        :param alarmed: something else was found, which must be told even when this cannot ask any more.
        """
        ours = []
        for key, jobs in sorted(self._groups().items()):
            if len(jobs) < 2:
                continue
            if wanted.concerns(jobs):
                ours.append((key, jobs))
            else:
                self._tell_of_others(key, jobs)
        for n, (key, jobs) in enumerate(ours):
            try:
                self._treat(key, jobs, wanted, stop_in)
            except Exception as error:
                if not self.doubles and not alarmed:
                    raise
                rest = ", ".join(one for one, _ in ours[n:][:_SHOWN])
                self.broken_off = (
                    f"{reason_of(error)} Not looked at to the end, with several jobs each: {rest}."
                )
                return

    def _tell_of_others(self, key: str, jobs: list[PrintJob]) -> None:
        self.elsewhere += 1
        ids = ", ".join(job.id for job in jobs)
        log.warning("Letter %s, which is not of this run, has %d paid print jobs: %s.", key, len(jobs), ids)

    def _treat(self, key: str, jobs: list[PrintJob], wanted: Expected, stop_in: str | None) -> None:
        """Read the jobs of one letter, and stop the younger ones."""
        double = self._closer(key, jobs, wanted)
        if double is None:
            return
        self.doubles.append(double)
        if stop_in is not None:
            try:
                self.cancelled += stop_younger(self._client, double, environment=stop_in)
            except Exception as error:
                double.broken_off = reason_of(error)
                raise
        if double.settled:
            log.warning("%s", double)

    def _groups(self) -> dict[str, list[PrintJob]]:
        groups: dict[str, list[PrintJob]] = defaultdict(list)
        for job in self.jobs.values():
            key = letter_key_of(job)
            if key is not None and in_the_post(job):
                groups[key].append(job)
        return groups

    def _closer(self, key: str, jobs: Iterable[PrintJob], wanted: Expected) -> DoublePost | None:
        """Read the jobs themselves: a list may be behind, and only they tell what they cost."""
        found = [job for job in (look(self._client, job.id) for job in jobs) if job is not None]
        alive = [job for job in found if job.confirmed and in_the_post(job)]
        return DoublePost(key, alive, preferred=wanted.ids) if len(alive) > 1 else None
