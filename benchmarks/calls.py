"""How many calls a letter costs, as the sandbox's journal counts them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import requests

from airflow_provider_print.core.auth import ApiKeyAuth
from airflow_provider_print.core.identity import LetterKey
from airflow_provider_print.core.transport import Transport
from airflow_provider_print.intelliprint.bulk.chunk import Bulk
from airflow_provider_print.intelliprint.bulk.posting import Posting
from airflow_provider_print.intelliprint.bulk.rows import Columns, take_rows
from airflow_provider_print.intelliprint.client import IntelliprintClient
from airflow_provider_print.intelliprint.dialect import IntelliprintDialect
from airflow_provider_print.intelliprint.letter import Attempt
from airflow_provider_print.intelliprint.requests import PrintJobRequest
from airflow_provider_print.intelliprint.sending import Care, hold, send
from airflow_provider_print.sandbox import PrintSandbox
from benchmarks.report import Figure

if TYPE_CHECKING:
    from benchmarks.report import Report

_KEY = "key_sandbox"
_ADDRESS = {"name": "A Reader", "line": "7 Any Road\nANYTOWN", "postcode": "AB1 2CD"}
_ROWS = 1000


class _Slots(dict[str, str]):
    """A register, as Airflow's task state store is one."""

    def set(self, slot: str, job_id: str) -> None:
        self[slot] = job_id


def calls(report: Report) -> None:
    """Count the calls of each way that a letter goes."""
    report.configuration["calls per letter"] = (
        "first scheduled run: a register covers the letter key and nobody can have made a draft; own key: "
        "other runs may hold it, so it is looked up before and after it settles; adopted: an earlier run has "
        "posted it; the naive operator makes a draft and confirms it, and so posts again what was posted"
    )
    with PrintSandbox(rate_limit=0) as box:
        naive = _counted(box, lambda: _naive(box))
        again = _counted(box, lambda: _naive(box))
        found = {
            "first scheduled run": (_counted(box, lambda: _first(box)), 2.0, f"{naive}"),
            "own key": (_counted(box, lambda: _own(box, "own", 1)), 4.0, f"{naive}"),
            "adopted": (_counted(box, lambda: _own(box, "own", 2)), 4.0, f"{again}, and posts it again"),
            f"bulk of {_ROWS:,}": (_counted(box, lambda: _bulk(box)) / _ROWS, 0.002, f"{naive}"),
        }
        paid = box.invariants()["paid_jobs"]
    if sorted(paid.values()) != [1, 1, 1, 2]:
        raise RuntimeError(f"not what was to be paid: {paid}")
    for name, (number, most, peer) in found.items():
        report.add(
            Figure(
                what=f"calls per letter, {name}",
                goal=f"{'' if most in (2.0, 0.002) else 'at most '}{most:g}",
                ours=f"{number:g}",
                met=number <= most,
                peers={"naive": peer},
            )
        )


def _counted(box: PrintSandbox, act: Any) -> int:
    before = len(box.journal())
    act()
    return len(box.journal()) - before


def _client(box: PrintSandbox) -> IntelliprintClient:
    auth = ApiKeyAuth(f"Bearer {_KEY}")
    return IntelliprintClient(Transport(box.intelliprint_url, dialect=IntelliprintDialect(), auth=auth))


def _letter() -> PrintJobRequest:
    return PrintJobRequest.build(testmode=False, content="Hello", recipients=[{"address": _ADDRESS}])


def _task_key(box: PrintSandbox, task: str) -> LetterKey:
    return LetterKey.for_task(
        base_url=box.intelliprint_url,
        testmode=False,
        environment="",
        dag_id="bench",
        run_part="2030-01-01",
        task_id=task,
    )


def _first(box: PrintSandbox) -> None:
    attempt = Attempt(registered=True, settle=0, look_up=False, made_in="bench try 1")
    send(_client(box), _letter(), _task_key(box, "first"), Care(attempt=attempt, register=_Slots()))


def _own(box: PrintSandbox, word: str, run: int) -> None:
    key = LetterKey.for_user(
        base_url=box.intelliprint_url, testmode=False, environment="", idempotency_key=word
    )
    attempt = Attempt(registered=True, made_in=f"bench run {run} try 1")
    care = Care(attempt=attempt, register=_Slots(), sleep=lambda _: None)  # time is not what is counted
    result = send(_client(box), _letter(), key, care)
    if result.already_posted != (run > 1):
        raise RuntimeError(f"run {run} of a letter with its own key: {result}")


def _bulk(box: PrintSandbox) -> None:
    client, slots, key = _client(box), _Slots(), _task_key(box, "bulk")

    def held(
        request: PrintJobRequest, its: LetterKey, *, checks: Any, look_up: bool, on_mismatch: Any
    ) -> Any:
        del on_mismatch
        attempt = Attempt(registered=True, settle=0, look_up=look_up, made_in="bench try 1")
        return hold(client, request, its, Care(checks=checks, attempt=attempt, register=slots))

    rows = take_rows(
        ({"number": str(n), **_ADDRESS} for n in range(_ROWS)), Columns(row_key="number"), bulk=key.key
    )
    bulk = Bulk(
        key=key,
        request=PrintJobRequest.build(testmode=False, content="Hello", recipients=None),
        most=_ROWS,
        max_pages_per_letter=None,
        on_mismatch="fail",
        hold=held,
    )
    posting = Posting(bulk, rows)
    posting.quote()
    posting.pay()


def _naive(box: PrintSandbox) -> None:
    headers = {"Authorization": f"Bearer {_KEY}", "User-Agent": "benchmark"}
    prints = f"{box.intelliprint_url}/prints"
    letter = {"content": "Hello", "reference": "naive", "recipients": [{"address": _ADDRESS}]}
    made = requests.post(prints, json=letter, headers=headers, timeout=30)
    made.raise_for_status()
    paid = requests.post(
        f"{prints}/{made.json()['id']}", json={"confirmed": True}, headers=headers, timeout=30
    )
    paid.raise_for_status()
