"""A plain page to look at."""

from __future__ import annotations

from airflow_provider_print.sandbox.core import Answer, Sandbox, SandboxRequest


def page(sandbox: Sandbox, request: SandboxRequest) -> Answer:
    return Answer(200, "<!doctype html><title>Print sandbox</title>", content_type="text/html; charset=utf-8")
