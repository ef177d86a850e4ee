"""What the paid step asks for, and what can come of it: the words between deciding and doing.

`submission` yields calls and is sent outcomes; `driver` turns the first into requests and the answers into
the second. What a driver cannot decide (a wrong API key, a read that stayed unanswered, a refused write to
the register) it raises inside the generator.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow_provider_print.core.errors import PrintError
    from airflow_provider_print.intelliprint.models import PrintJob


@dataclass(frozen=True)
class Find:
    """Ask for the jobs that carry a reference."""

    reference: str


@dataclass(frozen=True)
class Create:
    """Ask for a free draft."""


@dataclass(frozen=True)
class Read:
    """Ask for one job, whole."""

    job_id: str


@dataclass(frozen=True)
class Confirm:
    """Ask for the one step that is paid."""

    job_id: str


@dataclass(frozen=True)
class Recall:
    """Ask the register what a slot of it holds."""

    slot: str


@dataclass(frozen=True)
class Decide:
    """Write into a slot of the register which draft is going to be paid.

    The write is the fence: of a task that has been given up, it is refused.
    """

    slot: str
    job_id: str


@dataclass(frozen=True)
class Settle:
    """Let time pass since the draft was made, so that every attempt beside this one is in the list.

    :param seconds: how long.
    """

    seconds: float


Call: TypeAlias = Find | Create | Read | Confirm | Recall | Decide | Settle


@dataclass(frozen=True)
class Found:
    """The jobs that carry the reference; projected, so they may lack most fields."""

    jobs: Sequence[PrintJob]


@dataclass(frozen=True)
class Told:
    """The service answered with a job."""

    job: PrintJob


@dataclass(frozen=True)
class Gone:
    """There is no such job (any more)."""


@dataclass(frozen=True)
class Unanswered:
    """Nobody knows what became of a write: no answer, or one that cannot be read."""

    error: PrintError


@dataclass(frozen=True)
class Refused:
    """The service refused to confirm; the job itself knows whether an earlier confirm got through."""

    error: PrintError


@dataclass(frozen=True)
class Remembered:
    """What the slot holds: the id of a print job, or nothing."""

    job_id: str | None


@dataclass(frozen=True)
class Decided:
    """The register has taken the write."""


@dataclass(frozen=True)
class Settled:
    """The time has passed.

    :param spent: seconds since this attempt made its draft; 0 where it has made none.
    """

    spent: float = 0.0


Outcome: TypeAlias = Found | Told | Gone | Unanswered | Refused | Remembered | Decided | Settled
