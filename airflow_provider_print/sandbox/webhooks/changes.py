"""Which changes of letters have happened and were not told yet.

A letter's past and future is a pure function of its job, so nobody waits for a letter: for each job there is
the list of what is still to come, and one look at the earliest of them all. What was told last of each letter
is kept with the data, in the transaction that makes the message; so nothing is told twice or forgotten when
the sandbox is killed.
"""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, Any, NamedTuple

from airflow_provider_print.sandbox.intelliprint import jobs, lifecycle

if TYPE_CHECKING:
    from collections.abc import Iterator

    from airflow_provider_print.sandbox.core import Sandbox
    from airflow_provider_print.sandbox.intelliprint.letters import Job
    from airflow_provider_print.sandbox.intelliprint.lifecycle import Moment

KIND = "_told"
"""Of documents with what was told last: `{"print": id, "letters": [[time, status] or None, ...]}`."""
_AT_ONCE = 2000
"""Changes that are told in one transaction, so that others get their turn."""


class Change(NamedTuple):
    """A letter got a status, at a sandbox time."""

    at: float
    place: int
    """Which letter of the job, from 0."""
    status: str


class Changes:
    """What is still to be told of every confirmed job; used by one thread at a time."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._coming: dict[str, list[Change]] = {}
        self._last: dict[str, list[Moment | None]] = {}
        self._order: list[tuple[float, str]] = []
        self._latest: Job | None = None  # a job of many letters is told of in many turns

    def forget(self) -> None:
        """Know of no job any more."""
        self._coming.clear()
        self._last.clear()
        self._order.clear()
        self._latest = None

    def begin(self) -> None:
        """Take everything that has happened so far as told (in a transaction)."""
        now = self._sandbox.clock.now()
        for job in self._confirmed():
            last = [
                [moment for moment in lifecycle.moments(job, index, self._sandbox.world) if moment[0] <= now]
                for index in range(len(job["letters"]))
            ]
            self._keep(job["id"], [past[-1] if past else None for past in last])

    def end(self) -> None:
        """Tell of nothing any more (in a transaction)."""
        for told in self._sandbox.store.all(KIND):
            self._sandbox.store.delete(KIND, told["print"])
        self.forget()

    def plan_all(self) -> None:
        """Read all jobs anew, because the sandbox has just started or its rules are others."""
        self.forget()
        for job in self._confirmed():
            self._plan(job)

    def plan(self, job_id: str) -> None:
        """Read one job anew, because it was written or deleted (in a transaction)."""
        self._latest = None
        job = self._sandbox.store.get(jobs.KIND, job_id)
        if job is None:
            self._drop(job_id)
        elif job["confirmed"]:
            self._plan(job)

    @property
    def next_due(self) -> float | None:
        """The sandbox time of the next change."""
        while self._order:
            at, job_id = self._order[0]
            if (coming := self._coming.get(job_id)) and coming[-1].at == at:
                return at
            heapq.heappop(self._order)  # of a plan that was replaced
        return None

    def take(self, now: float) -> Iterator[tuple[Job, list[Change]]]:
        """Yield what has happened by now, job by job, and remember it as told.

        To be used in a transaction; ends after so many changes, see `next_due` for whether there are more.
        """
        left = _AT_ONCE
        while left > 0 and (due := self.next_due) is not None and due <= now:
            _, job_id = heapq.heappop(self._order)
            coming = self._coming[job_id]
            happened: list[Change] = []
            while coming and coming[-1].at <= now and len(happened) < left:
                happened.append(coming.pop())
            if coming:
                heapq.heappush(self._order, (coming[-1].at, job_id))
            left -= len(happened)
            job = self._job(job_id)
            if job is None:
                self._drop(job_id)
                continue
            told = self._last[job_id]
            for change in happened:
                told[change.place] = (change.at, change.status)
            self._keep(job_id, told)
            yield job, happened

    def _plan(self, job: Job) -> None:
        world, told = self._sandbox.world, self._told(job)
        coming = [
            Change(at, index, status)
            for index in range(len(job["letters"]))
            for at, status in _after(lifecycle.moments(job, index, world), told[index])
            if not lifecycle.is_gone(job, at, world)
        ]
        coming.sort(key=lambda change: (change.at, change.place))
        coming.reverse()  # the next one is taken from the end
        self._coming[job["id"]], self._last[job["id"]] = coming, told
        if coming:
            heapq.heappush(self._order, (coming[-1].at, job["id"]))

    def _job(self, job_id: str) -> Job | None:
        if self._latest is None or self._latest["id"] != job_id:
            self._latest = self._sandbox.store.get(jobs.KIND, job_id)
        return self._latest

    def _drop(self, job_id: str) -> None:
        self._coming.pop(job_id, None)
        self._last.pop(job_id, None)
        self._sandbox.store.delete(KIND, job_id)

    def _confirmed(self) -> Iterator[Job]:
        return (job for job in self._sandbox.store.all(jobs.KIND) if job["confirmed"])

    def _told(self, job: Job) -> list[Moment | None]:
        kept = self._sandbox.store.get(KIND, job["id"])
        if kept is None:
            return [None] * len(job["letters"])
        return [None if last is None else (last[0], last[1]) for last in kept["letters"]]

    def _keep(self, job_id: str, told: list[Moment | None]) -> None:
        document: dict[str, Any] = {"print": job_id, "letters": told}
        self._sandbox.store.put(KIND, job_id, document)


def _after(moments: list[Moment], last: Moment | None) -> list[Moment]:
    """Return what comes after the moment that was told last.

    That moment may not be among them any more: a cancellation in the same instant takes its place.
    """
    if last is None:
        return moments
    if last in moments:
        return moments[len(moments) - moments[::-1].index(last) :]
    return [moment for moment in moments if moment[0] >= last[0]]
