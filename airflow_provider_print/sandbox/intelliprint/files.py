"""The download host of the service."""

from __future__ import annotations

from starlette.routing import BaseRoute

from airflow_provider_print.sandbox.core import Sandbox


def routes(sandbox: Sandbox) -> list[BaseRoute]:
    return []
