"""What a trigger tells the task that it wakes.

`dag.test()` and Airflow's own retries of a resume may lose everything but the event, so the event carries
all that the task needs to go on: which ids, until when, and what the task said about itself before it went
to sleep. It is stored unencrypted, so it holds ids, counts and messages, and nothing else. The task never
believes the event alone: it looks at the service itself.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from airflow_provider_print.core.errors import PrintError


class Outcome(StrEnum):
    """Why the task is woken."""

    READY = "ready"
    TIMEOUT = "timeout"
    ERROR = "error"


class TriggerEventError(PrintError):
    """An event that no trigger of ours has sent: nothing is taken for granted from it."""


@dataclass(frozen=True, kw_only=True)
class WaitEvent:
    """The payload of an event.

    :param outcome: why the task is woken.
    :param ids: what was waited for.
    :param deadline: when the wait ends, in UNIX seconds.
    :param message: for an error: its text.
    :param carry: what the task has given along, for its result.
    """

    outcome: Outcome
    ids: list[Any]
    deadline: float
    message: str = ""
    carry: dict[str, Any] = field(default_factory=dict)

    def payload(self) -> dict[str, Any]:
        """Return the event as plain JSON."""
        return {**asdict(self), "outcome": self.outcome.value}

    @classmethod
    def parse(cls, event: Any, *, ids: type = str) -> WaitEvent:
        """Read an event that has come back.

        :param event: what Airflow hands to the task.
        :param ids: what an id is: text for a print job, a number for a library file.
        :raises TriggerEventError: for anything that is not exactly such an event.
        """
        if not isinstance(event, dict):
            raise TriggerEventError(f"The trigger sent {type(event).__name__} instead of an event.")
        known = {outcome.value for outcome in Outcome}
        problems = [
            name
            for name, right in (
                ("outcome", event.get("outcome") in known),
                ("ids", _are_ids(event.get("ids"), ids)),
                ("deadline", isinstance(event.get("deadline"), int | float)),
                ("message", isinstance(event.get("message", ""), str)),
                ("carry", isinstance(event.get("carry", {}), dict)),
            )
            if not right
        ]
        if problems:
            message = f"The trigger sent an event whose {' and '.join(problems)} cannot be understood."
            raise TriggerEventError(message, advice="Run the task again: it finds its job and waits anew.")
        return cls(
            outcome=Outcome(event["outcome"]),
            ids=event["ids"],
            deadline=float(event["deadline"]),
            message=event.get("message", ""),
            carry=event.get("carry", {}),
        )


def _are_ids(value: Any, kind: type) -> bool:
    return isinstance(value, list) and bool(value) and all(type(one) is kind for one in value)
