"""What the receiver believes, what it refuses, and what Airflow's database holds after it."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any

import pytest
from starlette.testclient import TestClient

from airflow_provider_print.plugins import receiver
from airflow_provider_print.plugins._accounts import FRESH_S, Accounts
from airflow_provider_print.plugins.receiver import LARGEST_BODY, Seen, receiver_app
from airflow_provider_print.sandbox.webhooks import signing
from tests.airflow.fixtures import RECIPIENT
from tests.plugins.conftest import CONN_ID, OLD_SECRET, SECRET, connection, payload, signed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from airflow_provider_print.sandbox import PrintSandbox
    from tests.plugins.conftest import Events

ROUTE = f"/intelliprint/{CONN_ID}"
OTHER = signing.new_secret()


@pytest.fixture
def client(hooked: PrintSandbox, events: Events) -> Iterator[TestClient]:
    with TestClient(receiver_app(), raise_server_exceptions=False) as one:
        yield one


def post(client: TestClient, body: bytes, route: str = ROUTE, **more: Any) -> Any:
    return client.post(route, content=body, headers=signed(body, **more))


def job(sandbox: PrintSandbox, *, letters: int = 1, **more: Any) -> tuple[str, list[str]]:
    """Make a confirmed job; returns its id and those of its letters."""
    from airflow_provider_print.hooks.intelliprint import IntelliprintHook
    from airflow_provider_print.intelliprint.requests import PrintJobRequest

    hook = IntelliprintHook(CONN_ID)
    request = PrintJobRequest.build(
        content="Dear reader", recipients=[RECIPIENT] * letters, testmode=False, **more
    )
    made = hook.confirm_print_job(hook.create_print_job(request).id)
    return made.id, [letter.id or "" for letter in made.letters]


def reads(sandbox: PrintSandbox) -> int:
    return sum(call["method"] == "GET" for call in sandbox.journal())


def test_a_letter_that_is_sent_starts_the_dags_that_are_scheduled_on_it(
    client: TestClient, events: Events
) -> None:
    answer = post(client, payload(status="printing"))
    assert (answer.status_code, answer.json()["status"]) == (200, "taken")
    ((path, extra),) = events.all()
    assert path == "letters/printing"
    assert extra == {
        "kind": "letter",
        "status": "printing",
        "conn_id": CONN_ID,
        "print_job": "print_1",
        "letter": "ltr_1",
        "letters": None,
        "reference": None,
        "letter_key": None,
        "testmode": False,
        "source": "webhook",
    }
    assert events.queued == {"letter_printing"}


def test_a_reference_is_passed_on_only_where_it_is_one_of_ours(client: TestClient, events: Events) -> None:
    ours = "invoice-77 af1-abcdefghijklmnopqrstuvwxyz"
    post(client, payload(status="printing", reference=ours))
    post(client, payload(status="printing", id="ltr_2"), message="msg_2")
    told = [(extra["reference"], extra["letter_key"]) for _, extra in events.all()]
    assert told == [(ours, "af1-abcdefghijklmnopqrstuvwxyz"), (None, None)]


@pytest.mark.parametrize("secret", [SECRET, OLD_SECRET])
def test_each_secret_of_a_rotation_is_accepted(client: TestClient, secret: str) -> None:
    assert post(client, payload(status="printing"), secret=secret).status_code == 200


def test_a_body_that_was_changed_on_its_way_is_refused(client: TestClient, events: Events) -> None:
    headers = signed(payload(status="printing"))
    answer = client.post(ROUTE, content=payload(status="returned"), headers=headers)
    assert answer.status_code == 401
    assert events.all() == []


@pytest.mark.parametrize("off", [-301, 301])
def test_a_message_that_is_not_of_now_is_refused(client: TestClient, off: int) -> None:
    assert post(client, payload(), at=time.time() + off).status_code == 401


def test_nobody_learns_which_connections_exist(
    client: TestClient, hooked: PrintSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_MUTE", connection(hooked.intelliprint_url, webhook_secret=None))
    monkeypatch.setenv("AIRFLOW_CONN_BROKEN", connection(hooked.intelliprint_url, webhook_secret="whsec_x"))
    monkeypatch.setenv("AIRFLOW_CONN_OTHER", '{"conn_type": "http", "extra": {"webhook_secret": "x"}}')
    answers = [
        post(client, payload(), f"/intelliprint/{conn_id}", secret=secret)
        for conn_id, secret in (
            (CONN_ID, OTHER),
            ("nowhere", SECRET),
            ("mute", SECRET),
            ("broken", SECRET),
            ("other", SECRET),
        )
    ]
    answers.append(client.post(ROUTE, content=payload()))
    assert {(answer.status_code, answer.text) for answer in answers} == {
        (401, '{"detail":"The signature was not accepted."}')
    }


@pytest.mark.parametrize("too_much", [1, -LARGEST_BODY + 1])
def test_a_body_that_says_that_it_is_too_large_is_refused(client: TestClient, too_much: int) -> None:
    body = b"x" * (LARGEST_BODY + too_much)
    length = {"content-length": str(max(len(body), LARGEST_BODY + 1))}
    assert client.post(ROUTE, content=body, headers=signed(payload()) | length).status_code == 413


def test_only_post_is_answered(client: TestClient) -> None:
    assert client.get(ROUTE).status_code == 405
    assert client.get("/").status_code == 404


def test_a_message_that_comes_again_is_taken_without_a_second_event(
    client: TestClient, events: Events
) -> None:
    answers = [post(client, payload(status="printing")).json() for _ in range(2)]
    assert [answer["status"] for answer in answers] == ["taken", "repeated"]
    assert len(events.all()) == 1


def test_another_api_server_adds_no_second_event(client: TestClient, events: Events) -> None:
    post(client, payload(status="printing"))
    with TestClient(receiver_app()) as other:
        assert post(other, payload(status="printing")).json() == {"status": "taken", "told": []}
    assert len(events.all()) == 1


def test_a_status_that_the_letter_has_passed_is_no_news(client: TestClient, events: Events) -> None:
    for number, status in enumerate(["sent", "printing", "returned"]):
        post(client, payload(status=status), message=f"msg_{number}")
    assert [path for path in events.paths if path.startswith("letters")] == [
        "letters/sent",
        "letters/returned",
    ]


def test_letters_of_the_other_mode_are_taken_and_not_told(client: TestClient, events: Events) -> None:
    answer = post(client, payload(testmode=True))
    assert (answer.status_code, answer.json()["status"]) == (200, "ignored")
    assert events.all() == []


def test_another_event_and_an_unknown_status_are_taken_and_not_told(
    client: TestClient, events: Events, caplog: pytest.LogCaptureFixture
) -> None:
    other = b'{"type": "mailing_list.addresses_validated", "data": [1]}'
    assert post(client, other).json()["status"] == "ignored"
    assert post(client, payload(status="teleported"), message="msg_2").status_code == 200
    assert events.all() == []
    assert "a status that this version does not know" in caplog.text


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'{"type": 1}',
        payload(id="../x"),
        payload(print_id=None),
        payload(status=7),
        payload(testmode="no"),
    ],
)
def test_what_cannot_be_understood_is_refused_and_not_shown(
    client: TestClient, caplog: pytest.LogCaptureFixture, body: bytes
) -> None:
    answer = post(client, body)
    assert answer.status_code == 422
    assert "personally" not in caplog.text + answer.text


def test_a_job_is_told_when_its_last_letter_is_sent(
    client: TestClient, events: Events, hooked: PrintSandbox
) -> None:
    print_id, letters = job(hooked, letters=3)
    for letter in letters:
        post(client, payload(id=letter, print_id=print_id), message=f"msg_{letter}")
    jobs = [(path, extra["letters"]) for path, extra in events.all() if path.startswith("print-jobs")]
    assert jobs == [("print-jobs/sent", {"sent": 3}), ("print-jobs/finished", {"sent": 3})]
    assert events.queued == {"letter_sent", "job_sent", "job_finished"}


def test_a_letter_that_comes_back_makes_its_job_a_failed_one(
    client: TestClient, events: Events, hooked: PrintSandbox
) -> None:
    print_id, (letter,) = job(hooked)
    for status in ("sent", "returned"):
        post(client, payload(id=letter, print_id=print_id, status=status), message=f"msg_{status}")
    assert [path for path in events.paths if path.startswith("print-jobs")] == [
        "print-jobs/sent",
        "print-jobs/finished",
        "print-jobs/failed",
    ]


def test_the_first_webhook_of_letters_that_left_together_is_the_only_one_that_costs_a_call(
    client: TestClient, hooked: PrintSandbox, events: Events
) -> None:
    print_id, letters = job(hooked, letters=40)
    hooked.advance(30 * 24 * 3600)
    before = reads(hooked)
    for letter in letters:
        post(client, payload(id=letter, print_id=print_id), message=f"msg_{letter}")
    assert reads(hooked) - before == 1
    assert events.paths.count("print-jobs/sent") == 1
    assert events.paths.count("letters/sent") == 40


def test_a_job_that_cannot_be_read_now_is_told_when_the_message_comes_again(
    client: TestClient, events: Events, hooked: PrintSandbox, caplog: pytest.LogCaptureFixture
) -> None:
    print_id, (letter,) = job(hooked)
    hooked.fault(kind="status", status=500, method="GET", times=1)
    body = payload(id=letter, print_id=print_id)
    first = post(client, body)
    assert (first.status_code, first.headers["retry-after"]) == (503, "60")
    assert "personally" not in caplog.text
    assert post(client, body).status_code == 200
    assert events.paths == ["letters/sent", "print-jobs/sent", "print-jobs/finished"]


def test_a_database_that_is_away_lets_the_message_come_again(
    client: TestClient, events: Events, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def away(*_: Any, **__: Any) -> None:
        raise RuntimeError("user=airflow password=hunter2")

    with monkeypatch.context() as broken:
        broken.setattr(receiver, "tell", away)
        assert post(client, payload(status="printing")).status_code == 503
    assert "hunter2" not in caplog.text
    assert post(client, payload(status="printing")).json()["status"] == "taken"
    assert events.paths == ["letters/printing"]


def test_nothing_is_told_and_nothing_is_asked_where_no_dag_listens(
    hooked: PrintSandbox, events: Events, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_UNHEARD", connection(hooked.intelliprint_url))
    before = reads(hooked)
    with TestClient(receiver_app()) as client:
        assert post(client, payload(), "/intelliprint/unheard").json() == {"status": "taken", "told": []}
    assert reads(hooked) == before
    assert events.all() == []


def test_nothing_secret_is_logged(
    client: TestClient, hooked: PrintSandbox, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    post(client, payload())
    post(client, payload(), secret=OTHER, message="msg_2")
    shown = caplog.text
    assert SECRET.removeprefix("whsec_") not in shown
    assert "A Reader, personally" not in shown


def test_a_changed_secret_counts_after_half_a_minute() -> None:
    now, asked = [0.0], []

    class Connection:
        conn_id, conn_type, host, schema, port = CONN_ID, "intelliprint", None, None, None
        password = "key"
        extra = f'{{"webhook_secret": "{SECRET}"}}'

    def find(conn_id: str) -> Any:
        asked.append(conn_id)
        return Connection()

    accounts = Accounts(find, lambda: now[0])
    first = accounts.get(CONN_ID)
    assert first is not None
    assert accounts.get(CONN_ID) is first
    now[0] = FRESH_S
    assert accounts.get(CONN_ID) is first
    Connection.extra = f'{{"webhook_secret": "{OLD_SECRET}"}}'
    assert accounts.get(CONN_ID) is first
    now[0] = 2 * FRESH_S
    second = accounts.get(CONN_ID)
    assert second is not None
    assert second.keys != first.keys
    assert len(asked) == 3


def test_ids_of_messages_are_forgotten_when_a_replay_would_be_too_old() -> None:
    seen = Seen()
    seen.add((CONN_ID, "one"), 0.0)
    assert seen.has((CONN_ID, "one"), 599.0)
    assert not seen.has(("another", "one"), 599.0)
    assert not seen.has((CONN_ID, "one"), 600.0)
    seen.add((CONN_ID, "two"), 601.0)
    assert len(seen._until) == 1
