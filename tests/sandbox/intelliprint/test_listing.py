from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests

from tests.sandbox.calls import ADDRESSED, fault

if TYPE_CHECKING:
    from airflow_provider_print.sandbox import PrintSandbox
    from tests.sandbox.calls import Api


def ids(api: Api, **query: Any) -> list[str]:
    return [job["id"] for job in api.get("/prints", params={"testmode": "true", **query}).json()["data"]]


def test_pages_are_cut_by_limit_and_skip(api: Api) -> None:
    jobs = [api.make()["id"] for _ in range(12)]
    first = api.get("/prints?testmode=true").json()
    assert (first["object"], first["has_more"], first["total_available"]) == ("list", True, 12)
    assert [job["id"] for job in first["data"]] == jobs[:1:-1]
    rest = api.get("/prints?testmode=true&skip=10&limit=1000").json()
    assert [job["id"] for job in rest["data"]] == jobs[1::-1]
    assert rest["has_more"] is False
    assert ids(api, skip=100) == []


def test_a_new_job_is_first_of_the_default_order_also_within_one_second(api: Api) -> None:
    for _ in range(3):
        job = api.make()
        assert ids(api, limit=1, sort_field="created", sort_order="desc") == [job["id"]]


def test_test_jobs_are_hidden_unless_asked_for(api: Api) -> None:
    test, live = api.make()["id"], api.make(testmode=False)["id"]
    assert [job["id"] for job in api.get("/prints").json()["data"]] == [live]
    assert [job["id"] for job in api.get("/prints?testmode=false").json()["data"]] == [live]
    assert ids(api) == [test]


def test_filters_narrow_the_list(print_sandbox: PrintSandbox, api: Api) -> None:
    draft = api.make(reference="R #1")["id"]
    confirmed = api.make(reference="r #1", confirmed=True)
    card = api.make(type="postcard", content="x", recipients=[ADDRESSED])["id"]
    back = api.make(confirmed=True)
    letter = back["letters"][0]["id"]
    requests.post(
        f"{print_sandbox.url}/_sandbox/letters/{letter}", json={"status": "returned"}
    ).raise_for_status()
    assert ids(api, reference="R #1") == [draft]
    assert ids(api, confirmed="true") == [back["id"], confirmed["id"]]
    assert ids(api, confirmed="false") == [card, draft]
    assert ids(api, type="postcard") == [card]
    assert ids(api, **{"letters.status": "waiting_to_print"}) == [confirmed["id"]]
    assert ids(api, **{"letters[status]": "draft,returned"}) == [back["id"], card, draft]
    assert ids(api, **{"letters.returned.acknowledged": "false"}) == [back["id"]]
    assert ids(api, **{"letters.returned.acknowledged": "true"}) == []


@pytest.mark.parametrize(
    ("field", "order"),
    [
        ("reference", [0, 1, 2]),
        ("cost.amount", [1, 0, 2]),
        ("cost.after_tax", [1, 0, 2]),
        ("letters", [1, 0, 2]),
        ("pages", [1, 0, 2]),
        ("sheets", [1, 0, 2]),
        ("created", [0, 1, 2]),
        ("mail_date", [2, 0, 1]),
        ("confirmed_at", [0, 2, 1]),
        ("type", [0, 1, 2]),
        ("letters.returned.date", [0, 1, 2]),
    ],
)
def test_every_sort_field_sorts(print_sandbox: PrintSandbox, api: Api, field: str, order: list[int]) -> None:
    made = []
    for number, (letters, date, confirmed) in enumerate(
        [(2, 10**9, False), (1, 2 * 10**9, True), (3, None, False)]
    ):
        made.append(
            api.make(
                content="x",
                recipients=[ADDRESSED] * letters,
                reference=f"r{number}",
                confirmed=confirmed,
                postage={"mail_date": date},
            )["id"]
        )
        print_sandbox.advance(1)
    expected = [made[number] for number in order]
    assert ids(api, sort_field=field, sort_order="asc") == expected
    if field not in ("type", "letters.returned.date", "confirmed_at"):
        assert ids(api, sort_field=field) == expected[::-1]


@pytest.mark.parametrize(
    "query",
    [
        "fields[]=reference&fields[]=letters.status",
        "fields=reference&fields=letters.status",
        "fields=reference,letters.status",
        "fields[0]=reference&fields[1]=letters.status",
    ],
)
def test_fields_leave_only_what_is_wanted(api: Api, query: str) -> None:
    job = api.make(reference="R")
    listed = api.get(f"/prints?testmode=true&{query}").json()["data"]
    assert listed == [{"id": job["id"], "reference": "R", "letters": [{"status": "draft"}]}]
    assert api.get(f"/prints/{job['id']}?{query}").json() == listed[0]


def test_links_are_in_a_projection_when_they_are_asked_for(api: Api) -> None:
    api.make()
    (job,) = api.get("/prints?testmode=true&fields[]=letters.pdf").json()["data"]
    assert job["letters"][0]["pdf"].startswith("http")


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
        ("letters.status=lost", "parameter_invalid", "letters.status"),
        ("fields[]=colour", "parameter_invalid", "fields"),
        ("referense=x", "parameter_unknown", "referense"),
        ("letters[colour]=x", "parameter_unknown", "letters.colour"),
    ],
)
def test_a_query_that_makes_no_sense_is_refused(api: Api, query: str, code: str, param: str) -> None:
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
