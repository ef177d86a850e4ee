"""What is told of letters and print jobs that have moved, to whoever wants to begin work when they do.

A webhook tells of one letter; a print job may have thousands. So there are two kinds of events: of a letter
that has got a status, and of a print job whose letters, all together, have come somewhere (see `outcomes`).
Both are told at least once, may be late, and are news, not proof: before money moves, read the print job.

No event holds a recipient. The reference of a job that others have made is free text, so it is passed on only
where it ends with a letter key of ours, and the reason of a return is left out altogether.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from airflow_provider_print.core.errors import InputError
from airflow_provider_print.intelliprint.statuses import FAILURE, PATH, SUCCESS, LetterStatus

if TYPE_CHECKING:
    from collections.abc import Iterable

LETTER = "letter"
PRINT_JOB = "print_job"
#: What is told of a print job: each of its letters is sent; some will not arrive; none will move any more.
OUTCOMES = ("sent", "failed", "finished")
_OURS = re.compile(r".* (af\d+-[a-z2-7]{26})", re.ASCII | re.DOTALL)
_RANK = {
    **{status: rank for rank, status in enumerate(PATH)},
    **{status: len(PATH) for status in FAILURE},
    # A letter that was sent can still come back, and nothing comes after that (observed by others).
    LetterStatus.RETURNED: len(PATH) + 1,
}


@dataclass(frozen=True, kw_only=True)
class PrintEvent:
    """One event, as it is stored in the `extra` of an asset event.

    :param kind: `letter` or `print_job`.
    :param status: of the letter, or one of `OUTCOMES`.
    :param conn_id: the connection that it was heard through.
    :param print_job: id of the print job.
    :param letter: id of the letter, for an event of a letter.
    :param letters: how many letters have which status, for an event of a print job.
    :param reference: where the job is ours: words, then the letter key.
    :param letter_key: where the job is ours.
    :param testmode: nothing was posted.
    :param source: `webhook` or `watcher`.
    """

    kind: str
    status: str
    conn_id: str
    print_job: str
    letter: str | None = None
    letters: dict[str, int] | None = None
    reference: str | None = None
    letter_key: str | None = None
    testmode: bool = False
    source: str = "webhook"

    def payload(self) -> dict[str, Any]:
        """Return the event as plain JSON."""
        return asdict(self)

    @classmethod
    def parse(cls, extra: Any) -> PrintEvent:
        """Read what an asset event holds, whether it came by webhook or from a watcher.

        :param extra: of the asset event.
        :raises InputError: for anything else, such as an event that somebody made by hand.
        """
        if isinstance(extra, dict) and extra.get("from_trigger") is True:
            extra = extra.get("payload")
        names = cls.__dataclass_fields__.keys()
        try:
            event = cls(**{name: value for name, value in dict(extra).items() if name in names})
        except (TypeError, ValueError):
            event = None
        if event is None or event.kind not in (LETTER, PRINT_JOB) or not isinstance(event.print_job, str):
            raise InputError("This asset event tells of no letter and of no print job.", param="extra")
        return event


def ours(reference: str | None) -> dict[str, Any]:
    """Return `reference` and `letter_key` where a reference was made by us, else nothing.

    :param reference: as the service tells it.
    """
    found = _OURS.fullmatch(reference or "")
    return {"reference": reference, "letter_key": found[1]} if found else {}


def rank(status: str) -> int:
    """Return how far a letter has come; -1 for a status that nobody knows.

    Webhooks come in any order, so a status counts only where its rank is higher than what was known.

    :param status: of a letter.
    """
    return _RANK.get(status, -1)  # type: ignore[call-overload, no-any-return]


def concludes(status: str) -> bool:
    """Tell whether a letter that has got this status may change what is told of its job.

    :param status: of a letter.
    """
    return status in SUCCESS or status in FAILURE


def outcomes(statuses: Iterable[str]) -> tuple[str, ...]:
    """Return what is to be told of a print job, from the statuses of all of its letters.

    :param statuses: one for each letter; of a job without letters nothing is told.
    """
    counts = Counter(statuses)
    sent = sum(n for status, n in counts.items() if status in SUCCESS)
    failed = sum(n for status, n in counts.items() if status in FAILURE)
    letters = sum(counts.values())
    told = {
        "sent": letters > 0 and sent == letters,
        "failed": failed > 0,
        "finished": letters > 0 and sent + failed == letters,
    }
    return tuple(name for name in OUTCOMES if told[name])
