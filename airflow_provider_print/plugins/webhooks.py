"""The plugin that makes the API server a receiver of webhooks.

Airflow imports plugins in each of its processes and in every task, so this module is light: the web app is
made when the API server asks for it.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

from airflow_provider_print._compat import plugin_base

#: Where the receiver is, below the base URL of the API server.
URL_PREFIX = "/print-webhooks"


class PrintWebhooksPlugin(plugin_base()):  # type: ignore[misc]
    """Adds `POST /print-webhooks/intelliprint/CONNECTION_ID`."""

    name = "print_webhooks"

    @cached_property
    def fastapi_apps(self) -> list[dict[str, Any]]:
        """The web app of the receiver."""
        from airflow_provider_print.plugins.receiver import receiver_app

        return [{"app": receiver_app(), "url_prefix": URL_PREFIX, "name": "print webhooks"}]
