"""What an attempt may ask for, and what it may be told, in the explorer's own words.

`shipped.py` translates them to and from the calls and outcomes of `intelliprint.submission`; the naive
protocols speak them as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

#: The answer was lost, or the request: the attempt cannot tell which.
LOST = "no answer"
#: A read or a confirm of a job that is not there.
GONE = "gone"
#: The service refuses to confirm a job that is confirmed or cancelled.
REFUSED = "400"
#: The register takes nothing from an attempt that has been replaced.
SUPERSEDED = "superseded"
WRITTEN = "written"
DELETED = "deleted"


class Job(NamedTuple):
    """A print job as it was made; what becomes of it is kept beside it.

    :param name: its id; ids sort as text.
    :param created: in whole seconds of the service's clock.
    :param content: which file it was made of.
    :param run: which run made it.
    """

    name: str
    created: int
    content: int
    run: int


class Seen(NamedTuple):
    """A print job in an answer: d(raft), c(onfirmed), x (deleted) or k (confirmed, then cancelled)."""

    job: Job
    status: str


@dataclass(frozen=True, slots=True)
class Find:
    """List the jobs of the letter, as they are now or, where lists lag, as they were at `floor` or later."""

    floor: int = 0


@dataclass(frozen=True, slots=True)
class Create:
    """Make a draft, or at once a paid job, from a file."""

    content: int = 0
    run: int = 0
    paid: bool = False


@dataclass(frozen=True, slots=True)
class Read:
    """Read one job."""

    name: str


@dataclass(frozen=True, slots=True)
class Confirm:
    """Pay for one draft."""

    name: str


@dataclass(frozen=True, slots=True)
class Delete:
    """Remove a draft; of a paid job, cancel the letters."""

    name: str


@dataclass(frozen=True, slots=True)
class Recall:
    """Read a slot of the register."""

    slot: str


@dataclass(frozen=True, slots=True)
class Decide:
    """Write a slot of the register."""

    slot: str
    name: str


@dataclass(frozen=True, slots=True)
class Settle:
    """Wait until lists have caught up and the clock has ticked."""

    part: int = 0


Call: TypeAlias = Find | Create | Read | Confirm | Delete | Recall | Decide | Settle
#: One of the words above, a job, the rows of a list, or the value of a slot.
Answer: TypeAlias = "str | Seen | tuple[Seen, ...] | None"


class Attempt(NamedTuple):
    """One try of one run.

    :param run: which dag run, from 0.
    :param number: Airflow's try number in that run, from 1.
    :param content: which file it wants to post.
    :param last: the last try of its run: nothing happens to it, and it must succeed.
    """

    run: int
    number: int
    content: int
    last: bool

    def __str__(self) -> str:
        return f"{'AB'[self.run]}{self.number}"


class FailedError(Exception):
    """A naive attempt gives up."""


#: An attempt that is being played: yields calls, is sent answers, returns the id of the job that it reports.
Play: TypeAlias = Generator[Call, Answer, str]


@dataclass(frozen=True)
class Protocol:
    """A way to post a letter.

    :param name: as in the tables.
    :param about: the same in words.
    :param start: starts an attempt.
    :param fenced: after its draft, nothing but a write to the register may come before the next write to
        the service; the explorer holds each attempt to that.
    """

    name: str
    about: str
    start: Callable[[Attempt], Play]
    fenced: bool = False
