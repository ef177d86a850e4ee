from __future__ import annotations

import time

import pytest

from tests.sandbox.printful.conftest import ACCOUNT, LEGACY, basic, bearer, picture


def fill(library, count: int) -> list[int]:
    """Add files, one a second; the ids, newest first."""
    ids = []
    for number in range(count):
        ids.append(library.add(f"http://example.test/{number}.png")["id"])
        library.box.advance(1)
    return ids[::-1]


def test_the_list_shows_twenty_files_newest_first(library):
    ids = fill(library, 23)
    found = library.list()
    assert list(found) == ["code", "result", "paging"]
    assert [file["id"] for file in found["result"]] == ids[:20]
    assert found["paging"] == {"total": 23, "offset": 0, "limit": 20}


def test_of_two_files_from_one_second_the_higher_id_comes_first(library):
    ids = [library.add(f"http://example.test/{number}.png")["id"] for number in range(3)]
    assert [file["id"] for file in library.list()["result"]] == sorted(ids, reverse=True)


def test_offset_and_limit_cut_the_list(library):
    ids = fill(library, 5)
    found = library.list(offset=1, limit=2)
    assert [file["id"] for file in found["result"]] == ids[1:3]
    assert found["paging"] == {"total": 5, "offset": 1, "limit": 2}


def test_an_offset_behind_the_end_gives_an_empty_page(library):
    fill(library, 2)
    found = library.list(offset=10)
    assert (found["result"], found["paging"]["total"]) == ([], 2)


def test_a_limit_above_100_counts_as_100(library):
    assert library.list(limit=500)["paging"]["limit"] == 100


@pytest.mark.parametrize(
    "query", [{"limit": 0}, {"limit": -1}, {"limit": "many"}, {"offset": -1}, {"status": "done"}]
)
def test_nonsense_in_the_query_is_a_bad_request(library, query):
    answer = library.call("GET", "/files", params=query)
    assert (answer.status_code, answer.json()["error"]["reason"]) == (400, "BadRequest")


def test_empty_parameters_count_as_not_given(library):
    fill(library, 1)
    assert library.list(status="", limit="", offset="")["paging"] == {"total": 1, "offset": 0, "limit": 20}


def test_the_status_filters_and_the_total_counts_what_it_leaves(library, box):
    good = library.add(box.add_asset("a.png", picture()))["id"]
    bad = library.add(box.add_asset("b.png", b"no picture"))["id"]
    box.advance(60)
    new = library.add(box.add_asset("c.png", picture()))["id"]
    for status, number in (("ok", good), ("failed", bad), ("waiting", new)):
        found = library.list(status=status)
        assert [file["id"] for file in found["result"]] == [number]
        assert found["paging"]["total"] == 1


def test_hidden_files_are_listed_too(library):
    number = library.add("http://example.test/a.png", visible=0)["id"]
    assert [(file["id"], file["visible"]) for file in library.list()["result"]] == [(number, False)]


def test_the_list_can_be_gone_as_it_is_today(library, box):
    box.world(printful_list="gone")
    for path in ("/files", "/v2/files"):
        answer = library.call("GET", path)
        assert answer.status_code == 410
        assert answer.json()["error"]["reason"] == "Gone"
    assert library.add("http://example.test/a.png")["status"] == "waiting"


@pytest.mark.parametrize("number", ["999999999", "0", "-1", "abc", "@me", "1.5", "9" * 40])
def test_an_unknown_id_is_not_found(library, number):
    answer = library.call("GET", f"/files/{number}")
    assert answer.status_code == 404
    assert answer.json() == {
        "code": 404,
        "result": "Not found",
        "error": {"reason": "NotFound", "message": "Not found"},
    }


def test_an_unknown_page_and_a_wrong_method_are_found_missing_before_the_credential_is_looked_at(library):
    page = library.call("GET", "/nowhere", headers={})
    assert (page.status_code, page.json()["result"]) == (404, "Page not found.")
    for method, path in (
        ("DELETE", "/files/5"),
        ("PUT", "/files"),
        ("PATCH", "/files"),
        ("POST", "/files/5"),
    ):
        answer = library.call(method, path, headers={})
        assert (answer.status_code, answer.json()["result"]) == (404, "Not found")


