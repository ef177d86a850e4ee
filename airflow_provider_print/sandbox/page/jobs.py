"""Print jobs and letters as the page lists them: filtered, searched, a piece at a time."""

from __future__ import annotations

import hashlib
import json
import threading
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from airflow_provider_print.sandbox.intelliprint import jobs, lifecycle, pricing
from airflow_provider_print.sandbox.intelliprint.fields import STATUSES
from airflow_provider_print.sandbox.intelliprint.views import MAKERS, JobView

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow_provider_print.sandbox.core import Sandbox
    from airflow_provider_print.sandbox.intelliprint.letters import Job, Letter

MODES = ("live", "test")
_FRESH_SECONDS = 0.5
"""Real seconds for which a look at all letters serves again while the clock runs."""
_SHAPE = ("source", "background", "nudge", "extra_documents", "address_window", "type")
_NO_SHAPE = ("id", "events", "acknowledged", "amount", "envelope")
"""What of a job the pictures of its letters depend on, and what of a letter they do not."""


@dataclass(frozen=True)
class Wanted:
    """Which jobs or letters are wanted.

    :param words: each must be found in the job or in one of its letters, in any case of letters.
    :param status: jobs with a letter of that status; "" for any.
    :param mode: one of `MODES`; "" for both.
    """

    words: tuple[str, ...] = ()
    status: str = ""
    mode: str = ""


@dataclass
class _Row:
    """One job with the statuses that its letters have now."""

    job: Job
    statuses: Counter[str]


