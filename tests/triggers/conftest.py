from __future__ import annotations

from tests.airflow.fixtures import intelliprint, intelliprint_in_testmode, printful

__all__ = ["intelliprint", "intelliprint_in_testmode", "printful"]
