from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.clients import client_of

if TYPE_CHECKING:
    from airflow_provider_print.intelliprint.client import IntelliprintClient
    from airflow_provider_print.sandbox import PrintSandbox


@pytest.fixture
def client(print_sandbox: PrintSandbox) -> IntelliprintClient:
    return client_of(print_sandbox.intelliprint_url)
