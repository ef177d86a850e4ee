"""The OpenAPI documents against the sandbox's own tables: who changes one and not the other is told here."""

from __future__ import annotations

import json

import pytest
import requests
from jsonschema import Draft202012Validator

from airflow_provider_print.sandbox import PrintSandbox, intelliprint, printful, routing
from airflow_provider_print.sandbox.intelliprint import (
    backgrounds,
    errors,
    fields,
    mailing_lists,
    templates,
    views,
)
from airflow_provider_print.sandbox.openapi import DOCUMENTS, document, intelliprint_objects

ORIGIN = "http://127.0.0.1:8631"
VENDORS = sorted(DOCUMENTS)


def operations(service: str) -> dict[tuple[str, str], dict]:
    found = document(service, ORIGIN)
    return {
        (method.upper(), path): operation
        for path, item in found["paths"].items()
        for method, operation in item.items()
        if method in ("get", "post", "delete", "put", "patch")
    }


def served(routes) -> set[tuple[str, str]]:
    """What is served by name: no catch-all, and no answer to the wrong method."""
    return {
        (method, route.path)
        for route in routes
        if isinstance(route, routing.Endpoint) and not route.any_method
        for method in route.methods - {"HEAD"}
    }


@pytest.mark.parametrize("service", VENDORS)
@pytest.mark.behaviour("sandbox.openapi.served")
def test_each_document_is_served_with_the_address_that_the_client_used(print_sandbox: PrintSandbox, service):
    answer = requests.get(f"{print_sandbox.url}/_sandbox/openapi/{service}.json", timeout=10)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/json")
    assert answer.json() == json.loads(json.dumps(document(service, print_sandbox.url)))
    assert answer.json()["servers"][0]["url"].startswith(print_sandbox.url)


def test_there_is_no_third_document(print_sandbox: PrintSandbox):
    assert requests.get(f"{print_sandbox.url}/_sandbox/openapi/other.json", timeout=10).status_code == 404


@pytest.mark.parametrize("service", VENDORS)
def test_every_schema_and_reference_in_a_document_is_sound(service):
    found = document(service, ORIGIN)
    assert found["openapi"].startswith("3.1")
    named = found["components"]["schemas"]
    for schema in named.values():
        Draft202012Validator.check_schema(schema)
    text = json.dumps(found)
    used = {part.split('"', 1)[0] for part in text.split("#/components/schemas/")[1:]}
    assert used <= named.keys()
    names = [operation["operationId"] for operation in operations(service).values()]
    assert len(set(names)) == len(names)


@pytest.mark.behaviour("sandbox.openapi.routes")
def test_the_document_of_intelliprint_has_exactly_the_routes_that_are_served(print_sandbox: PrintSandbox):
    described = {(method, "/v1" + path) for method, path in operations("intelliprint")}
    # Templates are an endpoint by a rule of the world; downloads are a host of their own.
    beside = {("GET", "/v1/templates"), ("GET", "/v1/files/{kind}/{id}.{suffix}")}
    assert described - beside == served(intelliprint.routes(print_sandbox.sandbox))


@pytest.mark.behaviour("sandbox.openapi.routes")
def test_the_document_of_printful_has_exactly_the_routes_that_are_served(print_sandbox: PrintSandbox):
    assert set(operations("printful")) == served(printful.routes(print_sandbox.sandbox))


@pytest.mark.parametrize(
    ("method", "path", "table"),
    [
        ("POST", "/prints", fields.CREATE),
        ("POST", "/prints/{id}", fields.UPDATE_WITH_CONTENT),
        ("POST", "/backgrounds", fields.BACKGROUND_CREATE),
        ("POST", "/mailing_lists", fields.MAILING_LIST_CREATE),
        ("POST", "/mailing_lists/{id}", fields.MAILING_LIST_UPDATE),
        ("POST", "/mailing_lists/{id}/recipients", fields.RECIPIENT),
        ("POST", "/tools/merge", fields.MERGE),
    ],
)
@pytest.mark.behaviour("sandbox.openapi.parameters")
def test_a_body_is_described_with_every_parameter_and_no_other(method, path, table):
    body = operations("intelliprint")[method, path]["requestBody"]["content"]["application/json"]["schema"]
    assert body["properties"].keys() == table.keys()
    assert body["additionalProperties"] is False


@pytest.mark.parametrize(
    ("path", "table"),
    [
        ("/prints", fields.PRINT_LIST),
        ("/backgrounds", fields.BACKGROUND_LIST),
        ("/mailing_lists", fields.MAILING_LIST_LIST),
        ("/mailing_lists/{id}/recipients", fields.RECIPIENT_LIST),
    ],
)
@pytest.mark.behaviour("sandbox.openapi.parameters")
def test_a_list_is_described_with_every_parameter_and_no_other(path, table):
    described = operations("intelliprint")["GET", path]["parameters"]
    assert [parameter["name"] for parameter in described] == list(table)


def test_an_object_is_described_with_the_fields_that_it_is_made_of():
    assert intelliprint_objects.PRINT.keys() == views.MAKERS.keys()
    assert intelliprint_objects.BACKGROUND.keys() == set(backgrounds._FIELDS["new"])
    assert intelliprint_objects.OLD_BACKGROUND.keys() == set(backgrounds._FIELDS["old"])
    assert intelliprint_objects.MAILING_LIST.keys() == set(mailing_lists._FIELDS)
    assert intelliprint_objects.TEMPLATE.keys() == set(templates._FIELDS)
    assert intelliprint_objects.RECIPIENT.keys() == set(mailing_lists._RECIPIENT_FIELDS)


def test_every_error_that_the_service_can_make_is_in_the_document():
    named = document("intelliprint", ORIGIN)["components"]["schemas"]
    for error in (errors.invalid("a", "b"), errors.refused(), errors.logged_out(), errors.forbidden()):
        Draft202012Validator(named[f"Error{error.status}"]).validate(error.answer().body)
    strange = {"error": {"message": "", "type": "invalid_request_error", "code": "of_a_new_kind"}}
    assert not Draft202012Validator(named["Error400"]).is_valid(strange)


@pytest.mark.behaviour("sandbox.openapi.closed-answers")
def test_an_answer_with_a_field_too_many_or_too_few_breaks_its_schema(api):
    found = document("intelliprint", ORIGIN)
    schema = Draft202012Validator({"$ref": "#/components/schemas/Print", "components": found["components"]})
    job = api.make()
    schema.validate(job)
    assert not schema.is_valid({**job, "surplus": 1})
    assert not schema.is_valid({name: value for name, value in job.items() if name != "letters"})
    assert not schema.is_valid({**job, "cost": {**job["cost"], "currency": "EUR"}})
