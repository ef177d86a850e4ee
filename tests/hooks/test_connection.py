"""However a connection was written, it gives the same client; and nonsense in it is named by field."""

from __future__ import annotations

import json
import logging
import socket
from typing import TYPE_CHECKING, Any

import pytest
from airflow.sdk import Connection

from airflow_provider_print.core.errors import ConfigurationError
from airflow_provider_print.hooks._connection import JOB_LINK, ConnectionSettings
from airflow_provider_print.hooks._pace import PaceSettings
from airflow_provider_print.hooks.intelliprint import IntelliprintHook
from airflow_provider_print.hooks.printful import PrintfulHook
from tests.support.stub import Stub, answer

if TYPE_CHECKING:
    from pathlib import Path

    from airflow_provider_print.sandbox import PrintSandbox

KEY = "key_SECRET0123456789"
BASE = "http://127.0.0.1:8631/intelliprint/v1"
EXTRAS = {
    "testmode": False,
    "environment": "staging",
    "timeout": 30,
    "rate": 50.5,
    "account": "acme",
    "share_of_account_limit": 0.25,
    "rate_dir": "/var/lib/print-rate",
    "rate_store": "redis://:secret@host:6379/0",
    "proxy": "http://proxy.example:3128",
    "ca_bundle": "/etc/ca.pem",
    "allow_http": True,
    "settle": 3,
    "test_letters_move": True,
    "job_link": "https://dashboard.example/{id}",
}
WANTED = ConnectionSettings(
    base_url=BASE,
    api_key=KEY,
    testmode=False,
    environment="staging",
    timeout=30.0,
    pace=PaceSettings(
        rate=50.5,
        account="acme",
        share=0.25,
        folder="/var/lib/print-rate",
        store="redis://:secret@host:6379/0",
    ),
    proxy="http://proxy.example:3128",
    ca_bundle="/etc/ca.pem",
    allow_http=True,
    settle=3.0,
    test_letters_move=True,
    job_link="https://dashboard.example/{id}",
)


def connection(**fields: Any) -> Connection:
    extra = fields.pop("extra", None)
    given: dict[str, Any] = {"conn_id": "c", "conn_type": "intelliprint", "password": KEY, **fields}
    return Connection(**given, extra=json.dumps(extra) if isinstance(extra, dict) else extra)


def settings(**fields: Any) -> ConnectionSettings:
    return IntelliprintHook.from_connection(connection(**fields)).settings


def test_a_form_gives_typed_values() -> None:
    assert settings(host=BASE, extra=EXTRAS) == WANTED


def test_a_form_left_empty_gives_the_defaults_of_the_public_service() -> None:
    empty = settings(host="", schema="", login="", extra=dict.fromkeys(EXTRAS))
    assert empty == ConnectionSettings(
        base_url="https://api.intelliprint.net/v1",
        api_key=KEY,
        pace=PaceSettings(account="connection c"),
    )
    assert (empty.testmode, empty.timeout, empty.pace.rate, empty.job_link) == (True, 120, 98, JOB_LINK)


def test_a_uri_gives_texts_and_means_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    uri = connection(host=BASE, extra={k: str(v) for k, v in EXTRAS.items()}).get_uri()
    monkeypatch.setenv("AIRFLOW_CONN_BY_URI", uri)
    assert "testmode=False" in uri
    assert IntelliprintHook("by_uri").settings == WANTED


def test_a_uri_with_its_parts_in_the_clear_means_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    uri = f"intelliprint://http://:{KEY}@127.0.0.1:8631/intelliprint/v1?testmode=false"
    monkeypatch.setenv("AIRFLOW_CONN_BY_URI", uri)
    found = IntelliprintHook("by_uri").settings
    assert (found.base_url, found.api_key, found.testmode) == (BASE, KEY, False)


def test_json_in_the_environment_means_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    value = {"conn_type": "intelliprint", "host": BASE, "password": KEY, "extra": EXTRAS}
    monkeypatch.setenv("AIRFLOW_CONN_BY_JSON", json.dumps(value))
    assert IntelliprintHook("by_json").settings == WANTED


