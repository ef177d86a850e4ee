"""When the sandbox looks for what is to be told, and that nothing is lost in between."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from airflow_provider_print.sandbox import PrintSandbox
from airflow_provider_print.sandbox.webhooks import changes, delivery, hub
from tests.sandbox.calls import Api
from tests.sandbox.webhooks.receiver import BROKEN, TAKEN

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.sandbox.webhooks.receiver import Answer, Got, Receiver

    Confirmed = Callable[..., dict[str, Any]]
    Tell = Callable[..., None]


def test_a_jump_of_a_running_clock_is_followed_at_once(
    print_sandbox: PrintSandbox, receiver: Receiver, confirmed: Confirmed, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Real time stands still, so the pause between two looks, 900 sandbox seconds here, does not pass.
    monkeypatch.setattr(print_sandbox.sandbox.clock, "_real", lambda: 1_800_000_000.0)
    print_sandbox.set_speed(3600)
    print_sandbox.add_webhook(receiver.url)
    confirmed()
    print_sandbox.settle()
    print_sandbox.advance(610)
    receiver.wait_for(2)
    assert receiver.statuses == ["waiting_to_print", "printing"]


def test_jobs_that_are_written_do_not_add_to_the_looks_to_come(
    print_sandbox: PrintSandbox,
    receiver: Receiver,
    tell: Tell,
    confirmed: Confirmed,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    print_sandbox.add_webhook(receiver.url)
    for _ in range(20):
        confirmed()
        tell()
    looks: list[float] = []
    inner = changes.Changes.take

    def take(self: changes.Changes, now: float) -> object:
        looks.append(now)
        return inner(self, now)

    monkeypatch.setattr(changes.Changes, "take", take)
    tell(600)
    assert receiver.statuses == ["waiting_to_print"] * 20 + ["printing"] * 20
    assert 1 <= len(looks) <= 5


def test_a_look_that_fails_is_made_up_for(
    print_sandbox: PrintSandbox,
    receiver: Receiver,
    tell: Tell,
    confirmed: Confirmed,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    print_sandbox.add_webhook(receiver.url)
    failures = [OSError("no space left")]
    inner = delivery.Deliveries.keep

    def keep(self: delivery.Deliveries, message: Any) -> None:
        if failures:
            raise failures.pop()
        inner(self, message)

    monkeypatch.setattr(delivery.Deliveries, "keep", keep)
    confirmed()
    tell(700)
    tell()
    assert failures == []
    assert receiver.statuses == ["waiting_to_print", "printing"]


def test_what_a_killed_sandbox_had_not_looked_at_is_told_by_the_next(
    tmp_path: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run() -> PrintSandbox:
        return PrintSandbox(data=tmp_path, rate_limit=0, speed=0, webhooks=[receiver.url])

    with run() as box, Api(box.intelliprint_url) as api, monkeypatch.context() as patch:
        patch.setattr(hub.Webhooks, "_look_at", lambda _self, _moment: None)
        api.make(confirmed=True)
    assert receiver.got == []
    with run() as box:
        box.settle()
    assert receiver.statuses == ["waiting_to_print"]


@pytest.mark.behaviour("sandbox.webhooks.register")
def test_a_removed_endpoint_gets_nothing_of_what_waits(
    print_sandbox: PrintSandbox, receiver: Receiver, tell: Tell, confirmed: Confirmed
) -> None:
    receiver.answer = lambda _got: BROKEN
    endpoint = print_sandbox.add_webhook(receiver.url)
    confirmed()
    tell()
    print_sandbox.webhooks.remove(endpoint["id"])
    print_sandbox.advance(3600)
    (message,) = print_sandbox.webhooks.messages()
    assert (message["state"], message["due"]) == ("failed", None)
    store = print_sandbox.sandbox.store
    assert store.all(changes.KIND) == store.all(delivery.KIND) == []
    print_sandbox.add_webhook(receiver.url)
    tell()
    assert len(receiver.got) == 1


def test_what_fails_while_its_endpoint_is_removed_is_not_kept(
    print_sandbox: PrintSandbox, receiver: Receiver, confirmed: Confirmed
) -> None:
    removed = threading.Event()

    def answer(_got: Got) -> Answer:
        removed.wait(10)
        return BROKEN

    receiver.answer = answer
    endpoint = print_sandbox.add_webhook(receiver.url)
    confirmed()
    receiver.wait_for(1)
    print_sandbox.webhooks.remove(endpoint["id"])
    removed.set()
    deadline = time.monotonic() + 10
    while not (message := print_sandbox.webhooks.messages()[0])["attempts"] and time.monotonic() < deadline:
        time.sleep(0.01)
    assert len(message["attempts"]) == 1
    time.sleep(0.05)  # for what is done with an attempt after it was noted
    (message,) = print_sandbox.webhooks.messages()
    assert (message["state"], message["due"]) == ("failed", None)
    assert print_sandbox.sandbox.store.all(delivery.KIND) == []


def test_what_is_under_way_while_its_endpoint_is_changed_is_delivered_once(
    print_sandbox: PrintSandbox, receiver: Receiver, confirmed: Confirmed
) -> None:
    changed = threading.Event()

    def answer(_got: Got) -> Answer:
        changed.wait(10)
        return TAKEN

    receiver.answer = answer
    print_sandbox.add_webhook(receiver.url)
    jobs = [confirmed()["id"] for _ in range(3)]
    receiver.wait_for(1)
    print_sandbox.add_webhook(receiver.url, parallel=4)
    receiver.wait_for(3)
    changed.set()
    print_sandbox.settle()
    assert sorted(got.event["print_id"] for got in receiver.got) == sorted(jobs)


def test_letters_that_are_elsewhere_under_other_rules_are_told_of(
    print_sandbox: PrintSandbox, receiver: Receiver, tell: Tell, confirmed: Confirmed
) -> None:
    print_sandbox.add_webhook(receiver.url)
    confirmed(testmode=True)
    tell(700)
    assert receiver.statuses == ["waiting_to_print"]
    print_sandbox.world(test_letters_move=True)
    tell()
    assert receiver.statuses == ["waiting_to_print", "printing"]
