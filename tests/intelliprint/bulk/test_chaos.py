"""Bulks whose workers are killed, frozen and woken while rows come: at the end each row has one letter."""

from __future__ import annotations

import contextlib
import random
from typing import TYPE_CHECKING

import pytest

from airflow_provider_print.core.errors import PrintError
from tests.intelliprint.bulk.conftest import Customer, Killed, names, rows_of

if TYPE_CHECKING:
    from airflow_provider_print.intelliprint.bulk.posting import Posting
    from airflow_provider_print.sandbox import PrintSandbox

FAULTS = ["before", "after", "twice"]


@pytest.mark.parametrize("registered", [True, False], ids=["register", "none"])
@pytest.mark.parametrize("seed", range(8))
def test_each_row_is_posted_once_whatever_becomes_of_the_workers(
    seed: int, registered: bool, print_sandbox: PrintSandbox
) -> None:
    chance = random.Random(seed)
    customer = Customer(print_sandbox, registered=registered)
    frozen: list[Posting] = []
    number, most = chance.randint(1, 12), chance.choice([1, 2, 3, 5, 1000])
    for _ in range(6):
        number += chance.choice([0, 0, 0, 1, 3])
        lives = chance.choice([None, *range(30)])
        if chance.random() < 0.4:
            phase = chance.choice(FAULTS)
            kind = {} if phase == "twice" else {"kind": "reset"}
            print_sandbox.fault("POST", "/prints*", phase=phase, nth=chance.randint(1, 9), **kind)
        with contextlib.suppress(Killed, PrintError):
            posting = customer.begin(rows_of(range(number)), most=most, lives=lives)
            posting.quote()
            if chance.random() < 0.3:
                frozen.append(posting)
                continue
            posting.pay()
        if frozen and chance.random() < 0.5:
            with contextlib.suppress(Killed, PrintError):
                frozen.pop(chance.randrange(len(frozen))).pay()
    print_sandbox.clear_faults()
    customer.post(rows_of(range(number)), most=most)
    for posting in frozen:
        with contextlib.suppress(Killed, PrintError):
            posting.pay()
    assert customer.posted() == names(range(number))
    assert max(print_sandbox.invariants()["paid_jobs"].values()) == 1
