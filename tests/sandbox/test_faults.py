"""Every phase and every kind, on a real socket."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
import requests

from airflow_provider_print.sandbox.faults import FaultError, Faults, RequestView

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow_provider_print.sandbox import PrintSandbox
    from tests.sandbox.calls import Api


@pytest.fixture
def confirmed(print_sandbox: PrintSandbox) -> Callable[[], int]:
    """How many jobs are confirmed."""
    return lambda: print_sandbox.invariants()["jobs_confirmed"]


def confirm(api: Api, job: dict[str, str], **options: float) -> requests.Response:
    return api.post(f"/prints/{job['id']}", json={"confirmed": True}, **options)


@pytest.mark.behaviour("sandbox.faults.before")
def test_before_the_service_has_not_acted(
    print_sandbox: PrintSandbox, api: Api, confirmed: Callable[[], int]
) -> None:
    job = api.make()
    print_sandbox.fault("POST", "/prints/{id}", phase="before", status=503, headers={"Retry-After": "7"})
    answer = confirm(api, job)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "7")
    assert answer.json()["error"]["code"] == "internal_error"
    assert confirmed() == 0


@pytest.mark.behaviour("sandbox.faults.after")
def test_after_the_service_has_acted_and_its_answer_is_lost(
    print_sandbox: PrintSandbox, api: Api, confirmed: Callable[[], int]
) -> None:
    job = api.make()
    print_sandbox.fault("POST", "/prints/{id}", phase="after", kind="reset")
    with pytest.raises(requests.ConnectionError):
        confirm(api, job)
    assert confirmed() == 1


@pytest.mark.behaviour("sandbox.faults.late")
def test_late_the_client_is_cut_off_first_and_the_service_acts_afterwards(
    print_sandbox: PrintSandbox, api: Api, confirmed: Callable[[], int]
) -> None:
    job = api.make()
    print_sandbox.fault("POST", "/prints/{id}", phase="late", kind="reset", delay=0.3)
    with pytest.raises(requests.ConnectionError):
        confirm(api, job)
    assert confirmed() == 0
    print_sandbox.settle()
    assert confirmed() == 1
    (entry,) = [entry for entry in print_sandbox.journal() if entry["rule"]]
    assert (entry["executed"], entry["answer_sent"]) == (True, False)


@pytest.mark.behaviour("sandbox.faults.twice")
def test_twice_the_service_acts_two_times_and_answers_with_the_second(
    print_sandbox: PrintSandbox, api: Api
) -> None:
    job = api.make()
    print_sandbox.fault("POST", "/prints/{id}", phase="twice")
    assert confirm(api, job).status_code == 400
    print_sandbox.fault("POST", "/prints", phase="twice")
    api.make(reference="double")
    assert len(api.get("/prints?testmode=true&reference=double").json()["data"]) == 2
    assert [entry["executions"] for entry in print_sandbox.journal() if entry["rule"]] == [2, 2]


def test_twice_can_lose_the_answer_as_well(
    print_sandbox: PrintSandbox, api: Api, confirmed: Callable[[], int]
) -> None:
    job = api.make()
    print_sandbox.fault("POST", "/prints/{id}", phase="twice", kind="close")
    with pytest.raises(requests.ConnectionError):
        confirm(api, job)
    assert confirmed() == 1


@pytest.mark.behaviour("sandbox.faults.connection")
@pytest.mark.parametrize("phase", ["before", "after"])
@pytest.mark.parametrize("kind", ["reset", "close"])
def test_a_connection_ends_without_an_answer(
    print_sandbox: PrintSandbox, api: Api, phase: str, kind: str
) -> None:
    print_sandbox.fault("GET", "/prints", phase=phase, kind=kind)
    words = "reset" if kind == "reset" else "without response"
    with pytest.raises(requests.ConnectionError, match=words):
        api.get("/prints")
    (entry,) = print_sandbox.journal()
    assert (entry["executed"], entry["answer_sent"]) == (phase == "after", False)


@pytest.mark.behaviour("sandbox.faults.status")
@pytest.mark.parametrize("phase", ["before", "after", "late"])
def test_a_status_is_sent_instead_of_the_answer(print_sandbox: PrintSandbox, api: Api, phase: str) -> None:
    page = "<html><body>Bad gateway</body></html>"
    print_sandbox.fault(
        "GET",
        phase=phase,
        kind="status",
        status=502,
        content=page,
        headers={"Content-Type": "text/html"},
        delay=0,
    )
    answer = api.get("/prints")
    assert (answer.status_code, answer.text, answer.headers["Content-Type"]) == (502, page, "text/html")
    print_sandbox.settle()


@pytest.mark.behaviour("sandbox.faults.connection")
def test_a_truncated_answer_ends_before_it_said_it_would(print_sandbox: PrintSandbox, api: Api) -> None:
    print_sandbox.fault("GET", "/prints", phase="after", kind="truncate", bytes=5)
    answer = api.get("/prints", stream=True)
    assert int(answer.headers["Content-Length"]) > 5
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        _ = answer.content


@pytest.mark.behaviour("sandbox.faults.garbage")
@pytest.mark.parametrize("phase", ["before", "after"])
def test_garbage_is_no_json(print_sandbox: PrintSandbox, api: Api, phase: str) -> None:
    print_sandbox.fault("GET", "/prints", phase=phase, kind="garbage")
    answer = api.get("/prints")
    assert "json" in answer.headers["Content-Type"]
    with pytest.raises(ValueError):
        answer.json()


@pytest.mark.behaviour("sandbox.faults.slow")
def test_a_dribbled_answer_arrives_in_pieces_and_whole(print_sandbox: PrintSandbox, api: Api) -> None:
    print_sandbox.fault("GET", "/prints", phase="after", kind="dribble", bytes=16, pause=0.02)
    begin = time.monotonic()
    assert api.get("/prints").json()["object"] == "list"
    assert time.monotonic() - begin > 0.06
    assert print_sandbox.journal()[0]["answer_sent"]


@pytest.mark.behaviour("sandbox.faults.slow")
@pytest.mark.parametrize("phase", ["before", "after"])
def test_a_delayed_answer_is_the_true_one(print_sandbox: PrintSandbox, api: Api, phase: str) -> None:
    print_sandbox.fault("GET", "/prints", phase=phase, kind="delay", delay=0.2)
    begin = time.monotonic()
    assert api.get("/prints").json()["object"] == "list"
    assert time.monotonic() - begin >= 0.2


@pytest.mark.behaviour("sandbox.faults.slow")
@pytest.mark.parametrize(("phase", "acted"), [("before", 0), ("after", 1)])
def test_a_hanging_answer_outlasts_the_client(
    print_sandbox: PrintSandbox, api: Api, confirmed: Callable[[], int], phase: str, acted: int
) -> None:
    job = api.make()
    print_sandbox.fault("POST", "/prints/{id}", phase=phase, kind="hang")
    with pytest.raises(requests.ReadTimeout):
        confirm(api, job, timeout=0.3)
    assert confirmed() == acted


def test_a_hang_ends_after_its_seconds(print_sandbox: PrintSandbox, api: Api) -> None:
    print_sandbox.fault("GET", kind="hang", seconds=0.1)
    with pytest.raises(requests.ConnectionError):
        api.get("/prints")
    assert print_sandbox.journal()[0]["answer_sent"] is False


def test_a_reset_of_the_sandbox_drops_what_was_to_happen_late(
    print_sandbox: PrintSandbox, api: Api, confirmed: Callable[[], int]
) -> None:
    job = api.make()
    print_sandbox.fault("POST", "/prints/{id}", phase="late", kind="close", delay=60)
    with pytest.raises(requests.ConnectionError):
        confirm(api, job)
    print_sandbox.reset(frozen=True)
    print_sandbox.settle(5)
    assert print_sandbox.journal() == []


def view(**what: object) -> RequestView:
    return RequestView(
        **{"service": "intelliprint", "method": "POST", "route": "/intelliprint/v1/prints/{id}", **what}
    )  # type: ignore[arg-type]


@pytest.mark.behaviour("sandbox.faults.match")
@pytest.mark.parametrize(
    ("rule", "meets"),
    [
        ({}, True),
        ({"method": "GET"}, False),
        ({"service": "printful"}, False),
        ({"route": "/prints/{id}"}, True),
        ({"route": "/v1/prints/{print_id}"}, True),
        ({"route": "/intelliprint/v1/prints/{id}"}, True),
        ({"route": "/intelliprint/*"}, True),
        ({"route": "/prints"}, False),
        ({"route": "prints"}, False),
        ({"reference": "af-*"}, True),
        ({"reference": "af-2*"}, False),
        ({"body": {"confirmed": True}}, True),
        ({"body": {"confirmed": "true"}}, True),
        ({"body": {"confirmed": False}}, False),
        ({"body": {"postage": {"service": "x"}}}, True),
        ({"body": {"postage.service": "x"}}, True),
        ({"body": {"postage.service": "y"}}, False),
        ({"body": {"absent": None}}, False),
    ],
)
def test_a_rule_meets_the_requests_that_it_describes(rule: dict[str, object], meets: bool) -> None:
    faults = Faults()
    faults.add(**rule)
    request = view(reference="af-1", body={"confirmed": "true", "postage": {"service": "x"}})
    assert (faults.choose(request) is not None) is meets


@pytest.mark.behaviour("sandbox.faults.counted", "sandbox.faults.match")
def test_rules_are_counted_and_the_first_that_matches_is_played() -> None:
    faults = Faults()
    first = faults.add(nth=[2, 3], times=None)
    second = faults.add(times=2)
    played = [rule and rule.id for rule in (faults.choose(view()) for _ in range(5))]
    assert played == [second.id, first.id, first.id, second.id, None]


@pytest.mark.behaviour("sandbox.faults.counted")
def test_chances_are_the_same_for_the_same_seed() -> None:
    def run(seed: int) -> list[bool]:
        faults = Faults(seed=seed)
        faults.add(probability=0.5, times=None)
        return [faults.choose(view()) is not None for _ in range(50)]

    assert run(1) == run(1)
    assert run(1) != run(2)
    assert 10 < sum(run(1)) < 40


@pytest.mark.behaviour("sandbox.faults.proxy")
@pytest.mark.parametrize(("status", "words"), [(502, "Bad Gateway"), (403, "Forbidden"), (599, "Error")])
def test_a_proxy_answers_with_a_page_of_its_own(
    print_sandbox: PrintSandbox, api: Api, status: int, words: str
) -> None:
    print_sandbox.fault("GET", "/prints", status=status, proxy=True, headers={"Retry-After": "3"})
    answer = api.get("/prints")
    assert (answer.status_code, answer.headers["Retry-After"]) == (status, "3")
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert f"<h1>{status} {words}</h1>" in answer.text
    with pytest.raises(ValueError):
        answer.json()


@pytest.mark.behaviour("sandbox.faults.lognormal")
def test_delays_scatter_about_their_median_and_repeat_for_the_same_seed() -> None:
    def run(seed: int, **what: float) -> list[float]:
        faults = Faults(seed=seed)
        faults.add(phase="after", kind="delay", times=None, **what)
        played = [faults.choose(view()) for _ in range(400)]
        return sorted(rule.delay for rule in played if rule is not None)

    drawn = run(1, delay=2.0, sigma=0.5)
    assert drawn == run(1, delay=2.0, sigma=0.5) != run(2, delay=2.0, sigma=0.5)
    assert 1.8 < drawn[200] < 2.2
    # In a lognormal distribution one in six is beyond median times e to the sigma, on either side.
    assert 2.8 < drawn[336] < 3.8
    assert 1.05 < drawn[64] < 1.4
    assert set(run(1, delay=2.0)) == {2.0}
    assert set(run(1, delay=0, sigma=1)) == {0}


def test_a_delay_that_is_drawn_is_played(print_sandbox: PrintSandbox, api: Api) -> None:
    print_sandbox.fault("GET", phase="after", kind="delay", delay=0.1, sigma=0.01, times=None)
    begin = time.monotonic()
    api.get("/prints")
    api.get("/prints")
    assert 0.18 < time.monotonic() - begin < 5
    (rule,) = print_sandbox.sandbox.faults.as_dicts()
    assert (rule["fired"], rule["delay"]) == (2, 0.1)


@pytest.mark.parametrize(
    "what",
    [
        {"proxy": "yes"},
        {"proxy": True, "content": "x"},
        {"proxy": True, "kind": "reset"},
        {"sigma": -1},
        {"sigma": 6},
        {"preset": "lossy"},
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(what: dict[str, object]) -> None:
    with pytest.raises(FaultError):
        Faults().add(**what)
