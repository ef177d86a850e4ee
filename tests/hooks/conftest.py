"""Hooks on the sandbox, through connections as Airflow finds them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from airflow_provider_print.hooks.intelliprint import IntelliprintHook
    from airflow_provider_print.hooks.printful import PrintfulHook
    from airflow_provider_print.sandbox import PrintSandbox

Connect = Callable[..., None]


@pytest.fixture
def connect(monkeypatch: pytest.MonkeyPatch) -> Connect:
    """Put a connection where Airflow looks first."""

    def put(conn_id: str, **fields: Any) -> None:
        fields.setdefault("conn_type", conn_id.split("_")[0])
        monkeypatch.setenv(f"AIRFLOW_CONN_{conn_id.upper()}", json.dumps(fields))

    return put


@pytest.fixture
def hook(print_sandbox: PrintSandbox, connect: Connect) -> IntelliprintHook:
    from airflow_provider_print.hooks.intelliprint import IntelliprintHook

    connect(
        "intelliprint_default", host=print_sandbox.intelliprint_url, password="key_sandbox", extra={"rate": 0}
    )
    return IntelliprintHook()


@pytest.fixture
def printful(print_sandbox: PrintSandbox, connect: Connect) -> PrintfulHook:
    from airflow_provider_print.hooks.printful import PrintfulHook

    connect(
        "printful_default", host=print_sandbox.printful_url, password="printful_sandbox", extra={"rate": 0}
    )
    return PrintfulHook()


@pytest.fixture(scope="session")
def pdf() -> bytes:
    """One page."""
    from airflow_provider_print.sandbox.pdf import typeset_text

    return typeset_text("Dear Ada,\n\nall is well.")
