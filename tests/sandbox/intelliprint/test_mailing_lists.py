from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox.calls import ADDRESSED, fault

if TYPE_CHECKING:
    from airflow_provider_print.sandbox import PrintSandbox
    from tests.sandbox.calls import Api

NICK = {"address": {"name": "B", "line": "A much longer road 5"}, "variables": {"nick": "Al"}}


def make(api: Api, **params: Any) -> dict[str, Any]:
    return api.post("/mailing_lists", json=params).json()


@pytest.mark.behaviour(
    "intelliprint.mailing-list.create",
    "intelliprint.mailing-list.update",
    "intelliprint.mailing-list.delete-old",
    "intelliprint.mailing-list.delete",
    "intelliprint.delete.shape",
)
def test_a_list_is_made_read_changed_and_deleted(print_sandbox: PrintSandbox, api: Api) -> None:
    made = make(api, name="Members", recipients=[ADDRESSED, NICK])
    path = f"/mailing_lists/{made['id']}"
    assert made == {
        "id": made["id"],
        "object": "mailing_list",
        "account": "acc_sandbox",
        "name": "Members",
        "recipients": 2,
        "variables": [{"name": "nick"}],
        "longest_address_line": "A much longer road 5",
        "address_validation": {
            "requested": False,
            "completed": False,
            "recipients": {"passed": 0, "failed": 0},
        },
        "created": int(print_sandbox.now()),
    }
    assert api.get(path).json() == made
    assert api.post(path, json={"name": "New", "recipients": [NICK]}).json()["recipients"] == 3
    replaced = api.post(path, json={"recipients": [ADDRESSED], "delete_old_recipients": True}).json()
    assert (replaced["name"], replaced["recipients"], replaced["variables"]) == ("New", 1, [])
    assert api.delete(path).json() == {"id": made["id"], "object": "mailing_list", "deleted": True}
    assert fault(api.get(path)) == (404, "not_found", None)
    assert print_sandbox.sandbox.store.all("recipient") == []


@pytest.mark.behaviour(
    "intelliprint.recipient.create", "intelliprint.recipient.update", "intelliprint.delete.shape"
)
def test_recipients_are_made_read_changed_and_deleted(print_sandbox: PrintSandbox, api: Api) -> None:
    listed = make(api, name="Members")
    path = f"/mailing_lists/{listed['id']}/recipients"
    made = api.post(path, json=NICK).json()
    assert made == {
        "id": made["id"],
        "object": "mailing_list_recipient",
        "mailing_list": listed["id"],
        "account": "acc_sandbox",
        "address": {"name": "B", "line": "A much longer road 5", "postcode": None, "country": "GB"},
        "variables": {"nick": "Al"},
        "address_validation_status": "not_requested",
        "created": int(print_sandbox.now()),
    }
    one = f"{path}/{made['id']}"
    changed = api.post(one, json={"address": {"name": "C"}}).json()
    assert changed == {**made, "address": {**made["address"], "name": "C"}}
    assert api.get(one).json() == changed
    assert api.delete(one).json() == {"id": made["id"], "object": "mailing_list_recipient", "deleted": True}
    assert fault(api.get(one)) == (404, "not_found", None)
    assert fault(api.post(path, json={})) == (400, "parameter_missing", "address")


def test_a_recipient_is_found_in_its_own_list_only(api: Api) -> None:
    one, other = make(api), make(api)
    made = api.post(f"/mailing_lists/{one['id']}/recipients", json=NICK).json()
    assert fault(api.get(f"/mailing_lists/{other['id']}/recipients/{made['id']}")) == (404, "not_found", None)


