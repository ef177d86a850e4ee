"""From the news of one letter to the news of its print job.

A webhook does not say how many letters a job has, so the job is read when one of them has come to its end.
The letters of a job leave together (documented), so the first of its webhooks finds all of them at their end,
that is remembered, and the others need no call: a job of a thousand letters costs one call, not a thousand.
Jobs that are asked for at the same time are read together: many of them by one look at the list.

What is remembered saves calls and decides nothing: other API servers hear of other letters, so a job that is
not known to be finished is read again at each webhook. While it cannot be read, the webhook is refused, and
whoever has sent it sends it again later.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import TYPE_CHECKING

from airflow_provider_print.core.errors import PrintError
from airflow_provider_print.intelliprint.events import outcomes, rank

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from airflow_provider_print.intelliprint.webhooks import LetterUpdate
    from airflow_provider_print.triggers.judgement import JobView

_TOGETHER_S = 0.2
_LETTERS_REMEMBERED = 200_000


class UnknownYetError(PrintError):
    """The job could not be read now; it can be later."""


class Jobs:
    """What is known of the letters of the jobs of one connection; used in one event loop.

    :param look: reads jobs, in a thread; raises `PrintError` when it cannot.
    """

    def __init__(self, look: Callable[[Collection[str]], Mapping[str, JobView]]) -> None:
        self._look = look
        self._known: OrderedDict[str, dict[str, str]] = OrderedDict()
        self._letters = 0
        self._asked: set[str] = set()
        self._looking: asyncio.Task[Mapping[str, JobView]] | None = None

    async def after(self, update: LetterUpdate) -> list[str]:
        """Return the statuses of all letters of a job, now that one of them has moved.

        :param update: the news.
        :raises PrintError: when the job could not be read.
        """
        known = self._known.get(update.print_job, {})
        _move(known, update.letter, update.status)
        if update.letter not in known or "finished" not in outcomes(known.values()):
            known = await self._read(update.print_job)
            _move(known, update.letter, update.status)
        return list(known.values())

    async def _read(self, job_id: str) -> dict[str, str]:
        """Read a job, and what is known of it already stays: a list may be behind its webhooks."""
        view = (await self._together(job_id)).get(job_id)
        if view is None:
            raise UnknownYetError(f"Print job {job_id} could not be read yet.")
        before = self._known.pop(job_id, {})
        self._letters -= len(before)
        letters = {letter.id: letter.status for letter in view.letters}
        for letter, status in before.items():
            _move(letters, letter, status)
        self._known[job_id] = letters
        self._letters += len(letters)
        while self._letters > _LETTERS_REMEMBERED and len(self._known) > 1:
            self._letters -= len(self._known.popitem(last=False)[1])
        return letters

    async def _together(self, job_id: str) -> Mapping[str, JobView]:
        """Ask for a job in the same look as others that are asked for now."""
        self._asked.add(job_id)
        if self._looking is None:
            self._looking = asyncio.create_task(self._look_soon())
        # Whoever goes away first must not take the answer from the others.
        return await asyncio.shield(self._looking)

    async def _look_soon(self) -> Mapping[str, JobView]:
        await asyncio.sleep(_TOGETHER_S)
        ids, self._asked, self._looking = self._asked, set(), None
        return await asyncio.to_thread(self._look, ids)


def _move(letters: dict[str, str], letter: str, status: str) -> None:
    """Let a letter have a status where it is further on than what is known of it."""
    if letter in letters and rank(status) > rank(letters[letter]):
        letters[letter] = status