@pytest.mark.parametrize(
    ("headers", "text"),
    [
        ({}, "Unauthorized"),
        (bearer("wrong"), "The access token provided is invalid."),
        (basic("wrong:key"), "The access token provided is invalid."),
        (bearer(LEGACY), "The access token provided is invalid."),
        ({"Authorization": "Bearer"}, "Malformed Authorization header."),
        ({"Authorization": "Basic ***"}, "Malformed Authorization header."),
        ({"Authorization": "Digest abc"}, "Malformed Authorization header."),
    ],
)
def test_each_wrong_credential_is_refused_with_its_own_text(library, headers, text):
    for path in ("/files", "/files/5", "/stores"):
        answer = library.call("GET", path, headers=headers)
        assert answer.status_code == 401
        assert answer.json() == {
            "code": 401,
            "result": text,
            "error": {"reason": "Unauthorized", "message": text},
        }


def test_a_store_key_of_the_first_generation_works_there_and_no_longer_today(library, box):
    number = library.call(
        "POST", "/files", headers=basic(LEGACY), json={"url": "http://example.test/a.png"}
    ).json()["result"]["id"]
    assert library.get(number)["url"] == "http://example.test/a.png"
    box.world(printful_profile="modern")
    assert library.call("GET", "/files", headers=basic(LEGACY)).status_code == 401


def test_an_account_token_must_name_its_store(library, box):
    box.world(printful_account_token=True)
    answer = library.call("GET", "/files", headers=bearer(ACCOUNT))
    assert answer.status_code == 400
    assert answer.json()["result"] == "This endpoint requires `store_id`!"
    assert library.call("GET", "/files?store_id=11002", headers=bearer(ACCOUNT)).status_code == 200


def test_a_store_does_not_see_the_files_of_another(library, box):
    box.world(printful_account_token=True)
    first, second = (bearer(ACCOUNT) | {"X-PF-Store-ID": store} for store in ("11001", "11002"))
    number = library.call("POST", "/files", headers=first, json={"url": "http://example.test/a.png"}).json()[
        "result"
    ]["id"]
    assert library.call("GET", f"/files/{number}", headers=first).status_code == 200
    assert library.get(number)["id"] == number
    assert library.call("GET", f"/files/{number}", headers=second).status_code == 404
    assert library.call("GET", "/files", headers=second).json()["result"] == []


def test_a_store_that_is_not_ones_own_is_forbidden(library, box):
    box.world(printful_account_token=True)
    for token, store in ((ACCOUNT, "5"), ("printful_sandbox", "11002")):
        answer = library.call("GET", "/files", headers=bearer(token) | {"X-PF-Store-Id": store})
        assert answer.status_code == 403


def test_the_stores_are_listed_for_the_token_that_asks(library, box):
    box.world(printful_account_token=True)
    one = library.call("GET", "/stores").json()["result"]
    both = library.call("GET", "/stores", headers=bearer(ACCOUNT)).json()["result"]
    assert ([store["id"] for store in one], [store["id"] for store in both]) == ([11001], [11001, 11002])


def test_the_modern_profile_adds_extra_and_is_temporary(library, box):
    box.world(printful_profile="modern")
    library.add("http://example.test/a.png")
    found = library.list()
    assert list(found) == ["code", "result", "extra", "paging"]
    assert found["extra"] == []
    assert list(found["result"][0])[-1] == "is_temporary"


def test_the_second_version_has_its_own_shape(library, box):
    url = box.add_asset("wave.png", picture())
    answer = library.call("POST", "/v2/files", json={"url": url, "role": "label"})
    assert answer.status_code == 200
    file = answer.json()["data"]
    assert answer.json()["extra"] == []
    assert "type" not in file
    assert file["created"].endswith("Z")
    assert file["_links"]["self"]["href"] == f"{box.printful_url}/v2/files/{file['id']}"
    box.advance(60)
    again = library.session.get(
        file["_links"]["self"]["href"], headers=bearer("printful_sandbox"), timeout=10
    )
    assert again.json()["data"]["status"] == "ok"
    assert library.add(url)["id"] == file["id"]


