"""The probe finds out what the sandbox's world is like, whatever it is like."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from airflow_provider_print.core.errors import ForbiddenError, PrintError
from airflow_provider_print.core.retry import NO_RETRY
from airflow_provider_print.nets import probe as probing
from airflow_provider_print.nets._measuring import step_of
from airflow_provider_print.nets._probing import ProbeError, TestJobs
from airflow_provider_print.nets.probe import ProbeReport, probe
from tests.support.clients import client_of
from tests.support.letters import drafted, task_key
from tests.support.stub import Stub, Talk, raw_answer

if TYPE_CHECKING:
    from airflow_provider_print.intelliprint.client import IntelliprintClient
    from airflow_provider_print.sandbox import PrintSandbox

WAITS = (0.0, 0.1, 0.2, 0.4)


@pytest.fixture(autouse=True)
def little_patience(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for the next second only where that is what is tested."""
    if "second" not in request.node.name:
        monkeypatch.setattr(probing, "_PATIENCE", ())


def ask(client: IntelliprintClient, box: PrintSandbox, **more: Any) -> dict[str, Any]:
    """Probe in real time, and return the findings by the first words of their questions."""
    box.set_speed(1)
    box.freeze(False)
    report = probe(client, waits=WAITS, **more)
    assert nothing_left(box, report)
    return {one.question: one for one in report.findings}


def nothing_left(box: PrintSandbox, report: ProbeReport | None = None) -> bool:
    counts = box.invariants()
    letters = set(counts["letters"]) - {"cancelled"}
    assert report is None or report.left == []
    return counts["drafts"] == 0 and not letters and not counts["paid_jobs"]


def of(found: dict[str, Any], words: str) -> Any:
    return next(one for question, one in found.items() if words in question)


def test_a_world_as_it_is_assumed_needs_no_other_settings(
    client: IntelliprintClient, print_sandbox: PrintSandbox
) -> None:
    found = ask(client, print_sandbox)
    assert all(one.fits for one in found.values())
    assert "at the first look" in of(found, "by its reference").found
    assert of(found, "same id again").found.startswith("400 parameter_invalid; the job is the same")
    assert of(found, "sort").found.startswith("in no order (")
    assert of(found, "fields[]").found == "what was asked for"
    assert of(found, "confirmed job").found == "200; letters: cancelled"
    assert of(found, "of a draft").found == "202, then 404 not_found"
    assert "none came in" in of(found, "429").found


@pytest.mark.parametrize(
    ("rules", "question", "words"),
    [
        ({"reconfirm": 200}, "same id again", "200; the job is the same"),
        ({"id_order": "ascending"}, "sort", "later ("),
        ({"id_order": "descending"}, "sort", "earlier ("),
    ],
)
def test_the_table_follows_the_world(
    client: IntelliprintClient, print_sandbox: PrintSandbox, rules: dict[str, Any], question: str, words: str
) -> None:
    print_sandbox.world(**rules)
    assert of(ask(client, print_sandbox), question).found.startswith(words)


def test_a_lag_of_the_list_is_measured_and_held_against_settle(
    client: IntelliprintClient, print_sandbox: PrintSandbox
) -> None:
    print_sandbox.world(list_lag_s=0.2)
    found = ask(client, print_sandbox, settle=2.0)
    lag = of(found, "by its reference")
    assert "not yet after" in lag.found
    assert lag.fits
    short = of(ask(client, print_sandbox, settle=0.1), "by its reference")
    assert not short.fits
    assert "set it to" in short.meaning
    assert "not yet after" in of(found, "in the list").found


def test_a_list_that_never_shows_the_draft_is_a_finding(
    client: IntelliprintClient, print_sandbox: PrintSandbox
) -> None:
    print_sandbox.world(list_lag_s=60)
    lag = of(ask(client, print_sandbox), "by its reference")
    assert lag.found.startswith("more than 0.")
    assert not lag.fits