@pytest.mark.behaviour("intelliprint.mailing-list.list", "intelliprint.recipient.list")
def test_lists_and_recipients_are_listed(print_sandbox: PrintSandbox, api: Api) -> None:
    first = make(api, name="b", recipients=[NICK, ADDRESSED])
    print_sandbox.advance(1)
    make(api, name="a")

    def names(query: str) -> list[str]:
        return [row["name"] for row in api.get(f"/mailing_lists?{query}").json()["data"]]

    assert names("") == ["a", "b"]
    assert names("sort_field=name") == ["b", "a"]
    assert names("sort_field=recipients") == ["b", "a"]
    path = f"/mailing_lists/{first['id']}/recipients"
    rows = api.get(path + "?sort_field=name&sort_order=asc&fields[]=address.name").json()
    assert rows["data"] == [{"address": {"name": "A Reader"}}, {"address": {"name": "B"}}]
    assert rows["total_available"] == 2
    assert api.get(path + "?limit=1").json()["has_more"] is True


@pytest.mark.behaviour("intelliprint.mailing-list.validation")
def test_addresses_are_checked_when_that_is_asked_for(print_sandbox: PrintSandbox, api: Api) -> None:
    made = make(api, recipients=[ADDRESSED, NICK], address_validation={"requested": True})
    assert made["address_validation"]["completed"] is False
    print_sandbox.advance(60)
    checked = api.get(f"/mailing_lists/{made['id']}").json()["address_validation"]
    assert checked == {"requested": True, "completed": True, "recipients": {"passed": 1, "failed": 1}}


@pytest.mark.behaviour("intelliprint.mailing-list.create", "intelliprint.recipient.create")
def test_recipients_of_a_list_are_as_strict_as_those_of_a_job(api: Api) -> None:
    listed = make(api)["id"]
    wrong: list[tuple[dict[str, Any], str, str]] = [
        ({}, "parameter_missing", "address"),
        ({"address": {"name": "A"}}, "parameter_missing", "address.line"),
        ({"address": {"line": "l", "country": "UK"}}, "parameter_invalid", "address.country"),
        ({"address": {"line": "l", "street": "s"}}, "parameter_unknown", "address.street"),
        ({"address": {"line": "l"}, "variables": "x"}, "parameter_invalid", "variables"),
    ]
    for recipient, code, param in wrong:
        assert fault(api.post(f"/mailing_lists/{listed}/recipients", json=recipient)) == (400, code, param)
        answer = api.post("/mailing_lists", json={"recipients": [recipient]})
        assert fault(answer) == (400, code, f"recipients[0].{param}")
        answer = api.post(f"/mailing_lists/{listed}", json={"recipients": [ADDRESSED, recipient]})
        assert fault(answer) == (400, code, f"recipients[1].{param}")
    assert api.get(f"/mailing_lists/{listed}").json()["recipients"] == 0
    assert api.get("/mailing_lists").json()["total_available"] == 1


@pytest.mark.behaviour("intelliprint.mailing-list.update", "intelliprint.mailing-list.delete-old")
def test_an_update_appends_unless_it_empties_the_list_first(api: Api) -> None:
    listed = make(api, name="m", recipients=[ADDRESSED])
    path = f"/mailing_lists/{listed['id']}"

    def names(**change: Any) -> list[str]:
        assert api.post(path, json=change).status_code == 200
        rows = api.get(path + "/recipients?sort_order=asc").json()["data"]
        return [row["address"]["name"] for row in rows]

    assert names(recipients=[NICK]) == ["A Reader", "B"]
    assert names(recipients=[NICK], delete_old_recipients=False) == ["A Reader", "B", "B"]
    assert names(name="n") == ["A Reader", "B", "B"]
    assert names(recipients=[ADDRESSED], delete_old_recipients=True) == ["A Reader"]
    assert names(delete_old_recipients=True) == []
    assert fault(api.post(path, json={"delete_old_recipients": "all"}))[2] == "delete_old_recipients"
    answer = api.post("/mailing_lists", json={"delete_old_recipients": True})
    assert fault(answer) == (400, "parameter_unknown", "delete_old_recipients")


