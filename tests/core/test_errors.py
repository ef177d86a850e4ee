from __future__ import annotations

import inspect
import pickle

import pytest

from airflow_provider_print.core import errors
from airflow_provider_print.core.errors import BadRequestError, ConfigurationError, InputError, PrintError

KINDS = [c for _, c in inspect.getmembers(errors, inspect.isclass) if issubclass(c, PrintError)]
FULL = {
    "status": 400,
    "code": "parameter_invalid",
    "type": "invalid_request_error",
    "param": "postage.service",
    "request_id": "req_1",
    "letter_key": "af1-abc",
    "retry_after": 12.5,
    "advice": "Look again.",
}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_an_error_survives_pickling_with_all_that_it_carries(kind: type[PrintError]) -> None:
    error = kind("It broke.", **FULL)
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is kind
    assert str(again) == str(error)
    assert {name: getattr(again, name) for name in FULL} == FULL


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_what_is_not_known_reads_as_none(kind: type[PrintError]) -> None:
    error = kind("It broke.")
    assert {getattr(error, name) for name in FULL if name != "advice"} == {None}
    assert not error.unsure


def test_the_text_has_what_happened_the_details_and_what_to_do() -> None:
    text = str(BadRequestError("It broke.", **FULL))
    assert text.startswith("It broke. (status=400, code=parameter_invalid, param=postage.service, ")
    assert "request-id=req_1, letter-key=af1-abc, retry-after=12 s) Look again." in text


def test_bad_input_is_a_value_error_and_a_bad_connection_is_bad_input() -> None:
    assert issubclass(InputError, ValueError)
    assert "of the connection" in str(ConfigurationError("Nonsense.", param="host"))
