"""What is told when the sandbox ends and starts anew with its data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from airflow_provider_print.sandbox import PrintSandbox
from tests.sandbox.calls import Api
from tests.sandbox.webhooks.receiver import BROKEN, TAKEN

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sandbox.webhooks.receiver import Receiver

ALL = ["waiting_to_print", "printing", "enclosing", "shipping", "sent"]


def run(data: Path, **settings: Any) -> PrintSandbox:
    return PrintSandbox(data=data, rate_limit=0, speed=0, seed=1, **settings)


def confirm(box: PrintSandbox) -> None:
    with Api(box.intelliprint_url) as api:
        api.make(testmode=False, confirmed=True)


@pytest.mark.behaviour("sandbox.webhooks.restart")
def test_nothing_that_was_delivered_is_delivered_again_and_nothing_is_forgotten(
    tmp_path: Path, receiver: Receiver
) -> None:
    with run(tmp_path) as box:
        endpoint = box.add_webhook(receiver.url)
        confirm(box)
        box.advance(700)
        box.settle()
    assert receiver.statuses == ALL[:2]
    with run(tmp_path, allow_webhooks=["127.0.0.1"]) as box:
        box.settle()
        assert receiver.statuses == ALL[:2]
        (found,) = box.webhooks.endpoints()
        assert (found["id"], found["secret"]) == (endpoint["id"], endpoint["secret"])
        box.advance(7200)
        box.settle()
    assert receiver.statuses == ALL
    assert len({got.id for got in receiver.got}) == 5


@pytest.mark.behaviour("sandbox.webhooks.restart")
def test_what_was_not_delivered_is_tried_when_it_is_due_under_the_same_id(
    tmp_path: Path, receiver: Receiver
) -> None:
    receiver.answer = lambda _got: BROKEN
    with run(tmp_path, webhooks=[receiver.url]) as box:
        confirm(box)
        box.settle()
    with run(tmp_path, webhooks=[receiver.url]) as box:
        box.settle()
        assert len(receiver.got) == 1
        receiver.answer = lambda _got: TAKEN
        box.advance(5)
        box.settle()
        (message,) = box.webhooks.messages()
        assert (message["state"], message["tries"]) == ("delivered", 1)
    assert len(receiver.got) == 2
    assert len({(got.id, got.body, got.headers["svix-id"]) for got in receiver.got}) == 1


def test_an_endpoint_of_an_earlier_run_whose_host_is_not_allowed_any_more_is_not_called(
    tmp_path: Path, receiver: Receiver
) -> None:
    with run(tmp_path) as box:
        box.add_webhook(receiver.url)
    with run(tmp_path) as box:
        confirm(box)
        box.settle()
        (message,) = box.webhooks.messages()
        assert "--allow-webhook" in message["attempts"][0]["error"]
    assert receiver.got == []


def test_an_endpoint_that_was_named_at_the_last_start_and_not_at_this_one_is_gone(
    tmp_path: Path, receiver: Receiver
) -> None:
    with run(tmp_path, webhooks=[receiver.url]) as box:
        (before,) = box.webhooks.endpoints()
    with run(tmp_path, webhooks=[receiver.url]) as box:
        assert box.webhooks.endpoints() == [before]
    with run(tmp_path) as box:
        assert box.webhooks.endpoints() == []
        confirm(box)
        box.settle()
    assert receiver.got == []
