"""One letter for each row, as a task: where rows come from, what is seen of them, what it waits for."""

from __future__ import annotations

import csv
import io
import json
import logging
from typing import TYPE_CHECKING, Any

import pytest
from airflow.sdk import task

from airflow_provider_print._compat import NEVER_EXPIRE
from airflow_provider_print.core.errors import InputError
from airflow_provider_print.intelliprint.bulk import rows as bulk_rows
from airflow_provider_print.intelliprint.bulk.posting import Posting
from airflow_provider_print.operators.intelliprint import IntelliprintSubmitRowsOperator
from airflow_provider_print.triggers.waiting import job_ids
from tests.airflow.fixtures import API_KEY, connect, pdf
from tests.airflow.harness import Ran, Supervisor, dag, run_task, stored_dag
from tests.support.clients import mailed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from airflow_provider_print.hooks.intelliprint import IntelliprintHook
    from airflow_provider_print.sandbox import PrintSandbox

HOUR = 3600
MARK = "Zorgwald"
SCHEDULED = {"run_type": "scheduled"}
REGISTERED = NEVER_EXPIRE is not None
RESULT = {
    "rows",
    "chunks",
    "print_jobs",
    "late",
    "already_posted",
    "letters",
    "pages",
    "sheets",
    "cost",
    "testmode",
    "confirmed",
    "ids",
}


def rows_of(number: int) -> list[dict[str, Any]]:
    return [
        {"number": f"Z{n}", "name": f"{MARK} {n}", "line": f"{n} {MARK} Lane\nTOWN", "postcode": "AB1 2CD"}
        for n in range(number)
    ]


def submit(
    rows: Any, *, run: dict[str, Any] | None = None, supervisor: Supervisor | None = None, **arguments: Any
) -> Ran:
    given = {"content": "<p>Dear reader</p>", "row_key": "number", "wait_for_completion": False, **arguments}
    with dag():
        op = IntelliprintSubmitRowsOperator(task_id="post", rows=rows, retries=2, **given)
    return run_task(op, supervisor=supervisor, **{**SCHEDULED, **(run or {})})


def calls(box: PrintSandbox) -> list[str]:
    return [f"{one['method']} {one['route'].removeprefix('/intelliprint/v1')}" for one in box.journal()]


def letters(box: PrintSandbox) -> list[str]:
    jobs = [job for job in box.outbox()["jobs"] if job["confirmed"]]
    return sorted(letter["address"]["name"] for job in jobs for letter in job["letters"])


