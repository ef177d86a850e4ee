"""`send_print_job`, as a TaskFlow task would call it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from airflow_provider_print.core.errors import InputError
from airflow_provider_print.hooks.intelliprint import IntelliprintHook
from tests.support.clients import mailed

RECIPIENT = {"address": {"name": "A Reader", "line": "7 Any Road", "postcode": "ZZ1 1ZZ"}}
REQUEST: dict[str, Any] = {"content": "Hello", "recipients": [RECIPIENT]}


def hook_with(monkeypatch: pytest.MonkeyPatch, box: Any, **extra: Any) -> IntelliprintHook:
    connection = {
        "conn_type": "intelliprint",
        "host": box.intelliprint_url,
        "password": "key_sandbox",
        "extra": {"rate": 0, "settle": 0.01, **extra},
    }
    monkeypatch.setenv("AIRFLOW_CONN_PAPER", json.dumps(connection))
    return IntelliprintHook("paper")


def test_a_letter_with_a_name_of_its_own_is_posted_once(
    print_sandbox: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = hook_with(monkeypatch, print_sandbox, testmode=False).send_print_job(REQUEST, letter_key="a-1")
    again = hook_with(monkeypatch, print_sandbox, testmode=False).send_print_job(REQUEST, letter_key="a-1")
    assert first.confirmed
    assert again.already_posted
    assert again.id == first.id
    assert first.reference is not None
    assert first.reference.startswith("a-1 af1-")
    assert mailed(print_sandbox) == 1
    resent = hook_with(monkeypatch, print_sandbox, testmode=False).send_print_job(
        REQUEST, letter_key="a-1", resend="1"
    )
    assert not resent.already_posted


def test_a_connection_that_does_not_say_live_posts_nothing(
    print_sandbox: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = hook_with(monkeypatch, print_sandbox).send_print_job(REQUEST, letter_key="a-1")
    assert done.testmode
    assert done.confirmed
    assert mailed(print_sandbox) == 0


def test_a_request_may_force_test_mode_and_never_live(
    print_sandbox: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = hook_with(monkeypatch, print_sandbox, testmode=False)
    assert live.send_print_job({**REQUEST, "testmode": True}, letter_key="a-1").testmode
    with pytest.raises(InputError) as caught:
        hook_with(monkeypatch, print_sandbox).send_print_job({**REQUEST, "testmode": False}, letter_key="a-1")
    assert caught.value.param == "testmode"
    assert mailed(print_sandbox) == 0


@pytest.mark.parametrize(
    "field", [{"confirmed": True}, {"reference": "mine"}], ids=["confirmed", "reference"]
)
def test_what_sending_settles_itself_is_refused_by_name(
    print_sandbox: Any, monkeypatch: pytest.MonkeyPatch, field: dict[str, Any]
) -> None:
    with pytest.raises(InputError) as caught:
        hook_with(monkeypatch, print_sandbox).send_print_job({**REQUEST, **field}, letter_key="a-1")
    assert caught.value.param == next(iter(field))
    assert print_sandbox.journal() == []


@pytest.mark.parametrize("letter_key", [None, 77, ["a-1"]])
def test_a_letter_key_that_is_no_text_is_refused_by_name(
    print_sandbox: Any, monkeypatch: pytest.MonkeyPatch, letter_key: Any
) -> None:
    with pytest.raises(InputError) as caught:
        hook_with(monkeypatch, print_sandbox).send_print_job(REQUEST, letter_key=letter_key)
    assert caught.value.param == "letter_key"
    assert print_sandbox.journal() == []


@pytest.mark.parametrize("request_", [None, "Hello", [("content", "Hello")]])
def test_a_request_that_is_no_mapping_is_refused_by_name(
    print_sandbox: Any, monkeypatch: pytest.MonkeyPatch, request_: Any
) -> None:
    with pytest.raises(InputError) as caught:
        hook_with(monkeypatch, print_sandbox).send_print_job(request_, letter_key="a-1")
    assert caught.value.param == "request"
    assert print_sandbox.journal() == []
