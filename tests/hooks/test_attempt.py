"""What Airflow tells about an attempt, and how its task state store becomes a register."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowRuntimeError
from airflow.sdk.execution_time import comms

from airflow_provider_print._compat import NEVER_EXPIRE, stats
from airflow_provider_print.core.errors import InputError, RegisterError, SupersededError
from airflow_provider_print.core.identity import LetterKey
from airflow_provider_print.hooks._attempt import AirflowRegister, attempt_of, counter_of, register_of
from airflow_provider_print.intelliprint.letter import Notice, same_tries
from airflow_provider_print.nets._rows import Maker

RUN_PART = "2026-11-01T00:00:00+00:00"
PLACE: dict[str, Any] = {"base_url": "https://api.example/v1", "testmode": False, "environment": ""}
TASK_KEY = LetterKey.for_task(**PLACE, dag_id="d", run_part=RUN_PART, task_id="t")
OF_ANOTHER_TASK = LetterKey.for_task(**PLACE, dag_id="d", run_part=RUN_PART, task_id="other")
OWN_KEY = LetterKey.for_user(**PLACE, idempotency_key="invoice-7")


NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


class Store:
    """A task state store that can be away."""

    def __init__(self, error: Exception | None = None, **values: Any) -> None:
        self.values = values
        self.error = error

    def get(self, key: str) -> Any:
        if self.error is not None:
            raise self.error
        return self.values.get(key)

    def set(self, key: str, value: Any, *, retention: Any) -> None:
        assert retention is NEVER_EXPIRE
        self.values[key] = value


def refused(status: int) -> AirflowRuntimeError:
    detail = {"status_code": status, "detail": "text of the answer"}
    return AirflowRuntimeError(comms.ErrorResponse(error=comms.ErrorType.API_SERVER_ERROR, detail=detail))


class ReadOnly(Store):
    def set(self, key: str, value: Any, *, retention: Any) -> None:  # noqa: ARG002 - Airflow's signature
        raise self.refusal

    refusal: Exception = refused(404)


def context(*, number: int = 1, store: Any = None, **run: Any) -> dict[str, Any]:
    values = {
        "run_type": "scheduled",
        "clear_number": 0,
        "logical_date": datetime(2026, 11, 1, tzinfo=UTC),
        "partition_key": None,
        "run_after": datetime.now(UTC),
        "start_date": None,
        **run,
    }
    task_instance = SimpleNamespace(try_number=number, dag_id="d", task_id="t", map_index=-1)
    found = {"ti": task_instance, "dag_run": SimpleNamespace(**values), "run_id": "run-1"}
    return found if store is None else {**found, "task_state_store": store}


def attempt(key: LetterKey = TASK_KEY, look_up: str = "auto", **of: Any) -> Any:
    return attempt_of(context(**of), key, look_up=look_up, settle=2.0)


def test_a_first_scheduled_try_with_a_register_neither_looks_up_nor_settles() -> None:
    found = attempt(store=Store())
    assert (found.number, found.registered, found.settle, found.look_up) == (1, True, 0, False)
    assert found.made_in == "d t run-1 clear 0 try 1"


def test_a_try_that_was_put_off_is_another_attempt_of_the_same_tries() -> None:
    putting_off = {**context(store=Store()), "task_reschedule_count": 2}
    found = attempt_of(putting_off, TASK_KEY, look_up="auto", settle=2.0)
    before = attempt(store=Store())
    assert found.look_up
    assert found.made_in == "d t run-1 clear 0 try 1+2"
    assert same_tries(found.made_in, before.made_in)
    assert Maker.of({"made_in": found.made_in}) == Maker.of({"made_in": before.made_in})


@pytest.mark.parametrize(
    "of",
    [
        {"number": 2},
        {"clear_number": 1},
        {"run_type": "manual"},
        {"run_after": datetime.now(UTC) - timedelta(minutes=2)},
        {"run_after": NOON, "start_date": NOON + timedelta(minutes=2)},
        {"logical_date": None, "partition_key": "2026-11"},
        {"key": OWN_KEY},
        {"key": OF_ANOTHER_TASK},
        {"look_up": "always"},
    ],
)
def test_anything_else_looks_the_letter_up(of: dict[str, Any]) -> None:
    assert attempt(store=Store(), **of).look_up


def test_a_run_that_began_on_time_needs_no_look_up_however_long_its_other_tasks_took() -> None:
    assert not attempt(store=Store(), run_after=NOON, start_date=NOON + timedelta(seconds=2)).look_up


@pytest.mark.parametrize("of", [{"key": OWN_KEY}, {"logical_date": None, "partition_key": "2026-11"}])
def test_a_letter_that_two_runs_may_name_settles_although_there_is_a_register(of: dict[str, Any]) -> None:
    found = attempt(store=Store(), **of)
    assert (found.registered, found.settle) == (True, 2.0)


def test_without_a_register_the_weaker_promise_is_said_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    found = attempt()
    assert (found.registered, found.settle, found.look_up) == (False, 2.0, False)
    assert "no task state store" in caplog.text


def test_outside_airflow_the_letter_is_looked_up_and_settles() -> None:
    found = attempt_of(None, TASK_KEY, look_up="auto", settle=2.0)
    assert (found.registered, found.settle, found.look_up, found.made_in) == (False, 2.0, True, None)
    assert register_of(None) is None


def test_a_look_up_that_means_nothing_is_refused_by_name() -> None:
    with pytest.raises(InputError) as caught:
        attempt(look_up="never")
    assert caught.value.param == "look_up"


def test_the_register_keeps_what_it_is_given() -> None:
    register = register_of(context(store=Store()))
    assert register is not None
    assert register.get("af1-x.1.0") is None
    register.set("af1-x.1.0", "print_1")
    register.set("af1-x.1.0", "print_1")
    assert register.get("af1-x.1.0") == "print_1"


def test_a_slot_never_carries_two_values() -> None:
    with pytest.raises(RegisterError, match="print_1"):
        AirflowRegister(Store(slot="print_1")).set("slot", "print_2")


@pytest.mark.parametrize(
    ("status", "error"),
    [(404, SupersededError), (409, SupersededError), (410, SupersededError), (500, RegisterError)],
)
def test_a_refused_write_is_a_fence_and_any_other_failure_is_not(status: int, error: type[Exception]) -> None:
    store = ReadOnly()
    store.refusal = refused(status)
    with pytest.raises(error) as caught:
        AirflowRegister(store).set("slot", "print_1")
    assert "text of the answer" not in str(caught.value)


@pytest.mark.parametrize("error", [refused(500), ConnectionResetError(), EOFError()])
def test_a_register_that_cannot_be_read_is_never_an_empty_one(error: Exception) -> None:
    with pytest.raises(RegisterError, match="could not be read"):
        AirflowRegister(Store(error)).get("slot")


@pytest.mark.parametrize("value", ["../mailing_lists/x", {"id": "print_1"}, ""])
def test_a_slot_that_somebody_has_edited_is_named(value: Any) -> None:
    with pytest.raises(RegisterError, match="slot"):
        AirflowRegister(Store(slot=value)).get("slot")


def test_a_connection_that_breaks_while_writing_is_no_decision() -> None:
    store = ReadOnly()
    store.refusal = ConnectionResetError()
    with pytest.raises(RegisterError, match="could not be written"):
        AirflowRegister(store).set("slot", "print_1")


def test_notices_are_counted_in_airflows_metrics(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []
    monkeypatch.setattr(stats(), "incr", lambda name, **more: seen.append((name, more)), raising=False)
    counter_of(context())(Notice.ADOPTED)
    assert seen == [("intelliprint.letters.adopted", {"tags": {"dag_id": "d", "task_id": "t"}})]
    counter_of(None)(Notice.ADOPTED)
    assert len(seen) == 1


def test_what_this_very_try_has_decided_is_known() -> None:
    slot = f"{TASK_KEY.key}.1.0"
    assert attempt(store=Store(**{slot: "print_1"})).known == "print_1"
    assert attempt(store=Store(), number=2).known is None


def test_a_state_backend_with_errors_of_its_own_stops_the_attempt_too() -> None:
    with pytest.raises(RegisterError, match="ZeroDivisionError"):
        AirflowRegister(Store(ZeroDivisionError("secret"))).get("slot")
