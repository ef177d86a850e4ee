"""Templates that the tester makes, as the service's dashboard does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import requests

from airflow_provider_print.sandbox import pdf
from tests.sandbox.calls import ADDRESSED, Api, fault

if TYPE_CHECKING:
    from airflow_provider_print.sandbox import PrintSandbox

TWO_PAGES = "<p>Dear friend</p><p style='page-break-before: always'>Second page</p>"


@pytest.mark.behaviour("intelliprint.create.template", "intelliprint.create.one-content")
def test_a_job_is_made_of_a_template_by_its_id(print_sandbox: PrintSandbox, api: Api) -> None:
    template = print_sandbox.add_template(TWO_PAGES, "Greeting")
    job = api.make(template=template, recipients=[ADDRESSED])
    assert (job["template"], job["file"], job["pages"]) == (template, None, 2)
    text = "".join(pdf.page_texts(requests.get(job["letters"][0]["pdf"]).content))
    assert "Dear friend" in text
    assert api.get(f"/prints/{job['id']}").json()["template"] == template
    assert api.refused(template=template, content="x") == (400, "parameter_invalid", "template")
    assert api.refused(template="tmpl_none") == (400, "parameter_invalid", "template")
    assert api.refused(template={"id": template}) == (400, "parameter_invalid", "template")


@pytest.mark.behaviour("intelliprint.create.template", "intelliprint.create.recipient-variables")
def test_variables_of_a_recipient_are_filled_into_a_template_where_the_world_knows_how(
    print_sandbox: PrintSandbox, api: Api
) -> None:
    template = print_sandbox.add_template("Dear {{nick}}")
    people = [{**ADDRESSED, "variables": {"nick": "Al"}}]
    for placeholders, words in (("none", "Dear {{nick}}"), ("double_braces", "Dear Al")):
        print_sandbox.world(placeholders=placeholders)
        job = api.make(template=template, recipients=people)
        text = " ".join(" ".join(pdf.page_texts(requests.get(job["letters"][0]["pdf"]).content)).split())
        assert words in text


@pytest.mark.behaviour("intelliprint.route.templates", "intelliprint.create.template")
def test_templates_belong_to_an_account_and_can_be_listed(print_sandbox: PrintSandbox, api: Api) -> None:
    url = print_sandbox.url + "/_sandbox/templates"
    made = requests.post(url, json={"content": TWO_PAGES, "name": "Greeting"})
    assert (made.status_code, made.json().keys()) == (201, {"id"})
    template = made.json()["id"]
    print_sandbox.world(templates=True)
    assert api.get("/templates").json() == {
        "object": "list",
        "data": [
            {
                "id": template,
                "object": "template",
                "account": "acc_sandbox",
                "name": "Greeting",
                "created": int(print_sandbox.now()),
            }
        ],
        "has_more": False,
        "total_available": 1,
    }
    assert api.get("/templates?fields[]=name").json()["data"] == [{"name": "Greeting"}]
    with Api(print_sandbox.intelliprint_url) as other:
        other.headers["Authorization"] = "Bearer key_sandbox_other"
        assert other.get("/templates").json()["data"] == []
        answer = other.post("/prints", json={"template": template, "recipients": [ADDRESSED]})
        assert fault(answer) == (400, "parameter_invalid", "template")
    for wrong in ({}, {"content": 5}, {"content": "x", "name": 5}, {"content": "x", "colour": "red"}):
        assert requests.post(url, json=wrong).status_code == 400
