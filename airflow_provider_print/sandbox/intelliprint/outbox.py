"""What lies in the outbox: jobs and letters as they stand, pages as pictures, and a hand to move letters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow_provider_print.sandbox import pdf
from airflow_provider_print.sandbox.intelliprint import jobs, letters, lifecycle
from airflow_provider_print.sandbox.intelliprint.fields import STATUSES
from airflow_provider_print.sandbox.intelliprint.views import JobView

if TYPE_CHECKING:
    from airflow_provider_print.sandbox.core import Sandbox
    from airflow_provider_print.sandbox.intelliprint.letters import Job, Letter


def outbox(sandbox: Sandbox, origin: str) -> dict[str, Any]:
    """Return all jobs, newest first; `pages_png` of a letter are the addresses of its pictures."""
    now = sandbox.clock.now()
    world = sandbox.world
    found = [job for job in reversed(sandbox.store.all(jobs.KIND)) if not lifecycle.is_gone(job, now, world)]
    return {"now": now, "jobs": [_shown(sandbox, job, origin, now) for job in found]}


def letter_pdf(sandbox: Sandbox, letter_id: str) -> bytes:
    """Return a letter as it will be printed.

    :raises LookupError: when there is none of that id.
    """
    job, index = _seen(sandbox, letter_id)
    return letters.draw(sandbox, job, job["letters"][index])


def letter_page(sandbox: Sandbox, letter_id: str, page: int, *, dpi: int, window: bool) -> bytes:
    """Return a page of a letter as a PNG, counted from 1.

    :param window: whether the address window is drawn (on the first page, and never on postcards).
    :raises LookupError: when there is no such letter or page.
    """
    job, index = _seen(sandbox, letter_id)
    letter: Letter = job["letters"][index]
    if not 1 <= page <= letter["pages"]:
        raise LookupError(f"the letter has {letter['pages']} pages")
    drawn = job["address_window"] if window and page == 1 and job["type"] == "letter" else None
    if _as_sent(job, letter):
        source = sandbox.store.get_blob(job["source"]["sha"])
        return pdf.render_png(source, letter["first"] + page - 1, dpi=dpi, window=drawn)
    return pdf.render_png(letters.draw(sandbox, job, letter), page - 1, dpi=dpi, window=drawn)


def move_letter(
    sandbox: Sandbox,
    letter_id: str,
    *,
    status: str,
    reason: str | None = None,
    after: float = 0.0,
) -> dict[str, Any]:
    """Make something happen to a letter of a confirmed job, now or `after` sandbox seconds.

    :raises ValueError: for a status that there is not, or a job that is still a draft.
    :raises LookupError: when there is no such letter.
    """
    if status not in STATUSES or status == "draft":
        raise ValueError(f"status is one of: {', '.join(STATUSES[1:])}")
    if isinstance(after, bool) or not isinstance(after, int | float) or not 0 <= after < 1e11:
        raise ValueError("after is a number of sandbox seconds, 0 or more")
    with sandbox.store.transaction():
        job, index = _find(sandbox, letter_id)
        if not job["confirmed"]:
            raise ValueError("the letter's print job is a draft: confirm it first")
        event = {"at": sandbox.clock.now() + after, "status": status, "reason": reason}
        events = job["letters"][index]["events"]
        events.append(event)
        events.sort(key=lambda each: float(each["at"]))
        jobs.save(sandbox, job)
    return {"id": letter_id, "print_id": job["id"], **event}


def acknowledge(sandbox: Sandbox, letter_id: str, acknowledged: bool) -> dict[str, Any]:
    """Say whether somebody has taken note of a letter that came back, as people do in the dashboard.

    :raises ValueError: when it has not come back.
    :raises LookupError: when there is no such letter.
    """
    with sandbox.store.transaction():
        job, index = _find(sandbox, letter_id)
        if lifecycle.position(job, index, sandbox.clock.now(), sandbox.world).returned is None:
            raise ValueError("the letter has not come back")
        job["letters"][index]["acknowledged"] = acknowledged
        jobs.save(sandbox, job)
    return {"id": letter_id, "print_id": job["id"], "acknowledged": acknowledged}


def _find(sandbox: Sandbox, letter_id: str) -> tuple[Job, int]:
    """Return the job of a letter, to change it, and the place of the letter in it."""
    job, index = _seen(sandbox, letter_id)
    return sandbox.store.get(jobs.KIND, job["id"]) or job, index


def _seen(sandbox: Sandbox, letter_id: str) -> tuple[Job, int]:
    """Return the job of a letter, only to look at it."""
    place = sandbox.store.peek("letter", letter_id)
    job = None if place is None else sandbox.store.peek(jobs.KIND, place["print"])
    if place is None or job is None or lifecycle.is_gone(job, sandbox.clock.now(), sandbox.world):
        raise LookupError("there is no such letter")
    return job, place["index"]


def _as_sent(job: Job, letter: Letter) -> bool:
    """Whether the pages of a letter are those of the file: one can be drawn without cutting it out then."""
    added = job["extra_documents"] or any(job["background"][side] for side in ("first_page", "other_pages"))
    moved = job["nudge"]["x"] or job["nudge"]["y"]
    return letter["recipient"] is None and not letter["sheet"] and not added and not moved


def _shown(sandbox: Sandbox, job: Job, origin: str, now: float) -> dict[str, Any]:
    shown = JobView(sandbox, job, origin=origin, now=now).show()
    for letter in shown["letters"]:
        base = f"{origin}/_sandbox/outbox/letters/{letter['id']}"
        letter["pages_png"] = [f"{base}/pages/{page}.png" for page in range(1, letter["pages"] + 1)]
    return shown
