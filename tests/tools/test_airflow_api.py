"""Whatever Airflow does to the demo, it ends in one clear line."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from tests.support.stub import Stub, answer, reset_at_once
from tools.airflow_api import AirflowApi, AirflowError

CALLS = [
    lambda api: api.log_in(),
    lambda api: api.knows("d"),
    lambda api: api.run("d", "r", {}),
    lambda api: api.state("d", "r"),
    lambda api: api.tasks("d", "r"),
    lambda api: api.log("d", "r", "t", 1),
]
NAMES = ["log in", "knows", "run", "state", "tasks", "log"]


@pytest.mark.parametrize("call", CALLS, ids=NAMES)
@pytest.mark.parametrize(
    ("behaviour", "words"),
    [
        (answer(500, b"Internal\nServer Error"), "answered 500"),
        (answer(403, {"detail": "Forbidden"}), 'answered 403 to .*Forbidden"'),
        (reset_at_once, "did not answer"),
    ],
    ids=["500", "403", "reset"],
)
def test_an_error_is_one_line_with_the_call_and_the_words_of_airflow(
    call: Any, behaviour: Any, words: str
) -> None:
    with Stub([behaviour]) as stub, pytest.raises(AirflowError, match=words) as caught:
        call(AirflowApi(stub.url))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("call", CALLS[3:5], ids=NAMES[3:5])
def test_an_answer_that_is_no_json_is_an_error_too(call: Any) -> None:
    with Stub([answer(200, b"<html>")]) as stub, pytest.raises(AirflowError, match="not JSON"):
        call(AirflowApi(stub.url))


def test_nobody_there_means_that_everything_is_missing_and_no_call_works() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        api = AirflowApi(f"http://127.0.0.1:{server.getsockname()[1]}")
    assert "api-server" in api.unhealthy()
    with pytest.raises(AirflowError, match="did not answer GET auth/token"):
        api.log_in()


def test_a_dag_that_was_not_read_yet_is_not_known_and_no_error() -> None:
    with Stub([answer(200, {"import_errors": []}), answer(404, {"detail": "no such DAG"})]) as stub:
        assert not AirflowApi(stub.url).knows("d")
    with Stub([answer(200, {"import_errors": []}), answer(200, {"dag_id": "d"})]) as stub:
        assert AirflowApi(stub.url).knows("d")


def test_a_dag_that_cannot_be_read_is_told_with_file_and_reason() -> None:
    trace = "Traceback (most recent call last):\n  File ...\nModuleNotFoundError: No module named 'x'\n"
    body = {"import_errors": [{"filename": "letters.py", "stack_trace": trace}]}
    with Stub([answer(200, body)]) as stub, pytest.raises(RuntimeError) as caught:
        AirflowApi(stub.url).knows("d")
    assert not isinstance(caught.value, AirflowError)
    assert "letters.py: ModuleNotFoundError: No module named 'x'" in str(caught.value)
    assert "\n" not in str(caught.value)
