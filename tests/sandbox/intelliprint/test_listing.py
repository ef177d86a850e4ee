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


def ids(api: Api, **query: Any) -> list[str]:
    return [job["id"] for job in api.get("/prints", params={"testmode": "true", **query}).json()["data"]]


@pytest.mark.behaviour("intelliprint.list.limit", "intelliprint.list.skip", "intelliprint.list.total")
def test_pages_are_cut_by_limit_and_skip(api: Api) -> None:
    jobs = [api.make()["id"] for _ in range(12)]
    first = api.get("/prints?testmode=true").json()
    assert (first["object"], first["has_more"], first["total_available"]) == ("list", True, 12)
    assert [job["id"] for job in first["data"]] == jobs[:1:-1]
    rest = api.get("/prints?testmode=true&skip=10&limit=1000").json()
    assert [job["id"] for job in rest["data"]] == jobs[1::-1]
    assert (rest["has_more"], rest["total_available"]) == (False, 12)
    assert ids(api, skip=100) == []
    assert len(ids(api, limit=1)) == 1
    assert len(ids(api, skip=0, limit=12)) == 12


@pytest.mark.behaviour("intelliprint.list.envelope")
def test_an_empty_list_has_the_same_envelope(api: Api) -> None:
    listed = api.post("/mailing_lists", json={}).json()["id"]
    for path in ("/prints", "/backgrounds", f"/mailing_lists/{listed}/recipients"):
        assert api.get(path).json() == {
            "object": "list",
            "data": [],
            "has_more": False,
            "total_available": 0,
        }


@pytest.mark.behaviour("intelliprint.list.offset")
@pytest.mark.parametrize("limit", [1, 3, 7, 8])
def test_paging_by_what_was_seen_shows_every_row_once(api: Api, limit: int) -> None:
    jobs = [api.make()["id"] for _ in range(7)]
    seen: list[str] = []
    more = True
    while more:
        page = api.get(f"/prints?testmode=true&limit={limit}&skip={len(seen)}").json()
        seen += [job["id"] for job in page["data"]]
        more = page["has_more"]
        assert more == (len(seen) < len(jobs))
    assert seen == jobs[::-1]


@pytest.mark.behaviour("intelliprint.list.limit-outside")
def test_a_limit_outside_is_refused_or_cut(print_sandbox: PrintSandbox, api: Api) -> None:
    for _ in range(2):
        api.make()
    for limit in ("0", "1001", "-1", "99999999999999999999999"):
        assert fault(api.get(f"/prints?limit={limit}")) == (400, "parameter_invalid", "limit")
    print_sandbox.world(clamp_limit=True)
    assert [len(ids(api, limit=limit)) for limit in ("0", "-5", "1", "1001", "9" * 30)] == [1, 1, 1, 2, 2]
    assert fault(api.get("/prints?limit=ten")) == (400, "parameter_invalid", "limit")


@pytest.mark.behaviour("intelliprint.list.newest-first", "intelliprint.list.sort-field-ties")
def test_a_new_job_is_first_of_the_default_order_also_within_one_second(api: Api) -> None:
    for _ in range(3):
        job = api.make()
        assert ids(api, limit=1, sort_field="created", sort_order="desc") == [job["id"]]


@pytest.mark.behaviour("intelliprint.list.testmode", "intelliprint.query.booleans")
def test_test_jobs_are_hidden_unless_asked_for(api: Api) -> None:
    test, live = api.make()["id"], api.make(testmode=False)["id"]
    assert [job["id"] for job in api.get("/prints").json()["data"]] == [live]
    assert [job["id"] for job in api.get("/prints?testmode=false").json()["data"]] == [live]
    assert ids(api) == [test]


