"""How messages travel: signed, tried again, doubled, held back, and never where they should not go."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from svix.webhooks import Webhook, WebhookVerificationError

from airflow_provider_print.sandbox import PrintSandbox
from tests.sandbox.calls import ADDRESSED, Api
from tests.sandbox.webhooks.receiver import BROKEN, TAKEN, Answer, Receiver

if TYPE_CHECKING:
    from collections.abc import Callable

    Confirmed = Callable[..., dict[str, Any]]
    Tell = Callable[..., None]

PAUSES = [5, 300, 1800, 7200, 18_000, 36_000, 36_000]


def only(box: PrintSandbox) -> dict[str, Any]:
    (message,) = box.webhooks.messages()
    return message


@pytest.fixture
def one(api: Api) -> Callable[[], dict[str, Any]]:
    """Confirm a test job: its letter stays where it is, so that there is one message."""
    return lambda: api.make(confirmed=True)


@pytest.mark.behaviour(
    "intelliprint.webhook.svix-headers",
    "intelliprint.webhook.svix-signature",
    "intelliprint.webhook.timestamp",
)
@pytest.mark.parametrize("name", ["svix", "webhook"])
def test_the_library_that_receivers_use_takes_what_we_sign_and_nothing_else(
    print_sandbox: PrintSandbox, receiver: Receiver, tell: Tell, confirmed: Confirmed, name: str
) -> None:
    endpoint = print_sandbox.add_webhook(receiver.url, header_name=name)
    confirmed(reference="Zoë £5")
    print_sandbox.sandbox.clock.advance(86_400)  # receivers compare the timestamp with their own clock
    tell()
    assert len(receiver.got) == 5
    for got in receiver.got:
        Webhook(endpoint["secret"]).verify(got.body, got.headers)
        assert abs(int(got.headers[f"{name}-timestamp"]) - time.time()) < 60
    got = receiver.got[0]
    for body, headers in (
        (got.body.replace(b"printing", b"sent").replace(b"waiting", b"moving"), got.headers),
        (got.body, {**got.headers, f"{name}-id": "msg_other"}),
        (got.body, {**got.headers, f"{name}-timestamp": str(int(time.time()) - 301)}),
    ):
        with pytest.raises(WebhookVerificationError):
            Webhook(endpoint["secret"]).verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook("whsec_" + "A" * 32).verify(got.body, got.headers)


@pytest.mark.behaviour("intelliprint.webhook.retries")
def test_what_is_refused_is_tried_again_with_growing_pauses_and_given_up(
    print_sandbox: PrintSandbox, receiver: Receiver, tell: Tell, one: Confirmed
) -> None:
    receiver.answer = lambda _got: BROKEN
    print_sandbox.add_webhook(receiver.url)
    one()
    tell()
    for number, pause in enumerate(PAUSES, start=1):
        tell(pause - 1)
        assert (len(receiver.got), only(print_sandbox)["state"]) == (number, "waiting")
        tell(1)
        assert len(receiver.got) == number + 1
    assert only(print_sandbox)["state"] == "failed"
    assert [attempt["status"] for attempt in only(print_sandbox)["attempts"]] == [500] * 8
    assert len({(got.id, got.body) for got in receiver.got}) == 1
    tell(7 * 86_400)
    assert len(receiver.got) == 8


@pytest.mark.behaviour("intelliprint.webhook.retries")
def test_a_retry_that_is_taken_is_the_last(
    print_sandbox: PrintSandbox, receiver: Receiver, tell: Tell, one: Confirmed
) -> None:
    receiver.answer = lambda _got: BROKEN if len(receiver.got) == 1 else TAKEN
    endpoint = print_sandbox.add_webhook(receiver.url)
    one()
    tell()
    tell(86_400)
    assert len(receiver.got) == 2
    for got in receiver.got:
        Webhook(endpoint["secret"]).verify(got.body, got.headers)
    message = only(print_sandbox)
    assert (message["state"], message["due"]) == ("delivered", None)
    assert [attempt["status"] for attempt in message["attempts"]] == [500, 204]


def test_one_that_fails_does_not_hold_up_those_behind_it(
    print_sandbox: PrintSandbox, receiver: Receiver, tell: Tell, confirmed: Confirmed
) -> None:
    receiver.answer = lambda _got: BROKEN if len(receiver.got) == 1 else TAKEN
    print_sandbox.add_webhook(receiver.url)
    confirmed(recipients=[ADDRESSED, ADDRESSED])
    tell()
    first, second = (got.event["id"] for got in receiver.got)
    assert first != second
    tell(5)
    assert [got.event["id"] for got in receiver.got] == [first, second, first]


@pytest.mark.behaviour("sandbox.webhooks.allowed")
def test_a_redirect_is_not_followed(
    print_sandbox: PrintSandbox, receiver: Receiver, tell: Tell, one: Confirmed
) -> None:
    with Receiver() as other:
        receiver.answer = lambda _got: (307, {"Location": other.url}, ())
        print_sandbox.add_webhook(receiver.url)
        one()
        tell()
        assert len(receiver.got) == 1
        assert other.got == []
    assert (only(print_sandbox)["state"], only(print_sandbox)["attempts"][0]["status"]) == ("waiting", 307)


@pytest.mark.behaviour("sandbox.webhooks.allowed")
@pytest.mark.parametrize("url", ["http://169.254.169.254/latest", "http://[fe80::1]/"])
def test_a_link_local_address_is_never_called_even_if_it_is_named(
    print_sandbox: PrintSandbox, tell: Tell, one: Confirmed, url: str
) -> None:
    print_sandbox.add_webhook(url, timeout_s=5)
    one()
    tell()
    assert only(print_sandbox)["attempts"][0]["error"] == "no answer: OSError"


@pytest.mark.behaviour("sandbox.webhooks.capped")
@pytest.mark.parametrize("how", ["silent", "endless", "letter by letter"])
def test_a_receiver_that_does_not_come_to_an_end_is_left(
    print_sandbox: PrintSandbox,
    receiver: Receiver,
    tell: Tell,
    one: Confirmed,
    how: str,
) -> None:
    done = threading.Event()

    def answer(_got: object) -> Answer:
        if how == "endless":
            return 200, {}, (b"x" * 100_000 for _ in range(1000))
        if how == "silent":
            done.wait(20)
        return 200, {"Content-Length": "1000"}, (time.sleep(0.02) or b"x" for _ in range(1000))

    receiver.answer = answer
    print_sandbox.add_webhook(receiver.url, timeout_s=0.3)
    one()
    begin = time.monotonic()
    tell()
    assert time.monotonic() - begin < 10
    done.set()
    message = only(print_sandbox)
    if how == "endless":  # its status is enough; what it says is not read to the end
        assert message["state"] == "delivered"
    else:
        assert message["state"] == "waiting"
        assert message["attempts"][0]["error"]


def test_nobody_there_is_a_failed_attempt(
    print_sandbox: PrintSandbox, receiver: Receiver, tell: Tell, one: Confirmed
) -> None:
    with Receiver() as gone:
        url = gone.url
    print_sandbox.add_webhook(url)
    one()
    tell()
    message = only(print_sandbox)
    assert (message["state"], message["tries"], message["due"]) == ("waiting", 1, print_sandbox.now() + 5)
    assert message["attempts"][0]["error"] == "no answer: ConnectionRefusedError"
    assert "key=1" not in message["attempts"][0]["error"]


@pytest.mark.behaviour("intelliprint.webhook.at-least-once", "sandbox.webhooks.disorder")
def test_messages_come_twice_under_the_same_id_on_demand(
    print_sandbox: PrintSandbox, receiver: Receiver, tell: Tell, confirmed: Confirmed
) -> None:
    print_sandbox.add_webhook(receiver.url, duplicate=1)
    confirmed()
    tell(7200)
    assert len(receiver.got) == 10
    assert len({got.id for got in receiver.got}) == 5
    assert all(len(message["attempts"]) == 2 for message in print_sandbox.webhooks.messages())


@pytest.mark.behaviour("intelliprint.webhook.at-least-once", "sandbox.webhooks.disorder")
def test_messages_overtake_each_other_on_demand_the_same_way_for_the_same_seed(
    receiver: Receiver,
) -> None:
    def run(seed: int) -> list[str]:
        receiver.got.clear()
        with PrintSandbox(seed=seed, rate_limit=0) as box, Api(box.intelliprint_url) as api:
            box.reset(frozen=True)
            box.add_webhook(receiver.url, reorder=0.5, reorder_s=6000)
            api.make(testmode=False, confirmed=True)
            box.settle()
            box.advance(4000)
            for _ in range(8):
                box.settle()
                box.advance(1000)
            box.settle()
        return receiver.statuses

    first, again = run(3), run(3)
    assert sorted(first) == ["enclosing", "printing", "sent", "shipping", "waiting_to_print"]
    assert first == again
    assert any(
        run(seed) != ["waiting_to_print", "printing", "enclosing", "shipping", "sent"] for seed in (3, 4)
    )


@pytest.mark.behaviour("sandbox.webhooks.disorder")
def test_any_message_can_be_sent_again(
    print_sandbox: PrintSandbox, api: Api, receiver: Receiver, tell: Tell, one: Confirmed
) -> None:
    print_sandbox.add_webhook(receiver.url)
    one()
    tell()
    path = f"{print_sandbox.url}/_sandbox/webhooks/messages/"
    answer = api.post(path + only(print_sandbox)["id"])
    assert (answer.status_code, answer.json()["state"]) == (202, "delivered")
    tell()
    assert [got.id for got in receiver.got] == [only(print_sandbox)["id"]] * 2
    assert api.post(path + "msg_none").status_code == 404


def test_several_messages_can_be_under_way_at_once(
    print_sandbox: PrintSandbox, receiver: Receiver, tell: Tell, confirmed: Confirmed
) -> None:
    together = threading.Barrier(5)

    def answer(_got: object) -> Answer:
        together.wait(20)
        return TAKEN

    receiver.answer = answer
    print_sandbox.add_webhook(receiver.url, parallel=5, timeout_s=30)
    confirmed()
    tell(7200)
    assert len(receiver.got) == 5


def test_whoever_moves_the_clock_does_not_wait_for_receivers(
    print_sandbox: PrintSandbox, receiver: Receiver, tell: Tell, confirmed: Confirmed
) -> None:
    go_on = threading.Event()

    def answer(_got: object) -> Answer:
        go_on.wait(20)
        return TAKEN

    receiver.answer = answer
    print_sandbox.add_webhook(receiver.url, timeout_s=30)
    confirmed()
    print_sandbox.advance(7200)
    assert print_sandbox.webhooks.endpoints()[0]["messages"]["waiting"] == 5
    with pytest.raises(TimeoutError):
        print_sandbox.settle(0.05)
    go_on.set()
    tell()
    assert print_sandbox.webhooks.endpoints()[0]["messages"]["delivered"] == 5