def test_a_coarse_created_is_a_finding_when_settle_is_shorter(
    client: IntelliprintClient, print_sandbox: PrintSandbox
) -> None:
    print_sandbox.world(created_resolution_s=3600)
    found = of(ask(client, print_sandbox, settle=0.01), "tells drafts apart")
    assert found.found.startswith("nothing within")
    assert "have the same time" in found.found
    assert not found.fits


def test_drafts_of_whole_seconds_are_told_apart_by_one(
    client: IntelliprintClient, print_sandbox: PrintSandbox
) -> None:
    found = of(ask(client, print_sandbox), "tells drafts apart")
    assert found.found.startswith("1 s, in whole seconds; 6 drafts within ")
    assert found.fits
    short = of(ask(client, print_sandbox, settle=0.9), "tells drafts apart")
    assert not short.fits
    assert "settle (0.9 s) is shorter than one step" in short.meaning


@pytest.mark.parametrize(
    ("values", "step"),
    [([5.0, 5.0], None), ([10.0, 10.0, 20.0, 35.0], 5.0), ([1.0, 1.25, 1.75], 0.25), ([3.0], None)],
)
def test_the_step_of_created_is_what_all_times_are_multiples_of(
    values: list[float], step: float | None
) -> None:
    assert step_of(values) == step


def test_metadata_that_is_refused_is_named(client: IntelliprintClient, print_sandbox: PrintSandbox) -> None:
    found = of(ask(client, print_sandbox), "Metadata").found
    assert "text" not in found
    assert "unicode" not in found


def test_a_refusal_for_too_many_calls_is_provoked_only_when_asked_for(
    client: IntelliprintClient, print_sandbox: PrintSandbox
) -> None:
    hasty = client_of(print_sandbox.intelliprint_url)
    hasty.transport.policy = NO_RETRY
    print_sandbox.world(rate_limit=80)
    named = of(ask(client, print_sandbox, hasty=hasty), "429")
    assert named.found.startswith("retry-after (after ")
    assert named.meaning == "waits are as long as the service says"


def test_a_refusal_without_a_wait_is_told(client: IntelliprintClient, print_sandbox: PrintSandbox) -> None:
    print_sandbox.fault("GET", "/prints/{id}", status=429, times=1)
    named = of(ask(client, print_sandbox), "429")
    assert named.found.startswith("no wait (1 of ")


@pytest.mark.parametrize(
    ("method", "route", "nth"),
    [("POST", "/prints", 3), ("GET", "/prints", 2), ("POST", "/prints/{id}", 1), ("GET", "/prints/{id}", 4)],
)
def test_what_was_made_is_removed_when_the_probe_breaks_off(
    client: IntelliprintClient, print_sandbox: PrintSandbox, method: str, route: str, nth: int
) -> None:
    rule = print_sandbox.fault(method, route, status=403, nth=nth)
    with pytest.raises(PrintError):
        ask(client, print_sandbox)
    assert rule.fired == 1
    assert nothing_left(print_sandbox)


def test_a_draft_whose_answer_was_lost_is_found_and_removed(
    client: IntelliprintClient, print_sandbox: PrintSandbox
) -> None:
    print_sandbox.fault("POST", "/prints", phase="after", kind="close", nth=2)
    with pytest.raises(PrintError):
        ask(client, print_sandbox)
    assert nothing_left(print_sandbox)