@pytest.mark.behaviour("intelliprint.mailing-list.list", "intelliprint.recipient.list")
def test_both_lists_are_paged_sorted_and_projected(print_sandbox: PrintSandbox, api: Api) -> None:
    people = [{"address": {"name": name, "line": "l"}} for name in "cab"]
    listed = ""
    for number in range(11):
        name = f"{'x' if number % 2 else 'y'}{number:02}"
        made = make(api, name=name, recipients=people * (number == 4))
        listed = made["id"] if number == 4 else listed
        print_sandbox.advance(1)

    def shown(path: str, query: str, field: str = "name") -> list[Any]:
        rows = api.get(f"{path}?{query}").json()["data"]
        return [row["address"]["name"] if "address" in row else row[field] for row in rows]

    lists, recipients = "/mailing_lists", f"/mailing_lists/{listed}/recipients"
    assert shown(lists, "") == [f"{'x' if n % 2 else 'y'}{n:02}" for n in range(10, 0, -1)]
    assert shown(lists, "skip=10") == ["y00"]
    assert shown(lists, "sort_field=name&limit=2") == ["y10", "y08"]
    assert shown(lists, "sort_field=name&sort_order=asc&limit=2") == ["x01", "x03"]
    assert shown(lists, "sort_field=recipients&limit=1") == ["y04"]
    assert shown(lists, "sort_field=recipients&limit=2&fields[]=recipients", "recipients") == [3, 0]
    assert shown(lists, "sort_field=created&sort_order=asc&limit=1") == ["y00"]
    assert api.get(lists + "?limit=1&fields[]=name").json()["data"] == [{"name": "y10"}]
    assert shown(recipients, "sort_order=asc") == ["c", "a", "b"]
    assert shown(recipients, "") == ["b", "a", "c"]
    assert shown(recipients, "sort_field=name") == ["c", "b", "a"]
    assert shown(recipients, "sort_field=name&sort_order=asc&limit=1&skip=1") == ["b"]
    for path in (lists, recipients):
        for query, code, param in (
            ("limit=0", "parameter_invalid", "limit"),
            ("limit=1001", "parameter_invalid", "limit"),
            ("skip=-1", "parameter_invalid", "skip"),
            ("sort_field=colour", "parameter_invalid", "sort_field"),
            ("sort_order=up", "parameter_invalid", "sort_order"),
            ("fields[]=colour", "parameter_invalid", "fields"),
            ("team=x", "parameter_unknown", "team"),
        ):
            assert fault(api.get(f"{path}?{query}")) == (400, code, param)
    assert fault(api.get(recipients + "?sort_field=recipients"))[2] == "sort_field"


@pytest.mark.behaviour("intelliprint.recipient.update")
def test_an_update_of_a_recipient_keeps_what_it_does_not_name(api: Api) -> None:
    listed = make(api, recipients=[NICK])["id"]
    (made,) = api.get(f"/mailing_lists/{listed}/recipients").json()["data"]
    path = f"/mailing_lists/{listed}/recipients/{made['id']}"
    changed = api.post(path, json={"address": {"name": "C"}}).json()
    assert changed == {**made, "address": {**made["address"], "name": "C"}}
    changed = api.post(path, json={"variables": {"other": "x"}}).json()
    assert (changed["address"]["name"], changed["variables"]) == ("C", {"other": "x"})
    assert api.post(path, json={}).json() == changed
    assert fault(api.post(path, json={"name": "C"})) == (400, "parameter_unknown", "name")


@pytest.mark.behaviour("intelliprint.mailing-list.validation")
def test_the_check_of_addresses_can_be_asked_for_later(api: Api) -> None:
    listed = make(api, recipients=[ADDRESSED])
    path = f"/mailing_lists/{listed['id']}"
    assert listed["address_validation"]["requested"] is False
    asked = api.post(path, json={"address_validation": {"requested": True}}).json()
    assert asked["address_validation"]["requested"] is True
    (row,) = api.get(path + "/recipients").json()["data"]
    assert row["address_validation_status"] == "pending"
    for wrong, code, param in (
        ({"requested": "maybe"}, "parameter_invalid", "address_validation.requested"),
        ({"completed": True}, "parameter_unknown", "address_validation.completed"),
        (True, "parameter_invalid", "address_validation"),
    ):
        assert fault(api.post(path, json={"address_validation": wrong})) == (400, code, param)
