"""The page at `/`: outbox, file library, journal, faults and clock, for people to look at.

What the browser gets lies beside this package in `static`, written by hand and served as it is. What it
shows it fetches from `/_sandbox/page/...` (see `api`), in pieces: it must stay quick with 10,000 letters.
"""

from __future__ import annotations

from airflow_provider_print.sandbox.page.api import actions, lasting
from airflow_provider_print.sandbox.page.static import static_routes

__all__ = ["actions", "lasting", "static_routes"]