def table(rows: list[dict[str, Any]]) -> str:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def test_a_bulk_of_a_thousand_rows_in_a_first_scheduled_run_is_two_calls(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    ran = submit(lambda **_: rows_of(1000))
    assert ran.state == "success"
    settled = [] if REGISTERED else ["GET /prints"]
    assert calls(print_sandbox) == ["POST /prints", *settled, "POST /prints/{id}"]
    assert set(ran.result) == RESULT
    assert (ran.result["rows"], ran.result["print_jobs"], ran.result["already_posted"]) == (1000, 1, 0)
    assert ran.supervisor.xcoms["print_job_ids"] == ran.result["ids"]


def test_a_retry_and_a_cleared_task_post_nothing_twice_and_late_rows_once(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    supervisor = Supervisor()
    first = submit(rows_of(10), rows_per_chunk=4, supervisor=supervisor).result["print_jobs"]
    for number, rows in ((2, rows_of(10)), (3, rows_of(12)), (4, rows_of(12)[::-1])):
        ran = submit(
            rows,
            rows_per_chunk=4,
            supervisor=supervisor,
            run={"try_number": number, "clear_number": number // 3},
        )
        assert ran.state == "success", ran.error
    assert letters(print_sandbox) == sorted(row["name"] for row in rows_of(12))
    assert ran.result["already_posted"] == ran.result["print_jobs"] > first


def test_a_bulk_with_a_name_of_its_own_is_posted_once_whichever_run_asks(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    for run_id in ("one", "other"):
        ran = submit(rows_of(3), idempotency_key="march", run={"run_id": run_id, "logical_date": None})
        assert ran.state == "success"
    assert len(letters(print_sandbox)) == 3
    assert print_sandbox.outbox()["jobs"][0]["reference"].startswith("march/1 af1-")


# Where rows come from.


def test_rows_come_from_a_table_on_a_path(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox, tmp_path: Path
) -> None:
    (tmp_path / "rows.csv").write_text(table(rows_of(3)))
    ran = submit("{{ params.folder }}/rows.csv", run={"params": {"folder": str(tmp_path)}})
    assert ran.state == "success"
    assert len(letters(print_sandbox)) == 3
    assert ran.rendered["rows"] == f"{tmp_path}/rows.csv", "a path may be shown"


def test_a_table_that_is_still_being_written_is_read_again_by_the_next_try(
    intelliprint: IntelliprintHook,
    print_sandbox: PrintSandbox,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = tmp_path / "rows.csv"
    path.write_text(table(rows_of(3)))
    original = bulk_rows.digest_of

    def written_meanwhile(*args: Any, **kwargs: Any) -> str:
        path.write_text(table(rows_of(5)))
        return original(*args, **kwargs)

    with monkeypatch.context() as patched:
        patched.setattr(bulk_rows, "digest_of", written_meanwhile)
        ran = submit(str(path))
    assert ran.state == "up_for_retry"
    assert "has changed while it was read" in str(ran.error)
    assert print_sandbox.journal() == []
    assert submit(str(path), run={"try_number": 2}).result["rows"] == 5


def test_the_ids_are_those_of_the_print_jobs_that_were_paid(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, original = print_sandbox.sandbox.store, Posting.quote
    runs = [{"run_id": name, "logical_date": None} for name in ("one", "other")]
    (older,) = submit(rows_of(3), idempotency_key="march", quote_only=True, run=runs[0]).result["ids"]
    hidden = store.get("print", older)
    store.delete("print", older)
    print_sandbox.advance(5)

    def seen_late(posting: Posting, budget: str | None = None) -> Any:
        quoted = original(posting, budget)
        store.put("print", older, hidden)
        return quoted

    monkeypatch.setattr(Posting, "quote", seen_late)
    ran = submit(rows_of(3), idempotency_key="march", run=runs[1])
    assert ran.supervisor.xcoms["print_job_ids"] == ran.result["ids"] == [older]


def test_rows_come_from_json_lines_in_an_object_storage(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    from airflow.sdk import ObjectStoragePath
    from airflow.sdk.io import attach
    from fsspec.implementations.memory import MemoryFileSystem

    attach("memory", fs=MemoryFileSystem())
    path = ObjectStoragePath("memory://bucket/rows.jsonl")
    path.write_text("\n".join(map(json.dumps, rows_of(3))))
    for number, rows in enumerate(("memory://bucket/rows.jsonl", path), 1):
        assert submit(rows, run={"try_number": number}).state == "success"
    assert len(letters(print_sandbox)) == 3


def test_a_storage_that_cannot_be_asked_is_asked_again_by_the_next_try(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    from airflow.sdk.io import attach
    from fsspec.implementations.memory import MemoryFileSystem

    def away(*_: Any, **__: Any) -> None:
        raise TimeoutError("https://bucket/rows.csv?signature=secret")

    attach("memory", fs=MemoryFileSystem())
    monkeypatch.setattr(MemoryFileSystem, "_open", away)
    ran = submit("memory://bucket/rows.csv")
    assert ran.state == "up_for_retry"
    assert str(ran.error) == "The rows cannot be opened: the storage raised TimeoutError. Nothing was sent."
    assert print_sandbox.journal() == []


def test_rows_come_from_a_function_one_by_one(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    def made(context: Any, jinja_env: Any) -> Iterator[dict[str, Any]]:
        yield from rows_of(int(context["params"]["number"]))

    ran = submit(made, run={"params": {"number": 3}})
    assert ran.state == "success"
    assert len(letters(print_sandbox)) == 3
    assert ran.rendered["rows"] == "(hidden rows)"


def test_rows_may_come_from_an_earlier_task(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    with dag():

        @task
        def rows() -> list[dict[str, Any]]:
            return rows_of(2)

        op = IntelliprintSubmitRowsOperator(
            task_id="post", rows=rows(), row_key="number", content="Hello", wait_for_completion=False
        )
    ran = run_task(op, supervisor=Supervisor({"rows": rows_of(2)}))
    assert ran.state == "success"
    assert ran.rendered["rows"] == "(hidden: 2 rows)"
    assert len(letters(print_sandbox)) == 2


def test_fields_of_other_names_and_variables_of_each_row_reach_the_letters(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    template = print_sandbox.add_template("<p>You owe {{amount}}</p>")
    rows = [{"id": n, "who": f"Reader {n}", "street": f"{n} Road", "town": "TOWN", "sum": n} for n in (1, 2)]
    ran = submit(
        rows,
        row_key="id",
        content=None,
        template=template,
        address={"name": "who", "line": ["street", "town"]},
        variables={"amount": "sum"},
    )
    assert ran.state == "success", ran.error
    assert letters(print_sandbox) == ["Reader 1", "Reader 2"]


def test_one_file_for_all_is_opened_once_and_sent_with_each_chunk(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox, tmp_path: Path
) -> None:
    (tmp_path / "letter.pdf").write_bytes(pdf("Dear reader"))
    ran = submit(rows_of(6), content=None, file=str(tmp_path / "letter.pdf"), rows_per_chunk=3)
    assert ran.state == "success", ran.error
    jobs = print_sandbox.outbox()["jobs"]
    assert len({job["metadata"]["content_digest"] for job in jobs}) == 1
    assert len(letters(print_sandbox)) == 6


# What is seen.


def test_nothing_of_a_row_is_seen_anywhere(
    intelliprint: IntelliprintHook,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    tmp_path: Path,
) -> None:
    caplog.set_level(logging.DEBUG, logger="airflow_provider_print")
    (tmp_path / "rows.csv").write_text(table(rows_of(3)))
    faulty = [*rows_of(3), {**rows_of(1)[0], "number": MARK, "country": MARK}]
    for rows in (str(tmp_path / "rows.csv"), rows_of(5), faulty):
        ran = submit(rows, deferrable=True, wait_for_completion=True, rows_per_chunk=2)
        told = repr(ran.supervisor.told) + str(ran.error) + repr(ran.message)
        assert MARK not in told
        assert "Z1" not in told
    assert "row 4: address.country is not a country" in str(ran.error)
    assert MARK not in "".join(capfd.readouterr()) + caplog.text
    with dag() as one:
        IntelliprintSubmitRowsOperator(task_id="post", rows=rows_of(3), row_key="number", content=MARK)
    assert MARK not in stored_dag(one)


@pytest.mark.parametrize(
    ("arguments", "param"),
    [
        ({"rows": []}, "rows"),
        ({"rows": {"number": 1}}, "rows"),
        ({"rows": "/nowhere/rows.csv"}, "rows"),
        ({"rows": "https://example.com/rows.csv"}, "rows"),
        ({"rows": "nothing://bucket/rows.csv"}, "rows"),
        ({"rows": "file:///nowhere/none.csv"}, "rows"),
        ({"rows": "{{ params.nothing }}"}, "rows"),
        ({"row_key": "{{ params.nothing }}"}, "row_key"),
        ({"rows_per_chunk": 0}, "rows_per_chunk"),
        ({"address": {"name": "name"}}, "address"),
        ({"variables": "amount"}, "variables"),
        ({"recipients": [{"address": {"line": "1"}}]}, "recipients"),
        ({"mailing_list": "ml_1"}, "mailing_list"),
        ({"splitting": {"method": "split_on_pages", "pages": 1}}, "splitting"),
        ({"expected_pages": 1}, "expected_pages"),
        ({"expected_letters": 4}, "expected_letters"),
        ({"min_letters": 4}, "min_letters"),
        ({"target_statuses": ["posted"]}, "target_statuses"),
        ({"max_cost_after_tax": "3"}, "max_cost_after_tax"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name_before_any_call(
    arguments: dict[str, Any], param: str, intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    given = {"rows": rows_of(3), **arguments}
    ran = submit(given.pop("rows"), run={"params": {"nothing": ""}}, **given)
    assert ran.state == "failed"
    assert f"param={param}" in str(ran.error)
    assert print_sandbox.journal() == []


def test_rows_are_counted_before_any_call(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    assert submit(rows_of(3), expected_letters="3", min_letters=2).state == "success"


def test_a_mapped_bulk_needs_a_name_of_its_own(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    with dag():
        mapped = IntelliprintSubmitRowsOperator.partial(
            task_id="post", row_key="number", content="Hello", wait_for_completion=False
        ).expand(rows=[rows_of(2), rows_of(3)])
    ran = run_task(mapped, map_index=0)
    assert ran.state == "failed"
    assert "param=idempotency_key" in str(ran.error)
    assert print_sandbox.journal() == []


# Money.


def test_a_budget_that_all_quotes_together_exceed_stops_before_the_first_payment(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    supervisor = Supervisor()
    ran = submit(rows_of(10), rows_per_chunk=4, max_cost_after_tax="3.00 GBP", supervisor=supervisor)
    assert ran.state == "failed"
    assert "param=max_cost_after_tax" in str(ran.error)
    assert letters(print_sandbox) == []
    drafts = len(print_sandbox.outbox()["jobs"])
    ran = submit(
        rows_of(10),
        rows_per_chunk=4,
        max_cost_after_tax="50.00 GBP",
        supervisor=supervisor,
        run={"try_number": 2, "clear_number": 1},
    )
    assert ran.state == "success"
    assert ran.result["cost"]["after_tax"] == print_sandbox.invariants()["charges"]["after_tax"]
    assert len(print_sandbox.outbox()["jobs"]) == drafts, "the drafts were gone on with"


def test_a_quote_is_made_and_nothing_is_paid_and_a_later_run_goes_on_with_it(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    quote = submit(rows_of(6), rows_per_chunk=3, quote_only=True, run={"run_type": "backfill"})
    assert quote.state == "success"
    assert quote.result["confirmed"] is False
    assert letters(print_sandbox) == []
    ran = submit(rows_of(6), rows_per_chunk=3, run={"try_number": 2})
    assert ran.result["ids"] == quote.result["ids"]
    assert ran.result["cost"] == quote.result["cost"]


@pytest.mark.parametrize(
    ("choice", "state", "number"), [(None, "failed", 0), ("skip", "skipped", 0), ("run", "success", 3)]
)
def test_a_backfill_asks_before_it_posts_the_letters_of_the_past(
    choice: str | None,
    state: str,
    number: int,
    intelliprint: IntelliprintHook,
    print_sandbox: PrintSandbox,
) -> None:
    ran = submit(rows_of(3), on_backfill=choice, run={"run_type": "backfill"})
    assert ran.state == state
    assert len(letters(print_sandbox)) == number


def test_a_chunk_that_is_not_posted_leaves_the_others_and_the_retry_goes_on(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    content = {"error": {"type": "payment_error", "code": "payment_error", "message": "no money"}}
    print_sandbox.fault("POST", "/prints/{id}", kind="status", status=402, content=content, nth=2)
    supervisor = Supervisor()
    ran = submit(rows_of(10), rows_per_chunk=4, supervisor=supervisor)
    assert ran.state == "up_for_retry"
    assert "1 of" in str(ran.error)
    again = submit(rows_of(10), rows_per_chunk=4, supervisor=supervisor, run={"try_number": 2})
    assert again.state == "success"
    assert again.result["already_posted"] == 1
    assert letters(print_sandbox) == sorted(row["name"] for row in rows_of(10))


def test_rows_that_changed_after_they_were_posted_fail_at_once(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    supervisor = Supervisor()
    submit(rows_of(3), supervisor=supervisor)
    changed = [{**row, "postcode": "ZZ1 1ZZ"} for row in rows_of(3)]
    ran = submit(changed, supervisor=supervisor, run={"try_number": 2})
    assert ran.state == "failed"
    assert "Chunk 1 of 1 is print job" in str(ran.error)
    assert "its 3 rows are the same, but what they say is not" in str(ran.error)


def test_a_test_mode_connection_posts_nothing(
    intelliprint_in_testmode: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    ran = submit(rows_of(3), wait_for_completion=True)
    assert ran.state == "success"
    assert ran.result["testmode"] is True
    assert mailed(print_sandbox) == 0


# Waiting.


def test_all_print_jobs_are_waited_for_by_one_trigger(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    deferred = submit(rows_of(20), rows_per_chunk=4, wait_for_completion=True, deferrable=True)
    assert deferred.state == "deferred"
    trigger = deferred.trigger
    assert trigger.print_job_ids == deferred.supervisor.xcoms["print_job_ids"]
    assert len(trigger.print_job_ids) > 3
    print_sandbox.advance(2 * HOUR)
    event = {
        "outcome": "ready",
        "ids": trigger.print_job_ids,
        "deadline": trigger.deadline,
        "message": "",
        "carry": trigger.carry,
    }
    resumed = submit(
        rows_of(20), rows_per_chunk=4, wait_for_completion=True, deferrable=True, run={"event": event}
    )
    assert resumed.state == "success", resumed.error
    assert set(resumed.result) == RESULT
    assert resumed.result["letters"] == {"sent": 20}
    assert resumed.result["rows"] == 20
    assert MARK not in repr(trigger.serialize())


def test_a_task_may_wait_on_its_worker(intelliprint: IntelliprintHook, print_sandbox: PrintSandbox) -> None:
    submit(rows_of(6), rows_per_chunk=3)
    print_sandbox.advance(2 * HOUR)
    ran = submit(
        rows_of(6), rows_per_chunk=3, wait_for_completion=True, poll_interval=0.05, run={"try_number": 2}
    )
    assert ran.state == "success"
    assert ran.result["letters"] == {"sent": 6}


def test_what_comes_back_can_be_given_to_what_takes_print_jobs_as_long_as_it_names_all(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    result = submit(rows_of(10), rows_per_chunk=3).result
    assert job_ids(result) == result["ids"]
    assert job_ids([result, "print_1"]) == [*result["ids"], "print_1"]
    with pytest.raises(InputError, match="print_job_ids"):
        job_ids({**result, "print_jobs": 101})


def test_a_kill_may_cancel_only_what_this_run_has_made(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    given = {"wait_for_completion": True, "deferrable": True, "cancel_on_kill": True, "idempotency_key": "m"}
    assert submit(rows_of(3), **given).trigger.cancel_on_kill is True
    other = submit(rows_of(3), **given, run={"run_id": "another"})
    assert other.trigger.cancel_on_kill is False


def test_killing_says_what_goes_on_and_talks_to_nobody(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox, capfd: pytest.CaptureFixture[str]
) -> None:
    with dag():
        op = IntelliprintSubmitRowsOperator(
            task_id="post", rows=rows_of(3), row_key="number", content="Hello", wait_for_completion=False
        )
    op.on_kill()
    assert "nothing was paid" in capfd.readouterr().out
    run_task(op)
    asked = len(print_sandbox.journal())
    op.on_kill()
    assert len(print_sandbox.journal()) == asked


def test_the_connection_of_the_task_is_the_one_that_pays(
    print_sandbox: PrintSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect(monkeypatch, "other", "intelliprint", print_sandbox.intelliprint_url, API_KEY, testmode=False)
    assert submit(rows_of(1), intelliprint_conn_id="other").state == "success"
    assert len(letters(print_sandbox)) == 1
