"""The janitor: our drafts that nobody is going to confirm any more.

A draft costs nothing, but it holds a customer's letter, and the service keeps it for 30 days. Surplus drafts
are what the paid step leaves behind after lost answers and killed tries; it deletes none itself, because a
`DELETE` that meets a job that was confirmed meanwhile cancels a paid letter. So this deletes late, and with
care:

* only drafts of ours: the reference ends with a letter key, the metadata names the same one, and the same
  environment as the connection;
* only drafts older than an age of at least an hour, by default a week;
* only those of which somebody who can know says that no try is going to confirm them (see `Verdict`): none
  that a register names, none of a task or a run that is still going on;
* the whole list is read before the first draft is deleted, so that no row moves under the reader;
* each draft is read again immediately before, and left alone unless it is the same draft still.

What stays: between that reading and the deletion lie some milliseconds, in which somebody could confirm just
this draft: a human in the dashboard, or a run that holds the same letter key of the user's own. The service
cannot be asked to delete "only if not confirmed". But its answer tells the two apart: then the letters are
cancelled and refunded, nothing is posted, and that is a finding that names the letter and says how to post
it. A try that comes back from the dead and finds its draft deleted stops before anything is paid, or makes
another draft.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from airflow_provider_print.core.errors import (
    BadRequestError,
    InputError,
    LetterFailedError,
    NotFoundError,
)
from airflow_provider_print.intelliprint.models import PrintJob
from airflow_provider_print.intelliprint.statuses import LetterStatus
from airflow_provider_print.nets._findings import ran_at
from airflow_provider_print.nets._rows import Maker, in_the_post, letter_key_in, letter_key_of
from airflow_provider_print.nets._sweep import PAGE, Sweep

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow_provider_print.intelliprint.client import IntelliprintClient

log = logging.getLogger(__name__)

A_WEEK = 7 * 24 * 3600.0
AN_HOUR = 3600.0

_FIELDS = ("id", "reference", "metadata", "created", "confirmed", "testmode", "letters.status")
_OTHERWISE = "confirmed or changed meanwhile"


class JanitorError(LetterFailedError):
    """A draft was confirmed in the very moment in which it was deleted: its letters are cancelled."""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """An unconfirmed job of ours.

    :param created: UNIX seconds.
    :param maker: the task instance that made it; None where no task did.
    :param metadata: as it is stored.
    """

    id: str
    letter_key: str
    reference: str
    created: int
    maker: Maker | None
    metadata: dict[str, Any]

    @property
    def one_run_only(self) -> bool:
        """Whether the letter key belongs to this one run: nobody else can have decided for the draft.

        A user's own letter key may be held by tasks of several runs, and a partition by several runs.
        """
        run = self.metadata.get("run")
        if self.maker is None or run is None:
            return False
        return run == self.maker.run_id or _is_date(str(run))


@dataclass(frozen=True)
class Verdict:
    """Whether a draft may be deleted, and why.

    :param delete: nobody is going to confirm it.
    :param why: one of few reasons, to be counted: no ids.
    """

    delete: bool
    why: str


NO_TASK = Verdict(True, "no task made it")
POSTED = Verdict(True, "another job has posted its letter")

Judge: TypeAlias = "Callable[[Draft], Verdict]"
"""Says of a draft whether anybody is still going to confirm it."""


@dataclass(kw_only=True)
class CleanUp:
    """What became of the drafts.

    :param found: our drafts that are older than the age.
    :param deleted: ids of those that were deleted, or would be in a dry run.
    :param kept: how many were kept, by reason.
    :param cancelled: letter keys by the id of a job that was confirmed while it was deleted.
    :param dry: nothing was deleted.
    """

    dry: bool
    before: float
    testmode: bool
    found: int = 0
    deleted: list[str] = field(default_factory=list)
    kept: dict[str, int] = field(default_factory=dict)
    cancelled: dict[str, str] = field(default_factory=dict)

    def keep(self, why: str) -> None:
        """Count one that is kept."""
        self.kept[why] = self.kept.get(why, 0) + 1

    def raise_for_findings(self) -> None:
        """Fail where a paid letter was cancelled.

        :raises JanitorError: naming letter keys and ids.
        """
        if not self.cancelled:
            return
        jobs = ", ".join(f"{job_id} (letter {key})" for job_id, key in self.cancelled.items())
        raise JanitorError(
            f"Confirmed in the very moment of being deleted: {jobs}. What was not being printed yet is "
            "cancelled and refunded.",
            advice="Nothing of it is posted. To post it, run its task again with resend.",
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the numbers, for XCom."""
        return {
            "found": self.found,
            "deleted": 0 if self.dry else len(self.deleted),
            "would_delete": len(self.deleted) if self.dry else 0,
            "kept": dict(self.kept),
            "cancelled": sorted(self.cancelled),
            "dry_run": self.dry,
            "testmode": self.testmode,
        }

    @property
    def summary(self) -> str:
        """One line for a log."""
        verb = "would be deleted (this was a dry run)" if self.dry else "deleted"
        mode = "test" if self.testmode else "live"
        kept = "; ".join(f"{n} {why}" for why, n in sorted(self.kept.items()))
        return (
            f"{self.found} {mode} drafts of ours from before {ran_at(self.before)}: "
            f"{len(self.deleted)} {verb}, {sum(self.kept.values())} kept{f' ({kept})' if kept else ''}."
        )


