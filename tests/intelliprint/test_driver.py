"""The calls of the paid step as requests, on a real socket."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from airflow_provider_print.core.errors import AuthenticationError, SupersededError
from airflow_provider_print.intelliprint.calls import Confirm, Create, Decide, Find, Found, Recall, Settle
from airflow_provider_print.intelliprint.driver import Driver
from airflow_provider_print.intelliprint.requests import PrintJobRequest
from tests.support.clients import FakeClock, client_of
from tests.support.stub import Stub, answer

RECIPIENT = {"address": {"name": "A Reader", "line": "7 Any Road\nANYTOWN", "postcode": "ZZ1 1ZZ"}}
REQUEST = PrintJobRequest.build(
    content="Hello", recipients=[RECIPIENT], testmode=False, reference="mine af1-x"
)


def drive(driver: Driver, *calls: Any) -> list[Any]:
    def steps() -> Any:
        outcomes = []
        for call in calls:
            outcomes.append((yield call))
        return outcomes

    found: list[Any] = driver.drive(steps())
    return found


def test_a_look_up_asks_for_the_reference_in_the_mode_of_the_request_and_believes_no_other_row() -> None:
    rows = [{"id": "print_1", "reference": "mine af1-x"}, {"id": "print_2", "reference": "mine af1-y"}]
    with Stub([answer(200, {"data": rows, "has_more": False})]) as stub:
        (found,) = drive(Driver(client_of(stub.url), REQUEST), Find("mine af1-x"))
    assert isinstance(found, Found)
    assert [job.id for job in found.jobs] == ["print_1"]
    asked = parse_qs(urlsplit(stub.seen[0].path).query)
    assert (asked["reference"], asked["testmode"]) == (["mine af1-x"], ["false"])


def test_settling_counts_from_the_answer_to_the_draft(print_sandbox: Any) -> None:
    clock = FakeClock()
    driver = Driver(client_of(print_sandbox.intelliprint_url), REQUEST, sleep=clock.sleep, now=clock.now)

    def steps() -> Any:
        yield Create()
        clock.sleep(2)
        yield Settle(3)
        assert clock.now() == 3
        yield Settle(3)
        assert clock.now() == 3
        yield Settle(60)
        assert clock.now() == 60

    driver.drive(steps())


def test_what_only_a_human_can_decide_is_raised_where_it_was_asked(print_sandbox: Any) -> None:
    print_sandbox.fault("POST", "/prints/{id}", phase="before", kind="status", status=401)

    def steps() -> Any:
        with pytest.raises(AuthenticationError):
            yield Confirm("print_1")
        return "told"

    assert Driver(client_of(print_sandbox.intelliprint_url), REQUEST).drive(steps()) == "told"


def test_the_register_is_read_and_written_and_its_refusal_is_raised() -> None:
    class Register(dict[str, str]):
        def set(self, slot: str, job_id: str) -> None:
            if slot == "closed":
                raise SupersededError("given up")
            self[slot] = job_id

    driver = Driver(client_of("http://127.0.0.1:9/v1"), register=Register())
    outcomes = drive(driver, Recall("a"), Decide("a", "print_1"), Recall("a"))
    assert [getattr(one, "job_id", "written") for one in outcomes] == [None, "written", "print_1"]
    with pytest.raises(SupersededError):
        drive(driver, Decide("closed", "print_1"))
