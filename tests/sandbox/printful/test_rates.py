from __future__ import annotations

import pytest

from tests.sandbox.printful.conftest import ACCOUNT, TOKEN, bearer


class RealTime:
    """The real time of the sandbox, moved by hand."""

    def __init__(self) -> None:
        self.now = 1_000_000_030.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time(box, monkeypatch):
    moved = RealTime()
    monkeypatch.setattr(box.sandbox.clock, "real", moved)
    box.world(rate_limit=100)
    return moved


def limits(answer) -> tuple[str, ...]:
    return tuple(answer.headers.get(f"X-Ratelimit-{name}") for name in ("Limit", "Remaining", "Reset"))


@pytest.mark.behaviour("printful.rates.v1-headers", "printful.rates.on-errors")
def test_every_answer_carries_the_rate_limit_errors_as_well(library, time):
    calls = [("/files", None), ("/files/5", None), ("/nowhere", None), ("/files?limit=0", None)]
    answers = [library.call("GET", path, headers=headers) for path, headers in calls]
    assert [answer.status_code for answer in answers] == [200, 404, 404, 400]
    assert [limits(answer) for answer in answers] == [
        ("120", str(120 - count), "60") for count in range(1, 5)
    ]
    assert limits(library.call("GET", "/files", headers=bearer("wrong"))) == ("120", "119", "60")
    assert limits(library.call("GET", "/nowhere", headers={})) == ("120", "119", "60")


@pytest.mark.behaviour("printful.rates.v1", "printful.rates.text", "printful.rates.reason")
def test_the_121st_call_of_a_minute_is_refused_and_names_the_wait(library, box, time):
    assert {library.call("GET", "/files/5").status_code for _ in range(100)} == {404}
    time.now += 23
    assert {library.call("GET", "/files/5").status_code for _ in range(20)} == {404}
    answer = library.call("GET", "/files/5")
    text = "You've recently sent too many requests. Please try again after 37 seconds."
    error = {"reason": "TooManyRequests", "message": text}
    assert (answer.status_code, answer.json()) == (429, {"code": 429, "result": text, "error": error})
    assert limits(answer) == ("120", "0", "37")
    for reason in ("BadRequest", 429):
        box.world(printful_rate_reason=reason)
        assert library.call("GET", "/files/5").json()["error"]["reason"] == reason
    assert library.call("GET", "/files/5", headers=bearer(ACCOUNT)).status_code == 401
    time.now += 37
    again = library.call("GET", "/files/5")
    assert (again.status_code, limits(again)) == (404, ("120", "119", "60"))


@pytest.mark.behaviour("printful.rates.v1-wait")
def test_either_header_that_names_the_wait_can_be_left_out(library, box, time):
    for _ in range(120):
        library.call("GET", "/nowhere")
    both = library.call("GET", "/nowhere").headers
    assert both["Retry-After"] == both["X-Ratelimit-Reset"] == "60"
    box.world(retry_after=False)
    assert "Retry-After" not in library.call("GET", "/nowhere").headers
    box.world(printful_reset_header=False)
    neither = library.call("GET", "/nowhere")
    assert not {"Retry-After", "X-Ratelimit-Reset"} & set(neither.headers)
    assert "after 60 seconds" in neither.json()["result"]


@pytest.mark.behaviour("printful.rates.v2", "printful.rates.v2-headers", "printful.rates.v2-retry-after")
def test_the_second_version_fills_its_allowance_again_two_calls_a_second(library, box, time):
    box.world(retry_after=False)
    first, second = (library.call("GET", "/v2/files/5") for _ in range(2))
    assert first.headers["X-Ratelimit-Policy"] == "120;w=60;"
    assert (limits(first), limits(second)) == (("120", "119", "0.5"), ("120", "118", "1"))
    assert {library.call("GET", "/v2/files/5").status_code for _ in range(118)} == {404}
    refused = library.call("GET", "/v2/files/5")
    assert (refused.status_code, limits(refused)) == (429, ("120", "0", "60"))
    assert (refused.headers["Retry-After"], set(refused.json())) == ("1", {"data", "error"})
    time.now += 1
    answers = [library.call("GET", "/v2/files/5").status_code for _ in range(3)]
    assert answers == [404, 404, 429], "two a second come back"


@pytest.mark.behaviour("printful.rates.apart")
def test_the_two_versions_do_not_share_an_allowance(library, time):
    for _ in range(121):
        last = library.call("GET", "/files/5")
    assert last.status_code == 429
    assert limits(library.call("GET", "/v2/files/5"))[1] == "119"


@pytest.mark.behaviour("printful.rates.files-alone")
def test_files_have_no_lower_limit_of_their_own(library, time):
    added = [
        library.call("POST", "/files", json={"url": f"http://example.test/{number}.png"})
        for number in range(119)
    ]
    assert {answer.status_code for answer in added} == {200}
    assert limits(added[-1]) == ("120", "1", "60")


@pytest.mark.behaviour("printful.rates.lower")
@pytest.mark.parametrize("path", ["/files", "/v2/files"])
def test_who_exceeds_a_lower_limit_is_locked_out_for_a_minute(library, box, time, path):
    box.world(printful_add_limit=10)

    def add(number):
        return library.call("POST", path, json={"url": f"http://example.test/{number}.png"})

    assert limits(add(0))[:2] == ("10", "9")
    assert {add(number).status_code for number in range(1, 10)} == {200}
    time.now += 50
    refused = add(10)
    assert (refused.status_code, limits(refused)) == (429, ("10", "0", "60"))
    assert refused.headers["Retry-After"] == "60"
    assert library.call("GET", "/files").status_code == 200, "only adding is locked"
    time.now += 59
    assert add(10).status_code == 429
    time.now += 1
    assert add(10).status_code == 200


def test_a_sandbox_without_a_rate_limit_refuses_nothing(library):
    answers = [library.call("GET", "/files/5", headers=bearer(TOKEN)) for _ in range(130)]
    assert {(answer.status_code, limits(answer)) for answer in answers} == {(404, ("120", "119", "60"))}
