"""Webhooks of the Intelliprint service: what happens to letters is told to the endpoints of the tester."""

from __future__ import annotations

from airflow_provider_print.sandbox.webhooks.endpoints import WebhookError
from airflow_provider_print.sandbox.webhooks.hub import Webhooks

__all__ = ["WebhookError", "Webhooks"]
