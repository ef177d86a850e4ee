"""An event is believed only when it is exactly what a trigger of ours sends."""

from __future__ import annotations

import json
from typing import Any

import pytest

from airflow_provider_print.triggers.events import Outcome, TriggerEventError, WaitEvent

GOOD = WaitEvent(outcome=Outcome.READY, ids=["print_1"], deadline=1.5, carry={"many": True})


def test_an_event_goes_through_json_and_comes_back() -> None:
    assert WaitEvent.parse(json.loads(json.dumps(GOOD.payload()))) == GOOD


@pytest.mark.parametrize(
    "event",
    [
        pytest.param(None, id="none"),
        pytest.param("ready", id="text"),
        pytest.param({}, id="empty"),
        pytest.param({**GOOD.payload(), "outcome": "success"}, id="unknown outcome"),
        pytest.param({**GOOD.payload(), "ids": []}, id="no ids"),
        pytest.param({**GOOD.payload(), "ids": "print_1"}, id="ids that are text"),
        pytest.param({**GOOD.payload(), "ids": [5]}, id="ids that are numbers"),
        pytest.param({**GOOD.payload(), "deadline": "soon"}, id="deadline that is text"),
        pytest.param({**GOOD.payload(), "carry": None}, id="nothing carried"),
        pytest.param({**GOOD.payload(), "message": 1}, id="message that is no text"),
    ],
)
def test_anything_else_is_refused(event: Any) -> None:
    with pytest.raises(TriggerEventError):
        WaitEvent.parse(event)


def test_ids_of_library_files_are_numbers() -> None:
    event = {**GOOD.payload(), "ids": [5]}
    assert WaitEvent.parse(event, ids=int).ids == [5]
    with pytest.raises(TriggerEventError):
        WaitEvent.parse(GOOD.payload(), ids=int)