def clean_up(
    client: IntelliprintClient,
    *,
    testmode: bool,
    environment: str,
    judge: Judge,
    older_than: float = A_WEEK,
    delete: bool = False,
    page_size: int = PAGE,
    now: Callable[[], float] = time.time,
) -> CleanUp:
    """List our old drafts, and delete those that nobody is going to confirm.

    :param client: speaks to the service.
    :param testmode: which of the two lists.
    :param environment: that of the connection; empty where it has none.
    :param judge: says of each draft whether it may go.
    :param older_than: seconds since the draft was made; at least an hour.
    :param delete: do it; otherwise this only says what it would do.
    :param page_size: rows of a page.
    :param now: UNIX seconds.
    :raises InputError: naming `older_than`.
    :raises PrintError: when the service could not be asked. What was deleted before is in the log.
    """
    check_age(older_than)
    before = now() - older_than
    found = drafts(client, testmode=testmode, environment=environment, before=before, page_size=page_size)
    done = CleanUp(dry=not delete, before=before, testmode=testmode, found=len(found))
    for draft in found:
        verdict = judge(draft)
        if not verdict.delete:
            done.keep(verdict.why)
            log.info("Draft %s of letter %s is kept: %s.", draft.id, draft.letter_key, verdict.why)
        elif not delete:
            done.deleted.append(draft.id)
            log.info("Draft %s of letter %s would be deleted: %s.", draft.id, draft.letter_key, verdict.why)
        else:
            _delete(client, draft, verdict, done)
    return done


def check_age(older_than: float) -> None:
    """Refuse an age that is no number of seconds, or one at which a try may still be at work.

    :raises InputError: naming `older_than`.
    """
    number = isinstance(older_than, int | float) and not isinstance(older_than, bool)
    if not number or not AN_HOUR <= older_than < float("inf"):
        message = f"older_than is at least an hour, in seconds or as a timedelta, not {older_than!r}."
        raise InputError(message, param="older_than")


def drafts(
    client: IntelliprintClient, *, testmode: bool, environment: str, before: float, page_size: int = PAGE
) -> list[Draft]:
    """Return our drafts that were made before a moment, oldest first; takes one call for 1,000.

    :param testmode: which of the two lists.
    :param environment: that of the connection.
    :param before: UNIX seconds.
    :param page_size: rows of a page.
    """
    sweep = Sweep(
        lambda **place: client.list_print_jobs(
            confirmed=False,
            testmode=testmode,
            sort_field="created",
            sort_order="asc",
            fields=_FIELDS,
            **place,
        ),
        second=lambda job: job.created,
        past=lambda job: job.created is not None and job.created >= before,
        descending=False,
        limit=page_size,
    )
    ours = (_ours(job, environment) for job in sweep.rows())
    return sorted((draft for draft in ours if draft is not None), key=lambda draft: (draft.created, draft.id))


def paid_elsewhere(client: IntelliprintClient, draft: Draft, *, testmode: bool) -> bool:
    """Tell whether another job has posted the letter of a draft, which then nobody needs; takes one call.

    :param testmode: which of the two lists.
    """
    rows = client.list_print_jobs(
        reference=draft.reference, testmode=testmode, confirmed=True, fields=_FIELDS, limit=PAGE
    ).data
    return any(
        job.id != draft.id and job.confirmed and letter_key_of(job) == draft.letter_key and in_the_post(job)
        for job in rows
    )


def _ours(job: PrintJob, environment: str) -> Draft | None:
    metadata = job.metadata or {}
    key = letter_key_in(job.reference)
    own = key is not None and metadata.get("letter_key") == key
    if not own or job.confirmed is not False or (metadata.get("environment") or "") != environment:
        return None
    if key is None or job.created is None:
        return None
    return Draft(
        id=job.id,
        letter_key=key,
        reference=job.reference or "",
        created=job.created,
        maker=Maker.of(metadata),
        metadata=metadata,
    )


def _delete(client: IntelliprintClient, draft: Draft, verdict: Verdict, done: CleanUp) -> None:
    """Look once more, and delete at once. The order of the answers matters, see the head of this module."""
    try:
        now = client.get_print_job(draft.id, fields=_FIELDS)
        if now.confirmed is not False or now.reference != draft.reference:
            done.keep(_OTHERWISE)
            log.info("Print job %s of letter %s is no such draft any more: left.", draft.id, draft.letter_key)
            return
        answer = client.delete_print_job(draft.id)
    except NotFoundError:
        log.info("Draft %s of letter %s is gone already.", draft.id, draft.letter_key)
        done.deleted.append(draft.id)
        return
    except BadRequestError:
        answer = client.get_print_job(draft.id, fields=_FIELDS)
        if answer.confirmed is not True:
            raise
    if isinstance(answer, PrintJob) and any(one.status == LetterStatus.CANCELLED for one in answer.letters):
        done.cancelled[draft.id] = draft.letter_key
        log.error(
            "Print job %s of letter %s was confirmed in the moment of being deleted: what could be is "
            "cancelled and refunded. Run its task again with resend.",
            draft.id,
            draft.letter_key,
        )
        return
    if isinstance(answer, PrintJob):
        done.keep(_OTHERWISE)
        log.warning("Print job %s of letter %s was confirmed meanwhile: left.", draft.id, draft.letter_key)
        return
    done.deleted.append(draft.id)
    log.info("Draft %s of letter %s is deleted: %s.", draft.id, draft.letter_key, verdict.why)


def _is_date(text: str) -> bool:
    from datetime import datetime

    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
