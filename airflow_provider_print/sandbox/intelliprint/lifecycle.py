"""Where a letter is, computed from the clock whenever somebody asks; nothing moves by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

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
    (60 * MINUTE, "sent"),
    (40 * MINUTE, "shipping"),
    (30 * MINUTE, "enclosing"),
    (10 * MINUTE, "printing"),
)
"""Sandbox seconds after confirming (or after the mail date) from which a letter has a status.

The statuses and their order are documented, the times are the sandbox's own: an hour in all, which is a
minute of real time at the default speed.
"""
_SPREAD = 2 * MINUTE
"""The letters of a job move one after the other within this time."""


@dataclass(frozen=True)
class Position:
    """Where a letter is, and since when."""

    status: str
    since: float
    shipped_date: int | None = None
    tracking_number: str | None = None
    returned: dict[str, Any] | None = None


def is_gone(job: dict[str, Any], now: float) -> bool:
    """Whether a job has been deleted by the passing of time."""
    if not job["confirmed"]:
        return bool(now > job["created_exact"] + DRAFT_LIVES)
    return bool(job["testmode"] and now > job["confirmed_exact"] + TEST_JOB_LIVES)


def position(job: dict[str, Any], index: int, now: float, world: World) -> Position:
    """Where a letter of a job is at a sandbox time."""
    if not job["confirmed"]:
        return Position("draft", job["created_exact"])
    letter = job["letters"][index]
    status, since = _by_events(letter, now) or _by_time(job, index, now, world)
    shipped = tracking = returned = None
    if status in ("shipping", "sent", "returned"):
        shipped = letter.get("shipped_date") or int(_begin(job, index) + dict(_moments())["shipping"])
        shipped = min(shipped, int(since))
    if status in ("sent", "returned"):
        tracking = tracking_number(letter["id"], job["postage"]["service"])
    if status == "returned":
        reason = next(
            (event["reason"] for event in reversed(letter["events"]) if event["status"] == "returned"), None
        )
        returned = {"acknowledged": False, "date": int(since), "reason": reason or "Addressee gone away"}
    return Position(status, since, shipped, tracking, returned)


def _by_events(letter: dict[str, Any], now: float) -> tuple[str, float] | None:
    """Return the last thing that a cancellation or the tester made happen."""
    happened = [event for event in letter["events"] if event["at"] <= now]
    return (happened[-1]["status"], happened[-1]["at"]) if happened else None


def _by_time(job: dict[str, Any], index: int, now: float, world: World) -> tuple[str, float]:
    if not job["testmode"] or world.test_letters_move:
        begin = _begin(job, index)
        for after, status in TIMELINE:
            if now >= begin + after:
                return status, begin + after
    return "waiting_to_print", float(job["confirmed_exact"])


def _begin(job: dict[str, Any], index: int) -> float:
    mail_date = job["postage"]["mail_date"] or 0
    return float(max(job["confirmed_exact"], mail_date)) + _SPREAD * index / max(1, len(job["letters"]))


def _moments() -> list[tuple[str, float]]:
    return [(status, after) for after, status in TIMELINE]
