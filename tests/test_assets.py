"""Assets that a DAG can be scheduled on."""

from __future__ import annotations

from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
from airflow.sdk import Asset

from airflow_provider_print.assets import asset_uri, letter_asset, print_job_asset, read_event, sanitize_uri
from airflow_provider_print.core.errors import InputError
from airflow_provider_print.intelliprint.events import LETTER, PRINT_JOB, PrintEvent
from airflow_provider_print.triggers.watching import IntelliprintPrintJobWatchTrigger


def test_an_asset_has_the_same_name_however_it_is_written() -> None:
    written = Asset("intelliprint://intelliprint_default/print-jobs/sent")
    made = print_job_asset()
    assert (made.name, made.uri) == (written.name, written.uri)
    assert made == print_job_asset("sent", intelliprint_conn_id="intelliprint_default")
    assert letter_asset("returned", intelliprint_conn_id="x").uri == "intelliprint://x/letters/returned"


@pytest.mark.parametrize("conn_id", ["a/b", "team:prod#1", r"back\slash", "ümlaut", "Upper"])
def test_any_id_of_a_connection_makes_a_uri_that_airflow_leaves_as_it_is(conn_id: str) -> None:
    uri = asset_uri(LETTER, "sent", conn_id)
    assert Asset(uri).uri == uri
    assert uri.isascii()


def test_a_watched_asset_brings_its_watcher() -> None:
    asset = print_job_asset("failed", watch=True, poll_interval=60, intelliprint_conn_id="x")
    (watcher,) = asset.watchers
    assert isinstance(watcher.trigger, IntelliprintPrintJobWatchTrigger)
    assert watcher.trigger.serialize()[1] == {
        "outcome": "failed",
        "poll_interval": 60,
        "tell_past": False,
        "intelliprint_conn_id": "x",
    }
    assert asset.uri in watcher.name
    assert print_job_asset().watchers == []


@pytest.mark.parametrize(
    ("kind", "status", "param"), [(LETTER, "draft", "status"), (PRINT_JOB, "printing", "outcome")]
)
def test_what_is_never_told_cannot_be_scheduled_on(kind: str, status: str, param: str) -> None:
    with pytest.raises(InputError) as refused:
        asset_uri(kind, status, "x")
    assert refused.value.param == param
    with pytest.raises(InputError) as refused:
        asset_uri(kind, "sent", "")
    assert refused.value.param == "intelliprint_conn_id"


@pytest.mark.parametrize(
    "uri",
    [
        "intelliprint://x/letters/delivered",
        "intelliprint://x/print-jobs/printing",
        "intelliprint://x/print-jobs",
        "intelliprint:///print-jobs/sent",
        "intelliprint://x/print-jobs/sent/more",
        "intelliprint://x/print-jobs/sent?print_job=1",
        "intelliprint://x",
    ],
)
def test_a_uri_that_nothing_is_ever_told_of_is_an_error_of_the_dag_file(uri: str) -> None:
    with pytest.raises(ValueError, match="an outcome one of sent, failed, finished"):
        sanitize_uri(urlsplit(uri))
    with pytest.raises(ValueError, match="The URI is intelliprint"):
        Asset(uri)


def test_an_event_is_read_whichever_way_it_came() -> None:
    event = PrintEvent(kind="letter", status="sent", conn_id="x", print_job="print_1", letter="ltr_1")
    assert read_event(SimpleNamespace(extra=event.payload())) == event
