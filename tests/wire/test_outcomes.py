"""Each way in which a call can fail, on a real socket: what is raised, and how often it was sent."""

from __future__ import annotations

import gzip
import json
import socket
import time
import tracemalloc
from email.utils import formatdate
from typing import TYPE_CHECKING, Any

import pytest

from airflow_provider_print.core.documents import Document, open_document
from airflow_provider_print.core.errors import (
    ApiError,
    AuthenticationError,
    BadRequestError,
    ForbiddenError,
    GoneError,
    NoAnswerError,
    NotDeliveredError,
    NotFoundError,
    PaymentError,
    PrintError,
    RateLimitError,
    ServerError,
    UnexpectedAnswerError,
    UnknownOutcomeError,
)
from airflow_provider_print.core.multipart import Body
from airflow_provider_print.core.pacing import Pace
from airflow_provider_print.core.retry import NO_RETRY, RetryPolicy
from airflow_provider_print.core.transport import Timeouts
from airflow_provider_print.printful.dialect import PrintfulDialect
from tests.support.fakes import API_KEY, FakeTime, transport
from tests.support.stub import (
    Behaviour,
    Stub,
    Talk,
    answer,
    close_after_reading,
    dribble,
    endless,
    hang,
    raw_answer,
    reset_after_reading,
    reset_at_once,
    swallow,
    truncate,
)

if TYPE_CHECKING:
    from pathlib import Path

    from airflow_provider_print.core.answers import Dialect

JOB = {"id": "print_1", "object": "print"}
OK = answer(200, JOB)
HTML = b"<!DOCTYPE html><html><head><title>Access denied</title></head><body>Cloudflare</body></html>"
PAGE = {"Content-Type": "text/html"}


def error_body(code: str, kind: str = "invalid_request_error", **more: Any) -> dict[str, Any]:
    return {"error": {"message": "Something is wrong", "type": kind, "code": code, **more}}


def read(stub: Stub, time: FakeTime | None = None, **options: Any) -> Any:
    return transport(stub.url, time, **options).request("GET", "/prints/print_1").data


def write(stub: Stub, time: FakeTime | None = None, **options: Any) -> Any:
    body = Body.of_json({"content": "hello"})
    return transport(stub.url, time, **options).request("POST", "/prints", body=body).data


# ---- never delivered


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_refused_connection_is_tried_again_until_the_budget_ends_also_for_a_write(method: str) -> None:
    time = FakeTime()
    body = Body.of_json({}) if method == "POST" else None
    with pytest.raises(NotDeliveredError, match="the connection was refused"):
        transport(f"http://127.0.0.1:{closed_port()}", time).request(method, "/prints", body=body)
    assert len(time.slept) > 3
    assert 10 < sum(time.slept) < 30


def test_a_connect_time_out_is_never_delivered() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(listener.getsockname())
        with pytest.raises(NotDeliveredError, match=r"no connection within 0.3 s"):
            transport(url, policy=NO_RETRY).request("POST", "/prints", body=Body.of_json({}))
        for one in waiting:
            one.close()


def test_an_unknown_host_is_never_delivered_and_named() -> None:
    there = transport("http://no-such-host.invalid", allow_http=True, policy=NO_RETRY)
    with pytest.raises(NotDeliveredError, match=r"no-such-host\.invalid: there is no such host"):
        there.request("GET", "/prints")


def test_a_certificate_that_nobody_signed_is_never_delivered(tls_stub: Stub) -> None:
    with pytest.raises(NotDeliveredError, match="certificate is not trusted"):
        transport(tls_stub.url, policy=NO_RETRY).request("POST", "/prints", body=Body.of_json({}))
    assert tls_stub.seen == []


def test_a_ca_bundle_of_the_connection_makes_a_private_certificate_good(
    tls_stub: Stub, ca_file: Path
) -> None:
    there = transport(tls_stub.url, ca_bundle=str(ca_file))
    assert there.request("POST", "/prints", body=Body.of_json({})).data == JOB


