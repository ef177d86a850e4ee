"""Operators of Intelliprint."""

from __future__ import annotations

from airflow_provider_print.operators.intelliprint.auditing import IntelliprintAuditOperator
from airflow_provider_print.operators.intelliprint.backgrounds import (
    IntelliprintCreateBackgroundOperator,
    IntelliprintDeleteBackgroundOperator,
    IntelliprintUpdateBackgroundOperator,
)
from airflow_provider_print.operators.intelliprint.bulk import IntelliprintSubmitRowsOperator
from airflow_provider_print.operators.intelliprint.cancelling import IntelliprintCancelPrintJobOperator
from airflow_provider_print.operators.intelliprint.cleaning import IntelliprintCleanUpDraftsOperator
from airflow_provider_print.operators.intelliprint.files import (
    IntelliprintMergeFilesOperator,
    IntelliprintSaveLettersOperator,
)
from airflow_provider_print.operators.intelliprint.print_jobs import (
    IntelliprintConfirmPrintJobOperator,
    IntelliprintCreatePrintJobOperator,
    IntelliprintSubmitPrintJobOperator,
)

__all__ = [
    "IntelliprintAuditOperator",
    "IntelliprintCancelPrintJobOperator",
    "IntelliprintCleanUpDraftsOperator",
    "IntelliprintConfirmPrintJobOperator",
    "IntelliprintCreateBackgroundOperator",
    "IntelliprintCreatePrintJobOperator",
    "IntelliprintDeleteBackgroundOperator",
    "IntelliprintMergeFilesOperator",
    "IntelliprintSaveLettersOperator",
    "IntelliprintSubmitPrintJobOperator",
    "IntelliprintSubmitRowsOperator",
    "IntelliprintUpdateBackgroundOperator",
]
