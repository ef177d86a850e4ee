"""Two requests about one job at the same time: neither works on what the other has changed meanwhile."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from airflow_provider_print.sandbox import pdf
from airflow_provider_print.sandbox.pdf.pool import pool
from tests.sandbox.calls import ADDRESSED, Api, fault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from airflow_provider_print.sandbox import PrintSandbox


class Gate:
    """Holds the first call that does a kind of work on a PDF, until it is opened."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.reached, self.opened = threading.Event(), threading.Event()

    def __call__(self, name: str, *args: Any, **kwargs: Any) -> Any:
        if name == self.name and not self.reached.is_set():
            self.reached.set()
            assert self.opened.wait(10)
        return _CALL(name, *args, **kwargs)


_CALL = pool.call


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Gate]]:
    """Make PDF work of a name slow: a file of thousands of pages in miniature."""
    gates: list[Gate] = []

    def make(name: str) -> Gate:
        gates.append(Gate(name))
        monkeypatch.setattr(pool, "call", gates[0])
        return gates[0]

    yield make
    for gate in gates:
        gate.opened.set()


def test_an_update_does_not_overwrite_another_that_came_while_its_pages_were_read(
    print_sandbox: PrintSandbox,
    api: Api,
    statements: Callable[[int, int], bytes],
    slow: Callable[[str], Gate],
) -> None:
    job = api.upload(statements(4, 1), testmode="false").json()
    gate = slow("read_pages")
    with ThreadPoolExecutor(1) as threads:
        confirming = threads.submit(
            api.post,
            f"/prints/{job['id']}",
            json={"splitting": {"method": "split_on_pages", "pages": 1}, "confirmed": True},
        )
        assert gate.reached.wait(10)
        with Api(print_sandbox.intelliprint_url) as other:
            answer = other.post(f"/prints/{job['id']}", json={"reference": "new", "testmode": True})
        gate.opened.set()
        confirmed = confirming.result().json()
    assert answer.status_code == 200
    assert (confirmed["testmode"], confirmed["reference"], confirmed["confirmed"]) == (True, "new", True)
    assert len(confirmed["letters"]) == 4
    assert print_sandbox.invariants()["charges"]["after_tax"] == 0


def test_a_job_deleted_while_an_update_reads_its_pages_stays_deleted(
    print_sandbox: PrintSandbox,
    api: Api,
    statements: Callable[[int, int], bytes],
    slow: Callable[[str], Gate],
) -> None:
    job = api.upload(statements(2, 1)).json()
    gate = slow("read_pages")
    with ThreadPoolExecutor(1) as threads:
        update = threads.submit(
            api.post, f"/prints/{job['id']}", json={"splitting": {"method": "split_on_pages", "pages": 1}}
        )
        assert gate.reached.wait(10)
        with Api(print_sandbox.intelliprint_url) as other:
            assert other.delete(f"/prints/{job['id']}").status_code == 202
        gate.opened.set()
        assert update.result().status_code == 404
    assert print_sandbox.invariants()["drafts"] == 0


@pytest.mark.parametrize("confirmed", [True, False])
def test_a_background_deleted_while_a_job_is_made_is_refused(
    print_sandbox: PrintSandbox,
    api: Api,
    make_pdf: Callable[..., bytes],
    statements: Callable[[int, int], bytes],
    slow: Callable[[str], Gate],
    confirmed: bool,
) -> None:
    background = api.post("/backgrounds", files={"file": ("l.pdf", make_pdf("Letterhead"))}).json()["id"]
    params = {"testmode": "false", "background[first_page]": background, "confirmed": str(confirmed)}
    gate = slow("read_pages")
    with ThreadPoolExecutor(1) as threads:
        making = threads.submit(api.upload, statements(1, 1), **params)
        assert gate.reached.wait(10)
        with Api(print_sandbox.intelliprint_url) as other:
            assert other.delete(f"/backgrounds/{background}").status_code == 200
        gate.opened.set()
        assert fault(making.result()) == (400, "parameter_invalid", "background.first_page")
    found = print_sandbox.invariants()
    assert (found["drafts"], found["jobs_confirmed"]) == (0, 0)


def test_a_mailing_list_deleted_while_a_job_is_made_is_refused(
    print_sandbox: PrintSandbox, api: Api, slow: Callable[[str], Gate]
) -> None:
    list_id = api.post("/mailing_lists", json={"recipients": [ADDRESSED]}).json()["id"]
    gate = slow("typeset_text")
    with ThreadPoolExecutor(1) as threads:
        making = threads.submit(api.post, "/prints", json={"content": "Hello", "mailing_list": list_id})
        assert gate.reached.wait(10)
        with Api(print_sandbox.intelliprint_url) as other:
            assert other.delete(f"/mailing_lists/{list_id}").status_code == 200
        gate.opened.set()
        assert fault(making.result()) == (400, "parameter_invalid", "mailing_list")
    assert print_sandbox.invariants()["drafts"] == 0


def test_the_gate_of_these_tests_lets_other_work_pass(slow: Callable[[str], Gate]) -> None:
    slow("merge")
    assert pdf.inspect(pdf.typeset_text("Hello")).pages == 1
