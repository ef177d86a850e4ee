"""A recipient's variables in HTML and text: filled in only when the world says how placeholders look."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests

from airflow_provider_print.sandbox import pdf
from airflow_provider_print.sandbox.intelliprint import markup
from tests.sandbox.calls import ADDRESSED, fault

if TYPE_CHECKING:
    from airflow_provider_print.sandbox import PrintSandbox
    from tests.sandbox.calls import Api

C = "intelliprint.content."


def to(**variables: Any) -> dict[str, Any]:
    return {**ADDRESSED, "variables": variables}


def printed(letter: dict[str, Any]) -> str:
    return " ".join(" ".join(pdf.page_texts(requests.get(letter["pdf"]).content)).split())


@pytest.mark.behaviour(C + "placeholders")
def test_nothing_is_filled_in_because_nobody_knows_how_placeholders_look(api: Api) -> None:
    content = "Dear {{name}} {name} [[name]] %name%"
    for text in (content, f"<p>{content}</p>"):
        (letter,) = api.make(content=text, recipients=[to(name="Ada")])["letters"]
        assert content in printed(letter)


@pytest.mark.parametrize(
    ("form", "placeholder"),
    [
        ("double_braces", "{{ name }}"),
        ("braces", "{name}"),
        ("double_brackets", "[[name]]"),
        ("percent", "%name%"),
    ],
)
@pytest.mark.parametrize("frame", ["Dear {}, hello", "<p>Dear {}, hello</p>"])
@pytest.mark.behaviour(C + "variables")
def test_each_recipient_gets_their_own_text(
    print_sandbox: PrintSandbox, api: Api, form: str, placeholder: str, frame: str
) -> None:
    print_sandbox.world(placeholders=form)
    job = api.make(content=frame.format(placeholder), recipients=[to(name="Ada"), to(name="Bob"), ADDRESSED])
    first, second, without = (printed(letter) for letter in job["letters"])
    assert "Dear Ada, hello" in first
    assert "Dear Bob, hello" in second
    assert f"Dear {placeholder}, hello" in without


@pytest.mark.behaviour(C + "variables")
def test_a_longer_text_makes_more_pages_for_its_recipient_alone(
    print_sandbox: PrintSandbox, api: Api
) -> None:
    print_sandbox.world(placeholders="double_braces")
    job = api.make(content="{{text}}", recipients=[to(text="short"), to(text="long\n" * 60)])
    assert [letter["pages"] for letter in job["letters"]] == [1, 2]
    assert [letter["cost"]["amount"] for letter in job["letters"]] == [84_000_000, 90_000_000]
    assert job["pages"] == 3
    changed = api.post(f"/prints/{job['id']}", json={"printing": {"double_sided": "yes"}}).json()
    assert [letter["sheets"] for letter in changed["letters"]] == [1, 1]
    assert printed(changed["letters"][1]).count("long") == 60


@pytest.mark.behaviour(C + "variables")
def test_variables_of_a_mailing_list_are_filled_in_too(print_sandbox: PrintSandbox, api: Api) -> None:
    print_sandbox.world(placeholders="double_braces")
    people = [to(name="Ada"), to(name="Bob")]
    members = api.post("/mailing_lists", json={"name": "M", "recipients": people}).json()
    job = api.make(content="Dear {{name}}!", mailing_list=members["id"])
    assert sorted("Ada" in printed(letter) for letter in job["letters"]) == [False, True]


@pytest.mark.behaviour(C + "variables-escaped")
def test_a_value_is_text_and_no_markup() -> None:
    values = {"name": "<b>A & B</b>"}
    assert markup.fill("<p>{{name}}</p>", values, "double_braces") == "<p>&lt;b&gt;A &amp; B&lt;/b&gt;</p>"
    assert markup.fill("Dear {{name}}", values, "double_braces") == "Dear <b>A & B</b>"


@pytest.mark.behaviour(C + "variables-unknown")
def test_a_placeholder_without_a_value_and_braces_of_css_stay() -> None:
    html = "<style>p {color: red}</style><p>{name} {other}</p>"
    assert markup.fill(html, {"name": "Ada"}, "braces") == html.replace("{name}", "Ada")


@pytest.mark.parametrize(
    ("value", "text"), [(None, ""), (True, "true"), (7, "7"), (1.5, "1.5"), ("{{b}}", "{{b}}")]
)
def test_values_are_written_as_they_would_be_in_json_and_not_filled_twice(value: Any, text: str) -> None:
    assert markup.fill("x{{a}}x", {"a": value, "b": "no"}, "double_braces") == f"x{text}x"


def test_a_postcard_must_fit_its_two_sides_for_every_recipient(print_sandbox: PrintSandbox, api: Api) -> None:
    print_sandbox.world(placeholders="double_braces")
    wanted = {"testmode": True, "type": "postcard", "content": "{{text}}"}
    answer = api.post("/prints", json={**wanted, "recipients": [to(text="a"), to(text="long\n" * 150)]})
    assert fault(answer) == (400, "parameter_invalid", "file")
    assert api.post("/prints", json={**wanted, "recipients": [to(text="a")]}).status_code == 200


@pytest.mark.behaviour(C + "variables-escaped")
def test_a_value_with_a_tag_makes_no_html_of_a_text(print_sandbox: PrintSandbox, api: Api) -> None:
    print_sandbox.world(placeholders="double_braces")
    (letter,) = api.make(content="Dear {{name}}", recipients=[to(name="<b>Ada</b>")])["letters"]
    assert printed(letter).startswith("Dear <b>Ada</b>")
