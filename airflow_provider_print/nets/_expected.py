"""What the audit expects to be paid: a number of letters, certain jobs, or at least one of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from airflow_provider_print.core.errors import InputError
from airflow_provider_print.core.identifiers import check_id
from airflow_provider_print.nets._rows import in_the_post, letter_key_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow_provider_print.intelliprint.models import PrintJob
    from airflow_provider_print.nets._rows import RunScope

Jobs: TypeAlias = "Mapping[str, PrintJob]"


class Expected:
    """Holds what was paid against what should have been.

    :param wanted: a number of letters, ids of jobs, or None.
    :param run: the run whose letters are counted; None counts those of the account.
    :raises InputError: naming `expected`, when it is neither.
    """

    def __init__(self, wanted: int | list[str] | None, run: RunScope | None) -> None:
        self._run = run
        self._number: int | None = None
        self.ids: list[str] = []
        #: What expected jobs are that are no letters, by their ids.
        self.strange: dict[str, str] = {}
        if isinstance(wanted, bool) or not isinstance(wanted, int | list | None):
            raise InputError("A number of letters or ids of print jobs are expected.", param="expected")
        if isinstance(wanted, int):
            if wanted < 0:
                raise InputError("A number of letters is 0 or more.", param="expected")
            self._number = wanted
        elif wanted is not None:
            if not wanted:
                message = "An empty list expects nothing and would pass always; to expect none say 0."
                raise InputError(message, param="expected")
            self.ids = [check_id(one, param="expected") for one in dict.fromkeys(wanted)]
        self._at_least_one = run is not None and wanted is None

    def concerns(self, jobs: list[PrintJob]) -> bool:
        """Tell whether the jobs of one letter key are to be judged here."""
        if self._run is None:
            return True
        return any(self._run.has(job) or job.id in self.ids for job in jobs)

    def count(self, jobs: Jobs) -> int:
        """Return how many letters are paid; one that was posted again on purpose counts once."""
        return len({_letter(job) for job in jobs.values() if in_the_post(job) and self._counts(job)})

    def missing(self, jobs: Jobs) -> list[str]:
        """Return in words what should be paid and is not, or is paid and should not be."""
        found = [text for text in (self._fault(job_id, jobs) for job_id in self.ids) if text]
        paid = self.count(jobs)
        where = self._where()
        if self._number is not None and paid != self._number:
            advice = _LOOK if paid < self._number else _LOOK_AT_KEYS
            found.append(f"Letters paid in {where}: {paid}. Expected: {self._number}. {advice}")
        if self._at_least_one and not paid:
            found.append(
                f"No letter is paid in {where}. {_LOOK} {_ADOPTED} If it should post none: expected=0."
            )
        return found

    def _counts(self, job: PrintJob) -> bool:
        if self.ids:
            return job.id in self.ids
        return letter_key_of(job) is not None and (self._run is None or self._run.has(job))

    def _fault(self, job_id: str, jobs: Jobs) -> str | None:
        job = jobs.get(job_id)
        if job_id in self.strange:
            return f"Print job {job_id} is in `expected` and is no letter: it is {self.strange[job_id]}."
        if job is None:
            return (
                f"Print job {job_id} is in `expected` and not paid: a draft, deleted, or of another account."
            )
        key = letter_key_of(job)
        same = [one for one in jobs.values() if one is job or (key is not None and letter_key_of(one) == key)]
        if any(in_the_post(one) for one in same):
            return None
        return (
            f"Print job {job_id} (letter {key}) is in `expected`, and its letters were cancelled or refused."
        )

    def _where(self) -> str:
        if self._run is None:
            return "the account"
        return f"run {self._run.run_id} of {self._run.dag_id}"


_LOOK = "Look at the tasks that post: were they skipped, failed, or told to stop at the quote?"
_ADOPTED = (
    "A letter that an earlier run has posted is not of this run, and a test job is not of a live connection: "
    "name what the tasks have returned in `expected`."
)
_LOOK_AT_KEYS = "Look which task posted more, and whether its letter key is what it should be."


def _letter(job: PrintJob) -> object:
    """Return what a letter is the same by when it is posted again on purpose: its parts without `resend`."""
    metadata = job.metadata or {}
    names = ("environment", "dag_id", "run", "task_id", "map_index", "idempotency_key", "chunk")
    own = tuple(metadata.get(name) for name in names)
    return own if any(own[1:]) else letter_key_of(job) or job.id
