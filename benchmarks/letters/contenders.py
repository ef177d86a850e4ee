"""Ways to post one letter in two calls: ours, and what a user would pick instead.

Each is prepared once, which imports what it needs, and is then called in a fresh process for each try of
each letter, as Airflow does. What it notes in `state` is there again at the next try. An exception is a
failed try.
"""

from __future__ import annotations

import json
import logging
import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from benchmarks.scaled import ScaledStore, ScaledTime

if TYPE_CHECKING:
    from collections.abc import Callable

Post: TypeAlias = "Callable[[int, int, dict[str, str]], None]"
"""Posts a letter: its number, the number of the try from 1, what earlier tries have noted."""

API_KEY = "key_sandbox"
_HEADERS = {"Authorization": f"Bearer {API_KEY}", "User-Agent": "benchmark"}


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where and how letters are posted.

    :param url: base URL of the service.
    :param scale: scaled seconds in a real second.
    :param folder: for the files of our rate limit.
    :param store: URL of a Redis server for our rate limit; None for files alone.
    :param rate: calls a minute that ours allows itself.
    :param share: the part of the rate for this group of processes.
    :param group: names the letters of this group of processes.
    """

    url: str
    scale: float
    folder: str
    store: str | None = None
    rate: float = 98.0
    share: float = 1.0
    group: str = "a"

    def reference(self, letter: int) -> str:
        """Name a letter."""
        return f"{self.group}-{letter}"

    def body(self, letter: int) -> dict[str, Any]:
        """Return what a naive client sends for a draft."""
        address = {"name": "A Reader", "line": "7 Any Road\nANYTOWN", "postcode": "AB1 2CD"}
        return {
            "content": "Hello",
            "reference": self.reference(letter),
            "recipients": [{"address": address}],
        }


def ours(place: Place, *, paced: bool = True) -> Post:
    """Our core, client and paid step, as the operators use them, without Airflow."""
    from pathlib import Path

    from airflow_provider_print.core.auth import ApiKeyAuth
    from airflow_provider_print.core.identity import LetterKey
    from airflow_provider_print.core.pace_files import PaceFiles
    from airflow_provider_print.core.pace_redis import PaceRedis
    from airflow_provider_print.core.pacing import Pace
    from airflow_provider_print.core.transport import Clock, Transport
    from airflow_provider_print.intelliprint.client import IntelliprintClient
    from airflow_provider_print.intelliprint.dialect import IntelliprintDialect
    from airflow_provider_print.intelliprint.letter import Attempt
    from airflow_provider_print.intelliprint.requests import PrintJobRequest
    from airflow_provider_print.intelliprint.sending import Care, send

    scaled = ScaledTime(place.scale)
    if place.store is not None:
        import redis  # noqa: F401 - here, so that not each process imports it

    def pace() -> Pace:
        store: Any = PaceFiles(Path(place.folder), scaled.now)
        if place.store is not None:
            store = ScaledStore(PaceRedis(place.store, instead=store), place.scale)
        scopes = (f"{place.url}\n{API_KEY}", f"{place.url}\naccount")
        return Pace(*scopes, rate=place.rate * place.share, store=store)

    def post(letter: int, number: int, state: dict[str, str]) -> None:
        transport = Transport(
            place.url,
            dialect=IntelliprintDialect(),
            auth=ApiKeyAuth(f"Bearer {API_KEY}"),
            secrets=[API_KEY],
            pace=pace() if paced else None,
            clock=Clock(now=scaled.now, sleep=scaled.sleep, wall=scaled.now),
        )
        key = LetterKey.for_task(
            base_url=place.url,
            testmode=False,
            environment="",
            dag_id="bench",
            run_part=place.group,
            task_id="post",
            map_index=letter,
        )
        care = Care(
            attempt=Attempt(
                number=number, registered=True, settle=0, look_up=number > 1, made_in=f"{letter} try {number}"
            ),
            register=_Register(state),
            sleep=scaled.sleep,
        )
        request = PrintJobRequest.build(testmode=False, **_without_reference(place.body(letter)))
        send(IntelliprintClient(transport), request, key, care)
        transport.close()

    return post


def unpaced(place: Place) -> Post:
    """Ours with the rate limit switched off: retries alone."""
    return ours(place, paced=False)


class _Register(dict[str, str]):
    """Slots that outlive a try, as Airflow's task state store keeps them."""

    def __init__(self, state: dict[str, str]) -> None:
        self._state = state

    def get(self, slot: str, _default: Any = None) -> Any:
        return self._state.get(slot)

    def set(self, slot: str, job_id: str) -> None:
        self._state[slot] = job_id


