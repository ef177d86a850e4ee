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


@pytest.mark.behaviour(
    "intelliprint.background.create",
    "intelliprint.background.update",
    "intelliprint.background.team",
    "intelliprint.delete.shape",
)
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
    assert api.delete(path).json() == {"id": made["id"], "object": "background", "deleted": True}
    assert fault(api.get(path)) == (404, "not_found", None)


def test_a_background_can_be_sent_as_base64(api: Api, make_pdf: Callable[..., bytes]) -> None:
    file = {"content": base64.b64encode(make_pdf("x")).decode(), "name": "b.pdf"}
    assert api.post("/backgrounds", json={"file": file}).json()["file"]["name"] == "b.pdf"


@pytest.mark.behaviour("intelliprint.background.create")
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


@pytest.mark.behaviour("intelliprint.background.in-use")
def test_a_background_is_kept_for_ninety_days_after_its_use(
    print_sandbox: PrintSandbox, api: Api, make: Callable[..., dict[str, Any]]
) -> None:
    made = make()
    api.make(content="x", recipients=[ADDRESSED], background={"first_page": made["id"]})
    assert fault(api.delete(f"/backgrounds/{made['id']}")) == (400, "parameter_invalid", None)
    print_sandbox.advance(90 * DAY - 1)
    assert api.delete(f"/backgrounds/{made['id']}").status_code == 400
    print_sandbox.advance(1)
    assert api.delete(f"/backgrounds/{made['id']}").status_code == 200


@pytest.mark.behaviour("intelliprint.background.list")
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
    assert names("team=t3") == []
    assert names("sort_field=name") == ["c", "b", "a"]
    assert names("sort_field=created&sort_order=asc") == ["b", "a", "c"]
    row = api.get("/backgrounds?fields[]=file.name&limit=1").json()["data"][0]
    assert row["file"] == {"name": "head.pdf"}
    assert row.keys() == {"file"}
    for query, param in (("sort_field=size", "sort_field"), ("limit=0", "limit"), ("skip=-1", "skip")):
        assert fault(api.get(f"/backgrounds?{query}")) == (400, "parameter_invalid", param)
    assert fault(api.get("/backgrounds?fields[]=sha")) == (400, "parameter_invalid", "fields")
    assert fault(api.get("/backgrounds?testmode=true")) == (400, "parameter_unknown", "testmode")


@pytest.mark.behaviour("intelliprint.background.list")
def test_ten_backgrounds_are_listed_unless_more_are_asked_for(
    api: Api, make: Callable[..., dict[str, Any]]
) -> None:
    for number in range(11):
        make(name=str(number))
    page = api.get("/backgrounds").json()
    assert (len(page["data"]), page["has_more"], page["total_available"]) == (10, True, 11)
    assert len(api.get("/backgrounds?limit=1000").json()["data"]) == 11


@pytest.mark.behaviour("intelliprint.background.retrieve")
def test_retrieving_takes_no_parameter(api: Api, make: Callable[..., dict[str, Any]]) -> None:
    listed = api.post("/mailing_lists", json={"recipients": [ADDRESSED]}).json()["id"]
    (recipient,) = api.get(f"/mailing_lists/{listed}/recipients").json()["data"]
    for path in (
        f"/backgrounds/{make()['id']}",
        f"/mailing_lists/{listed}",
        f"/mailing_lists/{listed}/recipients/{recipient['id']}",
    ):
        assert fault(api.get(path + "?fields[]=id")) == (400, "parameter_unknown", "fields")
        assert api.get(path).status_code == 200


@pytest.mark.behaviour("intelliprint.background.update", "intelliprint.background.team")
def test_a_background_keeps_its_file_and_any_team(
    api: Api, make: Callable[..., dict[str, Any]], make_pdf: Callable[..., bytes]
) -> None:
    made = make(name="Head")
    assert made["team"] is None
    path = f"/backgrounds/{made['id']}"
    file = {"content": base64.b64encode(make_pdf("other")).decode(), "name": "o.pdf"}
    assert fault(api.post(path, json={"file": file})) == (400, "parameter_unknown", "file")
    assert api.post(path, json={"team": "any team"}).json()["team"] == "any team"
    assert fault(api.post(path, json={"team": {"id": "t"}})) == (400, "parameter_invalid", "team")
    assert fault(api.post(path, json={"name": ["x"]})) == (400, "parameter_invalid", "name")
