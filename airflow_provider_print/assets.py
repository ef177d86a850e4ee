"""Assets that a DAG can be scheduled on: "this letter is sent", "this print job is finished".

There is one asset for each connection, kind and status, such as

    intelliprint://intelliprint_default/print-jobs/sent

A DAG names something that stays, and the event says which job it was. An event reaches Airflow in two ways:
by webhook, where the API server can be reached from outside, or from a watcher in the triggerer, which asks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from airflow_provider_print.core.errors import InputError
from airflow_provider_print.intelliprint.events import LETTER, OUTCOMES, PRINT_JOB, PrintEvent
from airflow_provider_print.intelliprint.statuses import LetterStatus

if TYPE_CHECKING:
    from urllib.parse import SplitResult

    from airflow.sdk import Asset

SCHEME = "intelliprint"
_FOLDERS = {LETTER: "letters", PRINT_JOB: "print-jobs"}
#: Letters of a draft do not move: nobody is told of them (documented).
LETTER_STATUSES = tuple(status.value for status in LetterStatus if status is not LetterStatus.DRAFT)
_KNOWN = {"letters": LETTER_STATUSES, "print-jobs": OUTCOMES}


def letter_asset(status: str = "sent", *, intelliprint_conn_id: str = "intelliprint_default") -> Asset:
    """Return the asset of letters that have got a status; only webhooks tell of letters.

    :param status: of a letter, such as `sent` or `returned`.
    :param intelliprint_conn_id: the connection whose webhooks are meant.
    :raises InputError: naming the argument.
    """
    from airflow.sdk import Asset

    return Asset(asset_uri(LETTER, status, intelliprint_conn_id))


def print_job_asset(
    outcome: str = "sent",
    *,
    intelliprint_conn_id: str = "intelliprint_default",
    watch: bool = False,
    poll_interval: float = 300.0,
    tell_past: bool = False,
) -> Asset:
    """Return the asset of print jobs that have come somewhere with all of their letters.

    :param outcome: `sent`: each letter is sent; `failed`: some will not arrive; `finished`: none will move by
        itself any more, whichever way it went.
    :param intelliprint_conn_id: the connection whose print jobs are meant.
    :param watch: let the triggerer ask for them, where no webhook comes in.
    :param poll_interval: seconds between two looks of the watcher.
    :param tell_past: have a watcher that begins, or has lost its place, tell of what it finds, too.
    :raises InputError: naming the argument.
    """
    from airflow.sdk import Asset

    uri = asset_uri(PRINT_JOB, outcome, intelliprint_conn_id)
    if not watch:
        return Asset(uri)
    from airflow.sdk import AssetWatcher

    from airflow_provider_print.triggers.watching import IntelliprintPrintJobWatchTrigger

    trigger = IntelliprintPrintJobWatchTrigger(
        outcome=outcome,
        poll_interval=poll_interval,
        tell_past=tell_past,
        intelliprint_conn_id=intelliprint_conn_id,
    )
    return Asset(uri, watchers=[AssetWatcher(name=f"watch {uri}", trigger=trigger)])


def read_event(asset_event: Any) -> PrintEvent:
    """Return what an event of such an asset tells, whichever way it came.

    :param asset_event: one of `triggering_asset_events[asset]` in the template context.
    :raises InputError: for an event that somebody made by hand.
    """
    return PrintEvent.parse(asset_event.extra)


def asset_uri(kind: str, status: str, conn_id: str) -> str:
    """Return the URI of an asset.

    :param kind: `letter` or `print_job`.
    :param status: see `letter_asset` and `print_job_asset`.
    :param conn_id: id of the connection.
    :raises InputError: naming what is not known.
    """
    folder = _FOLDERS[kind]
    if status not in _KNOWN[folder]:
        raise InputError(
            f"{str(status)[:60]!r} is nothing that is told of {folder.replace('-', ' ')}.",
            param="status" if kind == LETTER else "outcome",
            advice=f"Known ones: {', '.join(_KNOWN[folder])}.",
        )
    if not isinstance(conn_id, str) or not conn_id:
        raise InputError("There is no id of a connection.", param="intelliprint_conn_id")
    return f"{SCHEME}://{quote(conn_id, safe='')}/{folder}/{status}"


def sanitize_uri(uri: SplitResult) -> SplitResult:
    """Refuse a URI that nothing would ever be told of; Airflow calls it for each asset of our scheme.

    :param uri: as Airflow has split it.
    :raises ValueError: which Airflow shows as an error of the DAG file.
    """
    _, *rest = uri.path.split("/")
    folder, status = rest if len(rest) == 2 else ("", "")
    if not uri.netloc or uri.query or status not in _KNOWN.get(folder, ()):
        raise ValueError(
            f"The URI is {SCHEME}://CONNECTION/letters/STATUS or {SCHEME}://CONNECTION/print-jobs/OUTCOME; a "
            f"status is one of {', '.join(LETTER_STATUSES)}, an outcome one of {', '.join(OUTCOMES)}."
        )
    return uri
