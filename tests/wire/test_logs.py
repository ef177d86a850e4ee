"""What a log may hold, with every logger turned up: neither signed links nor what was asked for."""

from __future__ import annotations

import io
import logging

import pytest
import requests

from airflow_provider_print.core.wire import Watch
from tests.support.fakes import transport
from tests.support.stub import Stub, answer, close_after_reading

SIGNED = "/files/letters/ltr_1.pdf?expires=1800000000&signature=SIGNED-SECRET"


@pytest.fixture(autouse=True)
def everything(caplog: pytest.LogCaptureFixture) -> None:
    """Turn up the root, as Airflow does with its level DEBUG, and the HTTP library itself."""
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, logger="urllib3")


def test_a_signed_link_is_in_no_log(caplog: pytest.LogCaptureFixture) -> None:
    with Stub([answer(200, b"%PDF-1.7")]) as stub:
        target = io.BytesIO()
        transport(stub.url).download(stub.url + SIGNED, target)
    assert target.getvalue() == b"%PDF-1.7"
    assert "SECRET" not in caplog.text
    assert "ltr_1" not in caplog.text


def test_a_link_with_an_answer_that_makes_no_sense_is_in_no_log(caplog: pytest.LogCaptureFixture) -> None:
    broken = answer(200, b"%PDF-1.7", {"X-Broken": "a\r\nno header at all\r\nX-More: b"})
    with Stub([broken]) as stub:
        transport(stub.url).download(stub.url + SIGNED, io.BytesIO())
    assert "SECRET" not in caplog.text


def test_what_a_list_is_asked_for_is_in_no_log_but_the_call_is(caplog: pytest.LogCaptureFixture) -> None:
    with Stub([close_after_reading, answer(200, {"data": []})]) as stub:
        transport(stub.url).request("GET", "/prints", params=[("reference", "SECRET words")])
    assert "SECRET" not in caplog.text
    assert f"GET /prints: 127.0.0.1:{stub.port} answered 200" in caplog.text


def test_calls_of_others_are_logged_as_ever_also_while_we_call(caplog: pytest.LogCaptureFixture) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with Stub([answer(200, {})]) as stub:
        with Watch(5), ThreadPoolExecutor(1) as other:
            other.submit(requests.get, f"{stub.url}/theirs", timeout=5).result()
        requests.get(f"{stub.url}/later", timeout=5)
    assert "/theirs" in caplog.text
    assert "/later" in caplog.text
