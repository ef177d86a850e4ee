"""Every method of the hook, over HTTP against the sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from airflow.sdk import Connection

from airflow_provider_print.core.errors import BadRequestError, GoneError, InputError, NotFoundError
from airflow_provider_print.hooks.printful import PrintfulHook
from airflow_provider_print.printful.models import FileStatus
from tests.support.stub import Stub, answer

if TYPE_CHECKING:
    from airflow_provider_print.sandbox import PrintSandbox

ART = "https://art.example.net/tee/wave.png"


def test_a_file_is_added_and_read(printful: PrintfulHook) -> None:
    made = printful.add_file(ART, type="back", filename="wave-7.png", visible=False)
    assert made.known_status is FileStatus.WAITING
    assert (made.type, made.filename, made.visible, made.size) == ("back", "wave-7.png", False, 0)
    assert printful.get_file(made.id).url == ART
    assert printful.get_file(str(made.id)).id == made.id


def test_the_same_url_gives_the_same_file_and_a_version_another(printful: PrintfulHook) -> None:
    first = printful.add_file(ART)
    assert printful.add_file(ART).id == first.id
    assert printful.add_file(printful.with_version(ART, "2")).id != first.id


def test_a_lost_answer_is_no_reason_for_a_second_file(
    printful: PrintfulHook, print_sandbox: PrintSandbox
) -> None:
    print_sandbox.fault("POST", "/files", phase="after", kind="reset")
    made = printful.add_file(ART)
    assert [file.id for file in printful.iterate_files()] == [made.id]


def test_the_library_is_listed_and_gone_through(printful: PrintfulHook) -> None:
    ids = [printful.add_file(f"{ART}?v={n}").id for n in range(5)]
    page = printful.list_files("waiting", 1, 2)
    assert (len(page.files), page.total, page.offset, page.limit) == (2, 5, 1, 2)
    assert sorted(file.id for file in printful.iterate_files("waiting", page_size=2)) == sorted(ids)
    assert printful.list_files(status="ok").files == []


def test_a_removed_list_is_said_in_plain_words(printful: PrintfulHook, print_sandbox: PrintSandbox) -> None:
    print_sandbox.world(printful_list="gone")
    with pytest.raises(GoneError, match="removed by the service") as caught:
        printful.list_files()
    assert caught.value.status == 410
    with pytest.raises(GoneError):
        list(printful.iterate_files())


def test_the_words_of_the_service_reach_the_caller(printful: PrintfulHook) -> None:
    with pytest.raises(NotFoundError) as caught:
        printful.get_file(123456789)
    assert caught.value.code == "NotFound"
    assert caught.value.param == "file_id"


@pytest.mark.parametrize(
    ("call", "param"),
    [
        (lambda hook: hook.add_file("art.png"), "url"),
        (lambda hook: hook.add_file(""), "url"),
        (lambda hook: hook.get_file("x/../y"), "file_id"),
        (lambda hook: hook.get_file("abc"), "file_id"),
        (lambda hook: hook.list_files("deleted"), "status"),
        (lambda hook: hook.list_files(limit=0), "limit"),
        (lambda hook: hook.list_files(limit=101), "limit"),
        (lambda hook: hook.list_files(offset=-1), "offset"),
    ],
)
def test_bad_input_is_found_before_the_call(
    printful: PrintfulHook, print_sandbox: PrintSandbox, call: Any, param: str
) -> None:
    with pytest.raises(InputError) as caught:
        call(printful)
    assert caught.value.param == param
    assert print_sandbox.journal() == []


def hook_on(stub: Stub, token: str, **extra: Any) -> PrintfulHook:
    import json

    return PrintfulHook.from_connection(
        Connection(
            conn_id="c",
            conn_type="printful",
            host=stub.url,
            password=token,
            extra=json.dumps({"rate": 0, **extra}),
        )
    )


FILE = {"id": 1, "status": "ok"}


@pytest.mark.parametrize(
    ("token", "header"),
    [
        ("sandbox0-file-libr:aryk-eysandbox000", "Basic"),
        ("ab12cd34-ef56-gh78:ij90-kl12mn34op56", "Basic"),
        ("a-token-of-today", "Bearer"),
    ],
)
def test_an_old_store_key_goes_by_basic_and_a_token_by_bearer(token: str, header: str) -> None:
    with Stub([answer(200, {"code": 200, "result": FILE})]) as stub:
        hook_on(stub, token, store_id=77).get_file(1)
    sent = stub.seen[0].headers
    assert sent["authorization"].split()[0] == header
    assert sent["x-pf-store-id"] == "77"


def test_an_old_store_key_is_accepted(print_sandbox: PrintSandbox) -> None:
    key = "sandbox0-file-libr:aryk-eysandbox000"
    given = Connection(
        conn_id="c", conn_type="printful", host=print_sandbox.printful_url, password=key, extra='{"rate": 0}'
    )
    made = PrintfulHook.from_connection(given).add_file(ART)
    assert made.known_status is FileStatus.WAITING


def test_an_error_in_the_body_counts_whatever_http_says() -> None:
    body = {"code": 400, "result": "Bad", "error": {"reason": "BadRequest", "message": "Missing url"}}
    with Stub([answer(200, body)]) as stub, pytest.raises(BadRequestError, match="Missing url") as caught:
        hook_on(stub, "token").get_file(1)
    assert caught.value.status == 400


@pytest.mark.parametrize(
    "body",
    [
        {"data": "Broken here", "error": {"reason": "x", "message": "Broken here"}},
        {"type": "about:blank", "title": "Bad", "detail": "Broken here"},
        {"code": 400, "result": "Broken here"},
        {"title": "Broken here"},
    ],
)
def test_errors_of_all_its_shapes_are_read(body: dict[str, Any]) -> None:
    with Stub([answer(400, body)]) as stub, pytest.raises(BadRequestError, match="Broken here"):
        hook_on(stub, "token").get_file(1)


def test_the_url_of_an_artwork_comes_back_in_no_error() -> None:
    body = {"code": 400, "result": f"Cannot load {ART}?signature=secret"}
    with Stub([answer(400, body)]) as stub, pytest.raises(BadRequestError) as caught:
        hook_on(stub, "token").add_file(f"{ART}?signature=secret")
    assert "secret" not in str(caught.value)
