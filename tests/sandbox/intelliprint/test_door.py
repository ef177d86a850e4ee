"""Who may call, in which mode, how often, and what is told to whom."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest
import requests

from airflow_provider_print.sandbox.intelliprint.routes import API_KEYS, LIMITED_KEY, REFUSED_KEYS
from tests.sandbox.calls import ADDRESSED, Api, fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow_provider_print.sandbox import PrintSandbox

BASIC = "Basic " + base64.b64encode(b"key_sandbox:").decode()


@pytest.fixture
def other(print_sandbox: PrintSandbox) -> Api:
    """Call with the API key of another account."""
    api = Api(print_sandbox.intelliprint_url)
    api.headers["Authorization"] = "Bearer key_sandbox_other"
    return api


@pytest.mark.behaviour("intelliprint.auth.key-shape")
def test_api_keys_look_like_those_of_the_service() -> None:
    assert all(key.startswith("key_") for key in [*API_KEYS, *REFUSED_KEYS, LIMITED_KEY])


@pytest.mark.behaviour("intelliprint.auth.basic")
def test_basic_works_only_where_the_world_says_so(print_sandbox: PrintSandbox, api: Api) -> None:
    headers = {"Authorization": BASIC}
    assert fault(api.get("/prints", headers=headers)) == (401, "invalid_api_key", None)
    print_sandbox.world(basic_auth=True)
    assert api.get("/prints", headers=headers).status_code == 200
    for wrong in ("Basic b3RoZXI6", "Basic ???", "Basic", "Basic /w=="):
        assert fault(api.get("/prints", headers={"Authorization": wrong})) == (401, "invalid_api_key", None)


@pytest.mark.behaviour("intelliprint.auth.one-key-both-modes", "intelliprint.create.testmode")
def test_one_api_key_makes_test_jobs_and_live_ones(api: Api) -> None:
    test, live = api.make(testmode=True), api.make(testmode=False)
    assert (test["testmode"], live["testmode"]) == (True, False)
    assert test["account"] == live["account"]


@pytest.mark.parametrize(
    ("key", "status", "code"),
    [
        pytest.param(
            "key_sandbox_revoked",
            401,
            "invalid_api_key",
            marks=pytest.mark.behaviour("intelliprint.errors.invalid-api-key"),
        ),
        pytest.param(
            "key_sandbox_expired",
            401,
            "invalid_api_key",
            marks=pytest.mark.behaviour("intelliprint.errors.invalid-api-key"),
        ),
        pytest.param(
            "key_sandbox_logged_out",
            401,
            "logged_out",
            marks=pytest.mark.behaviour("intelliprint.errors.logged-out"),
        ),
        pytest.param(
            "key_sandbox_forbidden",
            403,
            "forbidden",
            marks=pytest.mark.behaviour("intelliprint.errors.forbidden", "intelliprint.auth.forbidden-key"),
        ),
    ],
)
def test_some_api_keys_are_refused_for_a_reason(api: Api, key: str, status: int, code: str) -> None:
    answer = api.get("/prints", headers={"Authorization": f"Bearer {key}"})
    assert fault(answer) == (status, code, None)
    assert answer.json()["error"]["type"] == "authentication_error"


@pytest.mark.behaviour("intelliprint.errors.refused")
def test_an_account_at_its_limit_may_read_and_is_refused_the_rest(api: Api) -> None:
    api.headers["Authorization"] = f"Bearer {LIMITED_KEY}"
    assert api.get("/prints").status_code == 200
    answer = api.post("/prints", json={"content": "x", "recipients": [ADDRESSED]})
    assert fault(answer) == (400, "refused", None)
    assert answer.json()["error"]["type"] == "invalid_request_error"


@pytest.mark.behaviour("intelliprint.errors.not-found-object")
def test_what_is_another_account_s_is_not_there(api: Api, other: Api, make_pdf: Callable[..., bytes]) -> None:
    job = api.make()
    background = api.post("/backgrounds", files={"file": ("h.pdf", make_pdf("HEAD"))}).json()
    listed = api.post("/mailing_lists", json={"recipients": [ADDRESSED]}).json()
    (recipient,) = api.get(f"/mailing_lists/{listed['id']}/recipients").json()["data"]
    paths = [
        f"/prints/{job['id']}",
        f"/backgrounds/{background['id']}",
        f"/mailing_lists/{listed['id']}",
        f"/mailing_lists/{listed['id']}/recipients/{recipient['id']}",
    ]
    for path in paths:
        for method in ("GET", "POST", "DELETE"):
            answer = other.request(method, path)
            assert fault(answer) == (404, "not_found", None), (method, path)
            assert answer.json()["error"]["type"] == "invalid_request_error"
        assert api.get(path).status_code == 200
    for path in ("/prints?testmode=true", "/backgrounds", "/mailing_lists"):
        assert other.get(path).json()["total_available"] == 0
        assert api.get(path).json()["total_available"] == 1
    assert other.refused(content="x", mailing_list=listed["id"])[2] == "mailing_list"
    assert other.refused(content="x", background={"first_page": background["id"]})[2] == (
        "background.first_page"
    )
    assert other.make()["account"] == "acc_other"


@pytest.mark.behaviour("intelliprint.transport.front-end")
def test_a_client_that_does_not_say_who_it_is_meets_the_front_end(
    print_sandbox: PrintSandbox, api: Api
) -> None:
    headers = {"User-Agent": "Python-urllib/3.11"}
    answer = api.get("/prints", headers=headers)
    assert (answer.status_code, answer.headers["Content-Type"]) == (403, "text/html; charset=UTF-8")
    assert "1010" in answer.text
    assert "request-id" not in answer.headers
    assert api.get("/nothing", headers=headers).status_code == 403
    assert api.get("/prints", headers={"User-Agent": "My-Shop/1.0"}).status_code == 200
    print_sandbox.world(front_end=False)
    assert api.get("/prints", headers=headers).status_code == 200


@pytest.mark.behaviour("intelliprint.order.route-key-body")
def test_the_path_is_looked_at_before_the_api_key_and_that_before_the_body(
    print_sandbox: PrintSandbox, api: Api
) -> None:
    del api.headers["Authorization"]
    broken = {"data": b"{", "headers": {"Content-Type": "application/json"}}
    assert fault(api.post("/nothing", **broken)) == (404, "not_found", None)
    assert fault(api.post("/prints", **broken)) == (401, "no_api_key", None)
    print_sandbox.world(key_before_route=True)
    assert fault(api.post("/nothing", **broken)) == (401, "no_api_key", None)
    api.headers["Authorization"] = "key_sandbox"
    assert fault(api.post("/nothing", **broken)) == (404, "not_found", None)
    assert fault(api.post("/prints", **broken)) == (400, "body_incorrect_format", None)


@pytest.mark.behaviour("intelliprint.transport.json", "intelliprint.transport.request-id")
def test_every_answer_is_json_with_a_request_id(print_sandbox: PrintSandbox, api: Api) -> None:
    job = api.make()
    path = f"/prints/{job['id']}"
    answers = [
        api.get("/prints"),
        api.post("/prints", json={"content": "x", "recipients": [ADDRESSED]}),
        api.post(path, json={"reference": "R"}),
        api.delete(path),
        api.get(path),
        api.post("/prints", json={}),
        api.get("/prints", headers={"Authorization": "no"}),
        api.request("PUT", "/prints"),
    ]
    print_sandbox.world(rate_limit=1, limiter="sliding")
    answers += [api.get("/prints"), api.get("/prints")]
    statuses = [answer.status_code for answer in answers]
    assert statuses == [200, 200, 200, 202, 404, 400, 401, 404, 200, 429]
    assert {answer.headers["Content-Type"] for answer in answers} == {"application/json; charset=utf-8"}
    ids = [answer.headers["request-id"] for answer in answers]
    assert len(set(ids)) == len(ids)
    assert all(isinstance(answer.json(), dict) for answer in answers)
    print_sandbox.world(request_ids="errors", rate_limit=0)
    assert "request-id" not in api.get("/prints").headers
    assert api.get("/nothing").headers["request-id"]
    assert api.post("/prints", json={}).headers["request-id"]


@pytest.mark.behaviour("intelliprint.create.success-status")
def test_making_something_answers_200_or_201_as_the_world_has_it(
    print_sandbox: PrintSandbox, api: Api, make_pdf: Callable[..., bytes]
) -> None:
    def make() -> list[int]:
        listed = api.post("/mailing_lists", json={"name": "m"})
        answers = [
            listed,
            api.post("/prints", json={"content": "x", "recipients": [ADDRESSED]}),
            api.post("/backgrounds", files={"file": ("h.pdf", make_pdf("HEAD"))}),
            api.post(f"/mailing_lists/{listed.json()['id']}/recipients", json=ADDRESSED),
            api.post("/tools/merge", files=[("files", make_pdf("1")), ("files", make_pdf("2"))]),
        ]
        return [answer.status_code for answer in answers]

    assert make() == [200] * 5
    print_sandbox.world(created_status=201)
    assert make() == [201] * 5
    job = api.post("/prints", json={"content": "x", "recipients": [ADDRESSED]}).json()
    assert api.post(f"/prints/{job['id']}", json={"reference": "R"}).status_code == 200
    assert api.post("/prints", json={}).status_code == 400


@pytest.mark.behaviour("intelliprint.errors.uncertain-status")
def test_errors_whose_status_is_unknown_may_all_be_400(
    print_sandbox: PrintSandbox, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    def statuses() -> list[tuple[int, str, str | None]]:
        unpaid = api.post("/prints", json={"content": "x", "recipients": [ADDRESSED], "confirmed": True})
        return [fault(unpaid), fault(api.post("/prints", data=b"x" * 2000))]

    monkeypatch.setattr("airflow_provider_print.sandbox.uploads.MAX_BODY", 1000)
    print_sandbox.world(balance=0)
    assert statuses() == [(402, "payment_error", None), (413, "body_too_large", None)]
    print_sandbox.world(plain_errors=True)
    assert statuses() == [(400, "payment_error", None), (400, "body_too_large", None)]


@pytest.mark.behaviour("intelliprint.errors.param-notation")
def test_a_nested_parameter_is_named_with_dots_or_with_brackets(
    print_sandbox: PrintSandbox, api: Api
) -> None:
    wrong: list[tuple[dict[str, Any], str, str]] = [
        ({"postage": {"service": "x"}}, "postage.service", "postage[service]"),
        ({"type": "x"}, "type", "type"),
        (
            {"recipients": [{"address": {"line": "l", "country": "x"}}]},
            "recipients[0].address.country",
            "recipients[0][address][country]",
        ),
    ]
    assert [api.refused(content="x", **params)[2] for params, _, _ in wrong] == [one for _, one, _ in wrong]
    print_sandbox.world(error_param="brackets")
    assert [api.refused(content="x", **params)[2] for params, _, _ in wrong] == [one for _, _, one in wrong]


@pytest.mark.behaviour("intelliprint.rate.per-minute", "intelliprint.errors.rate-limited")
def test_a_hundred_calls_a_minute_are_the_limit_unless_the_world_has_another(
    print_sandbox: PrintSandbox, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    from airflow_provider_print.sandbox.core import Sandbox

    rate = Sandbox().world.rate_limit
    print_sandbox.world(rate_limit=rate)
    monkeypatch.setattr(print_sandbox.sandbox.clock, "_real", lambda: 1_800_000_000.0)
    statuses = [api.get("/mailing_lists?limit=1").status_code for _ in range(101)]
    assert statuses == [200] * 100 + [429]
    error = api.get("/prints").json()["error"]
    assert (error["type"], error["code"]) == ("rate_limited", "rate_limited")


@pytest.mark.behaviour("intelliprint.rate.retry-after")
def test_a_refused_call_is_told_when_to_come_again_and_no_other_limit(
    print_sandbox: PrintSandbox, api: Api
) -> None:
    print_sandbox.world(rate_limit=1, limiter="sliding")
    accepted, refused = api.get("/prints"), api.get("/prints")
    assert set(refused.headers) - set(accepted.headers) == {"retry-after"}
    assert not [name for name in refused.headers if "limit" in name.lower()]
    assert 1 <= int(refused.headers["Retry-After"]) <= 60


@pytest.mark.behaviour("intelliprint.rate.by-mode")
def test_the_newer_limit_counts_calls_per_second_by_mode(
    print_sandbox: PrintSandbox, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1_800_000_000.0]
    monkeypatch.setattr(print_sandbox.sandbox.clock, "_real", lambda: now[0])
    test, live = api.make(testmode=True)["id"], api.make(testmode=False)["id"]
    print_sandbox.world(rate_rule="second")
    asked = ["/prints?testmode=true", f"/prints/{test}"] * 6
    assert [api.get(path).status_code for path in asked] == [200] * 10 + [429] * 2
    assert api.post("/prints", data={"testmode": "true"}).status_code == 429
    assert [api.get(f"/prints/{live}").status_code for _ in range(51)] == [200] * 50 + [429]
    now[0] += 1
    assert api.get(f"/prints/{test}").status_code == 200


@pytest.mark.behaviour("intelliprint.rate.per-address")
def test_calls_are_counted_by_address_or_by_account(
    print_sandbox: PrintSandbox, api: Api, other: Api
) -> None:
    print_sandbox.world(rate_limit=1, limiter="sliding")
    assert [api.get("/prints").status_code, other.get("/prints").status_code] == [200, 429]
    print_sandbox.reset(frozen=True)
    print_sandbox.world(rate_limit=1, limiter="sliding", rate_per="account")
    assert [api.get("/prints").status_code, other.get("/prints").status_code] == [200, 200]
    assert api.get("/prints").status_code == 429


@pytest.mark.behaviour("intelliprint.transport.no-idempotency")
def test_the_same_create_twice_makes_two_jobs(print_sandbox: PrintSandbox, api: Api) -> None:
    body = {"content": "x", "recipients": [ADDRESSED], "reference": "R", "confirmed": True}
    headers = {"Idempotency-Key": "one"}
    made = [api.post("/prints", json=body, headers=headers).json()["id"] for _ in range(2)]
    assert len(set(made)) == 2
    assert api.get("/prints?reference=R").json()["total_available"] == 2
    assert print_sandbox.invariants()["paid_jobs"] == {"R": 2}


@pytest.mark.behaviour("intelliprint.transport.unix-seconds")
def test_every_moment_is_told_in_whole_unix_seconds(
    print_sandbox: PrintSandbox, api: Api, make_pdf: Callable[..., bytes]
) -> None:
    job = api.make(confirmed=True, postage={"mail_date": 1_900_000_000})
    requests.post(
        f"{print_sandbox.url}/_sandbox/letters/{job['letters'][0]['id']}", json={"status": "returned"}
    ).raise_for_status()
    job = api.get(f"/prints/{job['id']}").json()
    letter = job["letters"][0]
    listed = api.post("/mailing_lists", json={"recipients": [ADDRESSED]}).json()
    (recipient,) = api.get(f"/mailing_lists/{listed['id']}/recipients").json()["data"]
    background = api.post("/backgrounds", files={"file": ("h.pdf", make_pdf("HEAD"))}).json()
    moments = [job["created"], job["confirmed_at"], letter["returned"]["date"], letter["shipped_date"]]
    moments += [job["postage"]["mail_date"], listed["created"], recipient["created"], background["created"]]
    assert [type(moment) for moment in moments] == [int] * 8
    assert abs(job["created"] - print_sandbox.now()) <= 1
