"""What the account pays, and the counts that must hold whatever goes wrong on the way."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from airflow_provider_print.sandbox.intelliprint import lifecycle, pricing

if TYPE_CHECKING:
    from airflow_provider_print.sandbox.core import Sandbox
    from airflow_provider_print.sandbox.intelliprint.letters import Job, Letter

_NOT_MAILED = frozenset({"draft", "cancelled", "failed_wrong_address", "invalid_address"})


def job_cost(job: Job) -> int:
    """Return what a job costs after tax, in 1e-8 GBP."""
    return int(_cost(job, job["letters"])["after_tax"])


def can_pay(sandbox: Sandbox, amount: int) -> bool:
    """Whether the balance, if the world has one, covers an amount in 1e-8 GBP."""
    balance = sandbox.world.balance
    return balance is None or amount <= balance - _charged(sandbox)["after_tax"]


def charge(sandbox: Sandbox, job: Job) -> None:
    """Write down that a live job was paid."""
    _book(sandbox, job, job["letters"], sign=1)


def refund(sandbox: Sandbox, job: Job, letters: list[Letter]) -> None:
    """Write down that letters of a live job were paid back."""
    _book(sandbox, job, letters, sign=-1)


def invariants(sandbox: Sandbox) -> dict[str, Any]:
    """Return the counts, by reference ("" for jobs without one).

    `confirmed_jobs` counts test jobs too, `paid_jobs`, `letters_mailed` and `charges` only live ones; a
    letter counts as mailed unless it was cancelled or refused. Amounts are in 1e-8 GBP.
    """
    now = sandbox.clock.now()
    confirmed: Counter[str] = Counter()
    paid: Counter[str] = Counter()
    mailed: Counter[str] = Counter()
    statuses: Counter[str] = Counter()
    drafts = 0
    for job in sandbox.store.peek_all("print"):
        if lifecycle.is_gone(job, now, sandbox.world):
            continue
        reference = job["reference"] or ""
        drafts += not job["confirmed"]
        confirmed[reference] += job["confirmed"]
        paid[reference] += job["confirmed"] and not job["testmode"]
        for index in range(len(job["letters"])):
            status = lifecycle.position(job, index, now, sandbox.world).status
            statuses[status] += 1
            mailed[reference] += not job["testmode"] and status not in _NOT_MAILED
    return {
        "jobs_confirmed": sum(confirmed.values()),
        "drafts": drafts,
        "confirmed_jobs": dict(+confirmed),
        "paid_jobs": dict(+paid),
        "letters_mailed": dict(+mailed),
        "letters": dict(+statuses),
        "charges": {**_charged(sandbox), "currency": "GBP"},
    }


def _cost(job: Job, letters: list[Letter]) -> dict[str, Any]:
    return pricing.cost(sum(letter["amount"] for letter in letters), job["tax_percent"])


def _charged(sandbox: Sandbox) -> dict[str, int]:
    bookings = sandbox.store.peek_all("booking")
    return {name: sum(booking[name] for booking in bookings) for name in ("amount", "tax", "after_tax")}


def _book(sandbox: Sandbox, job: Job, letters: list[Letter], *, sign: int) -> None:
    cost = _cost(job, letters)
    booking = {name: sign * cost[name] for name in ("amount", "tax", "after_tax")}
    sandbox.store.put(
        "booking", sandbox.ids.text("book_", 21), {"print": job["id"], "at": sandbox.clock.now(), **booking}
    )
