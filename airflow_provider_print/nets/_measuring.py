"""How single answers are read by the probe, and the lines of its table."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from airflow_provider_print.core.errors import ApiError, PrintError, RateLimitError
from airflow_provider_print.nets._probing import HeaderWatch

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow_provider_print.core.answers import Answer
    from airflow_provider_print.intelliprint.client import IntelliprintClient

_PROVOKED = 400


@dataclass(frozen=True)
class Finding:
    """One line of the table.

    :param question: what no document states.
    :param found: what was measured.
    :param meaning: what it means for the settings.
    :param fits: whether the settings as they are may stay.
    :param known: whether the service could be asked.
    """

    question: str
    found: str
    meaning: str
    fits: bool = True
    known: bool = True


def limit(watch: HeaderWatch, hasty: IntelliprintClient | None) -> Finding:
    """Say what answers tell about the rate limit; go over it only when that is asked for."""
    question = "A refusal for too many calls (429) names"
    if hasty is not None:
        return _provoked(question, hasty)
    if not watch.refused:
        also = f"; other answers have {', '.join(sorted(watch.names))}" if watch.names else ""
        return Finding(question, f"unknown: none came in {watch.calls} calls{also}", "nothing to change")
    return _named(question, watch, f"{watch.refused} of {watch.calls} calls")


def _provoked(question: str, hasty: IntelliprintClient) -> Finding:
    watch, begun, failed = HeaderWatch(hasty.transport), time.monotonic(), None
    with watch:
        try:
            for _ in range(_PROVOKED):
                hasty.list_print_jobs(limit=1, testmode=True, fields=["id"])
        except RateLimitError:
            pass  # which was wanted
        except PrintError as error:
            failed = type(error).__name__
    took = f"{watch.calls} calls in {time.monotonic() - begun:.1f} s"
    if failed is not None and not watch.refused:
        found = f"not known: {failed} after {took}"
        return Finding(question, found, "could not ask: try again", fits=False, known=False)
    if not watch.refused:
        return Finding(question, f"unknown: none came in {took}", "the limit is higher than that")
    return _named(question, watch, f"after {took}")


def _named(question: str, watch: HeaderWatch, when: str) -> Finding:
    names = ", ".join(sorted(watch.names_of_429)) or "no wait"
    meaning = "waits are as long as the service says"
    if "retry-after" not in watch.names_of_429 and "x-ratelimit-reset" not in watch.names_of_429:
        meaning = "after a refusal a call waits a minute; keep `rate` of the connection below the limit"
    return Finding(question, f"{names} ({when})", meaning)


def answered(call: Callable[[], Answer]) -> str:
    """Return status and code of whatever a call answers."""
    try:
        return str(call().status)
    except ApiError as error:
        return f"{error.status} {error.code or ''}".strip()


def letter_ids(job: dict[str, Any]) -> list[Any]:
    """Return the ids of the letters of a job, sorted."""
    return sorted(str(one.get("id")) for one in job.get("letters") or [])


def step_of(values: list[float]) -> float | None:
    """Return the largest step that all times are multiples of; None when all are the same."""
    scaled = sorted({round(value * 1000) for value in values})
    gaps = [b - a for a, b in pairwise(scaled)]
    return math.gcd(*gaps) / 1000 if gaps else None


def same(name: str, sent: dict[str, Any], back: dict[str, Any]) -> bool:
    """Tell whether a value came back as it was sent, its type included."""
    return name in back and type(back[name]) is type(sent[name]) and bool(back[name] == sent[name])


def change(name: str, sent: dict[str, Any], back: dict[str, Any]) -> str:
    """Say how a value came back, without printing long ones."""
    if name not in back:
        return f"{name} is lost"
    value = back[name]
    if isinstance(value, str) and isinstance(sent[name], str) and len(value) != len(sent[name]):
        return f"{name} has {len(value)} of {len(sent[name])} characters"
    return f"{name} is {str(value)[:20]!r}"
