"""What the states of a letter mean for somebody who waits.

A print job has no status of its own: it is done when each of its letters is (documented). There is no
`delivered` (documented). Success is a set, and a status that nobody knows is an error that names it, never
an endless wait.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from airflow_provider_print.core.errors import InputError, UnexpectedAnswerError


class LetterStatus(StrEnum):
    """Every known status (documented; `invalid_address`, `cancelled` observed by others)."""

    DRAFT = "draft"
    WAITING_TO_PRINT = "waiting_to_print"
    PRINTING = "printing"
    ENCLOSING = "enclosing"
    SHIPPING = "shipping"
    SENT = "sent"
    RETURNED = "returned"
    CANCELLED = "cancelled"
    FAILED_WRONG_ADDRESS = "failed_wrong_address"
    INVALID_ADDRESS = "invalid_address"


#: The way of a letter that nothing happens to, in its order (documented).
PATH = (
    LetterStatus.DRAFT,
    LetterStatus.WAITING_TO_PRINT,
    LetterStatus.PRINTING,
    LetterStatus.ENCLOSING,
    LetterStatus.SHIPPING,
    LetterStatus.SENT,
)
#: Confirmed and on the way; the status will change by itself.
IN_FLIGHT = frozenset(
    {LetterStatus.WAITING_TO_PRINT, LetterStatus.PRINTING, LetterStatus.ENCLOSING, LetterStatus.SHIPPING}
)
#: Handed to Royal Mail. It looks final but is not quite: a letter can still become `returned` (observed by
#: others).
SUCCESS = frozenset({LetterStatus.SENT})
#: Will not reach anybody.
FAILURE = frozenset(
    {
        LetterStatus.RETURNED,
        LetterStatus.CANCELLED,
        LetterStatus.FAILED_WRONG_ADDRESS,
        LetterStatus.INVALID_ADDRESS,
    }
)
#: Of these nothing went into the post; what was `returned` did.
NEVER_POSTED = FAILURE - {LetterStatus.RETURNED}
#: Can still be cancelled and refunded (observed by others).
CANCELLABLE = frozenset({LetterStatus.WAITING_TO_PRINT})


def has_reached(status: str, targets: Iterable[str]) -> bool:
    """Tell whether a letter is where it should be, or was and is further on: some states last for minutes.

    :param status: of the letter
    :param targets: statuses to reach
    """
    if status in targets:
        return True
    return status in PATH and any(one in PATH[: PATH.index(LetterStatus(status))] for one in targets)


def parse_status(value: str | None, *, letter_id: str | None = None) -> LetterStatus:
    """Return the status as a known one; raise `UnexpectedAnswerError` that names a status nobody knows.

    :param value: what the service sent
    :param letter_id: the letter, for the error
    """
    try:
        return LetterStatus(value or "")
    except ValueError:
        where = f"Letter {letter_id}" if letter_id else "A letter"
        raise UnexpectedAnswerError(
            f"{where} has the status {str(value)[:60]!r}, which this version does not know.",
            param="letters.status",
            advice="Look at the job in the dashboard, and update this package.",
        ) from None


def parse_targets(names: Iterable[str], *, param: str = "target_statuses") -> frozenset[LetterStatus]:
    """Return a set of statuses to wait for; raise `InputError` for an empty set or a name that nobody knows.

    :param names: names of statuses
    :param param: the argument this came from, for the error
    """
    given = [names] if isinstance(names, str) or not isinstance(names, Iterable) else list(names)
    known = {status.value for status in LetterStatus}
    wrong = [name for name in given if not isinstance(name, str) or name not in known]
    if names is None or not given:
        what = "No status to wait for was given."
    elif wrong:
        what = f"{str(wrong[0])[:60]!r} is not a status of a letter."
    else:
        return frozenset(LetterStatus(name) for name in given)
    raise InputError(what, param=param, advice=f"Known ones: {', '.join(sorted(known))}.")