class Jobs:
    """Looks through the outbox; what it has just worked out for all letters, it keeps for a moment.

    :param sandbox: whose outbox it is.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._lock = threading.Lock()
        self._seen: tuple[object, list[_Row]] = (None, [])
        self._texts: dict[str, tuple[Job, str]] = {}

    def listing(self, wanted: Wanted, *, skip: int, limit: int) -> dict[str, Any]:
        """Return a piece of the jobs that are wanted, newest first, and how many letters have which status.

        :param skip: how many of the newest are left out.
        :param limit: how many are returned at most.
        """
        rows = self._rows()
        among = [row for row in rows if _meets_mode(row.job, wanted)]
        if wanted.words:
            among = [row for row in among if self._meets_words(row.job, wanted.words)]
        counts: Counter[str] = Counter()
        for row in among:
            counts.update(row.statuses)
        found = [row for row in among if not wanted.status or row.statuses[wanted.status]]
        return {
            "now": self._sandbox.clock.now(),
            "total": len(found),
            "skip": skip,
            "jobs": [self._short(row) for row in found[skip : skip + limit]],
            "statuses": {status: counts[status] for status in STATUSES if counts[status]},
            "letters": counts.total(),
            "all_jobs": len(rows),
        }

    def counts(self) -> dict[str, int]:
        """Return how many jobs and letters there are."""
        rows = self._rows()
        return {"jobs": len(rows), "letters": sum(len(row.job["letters"]) for row in rows)}

    def one(self, job_id: str, origin: str) -> dict[str, Any]:
        """Return one job: the short form, and all fields but the letters as the service shows them.

        :raises LookupError: when there is none of that id.
        """
        job, now = self._job(job_id), self._sandbox.clock.now()
        view = JobView(self._sandbox, job, origin=origin, now=now)
        row = _Row(job, Counter(position.status for position in view.positions))
        fields = view.show({name: {} for name in MAKERS if name != "letters"})
        return {"now": now, **self._short(row), "cost": fields["cost"], "fields": fields}

    def letters(self, job_id: str, wanted: Wanted, *, skip: int, limit: int) -> dict[str, Any]:
        """Return a piece of the letters of a job, in their order; `skip` and `limit` as for jobs.

        A word that the job itself holds need not be found in a letter.

        :raises LookupError: when there is no such job.
        """
        job, now = self._job(job_id), self._sandbox.clock.now()
        held = _job_text(job)
        words = [word for word in wanted.words if word not in held]
        found = [index for index, letter in enumerate(job["letters"]) if _holds(_letter_text(letter), words)]
        if wanted.status:
            found = [index for index in found if self._position(job, index, now).status == wanted.status]
        shape = _digest([self._sandbox.world.nudge_pages, [job.get(name) for name in _SHAPE]])
        return {
            "now": now,
            "total": len(found),
            "skip": skip,
            "letters": [self._letter(job, index, now, shape) for index in found[skip : skip + limit]],
        }

    def _job(self, job_id: str) -> Job:
        job = self._sandbox.store.peek(jobs.KIND, job_id)
        if job is None or lifecycle.is_gone(job, self._sandbox.clock.now(), self._sandbox.world):
            raise LookupError("there is no such print job")
        return job

    def _rows(self) -> list[_Row]:
        sandbox = self._sandbox
        now = sandbox.clock.now()
        moment = now if sandbox.clock.frozen else now // max(_FRESH_SECONDS * sandbox.clock.speed, 1e-6)
        key = (sandbox.store.epoch, sandbox.store.changes, sandbox.clock.moves, moment, repr(sandbox.world))
        with self._lock:
            if self._seen[0] != key:
                found = reversed(sandbox.store.peek_all(jobs.KIND))
                world = sandbox.world
                rows = [self._row(job, now) for job in found if not lifecycle.is_gone(job, now, world)]
                self._seen = (key, rows)
                if len(self._texts) > 2 * len(rows):
                    self._texts.clear()
            return self._seen[1]

    def _meets_words(self, job: Job, words: tuple[str, ...]) -> bool:
        """Whether all words are found in the job or, those that are not, in one letter of it.

        What a job and its letters hold is kept as one text: most jobs are ruled out by it.
        """
        kept = self._texts.get(job["id"])
        if kept is None or kept[0] is not job:
            text = "\n".join([_job_text(job), *map(_letter_text, job["letters"])])
            kept = self._texts[job["id"]] = (job, text)
        if not _holds(kept[1], words):
            return False
        held = _job_text(job)
        missing = [word for word in words if word not in held]
        return not missing or any(_holds(_letter_text(letter), missing) for letter in job["letters"])

    def _row(self, job: Job, now: float) -> _Row:
        return _Row(
            job, Counter(self._position(job, index, now).status for index in range(len(job["letters"])))
        )

    def _position(self, job: Job, index: int, now: float) -> lifecycle.Position:
        return lifecycle.position(job, index, now, self._sandbox.world)

    def _short(self, row: _Row) -> dict[str, Any]:
        job = row.job
        first = job["letters"][0]["address"] if job["letters"] else {}
        return {
            "id": job["id"],
            "reference": job["reference"],
            "type": job["type"],
            "testmode": job["testmode"],
            "confirmed": job["confirmed"],
            "created": job["created_exact"],
            "confirmed_at": job["confirmed_exact"],
            "letters": len(job["letters"]),
            "pages": job["pages"],
            "sheets": job["sheets"],
            "statuses": dict(row.statuses),
            "service": job["postage"]["service"],
            "file": (job["file"] or {}).get("name"),
            "to": first.get("name"),
            "postcode": first.get("postcode"),
            "cost": pricing.cost(sum(letter["amount"] for letter in job["letters"])),
        }

    def _letter(self, job: Job, index: int, now: float, shape: str) -> dict[str, Any]:
        letter, position = job["letters"][index], self._position(job, index, now)
        drawn = {name: value for name, value in letter.items() if name not in _NO_SHAPE}
        if letter["recipient"] is not None:
            drawn["source"] = job["recipients"][letter["recipient"]].get("source")
        return {
            "id": letter["id"],
            "number": index + 1,
            "status": position.status,
            "since": position.since,
            "address": letter["address"],
            "pages": letter["pages"],
            "sheets": letter["sheets"],
            "envelope": letter["envelope"],
            "cost": pricing.cost(letter["amount"]),
            "tracking_number": position.tracking_number,
            "shipped_date": position.shipped_date,
            "returned": position.returned,
            "window": job["address_window"] if job["type"] == "letter" else None,
            # Pictures stay in the browser's cache for as long as this stays the same.
            "version": _digest([shape, drawn]),
        }


def _meets_mode(job: Job, wanted: Wanted) -> bool:
    return not wanted.mode or (wanted.mode == "test") == job["testmode"]


def _holds(text: str, words: Sequence[str]) -> bool:
    return all(word in text for word in words)


def _job_text(job: Job) -> str:
    parts = [job["id"], job["reference"], job["type"], job["postage"]["service"], job["mailing_list"]]
    parts += [(job["file"] or {}).get("name"), *(job["metadata"] or {}).values()]
    return "\n".join(str(part) for part in parts if part is not None).casefold()


def _letter_text(letter: Letter) -> str:
    address = letter["address"]
    parts = (letter["id"], address["name"], address["line"], address["postcode"])
    return "\n".join(part for part in parts if part).casefold()


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:12]
