from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest
import requests

from tests.sandbox.calls import ADDRESSED, fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow_provider_print.sandbox import PrintSandbox
    from tests.sandbox.calls import Api

DAY = 86_400


@pytest.fixture
def make(api: Api, make_pdf: Callable[..., bytes]) -> Callable[..., dict[str, Any]]:
    def make(**fields: str) -> dict[str, Any]:
        part = {"file": ("head.pdf", make_pdf("HEAD"), "application/pdf")}
        return api.post("/backgrounds", files=part, data=fields).json()

    return make


def test_a_background_is_made_read_changed_and_deleted(
    print_sandbox: PrintSandbox, api: Api, make: Callable[..., dict[str, Any]], make_pdf: Callable[..., bytes]
) -> None:
    made = make(name="Head", team="team_1")
    link = made.pop("pdf")
    assert requests.get(link).content == make_pdf("HEAD")
    assert made == {
        "id": made["id"],
        "object": "background",
        "account": "acc_sandbox",
        "name": "Head",
        "file": {"name": "head.pdf", "size": len(make_pdf("HEAD"))},
        "team": "team_1",
        "created": int(print_sandbox.now()),
    }
    path = f"/backgrounds/{made['id']}"
    changed = api.post(path, json={"name": "New", "team": None}).json()
    assert (changed["name"], changed["team"]) == ("New", None)
    assert api.get(path).json()["name"] == "New"
    assert api.get(path + "?fields[]=name").json() == {"id": made["id"], "name": "New"}
    assert api.delete(path).json() == {"id": made["id"], "object": "background", "deleted": True}
    assert fault(api.get(path)) == (404, "not_found", None)


def test_a_background_can_be_sent_as_base64(api: Api, make_pdf: Callable[..., bytes]) -> None:
    file = {"content": base64.b64encode(make_pdf("x")).decode(), "name": "b.pdf"}
    assert api.post("/backgrounds", json={"file": file}).json()["file"]["name"] == "b.pdf"


@pytest.mark.parametrize(
    ("body", "code", "param"),
    [
        ({}, "parameter_missing", "file"),
        ({"file": {"url": "http://x.test/a.pdf"}}, "parameter_invalid", "file.url"),
        ({"file": {"content": "aGVsbG8="}}, "parameter_invalid", "file"),
        ({"filename": "x"}, "parameter_unknown", "filename"),
    ],
)
def test_a_background_needs_a_file_that_can_be_read(
    api: Api, body: dict[str, Any], code: str, param: str
) -> None:
    assert fault(api.post("/backgrounds", json=body)) == (400, code, param)


def test_a_background_is_kept_for_ninety_days_after_its_use(
    print_sandbox: PrintSandbox, api: Api, make: Callable[..., dict[str, Any]]
) -> None:
    made = make()
    api.make(content="x", recipients=[ADDRESSED], background={"first_page": made["id"]})
    assert fault(api.delete(f"/backgrounds/{made['id']}")) == (400, "parameter_invalid", None)
    print_sandbox.advance(90 * DAY)
    assert api.delete(f"/backgrounds/{made['id']}").status_code == 200


def test_backgrounds_are_listed_by_date_or_name(
    print_sandbox: PrintSandbox, api: Api, make: Callable[..., dict[str, Any]]
) -> None:
    for name, team in (("b", "t1"), ("a", "t2"), ("c", "t1")):
        make(name=name, team=team)
        print_sandbox.advance(1)

    def names(query: str) -> list[str]:
        return [row["name"] for row in api.get(f"/backgrounds?{query}").json()["data"]]

    assert names("") == ["c", "a", "b"]
    assert names("sort_field=name&sort_order=asc") == ["a", "b", "c"]
    assert names("limit=1&skip=1") == ["a"]
    assert names("team=t1") == ["c", "b"]
    row = api.get("/backgrounds?fields[]=file.name&limit=1").json()["data"][0]
    assert row["file"] == {"name": "head.pdf"}
    assert fault(api.get("/backgrounds?sort_field=size")) == (400, "parameter_invalid", "sort_field")
