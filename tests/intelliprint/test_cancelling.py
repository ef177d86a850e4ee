"""Stopping a print job on a real socket, and what is said about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from airflow_provider_print.core.errors import BadRequestError
from airflow_provider_print.intelliprint.cancelling import in_words, look, report, stop
from airflow_provider_print.intelliprint.requests import PrintJobRequest
from airflow_provider_print.sandbox.intelliprint.outbox import move_letter
from tests.support.clients import client_of

if TYPE_CHECKING:
    from airflow_provider_print.intelliprint.client import IntelliprintClient
    from airflow_provider_print.intelliprint.models import PrintJob
    from airflow_provider_print.sandbox import PrintSandbox

ADA = {"address": {"name": "Ada Reader", "line": "7 Any Road\nANYTOWN", "postcode": "AB1 2CD"}}


@pytest.fixture
def client(print_sandbox: PrintSandbox) -> IntelliprintClient:
    return client_of(print_sandbox.intelliprint_url)


def draft(client: IntelliprintClient, *, testmode: bool = False) -> PrintJob:
    request = PrintJobRequest.build(content="Dear Ada", recipients=[ADA] * 3, testmode=testmode)
    return client.create_print_job(request)


def paid(client: IntelliprintClient, *, testmode: bool = False) -> PrintJob:
    return client.confirm_print_job(draft(client, testmode=testmode).id)


def test_a_draft_is_deleted_and_nothing_is_billed(client: IntelliprintClient) -> None:
    before = draft(client)
    after = stop(client, before)
    assert after is None
    assert look(client, before.id) is None
    told = report(before, after)
    assert (told["deleted"], told["stopped"], told["still_billed"]["after_tax"]) == (True, 0, 0)
    assert in_words(told) == f"Print job {before.id} is gone: nothing of it is billed."


def test_a_job_that_is_gone_already_has_nothing_to_stop(client: IntelliprintClient) -> None:
    before = draft(client)
    client.delete_print_job(before.id)
    assert stop(client, before) is None


def test_what_was_cancelled_before_is_not_counted_as_stopped_now(
    client: IntelliprintClient, print_sandbox: PrintSandbox
) -> None:
    job = paid(client)
    move_letter(print_sandbox.sandbox, str(job.letters[0].id), status="cancelled")
    move_letter(print_sandbox.sandbox, str(job.letters[1].id), status="printing")
    before = look(client, job.id)
    assert before is not None
    told = report(before, stop(client, before))
    assert told["letters"] == {"cancelled": 2, "printing": 1}
    assert (told["stopped"], told["going_on"]) == (1, 1)
    cost = job.letters[1].cost
    assert cost is not None
    assert told["still_billed"] == {"after_tax": cost.after_tax, "currency": "GBP"}
    assert in_words(told) == (
        f"Print job {job.id}: 1 letters stopped, 1 go on and are billed with {cost.total}."
    )


def test_letters_of_a_test_job_go_on_for_nothing(
    client: IntelliprintClient, print_sandbox: PrintSandbox
) -> None:
    job = paid(client, testmode=True)
    for letter in job.letters:
        move_letter(print_sandbox.sandbox, str(letter.id), status="printing")
    told = report(job, stop(client, job))
    assert (told["stopped"], told["going_on"], told["still_billed"]["after_tax"]) == (0, 3, 0)
    assert "billed with 0.00 GBP (a test job)" in in_words(told)


@pytest.mark.parametrize("make", [draft, paid])
def test_a_refusal_is_an_error_as_long_as_the_job_could_still_be_stopped(
    client: IntelliprintClient, print_sandbox: PrintSandbox, make: type
) -> None:
    job = make(client)
    print_sandbox.fault("DELETE", "/prints/{id}", kind="status", status=400)
    with pytest.raises(BadRequestError):
        stop(client, job)
    assert look(client, job.id) is not None


def test_a_paid_job_that_is_said_to_be_deleted_is_looked_at(
    client: IntelliprintClient, print_sandbox: PrintSandbox
) -> None:
    job = paid(client)
    print_sandbox.fault(
        "DELETE", "/prints/{id}", phase="after", status=200, content={"id": job.id, "deleted": True}
    )
    after = stop(client, job)
    assert after is not None
    assert after.letters_by_status() == {"cancelled": 3}
