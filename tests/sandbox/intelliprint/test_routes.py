"""The door of the service: routes, API keys, request ids, body formats, errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests

from airflow_provider_print.sandbox.intelliprint import routes
from airflow_provider_print.sandbox.routing import Endpoint
from tests.sandbox.calls import ADDRESSED, fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow_provider_print.sandbox import PrintSandbox
    from tests.sandbox.calls import Api


@pytest.mark.parametrize(
    "header",
    [
        pytest.param("Bearer key_sandbox", marks=pytest.mark.behaviour("intelliprint.auth.bearer")),
        pytest.param("bearer  key_sandbox", marks=pytest.mark.behaviour("intelliprint.auth.bearer")),
        pytest.param("key_sandbox", marks=pytest.mark.behaviour("intelliprint.auth.bare")),
    ],
)
def test_every_way_of_sending_the_api_key_works(api: Api, header: str) -> None:
    assert api.get("/prints", headers={"Authorization": header}).status_code == 200


@pytest.mark.behaviour("intelliprint.errors.invalid-api-key")
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


@pytest.mark.behaviour("intelliprint.errors.no-api-key")
def test_no_api_key_is_told_from_a_wrong_one(api: Api) -> None:
    del api.headers["Authorization"]
    answer = api.get("/prints")
    assert fault(answer) == (401, "no_api_key", None)
    assert answer.json()["error"]["type"] == "authentication_error"


@pytest.mark.behaviour(
    "intelliprint.transport.base-url", "intelliprint.body.route-first", "intelliprint.errors.not-found-route"
)
def test_an_unknown_path_is_404_before_api_key_and_body(print_sandbox: PrintSandbox) -> None:
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


ROUTES = [
    (method, path)
    for one, many in (
        ("/prints/x", "/prints"),
        ("/backgrounds/x", "/backgrounds"),
        ("/mailing_lists/x", "/mailing_lists"),
        ("/mailing_lists/x/recipients/y", "/mailing_lists/x/recipients"),
    )
    for method, path in (("POST", many), ("GET", many), ("GET", one), ("POST", one), ("DELETE", one))
] + [("POST", "/tools/merge")]


@pytest.mark.behaviour(
    "intelliprint.route.prints",
    "intelliprint.route.backgrounds",
    "intelliprint.route.mailing-lists",
    "intelliprint.route.recipients",
    "intelliprint.route.merge",
)
def test_every_endpoint_is_there_and_none_besides(print_sandbox: PrintSandbox, api: Api) -> None:
    for method, path in ROUTES:
        said = api.request(method, path).text
        assert "No such resource" not in said, (method, path)
    known = {
        (method, route.path)
        for route in routes(print_sandbox.sandbox)
        if isinstance(route, Endpoint) and not route.any_method
        for method in (route.methods or set()) - {"HEAD"}
    }
    assert len(known) == len(ROUTES) == 21


@pytest.mark.behaviour("intelliprint.route.post-updates")
@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_nothing_is_put_or_patched(api: Api, method: str) -> None:
    job = api.make()
    for path in ("/prints", f"/prints/{job['id']}", "/backgrounds/x", "/mailing_lists/x"):
        assert fault(api.request(method, path, json={"reference": "R"})) == (404, "not_found", None)
    assert api.get(f"/prints/{job['id']}").json()["reference"] is None


@pytest.mark.behaviour("intelliprint.route.nothing-else")
@pytest.mark.parametrize(
    "path", ["balance", "credit", "account", "teams", "regional", "batches", "webhooks", "letters", "tools"]
)
def test_there_is_no_other_endpoint(api: Api, path: str) -> None:
    for method in ("GET", "POST"):
        answer = api.request(method, f"/{path}")
        assert fault(answer) == (404, "not_found", None)
        assert answer.json()["error"]["message"] == f"No such resource exists: {method} /v1/{path}"


@pytest.mark.behaviour("intelliprint.route.templates")
def test_templates_are_listed_only_where_the_world_has_them(print_sandbox: PrintSandbox, api: Api) -> None:
    assert fault(api.get("/templates")) == (404, "not_found", None)
    print_sandbox.world(templates=True)
    assert api.get("/templates").json() == {
        "object": "list",
        "data": [],
        "has_more": False,
        "total_available": 0,
    }
    assert fault(api.get("/templates?limit=0")) == (400, "parameter_invalid", "limit")
    assert fault(api.post("/templates")) == (404, "not_found", None)
    assert fault(api.get("/templates", headers={"Authorization": "no"}))[0] == 401


@pytest.mark.behaviour("intelliprint.transport.request-id")
def test_every_answer_has_a_request_id_of_its_own(api: Api) -> None:
    answers = [api.get("/prints"), api.get("/nothing"), api.get("/prints", headers={"Authorization": "no"})]
    ids = {answer.headers["request-id"] for answer in answers}
    assert len(ids) == 3
    assert all(name.startswith("req_") for name in ids)


@pytest.mark.behaviour("intelliprint.errors.not-found-object")
@pytest.mark.parametrize(
    "path", ["/prints/x", "/backgrounds/x", "/mailing_lists/x", "/mailing_lists/x/recipients/y"]
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_an_unknown_id_is_404(api: Api, path: str, method: str) -> None:
    answer = api.request(method, path)
    assert fault(answer) == (404, "not_found", None)
    assert answer.json()["error"]["type"] == "invalid_request_error"


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
        pytest.param(
            500,
            "internal_error",
            "internal_error",
            marks=pytest.mark.behaviour("intelliprint.errors.internal"),
        ),
        pytest.param(
            503,
            "internal_error",
            "internal_error",
            marks=pytest.mark.behaviour("intelliprint.errors.internal"),
        ),
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


@pytest.mark.behaviour(
    "intelliprint.errors.envelope",
    "intelliprint.errors.param",
    "intelliprint.errors.parameter-invalid",
    "intelliprint.errors.parameter-missing",
    "intelliprint.errors.parameter-unknown",
)
@pytest.mark.parametrize(
    ("params", "code", "param"),
    [
        ({"content": "x", "postage": {"service": "pigeon"}}, "parameter_invalid", "postage.service"),
        ({"reference": "R"}, "parameter_missing", "file"),
        ({"content": "x", "refrence": "R"}, "parameter_unknown", "refrence"),
    ],
)
def test_an_error_of_a_parameter_has_message_type_code_and_param(
    api: Api, params: dict[str, Any], code: str, param: str
) -> None:
    answer = api.post("/prints", json=params)
    assert (answer.status_code, answer.json().keys()) == (400, {"error"})
    error = answer.json()["error"]
    assert error == {
        "message": error["message"],
        "type": "invalid_request_error",
        "code": code,
        "param": param,
    }
    assert error["message"]
    without = api.get("/prints/none").json()["error"]
    assert without.keys() == {"message", "type", "code"}


@pytest.mark.behaviour("intelliprint.errors.payment")
def test_a_balance_that_does_not_suffice_is_a_payment_error(print_sandbox: PrintSandbox, api: Api) -> None:
    print_sandbox.world(balance=0)
    answer = api.post("/prints", json={"content": "x", "recipients": [ADDRESSED], "confirmed": True})
    assert fault(answer) == (402, "payment_error", None)
    assert answer.json()["error"]["type"] == "payment_error"


@pytest.mark.behaviour("intelliprint.parameters.unknown", "intelliprint.errors.parameter-unknown")
@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_no_endpoint_takes_a_parameter_that_it_does_not_know(
    api: Api, make_pdf: Callable[..., bytes], method: str, path: str
) -> None:
    listed = api.post("/mailing_lists", json={"recipients": [ADDRESSED]}).json()["id"]
    (recipient,) = api.get(f"/mailing_lists/{listed}/recipients").json()["data"]
    background = api.post("/backgrounds", files={"file": ("h.pdf", make_pdf("H"))}).json()["id"]
    path = path.replace("prints/x", f"prints/{api.make()['id']}").replace("lists/x", f"lists/{listed}")
    path = path.replace("grounds/x", f"grounds/{background}").replace("ents/y", f"ents/{recipient['id']}")
    answer = (
        api.post(path, json={"colour": "red"})
        if method == "POST"
        else api.request(method, path + "?colour=red")
    )
    assert fault(answer) == (400, "parameter_unknown", "colour")
    assert answer.json()["error"]["message"].startswith("Received unknown parameter: colour")
    if method == "DELETE":
        assert api.get(path).status_code == 200


@pytest.mark.behaviour("intelliprint.parameters.unknown")
def test_a_parameter_without_a_value_is_unknown_all_the_same(api: Api) -> None:
    for query in ("colour", "colour=", "limit=5&letters[colour]="):
        assert fault(api.get(f"/prints?{query}"))[:2] == (400, "parameter_unknown"), query
    assert api.get("/prints?limit=&reference").status_code == 200
