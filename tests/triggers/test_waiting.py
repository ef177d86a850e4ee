"""Waiting on a worker: what ends a wait, and what it bears with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from airflow_provider_print.core.errors import AuthenticationError, NotFoundError
from airflow_provider_print.triggers import patience
from airflow_provider_print.triggers.printful_waiting import look_patiently
from airflow_provider_print.triggers.waiting import JobWait
from tests.airflow.fixtures import API_KEY, connect, picture, posted

if TYPE_CHECKING:
    from airflow_provider_print.hooks.intelliprint import IntelliprintHook
    from airflow_provider_print.hooks.printful import PrintfulHook
    from airflow_provider_print.sandbox import PrintSandbox


def wait_for(hook: IntelliprintHook, *ids: str) -> JobWait:
    return JobWait(hook, ids, target_statuses=["sent"], tolerated_failures=0)


def test_a_refused_api_key_ends_a_wait_at_its_first_look_and_is_borne_with_later(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = posted(intelliprint)
    print_sandbox.fault("GET", "/prints/{id}", status=401, times=1)
    with pytest.raises(AuthenticationError):
        wait_for(intelliprint, job.id).look_patiently()
    wait = wait_for(intelliprint, job.id)
    assert wait.look_patiently() is not None
    print_sandbox.fault("GET", "/prints/{id}", status=401, times=4)
    assert wait.look_patiently() is None
    assert wait_for(intelliprint, job.id).look_patiently(begun=True) is None
    monkeypatch.setattr(patience, "PATIENCE", 0.0)
    assert wait.look_patiently() is None
    with pytest.raises(AuthenticationError):
        wait.look_patiently()


def test_a_changed_api_key_is_found_by_a_worker_that_is_refused(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = posted(intelliprint)
    wait = wait_for(intelliprint, job.id)
    assert wait.look_patiently() is not None
    print_sandbox.fault("GET", "/prints/{id}", status=401, nth=[1])
    url = print_sandbox.intelliprint_url
    connect(monkeypatch, "intelliprint_default", "intelliprint", url, API_KEY, testmode=False, timeout=50)
    assert wait.look_patiently() is not None, "asked again at once, with the connection as it is now"


def test_a_job_that_nobody_knows_ends_the_wait_whenever_that_is_seen(
    intelliprint: IntelliprintHook,
) -> None:
    for begun in (False, True):
        with pytest.raises(NotFoundError, match="print_nosuch"):
            wait_for(intelliprint, "print_nosuch").look_patiently(begun=begun)


def test_the_wait_for_a_file_bears_with_a_refused_token_once_it_has_begun(
    printful: PrintfulHook, print_sandbox: PrintSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    file_id = printful.add_file(print_sandbox.add_asset("art.png", picture())).id
    refused: Any = {"status": 401, "times": 2}
    print_sandbox.fault("GET", "/files/{id}", **refused)
    with pytest.raises(AuthenticationError):
        look_patiently(printful, file_id)
    assert look_patiently(printful, file_id, begun=True) is None
    assert look_patiently(printful, file_id, begun=True) is not None
    with pytest.raises(NotFoundError):
        look_patiently(printful, 987_654, begun=True)
