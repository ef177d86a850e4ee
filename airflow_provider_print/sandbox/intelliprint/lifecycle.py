"""Where a letter is, computed from the clock whenever somebody asks; nothing moves by itself.

All of it is a pure function of the job as it is kept, the time and the rules of the world: the same letter
asked twice about the same moment is in the same place, and its future can be read before it comes.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from airflow_provider_print.sandbox.intelliprint import workdays
from airflow_provider_print.sandbox.intelliprint.pricing import tracking_number

if TYPE_CHECKING:
    from airflow_provider_print.sandbox.world import World

MINUTE = 60.0
DAY = 86_400.0
DRAFT_LIVES = 30 * DAY
"""A draft can be confirmed for 30 days (documented); then it is deleted (assumed)."""
TEST_JOB_LIVES = 7 * DAY
"""A test job is deleted a week after it was confirmed (documented)."""

TIMELINE = (
    (10 * MINUTE, "printing"),
    (30 * MINUTE, "enclosing"),
    (40 * MINUTE, "shipping"),
    (60 * MINUTE, "sent"),
)
"""Sandbox seconds after printing may begin from which a letter has a status.

The statuses and their order are documented, the times are the sandbox's own: an hour in all, which is a
minute of real time at the default speed. Printing may begin when the job is confirmed, or on its mail date,
or, with working days, when the service next works.
"""
_AFTER = {status: after for after, status in TIMELINE}
_SPREAD = 2 * MINUTE
"""The letters of a job move one after the other within this time."""
_DELIVERED = {"uk_first_class_signed_for": DAY, "uk_second_class_signed_for": 3 * DAY}
"""Sandbox seconds after `sent` until a signature gives the tracking number.

Observed by others: it comes after delivery with these services; the times are assumed.
"""
_STILL_NEEDED = frozenset({"draft", "waiting_to_print", "printing", "enclosing", "shipping"})
_REASONS = ("Addressee gone away", "Address incomplete", "Not called for", "Refused")
"""Why letters come back; the first is documented, the others are assumed."""

Moment = tuple[float, str]


class Position(NamedTuple):
    """Where a letter is, and since when.

    :param status: one of the service's statuses.
    :param since: the sandbox time of the last change.
    :param shipped_date: when it was handed over for delivery, in whole seconds.
    :param tracking_number: for services that have one, once it is known.
    :param returned: when and why it came back.
    """

    status: str
    since: float
    shipped_date: int | None = None
    tracking_number: str | None = None
    returned: dict[str, Any] | None = None


def is_gone(job: dict[str, Any], now: float, world: World) -> bool:
    """Whether a job has been deleted by the passing of time."""
    if not job["confirmed"]:
        return world.drafts_expire and is_expired(job, now)
    return bool(job["testmode"] and now > job["confirmed_exact"] + TEST_JOB_LIVES)


def is_expired(job: dict[str, Any], now: float) -> bool:
    """Whether a draft is too old to be confirmed (documented: 30 days)."""
    return bool(now > job["created_exact"] + DRAFT_LIVES)


def moments(job: dict[str, Any], index: int, world: World) -> list[Moment]:
    """Return every status that a letter had, has and will have, as (sandbox time from which, status).

    In the order of time; there is always a first one, and its time is when the job was confirmed (or made,
    while it is a draft). Where a letter begins and when it is printed was settled when the job was confirmed,
    or what was posted could be cancelled under other rules; whether letters of test jobs move and which
    letters come back is by the rules as they are now. What happened by a cancellation or by the tester's hand
    ends what would have come by itself. A test job's moments after its deletion are among them.

    :param index: which letter of the job, from 0.
    """
    if not job["confirmed"]:
        return [(job["created_exact"], "draft")]
    letter = job["letters"][index]
    found = _by_themselves(job, index, world)
    events = letter["events"]
    if not events:
        return found
    first = events[0]["at"]
    return [
        *(moment for moment in found if moment[0] <= first),
        *((event["at"], event["status"]) for event in events),
    ]


def position(job: dict[str, Any], index: int, now: float, world: World) -> Position:
    """Where a letter of a job is at a sandbox time."""
    past = moments(job, index, world)
    at = len(past) - 1
    while at and past[at][0] > now:
        at -= 1
    since, status = past[at]
    if status not in ("shipping", "sent", "returned"):
        return Position(status, since)
    letter = job["letters"][index]
    shipped = min(int(_begin(job, index) + _AFTER["shipping"]), int(since))
    if status == "shipping":
        return Position(status, since, shipped)
    tracking = _tracking(job, letter, past[: at + 1], now)
    returned = _returned(letter, since) if status == "returned" else None
    return Position(status, since, shipped, tracking, returned)


def pdf_is_kept(position: Position, now: float, world: World) -> bool:
    """Whether the PDF of a letter can still be had; that it can be deleted is in older documentation only."""
    if not world.pdf_kept_days or position.status in _STILL_NEEDED:
        return True
    return now <= position.since + world.pdf_kept_days * DAY


def printing_from(confirmed: float, mail_date: int | None, world: World) -> float:
    """Return the sandbox time from which a job may be printed that is confirmed at a sandbox time."""
    if world.working_days:
        return workdays.printing_starts(confirmed, mail_date)
    return max(confirmed, float(mail_date or 0))


def _begin(job: dict[str, Any], index: int) -> float:
    """Return the sandbox time from which a letter of a confirmed job may be printed."""
    start = float(job["printing_from"])
    return start + _SPREAD * index / len(job["letters"]) if index else start


def _by_themselves(job: dict[str, Any], index: int, world: World) -> list[Moment]:
    """Return the moments that come by the clock alone."""
    first_status = job["first_status"]
    found: list[Moment] = [(job["confirmed_exact"], first_status)]
    if job["testmode"] and not world.test_letters_move:
        return found
    start = _begin(job, index)
    for after, status in TIMELINE:
        if status != first_status:
            found.append((start + after, status))
    if world.returned_share and chance(job["letters"][index]["id"]) < world.returned_share:
        found.append((found[-1][0] + world.returned_after_days * DAY, "returned"))
    return found


@lru_cache(maxsize=50_000)
def chance(letter_id: str) -> float:
    """Return the lot of a letter, from 0 up to 1: drawn by its id, not when somebody looks."""
    return int.from_bytes(hashlib.sha256(f"returned/{letter_id}".encode()).digest()[:6]) / 2**48


def _tracking(job: dict[str, Any], letter: dict[str, Any], past: list[Moment], now: float) -> str | None:
    service = job["postage"]["service"]
    if service in _DELIVERED:
        sent = next((since for since, status in past if status == "sent"), None)
        if sent is None or now < sent + _DELIVERED[service]:
            return None
    return tracking_number(letter["id"], service)


def _returned(letter: dict[str, Any], since: float) -> dict[str, Any]:
    by_hand = [event for event in letter["events"] if event["status"] == "returned" and event["at"] <= since]
    event = by_hand[-1] if by_hand else {}
    reason = event.get("reason") or _REASONS[int(chance(letter["id"]) * 1e6) % len(_REASONS)]
    return {"acknowledged": letter.get("acknowledged", False), "date": int(since), "reason": reason}
