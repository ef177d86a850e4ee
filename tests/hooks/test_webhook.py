"""The secrets of webhooks in a connection."""

from __future__ import annotations

import base64
import json
import logging

import pytest
from airflow.sdk import Connection

from airflow_provider_print.core.errors import ConfigurationError
from airflow_provider_print.core.signature import key_of
from airflow_provider_print.hooks import _webhook
from airflow_provider_print.hooks._webhook import webhook_keys
from airflow_provider_print.hooks.intelliprint import IntelliprintHook

ONE, TWO = ("whsec_" + base64.b64encode(bytes([n]) * 24).decode() for n in (1, 2))


def connection(secret: object) -> Connection:
    extra = json.dumps({"webhook_secret": secret})
    return Connection(conn_id="x", conn_type="intelliprint", password="key", extra=extra)


@pytest.mark.parametrize("between", [" ", ", ", "\n", "  "])
def test_one_secret_or_several_are_read(between: str) -> None:
    assert webhook_keys(connection(ONE)) == (key_of(ONE),)
    assert webhook_keys(connection(f" {ONE}{between}{TWO} ")) == (key_of(ONE), key_of(TWO))


@pytest.mark.parametrize("empty", [None, "", "  "])
def test_no_secret_is_no_key(empty: object) -> None:
    assert webhook_keys(connection(empty)) == ()


@pytest.mark.parametrize("wrong", [7, True, [ONE], "secret!", f"{ONE} whsec_x"])
def test_nonsense_names_the_field_and_is_not_shown(wrong: object) -> None:
    with pytest.raises(ConfigurationError) as error:
        webhook_keys(connection(wrong))
    assert error.value.param == "extra.webhook_secret"
    assert ONE not in str(error.value)
    assert "secret!" not in str(error.value)


def test_a_wrong_secret_does_not_keep_letters_from_being_posted(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    assert IntelliprintHook.from_connection(connection("nonsense")).settings.api_key == "key"
    assert caplog.text == ""


def test_secrets_are_masked_with_and_without_what_stands_before_them(monkeypatch: pytest.MonkeyPatch) -> None:
    masked: list[str] = []
    monkeypatch.setattr("airflow.sdk.log.mask_secret", masked.append)
    webhook_keys(connection(f"{ONE} {TWO}"))
    assert masked == [ONE, ONE.removeprefix("whsec_"), TWO, TWO.removeprefix("whsec_")]
    assert _webhook.FIELD == "webhook_secret"
