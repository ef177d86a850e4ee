from __future__ import annotations

import base64
import re

import pytest

from tests.sandbox.printful.conftest import ACCOUNT, LEGACY, TOKEN, basic, bearer

ART = {"url": "http://example.test/a.png"}
SECOND_KEY = "sandbox0-file-libr:aryk-eysandbox002"
INVALID = "The access token provided is invalid."


def unauthorized(text: str) -> dict:
    return {"code": 401, "result": text, "error": {"reason": "Unauthorized", "message": text}}


@pytest.mark.behaviour(
    "printful.access.bearer",
    "printful.access.no-credential",
    "printful.access.invalid-token",
    "printful.access.malformed-header",
    "printful.access.wrong-key",
)
@pytest.mark.parametrize(
    ("headers", "text"),
    [
        ({}, "Unauthorized"),
        (bearer("wrong"), INVALID),
        (basic("wrong:key"), INVALID),
        (bearer(LEGACY), INVALID),
        (basic(TOKEN), INVALID),
        ({"Authorization": "Bearer"}, "Malformed Authorization header."),
        ({"Authorization": "Basic ***"}, "Malformed Authorization header."),
        ({"Authorization": "Digest abc"}, "Malformed Authorization header."),
    ],
)
def test_each_wrong_credential_is_refused_with_its_own_text(library, headers, text):
    assert library.call("GET", "/files").status_code == 200
    for path in ("/files", "/files/5"):
        answer = library.call("GET", path, headers=headers)
        assert (answer.status_code, answer.json()) == (401, unauthorized(text))


@pytest.mark.behaviour("printful.access.oauth-only", "printful.access.oauth-only-documented")
def test_a_call_that_needs_a_token_says_so_instead(library, box):
    text = "This endpoint requires Oauth authentication!"
    for headers in ({}, basic(LEGACY)):
        answer = library.call("GET", "/stores", headers=headers)
        assert (answer.status_code, answer.json()) == (401, unauthorized(text))
    assert library.call("GET", "/stores", headers=bearer("wrong")).json() == unauthorized(INVALID)
    box.world(printful_oauth_only=403)
    answer = library.call("GET", "/stores", headers={})
    assert answer.status_code == 403
    assert answer.json() == {"code": 403, "result": text, "error": {"reason": 403, "message": text}}


@pytest.mark.behaviour(
    "printful.access.basic",
    "printful.access.key-form",
    "printful.access.key-per-store",
    "printful.access.keys-ended",
)
def test_a_store_key_of_the_first_generation_works_there_and_no_longer_today(library, box):
    assert re.fullmatch(r"\w{8}-\w{4}-\w{4}:\w{4}-\w{12}", LEGACY)
    header = basic(LEGACY)["Authorization"]
    assert base64.b64decode(header.removeprefix("Basic ")).decode() == LEGACY
    number = library.call("POST", "/files", headers=basic(LEGACY), json=ART).json()["result"]["id"]
    assert library.get(number)["url"] == ART["url"]
    assert library.call("GET", f"/files/{number}", headers=basic(SECOND_KEY)).status_code == 404
    assert library.call("GET", "/files", headers=basic(SECOND_KEY)).json()["result"] == []
    box.world(printful_profile="modern")
    answer = library.call("GET", "/files", headers=basic(LEGACY))
    assert (answer.status_code, answer.json()) == (401, unauthorized(INVALID))


@pytest.mark.behaviour("printful.access.scopes", "printful.access.scope-text")
def test_a_token_may_only_do_what_its_scopes_say(library):
    reader, orders = bearer("printful_sandbox_read"), bearer("printful_sandbox_orders")
    number = library.add(**ART)["id"]
    assert library.call("GET", f"/files/{number}", headers=reader).status_code == 200
    for answer in (
        library.call("POST", "/files", headers=reader, json={"url": "http://example.test/b.png"}),
        library.call("GET", f"/files/{number}", headers=orders),
        library.call("GET", "/files", headers=orders),
    ):
        error = {"reason": "Forbidden", "message": "Forbidden"}
        assert (answer.status_code, answer.json()) == (
            403,
            {"code": 403, "result": "Forbidden", "error": error},
        )
    assert library.list()["paging"]["total"] == 1


@pytest.mark.behaviour("printful.access.missing-store", "printful.access.store-query")
def test_an_account_token_must_name_its_store(library, box):
    box.world(printful_account_token=True)
    answer = library.call("GET", "/files", headers=bearer(ACCOUNT))
    text = "This endpoint requires `store_id`!"
    error = {"reason": "BadRequest", "message": text}
    assert (answer.status_code, answer.json()) == (400, {"code": 400, "result": text, "error": error})
    assert library.call("GET", "/files?store_id=11002", headers=bearer(ACCOUNT)).status_code == 200


@pytest.mark.behaviour("printful.access.store-token")
def test_a_token_of_one_store_need_not_name_it_unless_the_world_says_so(library, box):
    assert library.call("GET", "/files").status_code == 200
    assert library.call("GET", "/files", headers=bearer(TOKEN) | {"X-PF-Store-Id": "11001"}).ok
    box.world(printful_store_header="always")
    assert library.call("GET", "/files").json()["result"] == "This endpoint requires `store_id`!"
    assert library.call("GET", "/files", headers=bearer(TOKEN) | {"X-PF-Store-Id": "11001"}).ok


