"""The janitor: our drafts that nobody is going to confirm any more.

A draft costs nothing, but it holds a customer's letter, and the service keeps it for 30 days. Surplus drafts
are what the paid step leaves behind after lost answers and killed tries; it deletes none itself, because a
`DELETE` that meets a job that was confirmed meanwhile cancels a paid letter. So this deletes late, and with
care:

* only drafts of ours: the reference ends with a letter key, the metadata names the same one, and the same
  environment as the connection;
* only drafts older than an age of at least an hour, by default a week;
* only those of which somebody who can know says that no try is going to confirm them (see `Verdict`): none
  that a register names or may name, none of a task or a run that is still going on, none whose letter key
  somebody else may hold;
* the whole list is read before the first draft is deleted, so that no row moves under the reader;
* the DELETE goes out right behind one more look (see `nets._deleting`), and afterwards the job is read.

What stays: between that look and the arrival of the DELETE lie some milliseconds, in which somebody could
confirm just this draft. The service cannot be asked to delete "only if not confirmed". But the job tells
afterwards: then letters are cancelled and refunded, and that is a finding that names the letter and says how
to post it. A try that comes back from the dead and finds its draft deleted stops before anything is paid, or
makes another draft.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeAlias

from airflow_provider_print.core.errors import InputError, LetterFailedError
from airflow_provider_print.intelliprint.statuses import LetterStatus
from airflow_provider_print.nets._deleting import delete_after_a_look
from airflow_provider_print.nets._findings import ran_at, reason_of
from airflow_provider_print.nets._rows import Maker, in_the_post, letter_key_in, letter_key_of
from airflow_provider_print.nets._sweep import PAGE, Sweep

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow_provider_print.intelliprint.client import IntelliprintClient
    from airflow_provider_print.intelliprint.models import PrintJob

log = logging.getLogger(__name__)

A_WEEK = 7 * 24 * 3600.0
AN_HOUR = 3600.0

_FIELDS = ("id", "reference", "metadata", "created", "confirmed", "testmode", "letters.status")
_OTHERWISE = "confirmed or changed meanwhile"
_REFUSED = "the service refuses to delete it"


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
    def logical_date(self) -> datetime | None:
        """The logical date in the letter key; None where it has none.

        A partition key may look like a date, so ask whether the run of the maker has this very date.
        """
        try:
            date = datetime.fromisoformat(str(self.metadata.get("run")))
        except ValueError:
            return None
        return date if date.tzinfo is not None and date.isoformat() == self.metadata["run"] else None

    @property
    def of_its_run(self) -> bool:
        """Whether the letter key holds the id of the run that made it, which no other run has."""
        return self.maker is not None and self.metadata.get("run") == self.maker.run_id


@dataclass(frozen=True)
class Verdict:
    """Whether a draft may be deleted, and why.

    :param delete: nobody is going to confirm it.
    :param why: one of few reasons, to be counted: no ids.
    :param in_doubt: it is kept because nobody here can know; it may go where another job posted its letter.
    """

    delete: bool
    why: str
    in_doubt: bool = False


POSTED = Verdict(True, "another job has posted its letter")
#: No task made it, or that was edited away; a task with the same letter key may have decided for it.
NO_MAKER = Verdict(False, "no task made it, and one with its letter key may hold it", in_doubt=True)
SHARED = Verdict(False, "its letter key may be in use in another run", in_doubt=True)
NO_RUN = Verdict(False, "its run is not known any more, and may be made again", in_doubt=True)
NO_DAG = Verdict(False, "its DAG is not known here")
GOING_ON = Verdict(False, "its run is still going on")

Judge: TypeAlias = "Callable[[Draft], Verdict]"
"""Says of a draft whether anybody is still going to confirm it."""


@dataclass(frozen=True)
class Lost:
    """A paid job of which letters were cancelled because it was confirmed in the moment of its deletion.

    :param cancelled: how many letters.
    :param letters: how many it has.
    """

    letter_key: str
    cancelled: int
    letters: int

    def __str__(self) -> str:
        text = f"letter {self.letter_key}: {self.cancelled} of {self.letters} cancelled and refunded"
        if self.cancelled == self.letters:
            return f"{text}. Nothing of it is posted: run its task again with resend"
        return f"{text}. The others go on, and resend would post those again: post only the cancelled ones"


@dataclass(kw_only=True)
class CleanUp:
    """What became of the drafts.

    :param found: our drafts that are older than the age.
    :param deleted: ids of those that were deleted, or would be in a dry run.
    :param kept: how many were kept, by reason.
    :param cancelled: what was lost, by the id of a job that was confirmed while it was deleted.
    :param broken_off: why the drafts behind it were not looked at; None where all were.
    :param dry: nothing was deleted.
    """

    dry: bool
    before: float
    testmode: bool
    found: int = 0
    deleted: list[str] = field(default_factory=list)
    kept: dict[str, int] = field(default_factory=dict)
    cancelled: dict[str, Lost] = field(default_factory=dict)
    broken_off: str | None = None

    def keep(self, why: str) -> None:
        """Count one that is kept."""
        self.kept[why] = self.kept.get(why, 0) + 1

    def raise_for_findings(self) -> None:
        """Fail where a paid letter was cancelled.

        :raises JanitorError: naming letter keys and ids.
        """
        if self.cancelled:
            found = "; ".join(self.findings)
            raise JanitorError(f"Confirmed in the very moment of being deleted: {found}.")

    @property
    def findings(self) -> list[str]:
        """Everything that is wrong, one text each; nothing where no paid letter was cancelled."""
        if not self.cancelled:
            return []
        lost = [f"{job_id} ({one})" for job_id, one in sorted(self.cancelled.items())]
        return [*lost, *([f"not everything could be asked: {self.broken_off}"] if self.broken_off else [])]

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
    :return: what was done; where it was broken off after a paid letter was cancelled, it says so.
    :raises InputError: naming `older_than`.
    :raises PrintError: when the service could not be asked. What was deleted before is in the log.
    """
    check_age(older_than)
    before = now() - older_than
    found = drafts(client, testmode=testmode, environment=environment, before=before, page_size=page_size)
    done = CleanUp(dry=not delete, before=before, testmode=testmode, found=len(found))
    for draft in found:
        try:
            _treat(client, draft, judge, done)
        except Exception as error:
            if not done.cancelled:
                raise
            done.broken_off = reason_of(error)
            log.error("Broken off at draft %s: %s", draft.id, done.broken_off)
            break
    return done