@pytest.mark.behaviour(
    "intelliprint.list.confirmed",
    "intelliprint.list.reference",
    "intelliprint.list.type",
    "intelliprint.list.letters-status",
    "intelliprint.list.letters-acknowledged",
    "intelliprint.query.dotted",
    "intelliprint.query.brackets",
    "intelliprint.query.booleans",
)
def test_filters_narrow_the_list(print_sandbox: PrintSandbox, api: Api) -> None:
    draft = api.make(reference="R #1")["id"]
    confirmed = api.make(reference="r #1", confirmed=True)
    card = api.make(type="postcard", content="x", recipients=[ADDRESSED])["id"]
    back = api.make(confirmed=True, content="x", recipients=[ADDRESSED] * 2)
    letter = back["letters"][1]["id"]
    requests.post(
        f"{print_sandbox.url}/_sandbox/letters/{letter}", json={"status": "returned"}
    ).raise_for_status()
    assert ids(api) == [back["id"], card, confirmed["id"], draft]
    assert ids(api, reference="R #1") == [draft]
    assert ids(api, reference="R") == []
    assert ids(api, confirmed="true") == [back["id"], confirmed["id"]]
    assert ids(api, confirmed="false") == [card, draft]
    assert ids(api, type="postcard") == [card]
    assert ids(api, type="letter") == [back["id"], confirmed["id"], draft]
    assert ids(api, **{"letters.status": "returned"}) == [back["id"]]
    assert ids(api, **{"letters.status": "waiting_to_print"}) == [back["id"], confirmed["id"]]
    assert ids(api, **{"letters[status]": "draft,returned"}) == [back["id"], card, draft]
    assert ids(api, **{"letters.status": "sent,cancelled"}) == []
    assert ids(api, **{"letters.returned.acknowledged": "false"}) == [back["id"]]
    assert ids(api, **{"letters[returned][acknowledged]": "true"}) == []
    requests.post(
        f"{print_sandbox.url}/_sandbox/letters/{letter}", json={"acknowledged": True}
    ).raise_for_status()
    assert ids(api, **{"letters[returned][acknowledged]": "true"}) == [back["id"]]
    assert ids(api, **{"letters.returned.acknowledged": "false"}) == []
    assert ids(api, confirmed="true", reference="r #1", type="letter") == [confirmed["id"]]
    store = print_sandbox.sandbox.store
    other = api.make(reference="R #1")["id"]
    assert ids(api, reference="R #1") == [other, draft]
    assert store.count("print") == 5


@pytest.mark.behaviour("intelliprint.list.letters-status")
def test_a_list_can_be_asked_for_every_status(print_sandbox: PrintSandbox, api: Api) -> None:
    every = (
        "draft",
        "waiting_to_print",
        "printing",
        "enclosing",
        "shipping",
        "sent",
        "returned",
        "cancelled",
        "failed_wrong_address",
        "invalid_address",
    )
    made = {"draft": api.make()["id"]}
    for status in every[1:]:
        job = api.make(confirmed=True)
        url = f"{print_sandbox.url}/_sandbox/letters/{job['letters'][0]['id']}"
        requests.post(url, json={"status": status}).raise_for_status()
        made[status] = job["id"]
    for status in every:
        assert ids(api, **{"letters.status": status}) == [made[status]], status
    assert set(ids(api, **{"letters.status": ",".join(every)})) == set(made.values())
    assert fault(api.get("/prints?letters.status=delivered")) == (400, "parameter_invalid", "letters.status")


def returned_date(job: dict[str, Any]) -> int | None:
    return max((letter["returned"]["date"] for letter in job["letters"] if letter["returned"]), default=None)


SORTS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "created": lambda job: job["created"],
    "mail_date": lambda job: job["postage"]["mail_date"],
    "cost.amount": lambda job: job["cost"]["amount"],
    "cost.after_tax": lambda job: job["cost"]["after_tax"],
    "letters.returned.date": returned_date,
    "pages": lambda job: job["pages"],
    "sheets": lambda job: job["sheets"],
    "letters": lambda job: len(job["letters"]),
    "reference": lambda job: job["reference"],
    "type": lambda job: job["type"],
    "confirmed_at": lambda job: job["confirmed_at"],
}


@pytest.fixture
def various(print_sandbox: PrintSandbox, api: Api, make_pdf: Callable[..., bytes]) -> list[dict[str, Any]]:
    """Make jobs of which no two sort fields give the same order."""
    five = {"content": base64.b64encode(make_pdf(*"12345")).decode(), "name": "five.pdf"}
    two = {"recipients": [ADDRESSED] * 2}
    one = {"recipients": [ADDRESSED]}
    wanted: list[dict[str, Any]] = [
        {"content": "x", **two, "reference": "b", "postage": {"mail_date": 1_960_000_000}},
        {"file": five, **one, "printing": {"double_sided": "yes"}, "reference": "c"},
        {"content": "x", **one, "type": "postcard", "postage": {"mail_date": 1_940_000_000}},
        {"content": "x", "recipients": [ADDRESSED] * 4, "reference": "B"},
        {"content": "x", **one, "reference": "a", "postage": {"service": "uk_special_delivery"}},
    ]
    made = []
    for params in wanted:
        made.append(api.make(**params))
        print_sandbox.advance(5)
    for number in (3, 0, 4):
        api.post(f"/prints/{made[number]['id']}", json={"confirmed": True})
        print_sandbox.advance(5)
    for number in (4, 3):
        letter = made[number]["letters"][0]["id"]
        url = f"{print_sandbox.url}/_sandbox/letters/{letter}"
        requests.post(url, json={"status": "returned"}).raise_for_status()
        print_sandbox.advance(5)
    return [api.get(f"/prints/{job['id']}").json() for job in made]