def _without_reference(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name != "reference"}


def http_operator(place: Place) -> Post:
    """Airflow's HTTP operator, one for the draft, one for the confirmation, retrying as its documents say."""
    logging.disable(logging.CRITICAL)
    os.environ["AIRFLOW_CONN_PRINT"] = json.dumps(
        {"conn_type": "http", "host": place.url, "extra": _HEADERS | {"Content-Type": "application/json"}}
    )
    import airflow.utils.operator_helpers  # noqa: F401 - here, so that not each process imports it
    import tenacity
    from airflow.providers.http.operators.http import HttpOperator
    from airflow.sdk import Connection

    Connection.get("print")
    time.sleep = ScaledTime(place.scale).sleep

    def call(path: str, body: dict[str, Any]) -> Any:
        operator = HttpOperator(
            task_id="call",
            http_conn_id="print",
            method="POST",
            endpoint=path,
            data=json.dumps(body),
            response_filter=lambda response: response.json()["id"],
            retry_args={
                "wait": tenacity.wait_exponential(),
                "stop": tenacity.stop_after_attempt(10),
                "retry": tenacity.retry_if_exception_type(Exception),
            },
        )
        return operator.execute_sync({})

    def post(letter: int, _number: int, state: dict[str, str]) -> None:
        if "id" not in state:
            state["id"] = call("/prints", place.body(letter))
        call(f"/prints/{state['id']}", {"confirmed": True})

    return post


def vendor(place: Place) -> Post:
    """Do as the service's guide says: after a 429 wait 1, 2, 4 seconds, then give up."""
    import requests

    sleep = ScaledTime(place.scale).sleep

    def call(path: str, body: dict[str, Any]) -> str:
        for wait in (1, 2, 4, None):
            answer = requests.post(f"{place.url}{path}", json=body, headers=_HEADERS, timeout=60)
            if answer.status_code != 429 or wait is None:
                break
            sleep(wait)
        answer.raise_for_status()
        return str(answer.json()["id"])

    return _two_calls(place, call)


def exponential(place: Place) -> Post:
    """Back off exponentially with full jitter and without an end, by the usual library."""
    import requests
    import tenacity

    sleep = ScaledTime(place.scale).sleep

    @tenacity.retry(
        wait=tenacity.wait_random_exponential(multiplier=1, max=60),
        retry=tenacity.retry_if_exception_type(requests.RequestException),
        sleep=sleep,
    )
    def call(path: str, body: dict[str, Any]) -> str:
        answer = requests.post(f"{place.url}{path}", json=body, headers=_HEADERS, timeout=60)
        answer.raise_for_status()
        return str(answer.json()["id"])

    return _two_calls(place, call)


def _two_calls(place: Place, call: Callable[[str, dict[str, Any]], str]) -> Post:
    def post(letter: int, _number: int, state: dict[str, str]) -> None:
        if "id" not in state:
            state["id"] = call("/prints", place.body(letter))
        call(f"/prints/{state['id']}", {"confirmed": True})

    return post


_TASKS = "Airflow's retries=3, retry_delay=5 min around each letter"
CONTENDERS: dict[str, tuple[Callable[[Place], Post], str]] = {
    "ours": (ours, f"connection's defaults: 98 calls a minute, burst 2, deadline 15 min; {_TASKS}"),
    "http": (
        http_operator,
        (
            "HttpOperator for the draft, another for the confirmation, each with the retry_args of its "
            "documents: wait_exponential(), stop_after_attempt(10), on any exception; execute_sync() run in "
            f"plain forked processes, without scheduler and supervisor; {_TASKS}"
        ),
    ),
    "vendor": (vendor, f"requests, waits of 1, 2 and 4 s after a 429 as the service's guide says; {_TASKS}"),
    "exponential": (
        exponential,
        f"requests and tenacity, wait_random_exponential(multiplier=1, max=60), no end of attempts; {_TASKS}",
    ),
    "unpaced": (
        unpaced,
        f"ours with rate 0: the wait that a 429 names plus up to 60 s, deadline 15 min; {_TASKS}",
    ),
}
"""By name: what prepares it, and its configuration in words."""