def test_a_proxy_that_is_not_there_is_never_delivered_and_its_password_unseen() -> None:
    proxy = f"http://user:hidden@127.0.0.1:{closed_port()}"
    with pytest.raises(NotDeliveredError, match="the proxy") as caught:
        transport("https://api.example", proxy=proxy, policy=NO_RETRY).request("GET", "/prints")
    assert "hidden" not in str(caught.value)


def test_a_lone_server_that_resets_before_the_body_is_read_is_no_proof_of_anything() -> None:
    with Stub([reset_at_once]) as stub, pytest.raises(NoAnswerError):
        write(stub, policy=NO_RETRY)


# ---- unknown


LOST: dict[str, Behaviour] = {
    "read time-out": hang,
    "reset": reset_after_reading,
    "close": close_after_reading,
    "truncated": truncate(b'{"id": "print_1", "object": "print"}', 10),
    "500": answer(500, error_body("internal_error", "internal_error")),
    "502 page": answer(502, HTML, PAGE),
    "503 without a wait": answer(503, b"busy"),
    "garbage": answer(200, b"\x00\x01 not json"),
    "page": answer(200, HTML, PAGE),
    "not our API": answer(200, {"hello": "world"}),
    "broken gzip": answer(200, b"\x1f\x8b\x08nonsense", {"Content-Encoding": "gzip"}),
    "coding nobody asked for": answer(200, b"xx", {"Content-Encoding": "br, gzip"}),
}


@pytest.mark.parametrize("behaviour", LOST.values(), ids=LOST.keys())
def test_a_write_whose_answer_is_lost_is_sent_once(behaviour: Behaviour) -> None:
    time = FakeTime()
    with Stub([behaviour, OK]) as stub:
        with pytest.raises(UnknownOutcomeError, match="look before doing it again"):
            write(stub, time)
        assert len(stub.seen) == 1
    assert time.slept == []


READ_AGAIN = [name for name in LOST if name not in ("page", "not our API")]


@pytest.mark.parametrize("name", READ_AGAIN)
def test_a_read_whose_answer_is_lost_is_asked_again(name: str) -> None:
    with Stub([LOST[name], LOST[name], OK]) as stub:
        assert read(stub) == JOB
        assert len(stub.seen) == 3


@pytest.mark.parametrize("name", READ_AGAIN)
def test_a_read_gives_up_when_its_budget_is_used_up(name: str) -> None:
    with Stub([LOST[name]]) as stub, pytest.raises(PrintError) as caught:
        read(stub, policy=RetryPolicy(fault_budget=1))
    assert isinstance(caught.value, NoAnswerError | ServerError | UnexpectedAnswerError)
    assert not isinstance(caught.value, UnknownOutcomeError)


@pytest.mark.parametrize("behaviour", [LOST["page"], LOST["not our API"]])
def test_a_read_answered_by_something_that_is_not_the_api_is_not_repeated(behaviour: Behaviour) -> None:
    with Stub([behaviour]) as stub:
        with pytest.raises(UnexpectedAnswerError, match="Check the host"):
            read(stub)
        assert len(stub.seen) == 1


def test_a_repeatable_write_is_repeated_and_sends_the_whole_body_again() -> None:
    with Stub([hang, reset_after_reading, OK]) as stub:
        body = Body.of_json({"files": ["a" * 5000]})
        data = transport(stub.url).request("POST", "/tools/merge", body=body, repeatable=True).data
        assert data == JOB
        assert len({seen.body for seen in stub.seen}) == 1
        assert len(stub.seen) == 3


def test_a_delete_that_finds_nothing_after_a_lost_answer_is_done() -> None:
    with Stub([reset_after_reading, answer(404, error_body("not_found"))]) as stub:
        result = transport(stub.url).request("DELETE", "/prints/print_1", repeatable=True)
    assert result.gone


