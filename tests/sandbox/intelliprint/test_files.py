"""Links to files: signed, short-lived, and no place for an API key."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import requests

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow_provider_print.sandbox import PrintSandbox
    from tests.sandbox.calls import Api


def test_a_link_needs_no_api_key_and_the_journal_tells_whether_one_came(
    print_sandbox: PrintSandbox, api: Api
) -> None:
    link = api.make()["letters"][0]["pdf"]
    for headers in ({}, {"Authorization": "Bearer key_sandbox"}):
        answer = requests.get(link, headers=headers)
        assert answer.headers["Content-Type"] == "application/pdf"
        assert answer.content.startswith(b"%PDF")
    entries = [entry for entry in print_sandbox.journal() if entry["service"] == "intelliprint-files"]
    assert [entry["authorized"] for entry in entries] == [False, True]
    assert "signature" not in str(entries)


@pytest.mark.behaviour("intelliprint.object.letter.pdf-expires")
def test_a_link_dies_after_an_hour_and_a_fresh_one_can_be_had(print_sandbox: PrintSandbox, api: Api) -> None:
    job = api.make()
    link = job["letters"][0]["pdf"]
    print_sandbox.advance(3599)
    assert requests.get(link).status_code == 200
    print_sandbox.advance(2)
    assert requests.get(link).status_code == 403
    fresh = api.get(f"/prints/{job['id']}").json()["letters"][0]["pdf"]
    assert requests.get(fresh).status_code == 200


@pytest.mark.parametrize(
    "spoil",
    [
        lambda link: link.replace("signature=", "signature=0"),
        lambda link: link.partition("?")[0],
        lambda link: link.replace("expires=", "expires=9"),
        lambda link: link.replace("expires=", "expires=x"),
        lambda link: link.replace("/letters/", "/backgrounds/"),
        lambda link: link.replace("signature=", "signature=é"),
    ],
)
@pytest.mark.behaviour("intelliprint.object.letter.pdf")
def test_a_link_that_was_changed_is_refused(api: Api, spoil: Callable[[str], str]) -> None:
    assert requests.get(spoil(api.make()["letters"][0]["pdf"])).status_code == 403


def test_the_link_of_a_deleted_job_leads_nowhere(api: Api) -> None:
    job = api.make()
    api.delete(f"/prints/{job['id']}")
    assert requests.get(job["letters"][0]["pdf"]).status_code == 404


def test_there_is_nothing_else_on_the_download_host(print_sandbox: PrintSandbox) -> None:
    assert requests.get(print_sandbox.url + "/intelliprint/files/").status_code == 404


def test_faults_are_played_on_downloads_too(print_sandbox: PrintSandbox, api: Api) -> None:
    link = api.make()["letters"][0]["pdf"]
    print_sandbox.fault("GET", service="intelliprint-files", phase="after", kind="truncate")
    with pytest.raises(requests.RequestException):
        requests.get(link)
    print_sandbox.fault("GET", "/intelliprint/files/*", status=503)
    assert requests.get(link).status_code == 503
