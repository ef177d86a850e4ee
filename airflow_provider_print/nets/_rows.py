"""A print job as the nets see it: whose letter it is, who made it, and whether anything of it is in the post.

Never an address: the lists are asked for a few fields only, and none of them is about a recipient.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from airflow_provider_print.intelliprint.adopting import is_dead
from airflow_provider_print.intelliprint.statuses import NEVER_POSTED

if TYPE_CHECKING:
    from airflow_provider_print.intelliprint.models import PrintJob

_KEY = re.compile(r"af\d+-[a-z2-7]{26}")
_AT_THE_END = re.compile(rf"(?:^|\s)({_KEY.pattern})\s*$")
_TASK = re.compile(r"(?P<task>.*?)(?:\[(?P<index>\d+)\])?")


def letter_key_in(reference: str | None) -> str | None:
    """Return the letter key at the end of a reference; None where it has none.

    :param reference: as the service stores it.
    """
    found = _AT_THE_END.search(reference or "")
    return found.group(1) if found else None


def letter_key_of(job: PrintJob) -> str | None:
    """Return the letter key of a job: that in its metadata, else that at the end of its reference.

    Both can be edited in the dashboard, so either is enough.

    :param job: with reference and metadata.
    """
    told = (job.metadata or {}).get("letter_key")
    if isinstance(told, str) and _KEY.fullmatch(told):
        return told
    return letter_key_in(job.reference)


def in_the_post(job: PrintJob) -> bool:
    """Tell whether a confirmed job is a letter in the post, or on its way there.

    One whose letters were all taken back or refused is not. One that tells no letters counts: better a
    second look than none.

    :param job: confirmed, with the statuses of its letters.
    """
    return not is_dead(job)


def is_whole(job: PrintJob) -> bool:
    """Tell whether every letter of a job is in the post, or on its way there.

    :param job: with the statuses of its letters.
    """
    going = all(letter.status is not None and letter.status not in NEVER_POSTED for letter in job.letters)
    return job.confirmed is True and bool(job.letters) and going


@dataclass(frozen=True)
class Maker:
    """The task instance that made a job, as `metadata.made_in` names it.

    :param map_index: -1 for a task that is not mapped.
    """

    dag_id: str
    task_id: str
    map_index: int
    run_id: str

    @classmethod
    def of(cls, metadata: dict[str, Any] | None) -> Self | None:
        """Read `<dag_id> <task_id>[<map_index>] <run_id> clear <n> try <k>`; None where there is none.

        Ids of DAGs and tasks have no spaces; the id of a run may have some.

        :param metadata: of a job.
        """
        told = (metadata or {}).get("made_in")
        parts = told.split(" ", 2) if isinstance(told, str) else []
        if len(parts) != 3:
            return None
        dag_id, task, rest = parts
        run_id, cleared, _ = rest.rpartition(" clear ")
        found = _TASK.fullmatch(task)
        assert found is not None, "the pattern takes any text"
        index = int(found["index"]) if found["index"] else -1
        return cls(dag_id, found["task"], index, run_id if cleared else rest)

    def __str__(self) -> str:
        index = f"[{self.map_index}]" if self.map_index >= 0 else ""
        return f"{self.dag_id}.{self.task_id}{index} of run {self.run_id}"


@dataclass(frozen=True, kw_only=True)
class RunScope:
    """One run of a DAG, to find its letters by.

    :param dag_id: of the DAG.
    :param run: the run part of the letter key: logical date, partition key or run id.
    :param run_id: Airflow's id of the run.
    :param environment: that of the connection; empty where it has none.
    """

    dag_id: str
    run: str
    run_id: str
    environment: str = ""

    def has(self, job: PrintJob) -> bool:
        """Tell whether a job is a letter of this run.

        A letter with the key of its task belongs to every run of that date; one with a key of the user's
        own belongs to the run that made it.

        :param job: with metadata.
        """
        metadata = job.metadata or {}
        if (metadata.get("environment") or "") != self.environment:
            return False
        if metadata.get("dag_id") == self.dag_id and metadata.get("run") == self.run:
            return True
        maker = Maker.of(metadata)
        return maker is not None and (maker.dag_id, maker.run_id) == (self.dag_id, self.run_id)