@pytest.mark.behaviour(
    "intelliprint.list.sort-field", "intelliprint.list.sort-field-ties", "intelliprint.list.sort-order"
)
def test_every_sort_field_sorts(api: Api, various: list[dict[str, Any]]) -> None:
    orders = set()
    for field, value in SORTS.items():
        have = [job for job in various if value(job) is not None]
        nothing = [job for job in various if value(job) is None]
        assert len({value(job) for job in have}) >= 2, field
        expected = [job["id"] for job in nothing + sorted(have, key=value)]
        assert ids(api, sort_field=field, sort_order="asc") == expected, field
        assert ids(api, sort_field=field) == expected[::-1], field
        assert ids(api, sort_field=field, sort_order="desc") == expected[::-1], field
        orders.add(tuple(expected))
    assert len(orders) == len(SORTS) - 1  # the two costs differ by tax only


@pytest.mark.behaviour("intelliprint.list.sort-field", "intelliprint.list.sort-order")
def test_lists_are_sorted_by_created_and_descending_unless_told_otherwise(
    api: Api, various: list[dict[str, Any]]
) -> None:
    newest = [job["id"] for job in various[::-1]]
    assert ids(api) == ids(api, sort_field="created") == ids(api, sort_order="desc") == newest
    assert ids(api, sort_order="asc") == newest[::-1]


def query(how: str, *names: str) -> Any:
    return pytest.param(*names, marks=pytest.mark.behaviour(f"intelliprint.query.fields-{how}"))


@pytest.mark.behaviour("intelliprint.list.fields", "intelliprint.list.fields-on-retrieve")
@pytest.mark.parametrize(
    "query",
    [
        query("brackets", "fields[]=reference&fields[]=letters.status"),
        query("repeated", "fields=reference&fields=letters.status"),
        query("commas", "fields=reference,letters.status"),
        query("brackets", "fields[0]=reference&fields[1]=letters.status"),
    ],
)
def test_fields_leave_only_what_is_wanted(print_sandbox: PrintSandbox, api: Api, query: str) -> None:
    job = api.make(reference="R")
    listed = api.get(f"/prints?testmode=true&{query}").json()["data"]
    assert listed == [{"reference": "R", "letters": [{"status": "draft"}]}]
    assert fault(api.get(f"/prints/{job['id']}?{query}")) == (400, "parameter_unknown", "fields")
    print_sandbox.world(retrieve_fields=True)
    assert api.get(f"/prints/{job['id']}?{query}").json() == listed[0]


@pytest.mark.behaviour("intelliprint.list.fields-unknown")
def test_a_nested_field_that_is_not_there_is_left_out(api: Api) -> None:
    api.make()
    assert api.get("/prints?testmode=true&fields[]=letters.colour").json()["data"] == [{"letters": [{}]}]
    assert api.get("/prints?testmode=true&fields[]=type.colour").json()["data"] == [{"type": "letter"}]
    for path in ("/prints", "/backgrounds", "/mailing_lists"):
        assert fault(api.get(f"{path}?fields[]=colour")) == (400, "parameter_invalid", "fields")


@pytest.mark.behaviour("intelliprint.list.fields-id")
def test_a_row_has_its_id_when_it_is_asked_for_or_the_world_adds_it(
    print_sandbox: PrintSandbox, api: Api
) -> None:
    job = api.make(reference="R")
    listed = api.post("/mailing_lists", json={"name": "R"}).json()

    def rows(query: str) -> list[dict[str, Any]]:
        paths = [f"/prints?testmode=true&{query}", f"/mailing_lists?{query.replace('reference', 'name')}"]
        return [api.get(path).json()["data"][0] for path in paths]

    bare, whole = [{"reference": "R"}, {"name": "R"}], [{"id": job["id"]}, {"id": listed["id"]}]
    assert rows("fields[]=reference") == bare
    assert rows("fields[]=id") == whole
    print_sandbox.world(fields_keep_id=True)
    assert rows("fields[]=reference") == [one | other for one, other in zip(bare, whole, strict=True)]


