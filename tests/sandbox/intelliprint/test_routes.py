"""The door of the service: routes, API keys, request ids, body formats, errors."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest
import requests

from tests.sandbox.calls import fault

if TYPE_CHECKING:
    from airflow_provider_print.sandbox import PrintSandbox
    from tests.sandbox.calls import Api


@pytest.mark.parametrize(
    "header",
    [
        "Bearer key_sandbox",
        "bearer key_sandbox",
        "key_sandbox",
        "Basic " + base64.b64encode(b"key_sandbox:").decode(),
    ],
)
def test_every_way_of_sending_the_api_key_works(api: Api, header: str) -> None:
    assert api.get("/prints", headers={"Authorization": header}).status_code == 200


@pytest.mark.parametrize(
    "header",
    [
        "Bearer other",
        "other",
        "Basic b3RoZXI6",
        "Basic ???",
        "Bearer",
        "Bearer key_sandbox x",
        "Digest key_sandbox",
    ],
)
def test_another_api_key_is_refused(api: Api, header: str) -> None:
    answer = api.get("/prints", headers={"Authorization": header})
    assert fault(answer) == (401, "invalid_api_key", None)
    assert answer.json()["error"]["type"] == "authentication_error"
    assert "other" not in answer.text


def test_no_api_key_is_told_from_a_wrong_one(api: Api) -> None:
    del api.headers["Authorization"]
    assert fault(api.get("/prints")) == (401, "no_api_key", None)


def test_an_unknown_path_is_404_before_api_key_and_body(print_sandbox: PrintSandbox, api: Api) -> None:
    answer = requests.post(
        print_sandbox.url + "/intelliprint/v0/prints", headers={"Content-Type": "multipart/form-data"}
    )
    assert answer.status_code == 404
    assert answer.json() == {
        "error": {
            "message": "No such resource exists: POST /v0/prints",
            "type": "invalid_request_error",
            "code": "not_found",
        }
    }
    for method, path in (
        ("PUT", "/prints/x"),
        ("PATCH", "/prints"),
        ("GET", "/templates"),
        ("GET", "/tools/merge"),
    ):
        assert fault(api.request(method, path)) == (404, "not_found", None)


def test_every_answer_has_a_request_id_of_its_own(api: Api) -> None:
    answers = [api.get("/prints"), api.get("/nothing"), api.get("/prints", headers={"Authorization": "no"})]
    ids = {answer.headers["request-id"] for answer in answers}
    assert len(ids) == 3
    assert all(name.startswith("req_") for name in ids)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", b"{"),
        ("application/json", b'"text"'),
        ("text/xml", b"<a/>"),
        ("multipart/form-data", b"x"),
    ],
)
def test_a_body_that_is_neither_json_nor_a_form_is_refused(api: Api, kind: str, body: bytes) -> None:
    answer = api.post("/prints", data=body, headers={"Content-Type": kind})
    assert fault(answer) == (400, "body_incorrect_format", None)


@pytest.mark.parametrize(
    "path", ["/prints/x", "/backgrounds/x", "/mailing_lists/x", "/mailing_lists/x/recipients/y"]
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_an_unknown_id_is_404(api: Api, path: str, method: str) -> None:
    assert fault(api.request(method, path)) == (404, "not_found", None)


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (401, "invalid_api_key", "authentication_error"),
        (402, "payment_error", "payment_error"),
        (403, "forbidden", "authentication_error"),
        (404, "not_found", "invalid_request_error"),
        (413, "body_too_large", "invalid_request_error"),
        (418, "parameter_invalid", "invalid_request_error"),
        (429, "rate_limited", "rate_limited"),
        (503, "internal_error", "internal_error"),
    ],
)
def test_a_fault_answers_as_the_service_would(
    print_sandbox: PrintSandbox, api: Api, status: int, code: str, kind: str
) -> None:
    print_sandbox.fault("GET", status=status)
    answer = api.get("/prints")
    assert fault(answer) == (status, code, None)
    assert answer.json()["error"]["type"] == kind


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 413, 418, 429, 500, 502, 503])
def test_an_error_of_a_fault_rule_has_the_shape_and_the_request_id_of_the_service(
    print_sandbox: PrintSandbox, api: Api, status: int
) -> None:
    print_sandbox.fault(method="GET", route="/intelliprint/v1/prints", kind="status", status=status)
    answer = api.get("/prints")
    assert answer.status_code == status
    assert answer.headers["request-id"].startswith("req_")
    assert {"message", "type", "code"} <= answer.json()["error"].keys()
