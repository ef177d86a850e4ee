from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.sandbox.calls import ADDRESSED, fault

if TYPE_CHECKING:
    from airflow_provider_print.sandbox import PrintSandbox
    from tests.sandbox.calls import Api

NICK = {"address": {"name": "B", "line": "A much longer road 5"}, "variables": {"nick": "Al"}}


def make(api: Api, **params: Any) -> dict[str, Any]:
    return api.post("/mailing_lists", json=params).json()


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
    assert [row["address"] for row in rows["data"]] == [{"name": "A Reader"}, {"name": "B"}]
    assert rows["total_available"] == 2
    assert api.get(path + "?limit=1").json()["has_more"] is True


def test_addresses_are_checked_when_that_is_asked_for(print_sandbox: PrintSandbox, api: Api) -> None:
    made = make(api, recipients=[ADDRESSED, NICK], address_validation={"requested": True})
    assert made["address_validation"]["completed"] is False
    print_sandbox.advance(60)
    checked = api.get(f"/mailing_lists/{made['id']}").json()["address_validation"]
    assert checked == {"requested": True, "completed": True, "recipients": {"passed": 1, "failed": 1}}
