"""What Intelliprint's webhooks say: `letter.updated`, of a confirmed letter whose status has changed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from airflow_provider_print.core.errors import InputError, UnexpectedAnswerError
from airflow_provider_print.core.identifiers import check_id

LETTER_UPDATED = "letter.updated"


@dataclass(frozen=True, kw_only=True)
class LetterUpdate:
    """A letter has a new status; of what the service tells, only what is passed on.

    :param letter: id of the letter.
    :param print_job: id of its print job.
    :param reference: of the print job; free text of whoever made it.
    :param status: as the service names it, known or not.
    :param testmode: whether it is a test letter.
    """

    letter: str
    print_job: str
    reference: str | None
    status: str
    testmode: bool


def parse(body: bytes) -> LetterUpdate | None:
    """Read the body of a webhook; None for an event of another type.

    :param body: whose signature was checked.
    :raises UnexpectedAnswerError: for what is no such event; the text shows none of it.
    """
    try:
        told: Any = json.loads(body)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict) or not isinstance(told.get("type"), str):
        raise _unexpected("body")
    if told["type"] != LETTER_UPDATED:
        return None
    status, testmode, reference = told.get("status"), told.get("testmode", False), told.get("reference")
    if not isinstance(status, str) or not 0 < len(status) <= 64:
        raise _unexpected("status")
    if not isinstance(testmode, bool):
        raise _unexpected("testmode")
    return LetterUpdate(
        letter=_id(told, "id"),
        print_job=_id(told, "print_id"),
        reference=reference if isinstance(reference, str) else None,
        status=status,
        testmode=testmode,
    )


def _id(told: dict[str, Any], name: str) -> str:
    try:
        return check_id(told.get(name), param=name)
    except InputError:
        pass
    raise _unexpected(name)


def _unexpected(name: str) -> UnexpectedAnswerError:
    return UnexpectedAnswerError(f"A webhook's {name} cannot be understood.", param=name)
