"""What an open page is told as it happens: that something has changed, not what."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

from airflow_provider_print.sandbox.core import Answer

if TYPE_CHECKING:
    from airflow_provider_print.sandbox.core import Sandbox
    from airflow_provider_print.sandbox.webhooks import Webhooks

_BEAT_SECONDS = 15.0
"""Real seconds after which a page that is told nothing new is told that the sandbox is there."""


def events(sandbox: Sandbox, webhooks: Webhooks) -> Answer:
    """Return a stream of Server-Sent Events, each with the revisions of all that a page shows."""
    told, beat = revisions(sandbox, webhooks), time.monotonic()

    def more() -> bytes:
        nonlocal told, beat
        found = revisions(sandbox, webhooks)
        if found != told:
            told, beat = found, time.monotonic()
            return _event(told)
        if time.monotonic() - beat > _BEAT_SECONDS:
            beat = time.monotonic()
            return b": still here\n\n"
        return b""

    return Answer(
        body=b"retry: 1000\n\n" + _event(told),
        content_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        stream=more,
    )


def revisions(sandbox: Sandbox, webhooks: Webhooks) -> dict[str, str]:
    """Return texts that are others once something has changed; quick, for it is asked several times a second.

    That letters move while the clock runs is no change: who shows them looks again from time to time.
    """
    rules = sandbox.faults.as_dicts() if sandbox.faults else []
    return {
        "store": f"{sandbox.store.epoch}.{sandbox.store.changes}",
        "journal": sandbox.journal.revision(),
        "faults": ".".join(f"{rule['id']}:{rule['fired']}" for rule in rules),
        "clock": f"{sandbox.clock.moves}",
        "world": repr(sandbox.world),
        "webhooks": f"{webhooks.changes}",
    }


def _event(data: dict[str, str]) -> bytes:
    return f"data: {json.dumps(data)}\n\n".encode()
