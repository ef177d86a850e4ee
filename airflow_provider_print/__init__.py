"""Paper from pipelines: letters by Intelliprint, artwork in the Printful File Library, for Apache Airflow.

Importing this package imports nothing else, so that `airflow providers list` and a DAG file pay nothing for
it. The names below load their module when they are asked for.
"""

from __future__ import annotations

__version__ = "0.1.0"

_OPERATORS = "airflow_provider_print.operators"
_NAMES = {
    "IntelliprintHook": "airflow_provider_print.hooks.intelliprint",
    "PrintfulHook": "airflow_provider_print.hooks.printful",
    "IntelliprintAuditOperator": f"{_OPERATORS}.intelliprint",
    "IntelliprintCancelPrintJobOperator": f"{_OPERATORS}.intelliprint",
    "IntelliprintCleanUpDraftsOperator": f"{_OPERATORS}.intelliprint",
    "IntelliprintConfirmPrintJobOperator": f"{_OPERATORS}.intelliprint",
    "IntelliprintCreateBackgroundOperator": f"{_OPERATORS}.intelliprint",
    "IntelliprintCreatePrintJobOperator": f"{_OPERATORS}.intelliprint",
    "IntelliprintDeleteBackgroundOperator": f"{_OPERATORS}.intelliprint",
    "IntelliprintMergeFilesOperator": f"{_OPERATORS}.intelliprint",
    "IntelliprintSaveLettersOperator": f"{_OPERATORS}.intelliprint",
    "IntelliprintSubmitPrintJobOperator": f"{_OPERATORS}.intelliprint",
    "IntelliprintUpdateBackgroundOperator": f"{_OPERATORS}.intelliprint",
    "PrintfulAddFileOperator": f"{_OPERATORS}.printful",
    "IntelliprintPrintJobSensor": "airflow_provider_print.sensors.intelliprint",
    "PrintfulFileSensor": "airflow_provider_print.sensors.printful",
}


def __getattr__(name: str) -> type:
    if name not in _NAMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    found: type = getattr(import_module(_NAMES[name]), name)
    return found
