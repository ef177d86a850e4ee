"""The command `audit`."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from airflow_provider_print.commands._told import FOUND, OK, Told
from airflow_provider_print.core.errors import InputError

if TYPE_CHECKING:
    import argparse

    from airflow_provider_print.nets._rows import RunScope


def run(options: argparse.Namespace) -> Told:
    """Read the account, and tell what was found."""
    from airflow_provider_print.commands._client import hook_of
    from airflow_provider_print.nets.audit import SECOND_LOOK, audit

    expected = _expected(options.expected)
    hook = hook_of(options.conn_id)
    report = audit(
        hook,
        testmode=hook.settings.testmode,
        since=time.time() - options.since,
        run=_scope(options, hook.settings.environment or ""),
        expected=expected,
        cancel_younger=options.cancel_younger,
        environment=hook.settings.environment or "",
        second_look=max(SECOND_LOOK, 2 * hook.settings.settle),
    )
    text = "\n".join([report.summary, *(f"- {finding}" for finding in report.findings)])
    data = {**report.as_dict(), "findings": report.findings}
    return Told(FOUND if report.findings else OK, data, text)


def _scope(options: argparse.Namespace, environment: str) -> RunScope | None:
    from airflow_provider_print.nets._rows import RunScope

    if (options.dag_id is None) != (options.run is None):
        raise InputError("--dag-id and --run belong together.", param="run" if options.dag_id else "dag-id")
    if options.dag_id is None:
        return None
    run = _as_stored(options.run)
    return RunScope(dag_id=options.dag_id, run=run, run_id=options.run, environment=environment)


def _as_stored(run: str) -> str:
    """Return a logical date as jobs carry it, in UTC; anything else as it was typed."""
    try:
        date = datetime.fromisoformat(run)
    except ValueError:
        return run
    return run if date.tzinfo is None else date.astimezone(UTC).isoformat()


def _expected(given: list[str] | None) -> int | list[str] | None:
    if given is not None and len(given) == 1 and given[0].isdecimal():
        return int(given[0])
    return given
