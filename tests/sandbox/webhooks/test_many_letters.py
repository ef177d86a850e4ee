from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest

from airflow_provider_print.sandbox.intelliprint import jobs

if TYPE_CHECKING:
    from airflow_provider_print.sandbox import PrintSandbox
    from tests.sandbox.calls import Api
    from tests.sandbox.webhooks.receiver import Receiver

LETTERS = 10_000


@pytest.mark.behaviour("sandbox.webhooks.many")
def test_ten_thousand_letters_cost_little_time_and_no_threads(
    print_sandbox: PrintSandbox, api: Api, receiver: Receiver
) -> None:
    # All messages are held back, so that what is measured is the sandbox and not the receiver.
    print_sandbox.add_webhook(receiver.url, reorder=1, reorder_s=1e9)
    made = api.make(testmode=False)
    sandbox = print_sandbox.sandbox
    job = jobs.load(sandbox, made["id"])
    (letter,) = job["letters"]
    job["letters"] = [letter | {"id": f"ltr_{number:05}"} for number in range(LETTERS)]
    with sandbox.store.transaction():
        jobs.save(sandbox, job)
        jobs.confirm(sandbox, job)
    print_sandbox.settle()
    before, begin = threading.active_count(), time.process_time()
    print_sandbox.advance(800)
    took = time.process_time() - begin
    counts = print_sandbox.webhooks.endpoints()[0]["messages"]
    assert sum(counts.values()) == 2 * LETTERS
    assert threading.active_count() <= before + 1
    assert took < 5