@pytest.mark.behaviour("intelliprint.list.fields")
def test_every_field_can_be_asked_for_alone_and_no_fields_ask_for_all(api: Api) -> None:
    job = api.make()
    (whole,) = api.get("/prints?testmode=true").json()["data"]
    assert whole.keys() == job.keys()
    for name in job:
        (row,) = api.get(f"/prints?testmode=true&fields[]={name}").json()["data"]
        assert row.keys() == {name}
        if name != "letters":
            assert row[name] == job[name]
    for empty in ("fields=", "fields[]=", "fields=,"):
        (row,) = api.get(f"/prints?testmode=true&{empty}").json()["data"]
        assert row.keys() == job.keys(), empty
    (row,) = api.get("/prints?testmode=true&fields=cost.amount,letters.address.postcode").json()["data"]
    assert row == {
        "cost": {"amount": job["cost"]["amount"]},
        "letters": [{"address": {"postcode": "AB1 2CD"}}],
    }


def test_links_are_in_a_projection_when_they_are_asked_for(api: Api) -> None:
    api.make()
    (job,) = api.get("/prints?testmode=true&fields[]=letters.pdf").json()["data"]
    assert job["letters"][0]["pdf"].startswith("http")


@pytest.mark.behaviour(
    "intelliprint.list.limit",
    "intelliprint.list.skip",
    "intelliprint.list.sort-field",
    "intelliprint.list.sort-order",
    "intelliprint.list.fields-unknown",
    "intelliprint.list.type",
    "intelliprint.list.confirmed",
)
@pytest.mark.parametrize(
    ("query", "code", "param"),
    [
        ("limit=0", "parameter_invalid", "limit"),
        ("limit=1001", "parameter_invalid", "limit"),
        ("limit=ten", "parameter_invalid", "limit"),
        ("skip=-1", "parameter_invalid", "skip"),
        ("sort_field=colour", "parameter_invalid", "sort_field"),
        ("sort_order=up", "parameter_invalid", "sort_order"),
        ("testmode=maybe", "parameter_invalid", "testmode"),
        ("confirmed=maybe", "parameter_invalid", "confirmed"),
        ("type=parcel", "parameter_invalid", "type"),
        ("skip=1.5", "parameter_invalid", "skip"),
        ("letters.returned.acknowledged=maybe", "parameter_invalid", "letters.returned.acknowledged"),
        ("letters.status=lost", "parameter_invalid", "letters.status"),
        ("fields[]=colour", "parameter_invalid", "fields"),
        ("referense=x", "parameter_unknown", "referense"),
        ("letters[colour]=x", "parameter_unknown", "letters.colour"),
        ("type=letter&type[x]=1", "parameter_invalid", None),
        ("a" + "[b]" * 20 + "=1", "parameter_invalid", None),
    ],
)
def test_a_query_that_makes_no_sense_is_refused(api: Api, query: str, code: str, param: str | None) -> None:
    assert fault(api.get(f"/prints?{query}")) == (400, code, param)


def test_a_lagging_list_shows_neither_the_young_job_nor_the_young_confirmation(
    print_sandbox: PrintSandbox, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1_800_000_000.0]
    monkeypatch.setattr(print_sandbox.sandbox.clock, "_real", lambda: now[0])
    print_sandbox.world(list_lag_s=2)
    job = api.make()
    assert ids(api) == []
    now[0] += 2
    assert ids(api) == [job["id"]]
    api.post(f"/prints/{job['id']}", json={"confirmed": True})
    (seen,) = api.get("/prints?testmode=true").json()["data"]
    assert (seen["confirmed"], seen["letters"][0]["status"]) == (False, "draft")
    assert ids(api, confirmed="true") == []
    assert api.get(f"/prints/{job['id']}").json()["confirmed"] is True
    now[0] += 2
    assert ids(api, confirmed="true") == [job["id"]]


def test_a_thousand_jobs_are_listed_quickly(print_sandbox: PrintSandbox, api: Api) -> None:
    job = api.make()
    store = print_sandbox.sandbox.store
    kept = store.get("print", job["id"])
    assert kept is not None
    with store.transaction():
        for number in range(999):
            store.put("print", f"print_{number}", {**kept, "id": f"print_{number}"})
    answer = api.get("/prints?testmode=true&limit=1000&fields[]=id&fields[]=letters.status")
    assert len(answer.json()["data"]) == 1000
    assert answer.elapsed.total_seconds() < 1.5