def test_a_delete_that_finds_nothing_at_once_is_an_error() -> None:
    with Stub([answer(404, error_body("not_found"))]) as stub, pytest.raises(NotFoundError) as caught:
        transport(stub.url).request("DELETE", "/prints/print_1", repeatable=True)
    assert not caught.value.unsure


# ---- refused


def wait_of(
    headers: dict[str, str], body: Any = None, status: int = 429, dialect: Dialect | None = None
) -> float:
    """How long the client waits after a refusal, without the spread."""
    time = FakeTime()
    policy = RetryPolicy(spread=0)
    options = {"dialect": dialect} if dialect else {}
    with Stub([answer(status, body or error_body("rate_limited", "rate_limited"), headers), OK]) as stub:
        assert write(stub, time, policy=policy, **options) == JOB
        assert len(stub.seen) == 2
    return time.slept[0]


def test_a_429_waits_as_long_as_retry_after_says() -> None:
    assert wait_of({"Retry-After": "37"}) == 37


def test_a_429_waits_for_a_fraction_too() -> None:
    assert wait_of({"Retry-After": "2.5"}) == 2.5


def test_a_429_waits_until_the_date_it_names() -> None:
    named = formatdate(FakeTime().moment + 42, usegmt=True)
    assert wait_of({"Retry-After": named}) == pytest.approx(42, abs=1)


def test_a_429_waits_for_the_reset_of_the_limit() -> None:
    assert wait_of({"X-Ratelimit-Reset": "12.5"}) == 12.5


def test_a_429_waits_for_a_reset_that_is_named_as_a_moment() -> None:
    assert wait_of({"X-Ratelimit-Reset": str(int(FakeTime().moment) + 20)}) == 20


class _Lenient(PrintfulDialect):
    """Printful's errors, any success."""

    def expected(self, body: Any) -> bool:
        return body is not None


def test_a_429_of_printful_waits_for_the_number_in_its_text() -> None:
    text = "You've recently sent too many requests. Please try again after 46 seconds."
    body = {"code": 429, "result": text, "error": {"reason": "TooManyRequests", "message": text}}
    assert wait_of({}, body, dialect=_Lenient()) == 46


def test_a_429_without_any_wait_waits_a_quarter_of_a_minute() -> None:
    assert wait_of({}) == 15


def test_a_429_as_a_page_is_a_refusal_too() -> None:
    assert wait_of({"Retry-After": "3", **PAGE}, HTML) == 3


@pytest.mark.parametrize("status", [408, 419, 503])
def test_other_refusals_wait_as_long_as_they_say(status: int) -> None:
    assert wait_of({"Retry-After": "4"}, error_body("busy"), status=status) == 4


def test_a_zero_wait_is_no_endless_loop() -> None:
    assert wait_of({"Retry-After": "0"}) == 1


def test_the_spread_comes_on_top_of_the_named_wait() -> None:
    time = FakeTime()
    with Stub([answer(429, error_body("rate_limited"), {"Retry-After": "30"}), OK]) as stub:
        write(stub, time)
    assert 30 < time.slept[0] < 90


def test_a_named_wait_that_does_not_fit_is_not_shortened_but_given_up_with() -> None:
    time = FakeTime()
    with Stub([answer(429, error_body("rate_limited"), {"Retry-After": "901"})]) as stub:
        with pytest.raises(RateLimitError) as caught:
            write(stub, time)
        assert len(stub.seen) == 1
    assert caught.value.retry_after == 901
    assert time.slept == []


def test_refusals_end_by_the_clock_and_not_by_a_count() -> None:
    time = FakeTime()
    policy = RetryPolicy(spread=0, budget=100)
    with Stub([answer(429, error_body("rate_limited"), {"Retry-After": "3"})]) as stub:
        with pytest.raises(RateLimitError):
            read(stub, time, policy=policy)
        assert len(stub.seen) == 34
    assert sum(time.slept) == 99


