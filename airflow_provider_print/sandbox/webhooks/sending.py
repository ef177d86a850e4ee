"""One attempt to deliver a message, which neither takes for ever nor goes where it was not meant to."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, NamedTuple

from airflow_provider_print.sandbox.fetch import CheckedConnection

if TYPE_CHECKING:
    from airflow_provider_print.sandbox.webhooks.endpoints import Endpoint

_READ = 64 * 1024
"""Bytes of an answer that are read; what it says is of no interest, only its status."""
_HEADERS = {"Content-Type": "application/json", "User-Agent": "print-sandbox"}


class Outcome(NamedTuple):
    """What came of an attempt: the status of the answer, or why there was none (in words without secrets)."""

    status: int | None
    error: str | None

    @property
    def delivered(self) -> bool:
        """Whether the receiver has taken it; a redirect is none: it is not followed."""
        return self.status is not None and 200 <= self.status < 300


def post(endpoint: Endpoint, headers: dict[str, str], body: bytes) -> Outcome:
    """Post a body to an endpoint.

    It is done in a thread of its own, so that the deadline holds whatever takes too long: the name server, a
    handshake, or an answer that comes letter by letter.
    """
    seconds = endpoint.timeout_s
    connection = CheckedConnection(endpoint.host, endpoint.port, tls=endpoint.tls, timeout=seconds)
    found: list[Outcome] = []
    thread = threading.Thread(
        target=lambda: found.append(_post(connection, endpoint.target, headers, body)),
        name="print-sandbox-webhook",
        daemon=True,
    )
    thread.start()
    thread.join(seconds)
    if found:
        return found[0]
    connection.give_up()
    return Outcome(None, f"no answer within {seconds:g} seconds")


def _post(connection: CheckedConnection, target: str, headers: dict[str, str], body: bytes) -> Outcome:
    try:
        connection.request("POST", target, body, _HEADERS | headers)
        with connection.getresponse() as response:
            response.read(_READ)
            return Outcome(response.status, None)
    except Exception as error:  # noqa: BLE001 - whoever waits is told, whatever it was
        return Outcome(None, f"no answer: {type(error).__name__}")
    finally:
        connection.close()
