"""Which letter is this? The letter key and what is made from it.

A retry, a clear, a backfill of the same date and a second worker must all arrive at the same letter, so the
letter key is derived from the work and never from the attempt: no try number, no clock, no random part, and
not the content either (the bytes of a PDF are rarely stable from one rendering to the next).

Recipe 1 is the SHA-256 over the length-prefixed parts, cut to 26 base32 characters (130 bits). Length
prefixes make `("ab", "c")` and `("a", "bc")` different letters, and a user's own letter key different from
any task's. The recipe is part of the promise: with another one, a run repeated after an upgrade would post
its letters again. So it does not change within a major version, and a test pins it.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from airflow_provider_print.core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

RECIPE = "1"
_LENGTH = 26
_MAX_WORDS = 120


def _digest(parts: Iterable[str]) -> str:
    hashed = hashlib.sha256()
    for part in parts:
        raw = part.encode()
        hashed.update(b"%d:" % len(raw) + raw)
    return base64.b32encode(hashed.digest()).decode().lower()[:_LENGTH]


def fingerprint(values: Mapping[str, Any]) -> str:
    """Return a digest of what a print job asks for, to notice that one letter key now means another letter.

    :param values: JSON-like values; the order of names does not matter, the order of lists does.
    :return: 26 base32 characters, from which nothing can be read back.
    """
    return _digest([json.dumps(values, sort_keys=True, ensure_ascii=False, separators=(",", ":"))])


@dataclass(frozen=True, kw_only=True)
class LetterKey:
    """The identity of one letter (or of one job of many letters), and where it came from.

    :param key: `af1-` and 26 base32 characters.
    :param words: the readable part of the reference.
    :param parts: the parts in clear, stored as metadata beside the job and compared when a job is found
        again.
    """

    key: str
    words: str
    parts: Mapping[str, str]

    @classmethod
    def for_task(
        cls,
        *,
        base_url: str,
        testmode: bool,
        environment: str,
        dag_id: str,
        run_part: str,
        task_id: str,
        map_index: int = -1,
        resend: str | None = None,
    ) -> LetterKey:
        """Return the letter key of one task instance.

        :param base_url: the service's base URL; only its host counts.
        :param testmode: a test letter and a live letter are two letters.
        :param environment: keeps two Airflows with equal DAGs on one account apart.
        :param run_part: the logical date (ISO 8601) where the run has one, else its partition key, else the
            run id, so that a scheduled run and a backfill of the same date are the same letter.
        :param map_index: -1 for a task that is not mapped.
        :param resend: a word of the user's own, to post the same letter again on purpose.
        """
        place = _place(base_url, testmode, environment)
        own = {"dag_id": dag_id, "run": run_part, "task_id": task_id, "map_index": str(map_index)}
        task = f"{dag_id}.{task_id}" + (f"[{map_index}]" if map_index >= 0 else "")
        return cls._make(place, own, resend, f"{task} {_short_date(run_part)}")

    @classmethod
    def for_user(
        cls,
        *,
        base_url: str,
        testmode: bool,
        environment: str,
        idempotency_key: str,
        resend: str | None = None,
    ) -> LetterKey:
        """Return the letter key for a user's own key: it replaces DAG, run, task and map index, nothing else.

        :param idempotency_key: for example `invoice-77`. It is shown in the service's dashboard and in logs:
            no personal data.
        :raises InputError: when it is empty.
        """
        if not idempotency_key.strip():
            message = "idempotency_key is empty: give the letter a key of its own, or leave the argument out."
            raise InputError(message, param="idempotency_key")
        place = _place(base_url, testmode, environment)
        return cls._make(place, {"idempotency_key": idempotency_key}, resend, idempotency_key)

    @classmethod
    def _make(cls, place: dict[str, str], own: dict[str, str], resend: str | None, words: str) -> LetterKey:
        parts = {**place, **own, "resend": resend or ""}
        shown = " ".join("".join(c if c.isprintable() else " " for c in words).split())[:_MAX_WORDS]
        if resend:
            shown = f"{shown} resend {resend}"[:_MAX_WORDS]
        return cls(key=f"af{RECIPE}-{_digest(parts.values())}", words=shown, parts=parts)

    def of_chunk(self, chunk: str) -> LetterKey:
        """Return the letter key of one job of many that are posted under this one.

        The chunk is a part more, so it is no other letter key of the same recipe: parts are counted.

        :param chunk: a name that does not change when rows come or go.
        """
        parts = {**self.parts, "chunk": chunk}
        words = f"{self.words[: _MAX_WORDS - len(chunk) - 1]}/{chunk}"
        return LetterKey(key=f"af{RECIPE}-{_digest(parts.values())}", words=words, parts=parts)

    @property
    def is_own(self) -> bool:
        """Whether it is a user's own letter key, which tasks of several runs may hold at once."""
        return "idempotency_key" in self.parts

    @property
    def reference(self) -> str:
        """What the service stores, shows and filters on exactly: readable words, then the letter key."""
        return f"{self.words} {self.key}"

    def metadata(self) -> dict[str, str]:
        """Return the letter key and its parts in clear, text to text, as metadata wants them."""
        return {"letter_key": self.key, **{name: value for name, value in self.parts.items() if value}}

    def owns(self, metadata: Mapping[str, Any] | None) -> bool:
        """Tell whether a job that carries our reference is this letter.

        The reference ends with the letter key, so it is, unless the job names another one. (Metadata can be
        edited in the dashboard, and a list may leave it out; neither makes it somebody else's letter.)
        """
        return bool((metadata or {}).get("letter_key", self.key) == self.key)


def _place(base_url: str, testmode: bool, environment: str) -> dict[str, str]:
    host = (urlsplit(base_url).hostname or "").lower()
    return {"host": host, "testmode": "true" if testmode else "false", "environment": environment}


def _short_date(run_part: str) -> str:
    """Show a midnight logical date as a date; anything else as it is."""
    try:
        at = datetime.fromisoformat(run_part)
    except ValueError:
        return run_part
    midnight = (at.hour, at.minute, at.second, at.microsecond) == (0, 0, 0, 0)
    return at.date().isoformat() if midnight else at.strftime("%Y-%m-%dT%H:%M:%S")