def test_a_429_holds_back_everybody_who_shares_the_pace(tmp_path: Path) -> None:
    time = FakeTime()
    pace, other = (Pace("account", root=tmp_path, now=time.now) for _ in range(2))
    refusal = answer(429, error_body("rate_limited"), {"Retry-After": "50"})
    with Stub([refusal]) as stub, pytest.raises(RateLimitError):
        read(stub, time, policy=RetryPolicy(budget=10), pace=pace)
    assert other.reserve() == (True, pytest.approx(50))


def test_a_wait_that_the_service_asked_for_leaves_time_for_a_fault_after_it() -> None:
    time = FakeTime()
    busy = answer(429, error_body("rate_limited"), {"Retry-After": "60"})
    with Stub([busy, reset_after_reading, OK]) as stub:
        assert read(stub, time) == JOB
    assert time.slept[0] >= 60


def test_a_wait_for_our_turn_leaves_time_for_a_fault_after_it(tmp_path: Path) -> None:
    time = FakeTime()
    pace = Pace("account", root=tmp_path, now=time.now)
    pace.hold(100)
    with Stub([reset_after_reading, OK]) as stub:
        assert read(stub, time, pace=pace) == JOB
    assert time.slept[0] > 90


def test_a_call_gives_up_when_everybody_has_to_wait_longer_than_it_may(tmp_path: Path) -> None:
    time = FakeTime()
    pace = Pace("account", root=tmp_path, now=time.now)
    pace.hold(500)
    with Stub([OK]) as stub:
        with pytest.raises(RateLimitError) as caught:
            read(stub, time, policy=RetryPolicy(budget=100), pace=pace)
        assert stub.seen == []
    assert caught.value.retry_after == pytest.approx(500)


# ---- definitive


DEFINITIVE: dict[str, tuple[int, dict[str, Any], type[ApiError]]] = {
    "400": (400, error_body("parameter_invalid", param="postage.service"), BadRequestError),
    "401": (401, error_body("invalid_api_key", "authentication_error"), AuthenticationError),
    "402": (402, error_body("payment_error", "payment_error"), PaymentError),
    "400 by its type": (400, error_body("whatever", "payment_error"), PaymentError),
    "403": (403, error_body("forbidden", "authentication_error"), ForbiddenError),
    "404": (404, error_body("not_found"), NotFoundError),
    "405": (405, error_body("whatever"), BadRequestError),
    "410": (410, error_body("whatever"), GoneError),
    "413": (413, error_body("body_too_large"), BadRequestError),
    "422": (422, error_body("whatever"), BadRequestError),
}


@pytest.mark.parametrize(("status", "body", "kind"), DEFINITIVE.values(), ids=DEFINITIVE.keys())
def test_a_definitive_answer_is_raised_at_once_with_the_words_of_the_service(
    status: int, body: dict[str, Any], kind: type[ApiError]
) -> None:
    with Stub([answer(status, body, {"Request-Id": "req_77"})]) as stub:
        with pytest.raises(kind) as caught:
            write(stub)
        assert len(stub.seen) == 1
    error = caught.value
    assert type(error) is kind
    assert (error.status, error.code, error.request_id) == (status, body["error"]["code"], "req_77")
    assert error.param == body["error"].get("param")
    assert "Something is wrong" in str(error)
    assert "request-id=req_77" in str(error)


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_page_instead_of_an_error_says_that_it_is_a_page(status: int) -> None:
    with (
        Stub([answer(status, HTML, {**PAGE, "CF-Ray": "8f-LHR"})]) as stub,
        pytest.raises(UnexpectedAnswerError) as caught,
    ):
        write(stub)
    assert 'an HTML page titled "Access denied" from Cloudflare' in str(caught.value)
    assert caught.value.request_id == "8f-LHR"


