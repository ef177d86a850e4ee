"""Stopping the younger of two paid jobs, only where the older one stays in the post as a whole.

A cancelled letter reaches nobody, so a double payment is the smaller evil: whatever is not beyond doubt is
left for a human.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from airflow_provider_print.intelliprint.cancelling import look, may_be_stopped
from airflow_provider_print.intelliprint.statuses import LetterStatus
from airflow_provider_print.nets._deleting import delete_after_a_look
from airflow_provider_print.nets._rows import in_the_post, is_whole, letter_key_in

if TYPE_CHECKING:
    from airflow_provider_print.intelliprint.client import IntelliprintClient
    from airflow_provider_print.intelliprint.models import PrintJob
    from airflow_provider_print.nets._findings import DoublePost

log = logging.getLogger(__name__)

_PARTS = (
    "environment",
    "dag_id",
    "run",
    "task_id",
    "map_index",
    "idempotency_key",
    "chunk",
    "resend",
    "fingerprint",
)


def stop_younger(client: IntelliprintClient, double: DoublePost, *, environment: str) -> list[str]:
    """Stop all but the oldest, and look what is left of each; what cannot be stopped stays in the finding.

    :param client: speaks to the service.
    :param double: what is done about it is written there.
    :param environment: that of the connection; letters of another one are left alone.
    :return: ids of the jobs of which nothing is in the post any more.
    :raises PrintError: when the service could not be asked.
    """
    stopped = []
    for job in double.younger:
        why_not = _doubt(double, double.older, job, environment)
        if why_not is not None:
            double.why_not = why_not
            break
        if not may_be_stopped(job):
            double.why_not = f"nothing of {job.id} can be stopped any more"
            continue
        if _stop(client, double, job, environment):
            stopped.append(job.id)
    if double.after:
        double.after[double.older.id] = look(client, double.older.id)
    return stopped


def _stop(client: IntelliprintClient, double: DoublePost, job: PrintJob, environment: str) -> bool:
    """Look at both, stop one at once, and look at it again."""

    def may_go(hasty: IntelliprintClient) -> bool:
        younger, older = look(hasty, job.id), look(hasty, double.older.id)
        if younger is None or older is None or not (younger.confirmed and may_be_stopped(younger)):
            return False
        return _doubt(double, older, younger, environment) is None

    struck = delete_after_a_look(client, job.id, may_go, reads=2)
    after = double.after[job.id] = struck.after
    if not struck.sent:
        log.warning("Print job %s was not stopped: it or %s has changed.", job.id, double.older.id)
        return False
    count = sum(one.status == LetterStatus.CANCELLED for one in after.letters) if after else len(job.letters)
    log.warning("Print job %s: letters stopped and refunded: %d.", job.id, count)
    return after is None or not in_the_post(after)


def _doubt(double: DoublePost, older: PrintJob, younger: PrintJob, environment: str) -> str | None:
    """Say why a younger job must not be stopped; None where nothing speaks against it."""
    if not is_whole(older):
        return f"not every letter of {older.id} will be posted, so {younger.id} may be all that somebody gets"
    if len(older.letters) < len(younger.letters):
        return f"{older.id} has fewer letters than {younger.id}"
    if older.confirmed_at is None or younger.confirmed_at is None or older.testmode != younger.testmode:
        return "they do not say which of them is the older one"
    return _disagreement(double.letter_key, older, younger, environment)


def _disagreement(key: str, older: PrintJob, younger: PrintJob, environment: str) -> str | None:
    """Say where two jobs do not agree on being one letter of ours: metadata can be edited or copied."""
    for job in (older, younger):
        known = job.metadata or {}
        if letter_key_in(job.reference) != key or known.get("letter_key") != key:
            return f"reference and metadata of {job.id} do not both name this letter"
        if (known.get("environment") or "") != environment:
            return f"{job.id} is of another environment than this connection"
    for name in _PARTS:
        if (older.metadata or {}).get(name) != (younger.metadata or {}).get(name):
            return f"their metadata has another {name}"
    return None
