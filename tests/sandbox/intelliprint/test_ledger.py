from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.sandbox.calls import ADDRESSED, fault

if TYPE_CHECKING:
    from airflow_provider_print.sandbox import PrintSandbox
    from tests.sandbox.calls import Api

M = "intelliprint.money."


@pytest.mark.behaviour("intelliprint.money.charged-once", "intelliprint.money.refund")
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


@pytest.mark.behaviour("intelliprint.test.never-charged", "intelliprint.money.test-jobs")
def test_test_jobs_are_never_charged(print_sandbox: PrintSandbox, api: Api) -> None:
    job = api.make(confirmed=True)
    assert job["cost"]["amount"] > 0
    assert print_sandbox.invariants()["charges"]["amount"] == 0
    api.delete(f"/prints/{job['id']}")
    assert print_sandbox.invariants()["charges"]["amount"] == 0


@pytest.mark.parametrize(("rule", "left"), [("left_out", 168_000_000), ("kept", 336_000_000)])
@pytest.mark.behaviour(M + "after-cancelling", M + "refund")
def test_cancelled_letters_are_paid_back_and_keep_their_cost(
    print_sandbox: PrintSandbox, api: Api, rule: str, left: int
) -> None:
    if rule != "left_out":
        print_sandbox.world(cancelled_cost=rule)
    print_sandbox.freeze()
    job = api.make(testmode=False, confirmed=True, content="x", recipients=[ADDRESSED] * 4)
    print_sandbox.advance(10 * 60 + 45)
    shown = api.delete(f"/prints/{job['id']}").json()
    assert [letter["status"] for letter in shown["letters"]] == ["printing"] * 2 + ["cancelled"] * 2
    assert [letter["cost"] for letter in shown["letters"]] == [letter["cost"] for letter in job["letters"]]
    assert shown["cost"]["amount"] == left
    assert print_sandbox.invariants()["charges"]["amount"] == 168_000_000


@pytest.mark.behaviour(M + "payment", M + "charged-once")
def test_a_job_that_cannot_be_paid_is_refused_and_charges_nothing(
    print_sandbox: PrintSandbox, api: Api
) -> None:
    print_sandbox.world(balance=100_800_000)  # to the last unit what one of them costs
    first, second = api.make(testmode=False), api.make(testmode=False)
    assert api.post(f"/prints/{first['id']}", json={"confirmed": True}).status_code == 200
    assert api.post(f"/prints/{first['id']}", json={"confirmed": True}).status_code == 400
    refused = api.post(f"/prints/{second['id']}", json={"confirmed": True})
    assert fault(refused) == (402, "payment_error", None)
    assert refused.json()["error"]["type"] == "payment_error"
    assert print_sandbox.invariants()["charges"]["after_tax"] == 100_800_000
    assert api.get(f"/prints/{second['id']}").json()["letters"][0]["status"] == "draft"
    assert api.make(confirmed=True)["confirmed"] is True  # a test job costs nothing