def _treat(client: IntelliprintClient, draft: Draft, judge: Judge, done: CleanUp) -> None:
    verdict = judge(draft)
    if verdict.in_doubt and paid_elsewhere(client, draft, testmode=done.testmode):
        verdict = POSTED
    if not verdict.delete:
        done.keep(verdict.why)
        log.info("Draft %s of letter %s is kept: %s.", draft.id, draft.letter_key, verdict.why)
    elif done.dry:
        done.deleted.append(draft.id)
        log.info("Draft %s of letter %s would be deleted: %s.", draft.id, draft.letter_key, verdict.why)
    else:
        _delete(client, draft, verdict, done)


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
    ours = (_ours(job, environment) for job in sweep.rows() if job.testmode in (None, testmode))
    return sorted((draft for draft in ours if draft is not None), key=lambda draft: (draft.created, draft.id))


def paid_elsewhere(client: IntelliprintClient, draft: Draft, *, testmode: bool) -> bool:
    """Tell whether another job has posted the letter of a draft, which then nobody needs; takes one call.

    :param testmode: which of the two lists.
    """
    rows = client.list_print_jobs(
        reference=draft.reference, testmode=testmode, confirmed=True, fields=_FIELDS, limit=PAGE
    ).data
    return any(
        job.id != draft.id
        and job.confirmed
        and job.testmode in (None, testmode)
        and letter_key_of(job) == draft.letter_key
        and in_the_post(job)
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
    """Look once more, delete at once, and see what was deleted."""

    def look(hasty: IntelliprintClient) -> bool:
        return _is_still(hasty.get_print_job(draft.id), draft, done.testmode)

    struck = delete_after_a_look(client, draft.id, look)
    now = struck.after
    if now is None:
        done.deleted.append(draft.id)
        gone = f"deleted: {verdict.why}" if struck.sent else "gone already"
        log.info("Draft %s of letter %s is %s.", draft.id, draft.letter_key, gone)
        return
    cancelled = sum(letter.status == LetterStatus.CANCELLED for letter in now.letters)
    if struck.sent and cancelled:
        done.cancelled[draft.id] = Lost(draft.letter_key, cancelled, len(now.letters))
        log.error(
            "Print job %s was confirmed in the moment of being deleted: %s.",
            draft.id,
            done.cancelled[draft.id],
        )
        return
    why = _OTHERWISE if not _is_still(now, draft, done.testmode) else _REFUSED
    done.keep(why)
    log.warning("Print job %s of letter %s is left: %s.", draft.id, draft.letter_key, why)


def _is_still(job: PrintJob, draft: Draft, testmode: bool) -> bool:
    """Tell whether a job is the draft that was judged."""
    return (
        job.confirmed is False
        and job.testmode in (None, testmode)
        and job.reference == draft.reference
        and (job.metadata or {}).get("letter_key") == draft.letter_key
        and Maker.of(job.metadata) == draft.maker
    )
