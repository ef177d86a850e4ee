"""The command `probe`."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from airflow_provider_print.commands._told import FOUND, OK, UNKNOWN, Told

if TYPE_CHECKING:
    import argparse

    from airflow_provider_print.hooks.intelliprint import IntelliprintHook
    from airflow_provider_print.intelliprint.client import IntelliprintClient
    from airflow_provider_print.nets.probe import ProbeReport

_WIDTHS = (30, 36, 40)
_HEAD = ("What no document states", "What the service does", "What it means for the settings")
# Calls that may go out at once, borrowed from the coming minute: a paced look would measure the pace.
_AT_ONCE = 40


def run(options: argparse.Namespace) -> Told:
    """Ask the service, and tell what was found out."""
    from airflow_provider_print.commands._client import hook_of
    from airflow_provider_print.nets.probe import probe

    hook = hook_of(options.conn_id)
    _let_measure(hook)
    settle = hook.settings.settle
    report = probe(hook, settle=settle, hasty=_hasty(hook) if options.provoke_limit else None)
    found = bool(report.left) or any(one.known and not one.fits for one in report.findings)
    code = FOUND if found else OK if report.known else UNKNOWN
    return Told(code, report.as_dict(), table(report))


def table(report: ProbeReport) -> str:
    """Return the findings as a table; a row that asks for a change has an exclamation mark."""
    rows = [_HEAD, *((one.question, one.found, one.meaning) for one in report.findings)]
    marks = [" ", *(" " if one.fits else "!" for one in report.findings)]
    rule = "-" * (sum(_WIDTHS) + 2 * len(_WIDTHS))
    lines = []
    for mark, row in zip(marks, rows, strict=True):
        cells = [textwrap.wrap(text, width) or [""] for text, width in zip(row, _WIDTHS, strict=True)]
        for number in range(max(map(len, cells))):
            parts = [cell[number] if number < len(cell) else "" for cell in cells]
            padded = "  ".join(part.ljust(width) for part, width in zip(parts, _WIDTHS, strict=True))
            lines.append(f"{mark if number == 0 else ' '} {padded}".rstrip())
        lines.append(rule)
    end = f"{report.calls} calls, in test mode: nothing was charged, nothing is posted."
    if report.left:
        end += f" NOT removed: {', '.join(report.left)}."
    return "\n".join([*lines, end])


def _let_measure(hook: IntelliprintHook) -> None:
    from airflow_provider_print.hooks._pace import make_pace

    settings = hook.settings
    hook.transport.pace = make_pace(
        settings.pace, base_url=settings.base_url, api_key=settings.api_key, burst=_AT_ONCE
    )


def _hasty(hook: IntelliprintHook) -> IntelliprintClient:
    """Return a client that neither keeps the pace nor tries again."""
    from airflow_provider_print.intelliprint.client import IntelliprintClient

    return IntelliprintClient(hook.transport.without_waiting())
