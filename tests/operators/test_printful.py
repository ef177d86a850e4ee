"""Adding artwork to the library, in the real task runner, on a real socket."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from airflow_provider_print.operators.printful import PrintfulAddFileOperator
from tests.airflow.fixtures import picture
from tests.airflow.harness import Ran, dag, run_task

if TYPE_CHECKING:
    from airflow_provider_print.hooks.printful import PrintfulHook
    from airflow_provider_print.sandbox import PrintSandbox


def add(url: str, *, run: dict[str, Any] | None = None, **arguments: Any) -> Ran:
    with dag():
        op = PrintfulAddFileOperator(task_id="art", url=url, **{"poll_interval": 0.05, **arguments})
    return run_task(op, **(run or {}))


@pytest.fixture
def url(printful: PrintfulHook, print_sandbox: PrintSandbox) -> str:
    return print_sandbox.add_asset("art.png", picture())


def test_a_file_is_added_and_waited_for(print_sandbox: PrintSandbox, url: str) -> None:
    print_sandbox.freeze(False)
    print_sandbox.set_speed(5000)
    ran = add(url, filename="wave {{ ds }}.png", visible=False, type="default")
    assert ran.state == "success"
    assert (ran.result["status"], ran.result["filename"]) == ("ok", "wave 2026-11-01.png")
    assert ran.supervisor.xcoms["_link_PrintfulFileLink"] == ran.result["preview_url"]


def test_a_file_that_is_not_waited_for_may_still_be_waiting(url: str) -> None:
    assert add(url, wait_for_completion=False).result["status"] == "waiting"


def test_adding_again_gives_the_same_record_and_a_version_gives_a_new_one(url: str) -> None:
    first, again = (add(url, wait_for_completion=False).result["id"] for _ in range(2))
    assert first == again
    assert add(url, version="{{ ds }}", wait_for_completion=False).result["id"] != first


def test_a_lost_answer_is_asked_for_again(print_sandbox: PrintSandbox, url: str) -> None:
    print_sandbox.fault("POST", "/files", phase="after", kind="reset", times=1)
    assert add(url, wait_for_completion=False).state == "success"


def test_a_deferred_wait_comes_back_with_the_same_result(print_sandbox: PrintSandbox, url: str) -> None:
    ran = add(url, deferrable=True)
    assert ran.state == "deferred"
    print_sandbox.advance(600)
    event = {
        "outcome": "ready",
        "ids": [ran.trigger.file_id],
        "deadline": ran.trigger.deadline,
        "message": "",
        "carry": {},
    }
    resumed = add(url, deferrable=True, run={"event": event})
    assert resumed.state == "success"
    assert resumed.result == add(url).result, "and a file that is ready costs no trigger"
    assert add(url, deferrable=True).state == "success"


def test_a_record_that_has_failed_comes_back_at_once_and_says_so(
    printful: PrintfulHook, print_sandbox: PrintSandbox
) -> None:
    bad = print_sandbox.add_asset("bad.png", b"no picture")
    add(bad, wait_for_completion=False)
    print_sandbox.advance(600)
    ran = add(bad, retries=2)
    assert ran.state == "failed"
    assert "change the URL" in str(ran.error)


def test_the_wait_has_an_end(url: str) -> None:
    ran = add(url, wait_timeout=0.1, retries=2)
    assert ran.state == "failed"
    assert "wait_timeout" in str(ran.error)


@pytest.mark.parametrize(
    ("arguments", "param"),
    [
        ({"url": "art.png"}, "url"),
        ({"url": ""}, "url"),
        ({"url": "https://x.example/a", "wait_timeout": -1}, "wait_timeout"),
        ({"url": 5}, "url"),
        ({"url": "https://x.example/a", "filename": 5}, "filename"),
        ({"url": "https://x.example/a", "visible": "maybe"}, "visible"),
        ({"url": "https://x.example/a", "visible": 1}, "visible"),
        ({"url": "https://x.example/a", "options": "abc"}, "options"),
        ({"url": "https://x.example/a", "options": "None"}, "options"),
        ({"url": "https://x.example/a", "options": [1]}, "options"),
        ({"url": "https://x.example/a", "version": ""}, "version"),
        ({"url": "https://x.example/a", "wait_for_completion": "False"}, "wait_for_completion"),
    ],
)
def test_wrong_arguments_name_the_field(
    printful: PrintfulHook, arguments: dict[str, Any], param: str
) -> None:
    ran = add(**arguments, retries=2)
    assert ran.state == "failed"
    assert f"param={param}" in str(ran.error)


def test_visible_may_be_written_as_text_and_the_query_of_the_url_is_not_shown(
    printful: PrintfulHook, url: str
) -> None:
    ran = add(f"{url}?sig=geheim", visible="{{ 'False' }}", wait_for_completion=False)
    assert ran.state == "success"
    assert printful.get_file(ran.result["id"]).visible is False
    assert ran.rendered["url"] == f"{url} (the rest is hidden)"
    assert "geheim" not in repr(ran.supervisor.rendered)
