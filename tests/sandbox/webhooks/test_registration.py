"""Who may be told: endpoints by HTTP, from Python and on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests
from svix.webhooks import Webhook

from airflow_provider_print.sandbox import PrintSandbox
from airflow_provider_print.sandbox.webhooks import WebhookError
from tests.sandbox.calls import Api

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.sandbox.webhooks.receiver import Receiver

    Tell = Callable[..., None]

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture(scope="module")
def open_server() -> Iterator[PrintSandbox]:
    with PrintSandbox(rate_limit=0, seed=1, allow_webhooks=["127.0.0.1"]) as box:
        yield box


@pytest.fixture
def open_sandbox(open_server: PrintSandbox) -> PrintSandbox:
    """A sandbox at which webhooks to this machine may be registered by HTTP."""
    open_server.reset(frozen=True)
    return open_server


def hooks(box: PrintSandbox, method: str = "GET", path: str = "", **what: Any) -> requests.Response:
    return requests.request(method, f"{box.url}/_sandbox/webhooks{path}", timeout=10, **what)


@pytest.mark.behaviour("sandbox.webhooks.register")
def test_an_endpoint_is_registered_changed_and_removed_by_http(
    open_sandbox: PrintSandbox, receiver: Receiver
) -> None:
    made = hooks(open_sandbox, "POST", json={"url": receiver.url, "secret": SECRET})
    assert (made.status_code, made.json()["secret"]) == (201, SECRET)
    assert made.json()["id"].startswith("ep_")
    changed = hooks(open_sandbox, "POST", json={"url": receiver.url, "duplicate": 0.5}).json()
    assert changed == {**made.json(), "duplicate": 0.5}
    (shown,) = hooks(open_sandbox).json()["endpoints"]
    assert shown == {**changed, "messages": {"waiting": 0, "delivered": 0, "failed": 0}}
    with Api(open_sandbox.intelliprint_url) as api:
        api.make(confirmed=True)
        answer = api.post(f"{open_sandbox.url}/_sandbox/settle", json={"seconds": 5})
        assert answer.status_code == 200
        Webhook(SECRET).verify(receiver.got[0].body, receiver.got[0].headers)
        assert hooks(open_sandbox, "DELETE", f"/{made.json()['id']}").status_code == 200
        api.make(confirmed=True)
        open_sandbox.settle()
    assert len({got.id for got in receiver.got}) == 1
    assert hooks(open_sandbox).json()["endpoints"] == []
    assert hooks(open_sandbox, "DELETE", "/ep_none").status_code == 404
    hooks(open_sandbox, "POST", json={"url": receiver.url})
    hooks(open_sandbox, "DELETE")
    assert hooks(open_sandbox).json()["endpoints"] == []


@pytest.mark.behaviour("sandbox.webhooks.allowed")
@pytest.mark.parametrize(
    "url", ["http://127.0.0.2:9/", "http://localhost:9/", "http://example.com/", "https://10.0.0.1/x"]
)
def test_a_host_that_was_not_allowed_by_name_is_refused(open_sandbox: PrintSandbox, url: str) -> None:
    answer = hooks(open_sandbox, "POST", json={"url": url})
    assert answer.status_code == 400
    assert "--allow-webhook" in answer.json()["error"]
    assert hooks(open_sandbox).json()["endpoints"] == []


def test_no_host_is_allowed_unless_it_is_said(print_sandbox: PrintSandbox, receiver: Receiver) -> None:
    assert hooks(print_sandbox, "POST", json={"url": receiver.url}).status_code == 400


@pytest.mark.parametrize(
    "what",
    [
        {},
        {"url": 5},
        {"url": "ftp://127.0.0.1/"},
        {"url": "http:///x"},
        {"url": "http://127.0.0.1:99999/"},
        {"url": "http://user:pass@127.0.0.1/"},
        {"url": "http://127.0.0.1/ä"},
        {"url": "http://127.0.0.1/\r\nX: y"},
        {"url": "http://127.0.0.1/", "colour": "red"},
        {"url": "http://127.0.0.1/", "secret": "whsec_short"},
        {"url": "http://127.0.0.1/", "secret": 1},
        {"url": "http://127.0.0.1/", "header_name": "x"},
        {"url": "http://127.0.0.1/", "duplicate": 2},
        {"url": "http://127.0.0.1/", "reorder": "yes"},
        {"url": "http://127.0.0.1/", "reorder_s": -1},
        {"url": "http://127.0.0.1/", "parallel": 0},
        {"url": "http://127.0.0.1/", "parallel": 1.5},
        {"url": "http://127.0.0.1/", "timeout_s": 1000},
        {"url": "http://127.0.0.1/", "configured": True},
        {"url": "http://127.0.0.1/", "id": "ep_mine"},
    ],
)
def test_an_endpoint_that_makes_no_sense_is_refused(
    open_sandbox: PrintSandbox, what: dict[str, object]
) -> None:
    answer = hooks(open_sandbox, "POST", json=what)
    assert answer.status_code == 400
    assert "pass" not in answer.json()["error"].replace("password", "")
    assert hooks(open_sandbox).json()["endpoints"] == []


def test_messages_are_shown_newest_first_and_can_be_chosen(
    print_sandbox: PrintSandbox, api: Api, receiver: Receiver, tell: Tell
) -> None:
    print_sandbox.add_webhook(receiver.url)
    first, second = (api.make(testmode=False, confirmed=True) for _ in range(2))
    tell(7200)

    def shown(**query: object) -> list[tuple[str, str]]:
        found = hooks(print_sandbox, params=query).json()["messages"]
        return [(message["print_id"], message["status"]) for message in found]

    assert len(shown()) == 10
    assert shown(limit=1, print_id=first["id"]) == [(first["id"], "sent")]
    assert shown(status="printing", letter=second["letters"][0]["id"]) == [(second["id"], "printing")]
    assert shown(state="failed") == []
    for query in ({"limit": 0}, {"limit": "x"}, {"limit": 1001}, {"colour": "red"}):
        assert hooks(print_sandbox, params=query).status_code == 400


def test_a_reset_keeps_only_the_endpoints_named_at_the_start(receiver: Receiver) -> None:
    named = {"url": receiver.url, "secret": SECRET}
    with PrintSandbox(rate_limit=0, webhooks=[named, receiver.url + "&b=1"]) as box:
        before = box.webhooks.endpoints()
        box.add_webhook(receiver.url + "&c=1")
        box.reset(frozen=True)
        assert box.webhooks.endpoints() == before
        with Api(box.intelliprint_url) as api:
            api.make(confirmed=True)
        box.settle()
        assert sorted(got.path for got in receiver.got) == ["/hook?key=1", "/hook?key=1&b=1"]
        box.reset(frozen=True)
        assert box.webhooks.messages() == []


def test_what_makes_no_sense_at_the_start_is_said_at_the_start() -> None:
    box = PrintSandbox(webhooks=["not a URL"])
    with pytest.raises(WebhookError, match="url is an http or https URL"):
        box.start()


@pytest.mark.behaviour("intelliprint.webhook.not-by-api")
@pytest.mark.parametrize("path", ["/webhooks", "/webhook_endpoints"])
def test_the_service_itself_has_no_path_for_webhooks(api: Api, path: str) -> None:
    assert api.get(path).status_code == 404
    assert api.post(path, json={"url": "http://127.0.0.1/"}).status_code == 404