def test_a_draft_of_somebody_else_is_never_deleted_where_a_filter_does_not_work(
    client: IntelliprintClient, print_sandbox: PrintSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    strangers = [drafted(client, task_key(testmode=True)), drafted(client, task_key())]
    rows = TestJobs.rows

    def without_filters(self: TestJobs, reference: str, *fields: str) -> list[dict[str, Any]]:
        found = [client.get_print_job(one.id) for one in strangers]
        more = [{"id": one.id, "reference": one.reference, "testmode": one.testmode} for one in found]
        more.append({"id": strangers[1].id, "reference": reference, "testmode": False})
        return [*rows(self, reference, *fields), *more]

    monkeypatch.setattr(TestJobs, "rows", without_filters)
    print_sandbox.fault("POST", "/prints", phase="after", kind="close", nth=2)
    with pytest.raises(PrintError):
        ask(client, print_sandbox)
    assert print_sandbox.invariants()["drafts"] == len(strangers)


def test_a_draft_that_may_exist_and_is_not_found_is_named(
    client: IntelliprintClient, print_sandbox: PrintSandbox, caplog: pytest.LogCaptureFixture
) -> None:
    print_sandbox.world(list_lag_s=60)
    print_sandbox.fault("POST", "/prints", phase="after", kind="close", nth=1)
    with pytest.raises(PrintError):
        probe(client, waits=WAITS, sleep=lambda _: None)
    assert "NOT removed by the probe, so look for it: print-probe" in caplog.text


def test_an_answer_that_nobody_has_thought_of_leaves_no_other_job_behind(
    client: IntelliprintClient, print_sandbox: PrintSandbox
) -> None:
    print_sandbox.fault("POST", "/prints", phase="after", kind="close", nth=3)
    print_sandbox.fault("GET", "/prints", nth=1, status=200, content={"object": "list"})
    with pytest.raises(PrintError):
        probe(client, waits=WAITS, sleep=lambda _: None)
    assert print_sandbox.invariants()["drafts"] == 1


def test_a_limit_that_could_not_be_asked_for_is_not_told_as_known(
    client: IntelliprintClient, print_sandbox: PrintSandbox
) -> None:
    hasty = client_of(print_sandbox.intelliprint_url, api_key="key_sandbox")
    hasty.transport.policy = NO_RETRY

    def forbidden(*_: Any, **__: Any) -> Any:
        raise ForbiddenError("no")

    hasty.transport.request = forbidden  # type: ignore[method-assign]
    found = of(ask(client, print_sandbox, hasty=hasty), "429")
    assert (found.known, found.fits) == (False, False)
    assert "not known: ForbiddenError" in found.found


def test_what_could_not_be_removed_is_named(client: IntelliprintClient, print_sandbox: PrintSandbox) -> None:
    print_sandbox.fault("DELETE", "/prints/{id}", status=403, nth=5)
    print_sandbox.set_speed(1)
    report = probe(client, waits=WAITS)
    assert len(report.left) == 1
    assert print_sandbox.invariants()["drafts"] == 1


def test_no_job_is_made_that_is_not_in_test_mode(
    client: IntelliprintClient, print_sandbox: PrintSandbox
) -> None:
    with pytest.raises(ProbeError, match="test jobs only"):
        TestJobs(client).create(testmode=False)
    assert print_sandbox.journal() == []


def test_a_job_that_says_it_is_live_is_not_confirmed_and_removed() -> None:
    bodies: list[bytes] = []

    def live(talk: Talk) -> None:
        seen = talk.read()
        bodies.append(seen.method.encode() + b" " + seen.body)
        body: dict[str, Any] = {"id": "print_1", "object": "print", "testmode": False, "confirmed": False}
        if seen.method == "DELETE":
            body = {"id": "print_1", "object": "print", "deleted": True}
        talk.connection.sendall(raw_answer(200, json.dumps(body).encode()))

    with Stub([live]) as stub, pytest.raises(ProbeError, match="print_1"):
        probe(client_of(stub.url), waits=WAITS)
    assert [one.split(b" ")[0] for one in bodies] == [b"POST", b"DELETE"]
    assert b'"testmode":true' in bodies[0]
    assert b"confirmed" not in bodies[0]


def test_a_live_job_is_not_confirmed_even_if_it_was_made_as_a_test(
    client: IntelliprintClient, print_sandbox: PrintSandbox
) -> None:
    jobs = TestJobs(client)
    made = jobs.create()
    store = print_sandbox.sandbox.store
    document = store.get("print", made["id"])
    assert document is not None
    store.put("print", made["id"], document | {"testmode": False})
    with pytest.raises(ProbeError, match="no test job"):
        jobs.confirm(made["id"])
    assert print_sandbox.invariants()["jobs_confirmed"] == 0