def test_errors_of_the_second_version_have_its_own_shape(library):
    answer = library.call("GET", "/v2/files/5")
    assert answer.json() == {"data": "Not found", "error": {"reason": "NotFound", "message": "Not found"}}


def test_every_answer_carries_the_rate_limit(library, box):
    box.world(rate_limit=100)
    left = []
    for path, headers in (
        ("/files", None),
        ("/files/5", None),
        ("/nowhere", None),
        ("/files", bearer("wrong")),
    ):
        answer = library.call("GET", path, headers=headers)
        assert answer.headers["X-Ratelimit-Limit"] == "120"
        assert 1 <= int(answer.headers["X-Ratelimit-Reset"]) <= 60
        left.append(int(answer.headers["X-Ratelimit-Remaining"]))
    assert left[0] - 1 == left[1] or left[1] == 119  # a new minute may begin in between
    assert max(left) <= 119


def test_the_121st_call_of_a_minute_is_refused_and_names_the_wait(library, box):
    box.world(rate_limit=100)
    answers = [library.call("GET", "/files/5") for _ in range(250)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    answer = refused[0]
    wait = answer.headers["Retry-After"]
    assert answer.headers["X-Ratelimit-Reset"] == wait
    assert (
        answer.json()["result"]
        == f"You've recently sent too many requests. Please try again after {wait} seconds."
    )
    box.world(retry_after=False)
    again = library.call("GET", "/files/5")
    assert again.status_code == 404 or "Retry-After" not in again.headers


def test_the_second_version_fills_its_allowance_again_two_calls_a_second(library, box):
    box.world(rate_limit=100)
    first, second = (library.call("GET", "/v2/files/5").headers for _ in range(2))
    assert first["X-Ratelimit-Policy"] == "120;w=60;"
    assert (first["X-Ratelimit-Remaining"], first["X-Ratelimit-Reset"]) == ("119", "0.5")
    assert second["X-Ratelimit-Remaining"] in ("118", "119")
    assert 0.5 <= float(second["X-Ratelimit-Reset"]) <= 1
    answers = [library.call("GET", "/v2/files/5") for _ in range(250)]
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert refused.headers["X-Ratelimit-Remaining"] == "0"
    assert refused.headers["Retry-After"] == "1"
    assert 58 < float(refused.headers["X-Ratelimit-Reset"]) <= 60
    assert set(refused.json()) == {"data", "error"}
    time.sleep(0.6)
    assert library.call("GET", "/v2/files/5").status_code == 404


def test_the_two_versions_do_not_share_an_allowance(library, box):
    box.world(rate_limit=100)
    for _ in range(5):
        library.call("GET", "/files/5")
    assert library.call("GET", "/v2/files/5").headers["X-Ratelimit-Remaining"] == "119"


def test_a_sandbox_without_a_rate_limit_refuses_nothing(library):
    assert {library.call("GET", "/files/5").status_code for _ in range(130)} == {404}


def test_fault_rules_play_on_this_service_with_its_own_error_shape(library, box):
    box.fault(method="POST", route="/printful/files", phase="before", kind="status", status=500)
    answer = library.call("POST", "/files", json={"url": "http://example.test/a.png"})
    assert answer.status_code == 500
    assert answer.json()["error"]["reason"] == "InternalServerError"
    assert box.unfired() == []
    assert library.list()["result"] == []


def test_a_fault_rule_on_the_second_version_has_the_shape_of_that_version(library, box):
    box.fault(method="GET", route="/printful/v2/files/{id}", phase="before", kind="status", status=503)
    answer = library.call("GET", "/v2/files/5")
    assert (answer.status_code, set(answer.json())) == (503, {"data", "error"})
    assert answer.json()["data"] == answer.json()["error"]["message"]
