"""Webhooks of the Intelliprint service: what happens to letters is told to the endpoints of the tester."""

from __future__ import annotations

from airflow_provider_print.sandbox.webhooks.endpoints import Endpoint, WebhookError
from airflow_provider_print.sandbox.webhooks.hub import Webhooks
from airflow_provider_print.sandbox.webhooks.signing import key_of

__all__ = ["Endpoint", "WebhookError", "Webhooks", "key_of"]
