"""What is told: the payloads of events, and each message with what became of it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from airflow_provider_print.sandbox.intelliprint import lifecycle

if TYPE_CHECKING:
    from airflow_provider_print.sandbox.intelliprint.letters import Job
    from airflow_provider_print.sandbox.webhooks.changes import Change
    from airflow_provider_print.sandbox.world import World

PAUSES = (5.0, 300.0, 1800.0, 7200.0, 18_000.0, 36_000.0, 36_000.0)
"""Sandbox seconds from one attempt that failed to the next: Svix's schedule, then it is given up."""
STATES = ("waiting", "delivered", "failed")
FILTERS = ("endpoint", "letter", "print_id", "state", "status")
"""What messages can be chosen by."""


@dataclass
class Message:
    """One event for one endpoint.

    :param id: the same for every attempt: a receiver knows a repetition by it.
    :param status: the letter's new status.
    :param at: the sandbox time of the change.
    :param body: the JSON that is posted, byte for byte the same every time.
    :param due: the sandbox time of the next attempt; None when there will be none.
    :param tries: attempts that failed since it was made or sent anew.
    :param copies: how many more deliveries there are to be after the first.
    :param attempts: what came of each attempt of this run of the sandbox.
    """

    id: str
    endpoint: str
    type: str
    print_id: str
    letter: str
    status: str
    at: float
    body: str
    due: float | None
    state: str = "waiting"
    tries: int = 0
    copies: int = 0
    attempts: list[dict[str, Any]] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """Return what a tester is shown of it."""
        return asdict(self) | {"body": json.loads(self.body)}

    def as_document(self) -> dict[str, Any]:
        """Return what is kept of it until it is delivered or given up."""
        return {name: value for name, value in vars(self).items() if name != "attempts"}


def letter_updated(job: Job, change: Change, world: World) -> str:
    """Return the payload of a letter's new status, as it was at the time (documented: flat)."""
    letter = job["letters"][change.place]
    then = lifecycle.position(job, change.place, change.at, world)
    returned = None
    if change.status == "returned" and then.returned is not None:
        returned = {"date": then.returned["date"], "reason": then.returned["reason"]}
    payload = {
        "type": "letter.updated",
        "account": job["account"],
        "id": letter["id"],
        "print_id": job["id"],
        "reference": job["reference"],
        "status": change.status,
        "testmode": job["testmode"],
        "envelope": letter["envelope"],
        "postage_service": job["postage"]["service"],
        "shipped_date": then.shipped_date,
        "returned": returned,
    }
    return json.dumps(payload, separators=(",", ":"), ensure_ascii=False)
