"""Bulks against the sandbox, without Airflow: the register is a dict that outlives an attempt."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from airflow_provider_print.core.errors import SupersededError
from airflow_provider_print.core.identity import LetterKey
from airflow_provider_print.intelliprint.bulk.chunk import Bulk
from airflow_provider_print.intelliprint.bulk.posting import Posting
from airflow_provider_print.intelliprint.bulk.rows import Columns, take_rows
from airflow_provider_print.intelliprint.letter import Attempt, Policy
from airflow_provider_print.intelliprint.requests import PrintJobRequest
from airflow_provider_print.intelliprint.sending import Care, hold
from tests.support.clients import client_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from airflow_provider_print.intelliprint.bulk.result import BulkResult
    from airflow_provider_print.intelliprint.client import IntelliprintClient
    from airflow_provider_print.sandbox import PrintSandbox


class Killed(BaseException):
    """The worker is gone."""


class Slots(dict[str, str]):
    """A register that takes nothing from an attempt that has been given up."""

    current = 0

    def of(self, number: int) -> OneAttempt:
        """The register as an attempt sees it."""
        self.current = max(self.current, number)
        return OneAttempt(self, number)


@dataclass
class OneAttempt:
    """The register as one attempt sees it: when it was given up, it reads nothing and writes nothing."""

    slots: Slots
    number: int

    def get(self, slot: str) -> str | None:
        return self.slots.get(slot) if self.number == self.slots.current else None

    def set(self, slot: str, job_id: str) -> None:
        if self.number != self.slots.current:
            raise SupersededError("given up")
        assert self.slots.setdefault(slot, job_id) == job_id, "no slot ever carries two values"


def rows_of(keys: Iterable[Any], *, street: str = "Any Road") -> list[dict[str, Any]]:
    """One row for each key, to a house of the same number."""
    return [
        {"number": key, "name": f"Reader {key}", "line": f"{key} {street}\nANYTOWN", "postcode": "AB1 2CD"}
        for key in keys
    ]


@dataclass
class Customer:
    """Somebody who posts a bulk, now and again.

    :param registered: whether there is a register, and so no settling.
    :param settle: seconds to settle without one; only for the show, unless they are really slept.
    """

    box: PrintSandbox
    registered: bool = True
    settle: float = 0.01
    sleep: Callable[[float], None] = lambda _: None
    number: int = 0
    slots: Slots = field(default_factory=Slots)
    key: LetterKey = field(
        default_factory=lambda: LetterKey.for_user(
            base_url="http://127.0.0.1/v1", testmode=False, environment="", idempotency_key="march"
        )
    )

    def begin(
        self,
        rows: list[dict[str, Any]],
        *,
        most: int = 1000,
        on_mismatch: str = "fail",
        lives: int | None = None,
        **request: Any,
    ) -> Posting:
        """Begin another attempt.

        :param lives: it is killed at this call, behind it when the number is odd.
        """
        self.number += 1
        number = self.number
        client = client_of(self.box.intelliprint_url, read_timeout=20)
        if lives is not None:
            mortal(client, lives)

        def held(request: PrintJobRequest, key: LetterKey, **how: Any) -> Any:
            attempt = Attempt(
                number=number,
                registered=self.registered,
                settle=0 if self.registered else self.settle,
                look_up=number > 1 or how["look_up"] or not self.registered,
                made_in=f"unit send run clear 0 try {number}",
            )
            care = Care(
                checks=how["checks"],
                attempt=attempt,
                policy=Policy(on_mismatch=how["on_mismatch"]),
                register=self.slots.of(number) if self.registered else None,
                sleep=self.sleep,
            )
            return hold(client, request, key, care)

        given = {"content": "<p>Dear reader</p>", "testmode": False, **request}
        bulk = Bulk(
            key=self.key,
            request=PrintJobRequest.build(**given),
            most=most,
            max_pages_per_letter=None,
            on_mismatch=on_mismatch,  # type: ignore[arg-type]
            hold=held,
        )
        return Posting(bulk, take_rows(rows, Columns(row_key="number"), bulk=self.key.key))

    def post(self, rows: list[dict[str, Any]], budget: str | None = None, **how: Any) -> BulkResult:
        """Post a bulk."""
        posting = self.begin(rows, **how)
        posting.quote(budget)
        return posting.pay()

    def calls(self) -> list[str]:
        """The calls since the last time, without the host."""
        told = [
            f"{one['method']} {one['route'].removeprefix('/intelliprint/v1')}" for one in self.box.journal()
        ]
        since = getattr(self, "_seen", 0)
        self._seen = len(told)
        return told[since:]

    def posted(self) -> list[str]:
        """The names on all letters that are paid for, sorted."""
        jobs = [job for job in self.box.outbox()["jobs"] if job["confirmed"]]
        return sorted(letter["address"]["name"] for job in jobs for letter in job["letters"])

    def paid(self) -> int:
        """How many print jobs are paid for."""
        return sum(self.box.invariants()["paid_jobs"].values())


def mortal(client: IntelliprintClient, lives: int) -> None:
    """Let a client die at a call, before it is sent or behind it."""
    request, left = client.transport.request, iter(range(lives, -1, -1))

    def deadly(*args: Any, **kwargs: Any) -> Any:
        dies = next(left, 0) == 0
        if dies and lives % 2 == 0:
            raise Killed
        answer = request(*args, **kwargs)
        if dies:
            raise Killed
        return answer

    client.transport.request = deadly  # type: ignore[method-assign]


@pytest.fixture
def customer(print_sandbox: PrintSandbox) -> Customer:
    """Somebody with a register."""
    return Customer(print_sandbox)


@pytest.fixture
def without_register(print_sandbox: PrintSandbox) -> Customer:
    """Somebody without one."""
    return Customer(print_sandbox, registered=False)


def names(keys: Iterable[Any]) -> list[str]:
    """The names on the letters of these rows."""
    return sorted(f"Reader {key}" for key in keys)