@pytest.mark.parametrize(
    ("fields", "url"),
    [
        ({"host": "api.example"}, "https://api.example/v1"),
        ({"host": "api.example", "port": 8443}, "https://api.example:8443/v1"),
        ({"host": "localhost", "schema": "http", "port": 80}, "http://localhost:80/v1"),
        ({"host": "localhost:81/print/v2/", "schema": "http"}, "http://localhost:81/print/v2"),
        ({"host": "https://api.example"}, "https://api.example"),
        ({"host": "https://api.example/v9/"}, "https://api.example/v9"),
        ({"host": "https://api.example/v9", "port": 8443}, "https://api.example:8443/v9"),
        ({"host": "https://api.example:1/v9", "port": 8443}, "https://api.example:1/v9"),
        ({"host": "https://api.example", "schema": "v9"}, "https://api.example/v9"),
        ({"host": "https://api.example", "schema": "https"}, "https://api.example"),
    ],
)
def test_host_schema_and_port_make_a_base_url(fields: dict[str, Any], url: str) -> None:
    assert settings(**fields).base_url == url


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"host": "ftp://api.example"}, "host"),
        ({"host": "http://api.example"}, "host"),
        ({"host": "https://user:pw@api.example"}, "host"),
        ({"host": "https://api.example/v1?x=1"}, "host"),
        ({"host": "api example"}, "host"),
        ({"port": 8080}, "host"),
        ({"host": "api.example", "schema": "ftp"}, "schema"),
        ({"password": None}, "password"),
        ({"password": "  "}, "password"),
        ({"password": "key_a\nX: y"}, "password"),
        ({"password": "key_a "}, "password"),
        ({"password": "key_\0a"}, "password"),
        ({"password": "key_ä"}, "password"),
        ({"extra": "{not json"}, "extra"),
        ({"extra": "[1]"}, "extra"),
        ({"extra": {"testmode": "no"}}, "extra.testmode"),
        ({"extra": {"testmode": 0}}, "extra.testmode"),
        ({"extra": {"allow_http": "yes"}}, "extra.allow_http"),
        ({"extra": {"timeout": 0}}, "extra.timeout"),
        ({"extra": {"timeout": "soon"}}, "extra.timeout"),
        ({"extra": {"rate": -1}}, "extra.rate"),
        ({"extra": {"rate": True}}, "extra.rate"),
        ({"extra": {"proxy": "proxy.example"}}, "extra.proxy"),
        ({"extra": {"proxy": "http://:port"}}, "extra.proxy"),
        ({"extra": {"ca_bundle": ["x"]}}, "extra.ca_bundle"),
        ({"extra": {"environment": "a\nb"}}, "extra.environment"),
        ({"extra": {"job_link": "javascript:{id}"}}, "extra.job_link"),
        ({"extra": {"job_link": "https://x.example/"}}, "extra.job_link"),
    ],
)
def test_nonsense_is_named_by_its_field_and_not_repeated(fields: dict[str, Any], param: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        settings(**fields)
    assert caught.value.param == param
    for value in fields.values():
        if isinstance(value, str) and len(value) > 4 and param != "host":
            assert value not in str(caught.value)


def test_a_store_of_printful_is_a_number() -> None:
    good = connection(conn_type="printful", extra={"store_id": 77})
    assert PrintfulHook.from_connection(good).settings.store_id == "77"
    bad = connection(conn_type="printful", extra={"store_id": "my store"})
    with pytest.raises(ConfigurationError) as caught:
        PrintfulHook.from_connection(bad).settings  # noqa: B018 - it is read for its check
    assert caught.value.param == "extra.store_id"


def test_an_extra_that_means_nothing_is_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert settings(extra={"test_mode": False}).testmode is True
    assert "test_mode" in caplog.text


def test_the_api_key_is_in_no_text_of_hook_settings_or_transport() -> None:
    hook = IntelliprintHook.from_connection(connection(extra={"proxy": "http://u:hidden@p.example:1"}))
    for thing in (hook, hook.settings, hook.transport, hook.transport._wire, vars(hook.transport)):
        assert KEY not in repr(thing)
        assert "hidden" not in repr(thing)


def test_airflow_is_told_to_mask_the_base64_forms_of_the_api_key(monkeypatch: pytest.MonkeyPatch) -> None:
    import base64

    masked: list[str] = []
    monkeypatch.setattr("airflow.sdk.log.mask_secret", masked.append)
    monkeypatch.setenv("AIRFLOW_CONN_C", connection().get_uri())
    assert IntelliprintHook("c").settings.api_key == KEY
    assert base64.b64encode(KEY.encode()).decode() in masked
    assert base64.b64encode(f"{KEY}:".encode()).decode() in masked


def test_nothing_is_looked_up_before_it_is_needed() -> None:
    for hook in (IntelliprintHook("no_such_connection"), PrintfulHook("no_such_connection")):
        assert hook.get_conn() is hook
    assert IntelliprintHook().intelliprint_conn_id == "intelliprint_default"
    assert PrintfulHook().printful_conn_id == "printful_default"


def test_a_changed_api_key_opens_no_second_bucket_and_two_connections_with_one_key_share_theirs() -> None:
    def buckets(**fields: Any) -> set[str]:
        pace = IntelliprintHook.from_connection(connection(**fields)).transport.pace
        assert pace is not None
        return {bucket.name for bucket in pace.buckets}

    assert buckets() & buckets(password="key_changed")
    assert buckets() & buckets(conn_id="another")
    assert not buckets() & buckets(conn_id="another", password="key_of_another_account")
    named = {"extra": {"account": "acme"}}
    assert buckets(**named) & buckets(**named, conn_id="another", password="key_of_acme_too")


def test_a_share_is_a_part_of_the_rate() -> None:
    pace = IntelliprintHook.from_connection(connection(extra={"share_of_account_limit": 0.25})).transport.pace
    assert pace is not None
    assert pace.rate == 98 / 4


@pytest.mark.parametrize(
    ("extra", "param"),
    [
        ({"share_of_account_limit": 1.5}, "extra.share_of_account_limit"),
        ({"share_of_account_limit": 0}, "extra.share_of_account_limit"),
        ({"rate_dir": "rates"}, "extra.rate_dir"),
        ({"rate_store": "http://host"}, "extra.rate_store"),
    ],
)
def test_a_limit_that_makes_no_sense_is_refused_by_name(extra: dict[str, Any], param: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        _ = IntelliprintHook.from_connection(connection(extra=extra)).transport
    assert caught.value.param == param


def test_two_hooks_of_one_account_share_one_pace_and_a_rate_of_zero_has_none() -> None:
    first, second = (IntelliprintHook.from_connection(connection()).transport.pace for _ in range(2))
    assert first is not None
    assert second is not None
    assert first.buckets == second.buckets
    assert IntelliprintHook.from_connection(connection(extra={"rate": "0"})).transport.pace is None


# ---- the test of a connection

HTML = b"<!doctype html><html><head><title>Sign in to the network</title></head></html>"
PAGE = {"Content-Type": "text/html"}


def try_out(kind: str, host: str, password: str = KEY, **extra: Any) -> tuple[bool, str]:
    hook = IntelliprintHook if kind == "intelliprint" else PrintfulHook
    given = connection(conn_type=kind, host=host, password=password, extra={"rate": 0, **extra})
    return hook.from_connection(given).test_connection()


@pytest.mark.parametrize(("kind", "key"), [("intelliprint", "key_sandbox"), ("printful", "printful_sandbox")])
def test_a_good_connection_is_told_so(print_sandbox: PrintSandbox, kind: str, key: str) -> None:
    host = print_sandbox.intelliprint_url if kind == "intelliprint" else print_sandbox.printful_url
    good, text = try_out(kind, host, key)
    assert good, text
    assert "accepts the" in text
    assert key not in text


def test_a_good_connection_says_whether_letters_are_paid_for(print_sandbox: PrintSandbox) -> None:
    url = print_sandbox.intelliprint_url
    assert "Test mode" in try_out("intelliprint", url, "key_sandbox")[1]
    assert "LIVE" in try_out("intelliprint", url, "key_sandbox", testmode=False)[1]


@pytest.mark.parametrize("kind", ["intelliprint", "printful"])
def test_a_wrong_api_key_is_named(print_sandbox: PrintSandbox, kind: str) -> None:
    host = print_sandbox.intelliprint_url if kind == "intelliprint" else print_sandbox.printful_url
    good, text = try_out(kind, host)
    assert not good
    assert "status=401" in text
    assert "Check the API key in the password field" in text
    assert KEY not in text


def test_a_removed_list_does_not_hide_a_wrong_token(print_sandbox: PrintSandbox) -> None:
    print_sandbox.world(printful_list="gone")
    assert try_out("printful", print_sandbox.printful_url, "printful_sandbox")[0]
    assert "status=401" in try_out("printful", print_sandbox.printful_url)[1]


@pytest.mark.parametrize("kind", ["intelliprint", "printful"])
@pytest.mark.parametrize(
    ("behaviour", "words"),
    [
        (answer(200, HTML, PAGE), 'an HTML page titled "Sign in to the network"'),
        (answer(403, HTML, PAGE), "an HTML page"),
        (answer(200, {"hello": "world"}), "JSON that is not from"),
        (answer(404, {"detail": {}}), "does not send"),
        (answer(200, b"hello"), "something that is not JSON"),
        (answer(301, b"", {"Location": "https://elsewhere.example/x"}), "redirect to elsewhere.example"),
    ],
    ids=["proxy page", "forbidden page", "another API", "another API's 404", "no JSON", "redirect"],
)
def test_a_wrong_host_or_a_proxy_in_between_is_named(kind: str, behaviour: Any, words: str) -> None:
    with Stub([behaviour]) as stub:
        good, text = try_out(kind, stub.url)
    assert not good
    assert words in text
    assert "host of the connection" in text


@pytest.mark.parametrize(
    ("kind", "path", "words"),
    [
        ("intelliprint", "/printful", "this is not the Intelliprint API"),
        ("intelliprint", "/intelliprint", "this is not the Intelliprint API"),
        ("intelliprint", "", "the base URL ends in /v1"),
        ("printful", "/intelliprint/v1", "this is not the Printful API"),
        ("printful", "", "the public base URL is https://api.printful.com"),
    ],
)
def test_another_api_than_the_one_that_was_meant_is_named(
    print_sandbox: PrintSandbox, kind: str, path: str, words: str
) -> None:
    good, text = try_out(kind, print_sandbox.url + path, f"{kind}_sandbox")
    assert not good
    assert words in text
    assert print_sandbox.url.removeprefix("http://") in text
    assert "host of the connection" in text
    assert "Check the id" not in text


@pytest.mark.parametrize("kind", ["intelliprint", "printful"])
def test_an_unreachable_host_is_named_and_not_waited_for(kind: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    good, text = try_out(kind, f"http://127.0.0.1:{port}")
    assert not good
    assert f"127.0.0.1:{port}: the connection was refused" in text


@pytest.mark.parametrize("kind", ["intelliprint", "printful"])
def test_a_bad_field_is_a_failed_test_and_no_traceback(kind: str) -> None:
    assert try_out(kind, "ftp://x")[0] is False


@pytest.mark.parametrize("kind", ["intelliprint", "printful"])
@pytest.mark.parametrize("content", [None, "not a certificate"], ids=["missing", "nonsense"])
def test_certificates_that_cannot_be_read_are_named_before_any_call(
    tmp_path: Path, kind: str, content: str | None
) -> None:
    bundle = tmp_path / "ca.pem"
    if content is not None:
        bundle.write_text(content)
    with Stub([answer(200, {})]) as stub:
        good, text = try_out(kind, stub.url, ca_bundle=str(bundle))
        assert stub.accepted == 0
    assert not good
    assert "param=extra.ca_bundle" in text


def test_certificates_of_a_file_or_a_folder_are_taken(tmp_path: Path) -> None:
    from certifi import where

    for good in (where(), str(tmp_path)):
        assert IntelliprintHook.from_connection(connection(extra={"ca_bundle": good})).transport


def test_a_token_of_an_account_is_told_about_stores() -> None:
    body = {"code": 400, "result": "x", "error": {"reason": "BadRequest", "message": "This needs a store"}}
    with Stub([answer(400, body)]) as stub:
        assert "`store_id`" in try_out("printful", stub.url)[1]
        assert "`store_id` in the extras" not in try_out("printful", stub.url, store_id="1")[1]
