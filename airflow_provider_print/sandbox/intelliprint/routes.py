"""The endpoints of the service."""

from __future__ import annotations

from typing import Any

from starlette.routing import BaseRoute

from airflow_provider_print.sandbox.core import Sandbox, SandboxRequest


def routes(sandbox: Sandbox) -> list[BaseRoute]:
    return []


def fault_body(status: int) -> dict[str, Any]:
    return {}


def reference_of(sandbox: Sandbox, request: SandboxRequest) -> str | None:
    return None