def test_an_error_that_the_service_does_not_send_is_not_taken_for_one() -> None:
    with (
        Stub([answer(404, {"detail": "Not Found"})]) as stub,
        pytest.raises(UnexpectedAnswerError, match="does not send"),
    ):
        read(stub)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_an_error_that_names_the_host_and_the_api_key_stays_here(status: int) -> None:
    with Stub([OK]) as other, Stub([answer(status, b"", {"Location": f"{other.url}/x?secret=1"})]) as stub:
        with pytest.raises(UnexpectedAnswerError, match=rf"redirect to 127.0.0.1:{other.port}\.") as caught:
            write(stub)
        assert other.seen == []
    assert "secret" not in str(caught.value)


# ---- bounds


@pytest.mark.parametrize("call", [read, write])
def test_an_answer_that_is_too_long_is_cut_off(call: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("airflow_provider_print.core.transport.MAX_JSON", 100_000)
    head = raw_answer(200, b"", {"Content-Length": "", "Transfer-Encoding": ""})
    kind = UnknownOutcomeError if call is write else UnexpectedAnswerError
    with (
        Stub([endless(head, b" " * 50_000, 1000)]) as stub,
        pytest.raises(kind, match="more than 100000 bytes"),
    ):
        call(stub, policy=NO_RETRY)


def test_a_gzip_bomb_is_cut_off_without_being_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = gzip.compress(b" " * 200_000_000, compresslevel=9)
    with Stub([answer(200, bomb, {"Content-Encoding": "gzip"})]) as stub:
        start = time.monotonic()
        with pytest.raises(UnknownOutcomeError, match="more than 33554432 bytes"):
            write(stub)
        assert time.monotonic() - start < 3


def test_a_compressed_answer_is_read() -> None:
    body = gzip.compress(b'{"id": "print_1", "object": "print"}')
    with Stub([answer(200, body, {"Content-Encoding": "gzip"})]) as stub:
        assert read(stub) == JOB
        assert stub.seen[0].headers["accept-encoding"] == "gzip"


@pytest.mark.parametrize("part", ["headers", "body"])
def test_an_answer_that_drips_in_ends_at_the_total_deadline(part: str) -> None:
    whole = raw_answer(200, b'{"id": "print_1"}' + b" " * 500)
    raw = whole if part == "headers" else whole.replace(b"Whatever", b"OK")
    pause = 0.02 if part == "headers" else 0.005
    limits = Timeouts(connect=1, read=1, total=0.5)
    with Stub([dribble(raw, pause)]) as stub:
        start = time.monotonic()
        with pytest.raises(UnknownOutcomeError, match=r"no complete answer within 0.5 s"):
            write(stub, timeouts=limits)
        assert time.monotonic() - start < 1


def test_a_deadline_ends_an_encrypted_answer_too(tls_stub: Stub, ca_file: Path) -> None:
    tls_stub.behaviours = [dribble(raw_answer(200, b" " * 5000), 0.005)]
    there = transport(tls_stub.url, ca_bundle=str(ca_file), timeouts=Timeouts(connect=1, read=1, total=0.5))
    start = time.monotonic()
    with pytest.raises(UnknownOutcomeError, match=r"no complete answer within 0\.5 s"):
        there.request("POST", "/prints", body=Body.of_json({}))
    assert time.monotonic() - start < 1


def test_an_upload_that_nobody_reads_ends_at_the_deadline() -> None:
    def deaf(talk: Talk) -> None:
        talk.stub.done.wait(10)

    body = Body([b"x" * 20_000_000], content_type="application/pdf")
    limits = Timeouts(connect=1, read=30, total=0.5)
    with Stub([deaf]) as stub, pytest.raises(UnknownOutcomeError, match="no complete answer"):
        transport(stub.url, timeouts=limits).request("POST", "/prints", body=body)


def test_an_answer_before_the_whole_upload_was_read_is_heard() -> None:
    def early(talk: Talk) -> None:
        talk.connection.recv(1000)
        talk.connection.sendall(raw_answer(413, json.dumps(error_body("body_too_large")).encode()))
        talk.connection.shutdown(socket.SHUT_WR)
        while talk.connection.recv(1 << 20):
            pass

    body = Body([b"x" * 5_000_000], content_type="application/pdf")
    with Stub([early]) as stub, pytest.raises(BadRequestError, match="body_too_large"):
        transport(stub.url).request("POST", "/prints", body=body)


def test_a_connection_that_the_service_closed_meanwhile_is_not_used_again() -> None:
    def twice(talk: Talk) -> None:
        talk.read()
        talk.connection.sendall(raw_answer(200, json.dumps(JOB).encode(), {"Connection": "keep-alive"}))

    with Stub([twice, OK]) as stub:
        there = transport(stub.url)
        there.request("GET", "/prints")
        time.sleep(0.05)
        assert there.request("POST", "/prints", body=Body.of_json({})).data == JOB
        assert len(stub.seen) == 2


def test_sending_a_large_file_takes_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "large.pdf"
    with path.open("wb") as file:
        file.write(b"%PDF-1.7\n")
        file.truncate(90_000_000)
    document = open_document(path)
    assert isinstance(document, Document)
    tracemalloc.start()
    with Stub([swallow]) as stub:
        there = transport(stub.url, timeouts=Timeouts(connect=2, read=20, total=60))
        there.request("POST", "/prints", body=Body.of_form([("testmode", "true")], [("file", document)]))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10_000_000


# ---- nothing leaks


def test_the_api_key_in_any_form_and_what_was_sent_come_back_in_no_error() -> None:
    import base64

    echo = (
        f"{API_KEY} and {base64.b64encode(API_KEY.encode()).decode()} for Ada Reader of 7 Any Road are wrong"
    )
    body = {
        "error": {
            "message": echo,
            "type": "invalid_request_error",
            "code": "parameter_invalid",
            "param": "Ada Reader",
        }
    }
    sent = Body.of_json({"content": "x"}, private=("Ada Reader", "7 Any Road\nANYTOWN"))
    with Stub([answer(400, body)]) as stub, pytest.raises(BadRequestError) as caught:
        transport(stub.url).request("POST", "/prints", body=sent)
    text = f"{caught.value} {caught.value!r} {caught.value.__dict__}"
    assert (
        caught.value.message
        == "POST /prints: Intelliprint refused the request: *** and *** for *** of *** are wrong."
    )
    for private in (API_KEY, "Ada", "Any Road"):
        assert private not in text


def test_the_original_exception_which_holds_the_request_is_dropped() -> None:
    with Stub([reset_after_reading]) as stub, pytest.raises(UnknownOutcomeError) as caught:
        write(stub)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_the_environment_changes_neither_api_key_nor_route(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login other password stolen\n")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{closed_port()}")
    monkeypatch.delenv("NO_PROXY", raising=False)
    with Stub([OK]) as stub:
        assert read(stub) == JOB
        assert stub.seen[0].headers["authorization"] == f"Bearer {API_KEY}"


def test_a_proxy_of_the_connection_is_used() -> None:
    with Stub([OK]) as proxy:
        data = (
            transport("http://api.invalid", allow_http=True, proxy=proxy.url).request("GET", "/prints").data
        )
        assert data == JOB
        assert proxy.seen[0].path == "http://api.invalid/prints"


def test_every_call_says_who_we_are() -> None:
    with Stub([OK]) as stub:
        read(stub, agent="airflow-provider-print/1 apache-airflow/3")
        read(stub)
    assert stub.seen[0].headers["user-agent"] == "airflow-provider-print/1 apache-airflow/3"
    assert stub.seen[1].headers["user-agent"].startswith("airflow-provider-print/")


def test_a_query_is_encoded_so_that_nothing_of_it_is_lost() -> None:
    with Stub([OK]) as stub:
        transport(stub.url).request("GET", "/prints", params=[("reference", "R&D #7"), ("fields[]", "id")])
    assert stub.seen[0].path == "/prints?reference=R%26D+%237&fields%5B%5D=id"