@pytest.mark.behaviour("printful.access.account-store", "printful.get.foreign", "printful.add.per-store")
def test_a_store_does_not_see_the_files_of_another(library, box):
    box.world(printful_account_token=True)
    first = bearer(ACCOUNT) | {"X-PF-Store-ID": "11001"}
    second = bearer(ACCOUNT) | {"x-pf-store-id": "11002"}
    number = library.call("POST", "/files", headers=first, json=ART).json()["result"]["id"]
    assert library.call("GET", f"/files/{number}", headers=first).status_code == 200
    assert library.get(number)["id"] == number
    foreign = library.call("GET", f"/files/{number}", headers=second)
    assert (foreign.status_code, foreign.json()["result"]) == (404, "Not found")
    assert library.call("GET", "/files", headers=second).json()["result"] == []
    box.world(printful_foreign_file=403)
    assert library.call("GET", f"/files/{number}", headers=second).status_code == 403


@pytest.mark.behaviour("printful.access.private-expiry", "printful.access.invalid-token")
def test_a_private_token_can_have_an_end(library, box):
    box.world(printful_token_expires=int(box.now()) + 100)
    assert library.call("GET", "/files").status_code == 200
    box.advance(101)
    answer = library.call("GET", "/files")
    assert (answer.status_code, answer.json()) == (401, unauthorized(INVALID))
    assert library.call("GET", "/files", headers=basic(LEGACY)).status_code == 200, "a store key has none"


@pytest.mark.behaviour("printful.access.foreign-store")
def test_a_store_that_is_not_ones_own_is_forbidden(library, box):
    box.world(printful_account_token=True)
    for token, store in ((ACCOUNT, "5"), (TOKEN, "11002")):
        answer = library.call("GET", "/files", headers=bearer(token) | {"X-PF-Store-Id": store})
        assert answer.status_code == 403


@pytest.mark.behaviour("printful.access.stores")
def test_the_stores_are_listed_for_the_token_that_asks(library, box):
    box.world(printful_account_token=True)
    one = library.call("GET", "/stores").json()["result"]
    both = library.call("GET", "/stores", headers=bearer(ACCOUNT)).json()["result"]
    assert ([store["id"] for store in one], [store["id"] for store in both]) == ([11001], [11001, 11002])


APP = {"client_id": "printful-sandbox-app", "client_secret": "printful-sandbox-secret"}
CONSENT = {"grant_type": "authorization_code", "code": "printful-sandbox-code", **APP}


def refreshed(library, token: str):
    fields = {"grant_type": "refresh_token", "refresh_token": token, **APP}
    return library.call("POST", "/oauth/token", headers={}, json=fields)


@pytest.mark.behaviour(
    "printful.access.app-token", "printful.access.app-token-hour", "printful.access.bearer"
)
def test_an_app_gets_a_token_that_lives_for_an_hour(library, box):
    answer = library.call("POST", "/oauth/token", headers={}, data=CONSENT)
    pair = answer.json()
    assert (answer.status_code, sorted(pair)) == (
        200,
        ["access_token", "expires_at", "refresh_token", "token_type"],
    )
    assert (pair["token_type"], pair["expires_at"]) == ("bearer", str(int(box.now()) + 3600))
    headers = bearer(pair["access_token"])
    assert library.call("POST", "/files", headers=headers, json=ART).status_code == 200
    assert library.call("GET", "/stores", headers=headers).status_code == 200
    box.advance(3598)
    assert library.call("GET", "/files", headers=headers).status_code == 200
    box.advance(2)
    late = library.call("GET", "/files", headers=headers)
    assert (late.status_code, late.json()) == (401, unauthorized(INVALID))


@pytest.mark.behaviour("printful.access.app-refresh", "printful.access.invalid-token")
def test_a_refresh_token_gives_a_new_pair_and_dies_after_90_days_unused(library, box):
    day = 24 * 60 * 60
    token = library.call("POST", "/oauth/token", headers={}, data=CONSENT).json()["refresh_token"]
    for _ in range(2):
        box.advance(89 * day)
        pair = refreshed(library, token).json()
        assert library.call("GET", "/files", headers=bearer(pair["access_token"])).status_code == 200
        token = pair["refresh_token"]
    box.advance(90 * day)
    assert refreshed(library, token).status_code == 400


@pytest.mark.behaviour("printful.access.app-refresh-once")
def test_a_refresh_token_is_used_up_by_the_pair_that_it_gives(library):
    token = library.call("POST", "/oauth/token", headers={}, data=CONSENT).json()["refresh_token"]
    assert refreshed(library, token).status_code == 200
    assert refreshed(library, token).status_code == 400


@pytest.mark.behaviour("printful.access.app-errors")
@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"client_id": "other"}, 401),
        ({"client_secret": "other"}, 401),
        ({"code": "other"}, 400),
        ({"grant_type": "password"}, 400),
        ({"grant_type": "refresh_token", "refresh_token": "other"}, 400),
    ],
)
def test_a_grant_that_is_none_is_refused(library, changed, status):
    for way in ("data", "json"):
        answer = library.call("POST", "/oauth/token", headers={}, **{way: CONSENT | changed})
        assert (answer.status_code, answer.json()["code"]) == (status, status)
    for raw in (b"{", b"[]"):
        headers = {"Content-Type": "application/json"}
        assert library.call("POST", "/oauth/token", headers=headers, data=raw).status_code in (400, 401)
