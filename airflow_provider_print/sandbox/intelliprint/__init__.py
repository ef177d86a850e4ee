"""The Intelliprint service of the sandbox: print jobs, backgrounds, mailing lists and merged files."""

from __future__ import annotations

from airflow_provider_print.sandbox.intelliprint.routes import fault_answer, reference_of, routes

__all__ = ["fault_answer", "reference_of", "routes"]
