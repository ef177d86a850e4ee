from __future__ import annotations

from typing import TYPE_CHECKING

from tests.sandbox.calls import ADDRESSED

if TYPE_CHECKING:
    from airflow_provider_print.sandbox import PrintSandbox
    from tests.sandbox.calls import Api


def test_the_invariants_count_what_was_paid_and_mailed(print_sandbox: PrintSandbox, api: Api) -> None:
    api.make(reference="draft")
    api.make(reference="test", confirmed=True)
    for _ in range(2):
        api.make(reference="twice", testmode=False, confirmed=True)
    api.make(reference="many", testmode=False, confirmed=True, content="x", recipients=[ADDRESSED] * 3)
    gone = api.make(testmode=False, confirmed=True)
    api.delete(f"/prints/{gone['id']}")
    assert print_sandbox.invariants() == {
        "jobs_confirmed": 5,
        "drafts": 1,
        "confirmed_jobs": {"test": 1, "twice": 2, "many": 1, "": 1},
        "paid_jobs": {"twice": 2, "many": 1, "": 1},
        "letters_mailed": {"twice": 2, "many": 3},
        "letters": {"draft": 1, "waiting_to_print": 6, "cancelled": 1},
        "charges": {"amount": 420_000_000, "tax": 84_000_000, "after_tax": 504_000_000, "currency": "GBP"},
    }


def test_test_jobs_are_never_charged(print_sandbox: PrintSandbox, api: Api) -> None:
    job = api.make(confirmed=True)
    assert job["cost"]["amount"] > 0
    assert print_sandbox.invariants()["charges"]["amount"] == 0
    api.delete(f"/prints/{job['id']}")
    assert print_sandbox.invariants()["charges"]["amount"] == 0
