"""Webhooks of a sandbox of its own, from the command line, that is killed."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
import requests
from svix.webhooks import Webhook

from tests.sandbox.calls import Api

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.sandbox.webhooks.receiver import Receiver

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@contextmanager
def serve(*options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    command = [sys.executable, "-m", "airflow_provider_print.sandbox.cli", "serve", "--port", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process, process.stdout.readline().split()[-1]
        finally:
            process.kill()


def control(base: str, path: str, **fields: object) -> None:
    answer = requests.post(f"{base}/_sandbox/{path}", json=fields, timeout=20)
    assert answer.status_code < 300, answer.text


@pytest.mark.behaviour("sandbox.webhooks.restart", "sandbox.webhooks.register")
def test_what_was_delivered_before_a_kill_is_not_delivered_after_it(
    tmp_path: Path, receiver: Receiver
) -> None:
    options = ["--speed", "0", "--data", str(tmp_path), "--webhook", receiver.url, "--webhook-secret", SECRET]
    with serve(*options) as (process, url), Api(f"{url}/intelliprint/v1") as api:
        api.make(testmode=False, confirmed=True)
        control(url, "clock", advance=700)
        control(url, "settle")
        process.kill()
        process.wait()
    assert receiver.statuses == ["waiting_to_print", "printing"]
    with serve(*options) as (_process, url):
        control(url, "settle")
        assert len(receiver.got) == 2
        control(url, "clock", advance=7200)
        control(url, "settle")
    assert receiver.statuses[2:] == ["enclosing", "shipping", "sent"]
    for got in receiver.got:
        Webhook(SECRET).verify(got.body, got.headers)


def test_hosts_of_webhooks_and_the_keeping_of_bodies_are_options(receiver: Receiver) -> None:
    with serve("--allow-webhook", "127.0.0.1", "--keep-bodies") as (_process, url):
        control(url, "webhooks", url=receiver.url)
        with Api(f"{url}/intelliprint/v1") as api:
            api.make(content="Hello keeper")
        kept = requests.get(f"{url}/_sandbox/journal/1", timeout=10).json()
        assert "Hello keeper" in kept["body"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--webhook", "http://user:pass@host/"], "neither a user nor a password"),
        (["--webhook", "http://host/", "--webhook-secret", "abc"], "secret is whsec_"),
    ],
)
def test_a_webhook_that_makes_no_sense_is_said_in_one_line(options: list[str], words: str) -> None:
    command = [sys.executable, "-m", "airflow_provider_print.sandbox.cli", "serve", "--port", "0", *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert words in done.stderr
    assert "pass@" not in done.stderr
