"""The commands, as they are typed, and what their exit codes say."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from airflow_provider_print.commands.main import main, span
from airflow_provider_print.core.transport import Transport
from airflow_provider_print.intelliprint.client.print_jobs import PrintJobs
from airflow_provider_print.nets import janitor
from tests.airflow.fixtures import API_KEY, connect
from tests.support.letters import RUN, RUN_ID, calls, drafted, own_key, paid, task_key

if TYPE_CHECKING:
    from pathlib import Path

    from airflow_provider_print.hooks.intelliprint import IntelliprintHook
    from airflow_provider_print.sandbox import PrintSandbox

OK, FOUND, UNKNOWN = 0, 1, 2


@pytest.fixture
def eight_days_later(monkeypatch: pytest.MonkeyPatch) -> None:
    later, plain = time.time() + 8 * 86400, janitor.clean_up
    monkeypatch.setattr(janitor, "clean_up", lambda *a, **k: plain(*a, **k, now=lambda: later))


def printed(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_an_audit_that_finds_nothing_ends_with_0(
    intelliprint: IntelliprintHook, capsys: pytest.CaptureFixture[str]
) -> None:
    paid(intelliprint, task_key())
    assert main(["audit"]) == OK
    assert "Letters: 1, paid twice: 0, missing: 0" in capsys.readouterr().out
    assert main(["audit", "--dag-id", "unit", "--run", RUN, "--expected", "1", "--json"]) == OK
    assert printed(capsys)["letters"] == 1
    assert main(["audit", "--dag-id", "unit", "--run", RUN_ID, "--expected", "1", "--json"]) == OK
    assert printed(capsys)["findings"] == []
    for same_moment in ("2026-11-01T07:00:00Z", "2026-11-01T08:00:00+01:00"):
        assert main(["audit", "--dag-id", "unit", "--run", same_moment, "--expected", "1"]) == OK


def test_an_audit_that_finds_something_ends_with_1_and_prints_it(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    jobs = [paid(intelliprint, task_key()) for _ in range(2)]
    assert main(["audit"]) == FOUND
    text = capsys.readouterr().out
    assert all(word in text for word in (task_key().key, jobs[0].id, jobs[1].id))
    assert "Any Road" not in text
    assert main(["audit", "--json", "--cancel-younger"]) == OK
    assert len(printed(capsys)["cancelled"]) == 1
    assert main(["audit", "--expected", "print_nowhere", jobs[0].id]) == FOUND


def test_a_service_that_cannot_be_asked_ends_with_2_and_says_that_nothing_is_known(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    print_sandbox.fault("GET", "/prints", status=403, times=None)
    for command in ("audit", "janitor", "probe"):
        assert main([command]) == UNKNOWN
        assert "Could not ask, so nothing is known" in capsys.readouterr().err


def test_a_double_that_may_not_be_stopped_is_printed_and_ends_with_1(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    jobs = [paid(intelliprint, task_key()) for _ in range(2)]
    print_sandbox.fault("DELETE", "/prints/{id}", status=403)
    assert main(["audit", "--cancel-younger"]) == FOUND
    text = capsys.readouterr().out
    assert jobs[0].id in text
    assert "Not everything could be asked" in text


@pytest.mark.parametrize(
    "arguments",
    [
        ["audit", "--dag-id", "unit"],
        ["audit", "--run", RUN],
        ["audit", "--conn-id", "nobody_made_this"],
        ["audit", "--expected", "../x"],
        ["janitor", "--older-than", "59m"],
    ],
)
def test_wrong_usage_ends_with_2_and_says_so(
    intelliprint: IntelliprintHook,
    print_sandbox: PrintSandbox,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
) -> None:
    assert main(arguments) == UNKNOWN
    assert "Wrong usage" in capsys.readouterr().err
    assert print_sandbox.journal() == []


@pytest.mark.parametrize("arguments", [[], ["fax"], ["audit", "--since", "yesterday"], ["probe", "--live"]])
def test_arguments_that_there_are_not_end_with_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == UNKNOWN


@pytest.mark.parametrize(
    ("text", "seconds"), [("90", 90), ("90s", 90), ("15m", 900), ("36h", 129600), ("7d", 604800)]
)
def test_a_length_of_time_is_read(text: str, seconds: float) -> None:
    assert span(text) == seconds


@pytest.mark.parametrize("text", ["", "h", "-1h", "1.5h", "1w", "\u0661h", "99999999999999"])
def test_anything_else_is_no_length_of_time(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError):
        span(text)


@pytest.mark.usefixtures("airflow_db", "eight_days_later")
def test_the_janitor_lists_first_and_deletes_when_told_to(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    key = own_key("from-a-script")
    draft = drafted(intelliprint, key, made_in="")
    paid(intelliprint, key)
    drafted(intelliprint, own_key("not-posted"), made_in="")
    drafted(intelliprint, task_key(dag_id="of_another_airflow"))
    assert main(["janitor"]) == OK
    told = capsys.readouterr()
    assert (
        "1 would be deleted (this was a dry run), 2 kept (1 its DAG is not known here; 1 no task" in told.out
    )
    assert f"Draft {draft.id} of letter {key.key} would be deleted" in told.err
    assert calls(print_sandbox, "DELETE", "{id}") == 0
    assert main(["janitor", "--delete", "--json", "--quiet"]) == OK
    told = capsys.readouterr()
    assert json.loads(told.out)["deleted"] == 1
    assert told.err == ""
    assert print_sandbox.invariants()["drafts"] == 2


@pytest.mark.usefixtures("airflow_db", "eight_days_later")
def test_the_janitor_ends_with_1_when_a_job_was_confirmed_under_its_hands(
    intelliprint: IntelliprintHook, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    key = own_key("from-a-script")
    drafted(intelliprint, key, made_in="")
    paid(intelliprint, key)
    delete = PrintJobs.delete_print_job

    def confirmed_just_now(self: Any, print_job_id: str) -> Any:
        intelliprint.confirm_print_job(print_job_id)
        return delete(self, print_job_id)

    monkeypatch.setattr(PrintJobs, "delete_print_job", confirmed_just_now)
    assert main(["janitor", "--delete"]) == FOUND
    assert f"letter {key.key}: 1 of 1 cancelled" in capsys.readouterr().out


@pytest.mark.parametrize("command", ["audit", "janitor", "probe"])
def test_what_nobody_has_thought_of_ends_with_2_and_shows_nothing_of_it(
    intelliprint: IntelliprintHook,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    command: str,
) -> None:
    def unthought_of(*_: Any, **__: Any) -> Any:
        raise KeyError("A Reader, 7 Any Road")

    monkeypatch.setattr(Transport, "request", unthought_of)
    assert main([command]) == UNKNOWN
    told = capsys.readouterr()
    assert "KeyError" in told.err
    assert "Any Road" not in told.err + told.out


@pytest.mark.usefixtures("airflow_db")
def test_a_connection_that_was_made_in_airflow_is_found(
    print_sandbox: PrintSandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    from airflow.models.connection import Connection
    from airflow.utils.session import create_session
    from sqlalchemy import delete

    extra = json.dumps({"rate": 0, "testmode": True})
    host = print_sandbox.intelliprint_url
    stored = Connection("in_the_database", "intelliprint", host=host, password="key_sandbox", extra=extra)
    with create_session() as session:
        session.add(stored)
    try:
        assert main(["audit", "--conn-id", "in_the_database", "--json"]) == OK
    finally:
        with create_session() as session:
            session.execute(delete(Connection).where(Connection.conn_id == "in_the_database"))
    assert printed(capsys)["testmode"] is True


def test_a_probe_that_could_not_ask_everything_ends_with_2(
    intelliprint: IntelliprintHook, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from airflow_provider_print.nets import probe as probing
    from airflow_provider_print.nets._measuring import Finding

    unknown = Finding("A limit", "not known", "try again", fits=False, known=False)
    unfit = Finding("A lag", "60 s", "set settle", fits=False)
    for findings, code in (([], OK), ([unknown], UNKNOWN), ([unknown, unfit], FOUND)):
        report = probing.ProbeReport(findings=findings)
        monkeypatch.setattr(probing, "probe", lambda *_, report=report, **__: report)
        assert main(["probe"]) == code
    assert "not known" in capsys.readouterr().out


def test_the_probe_prints_a_table(
    intelliprint: IntelliprintHook,
    print_sandbox: PrintSandbox,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    print_sandbox.set_speed(1)
    print_sandbox.freeze(False)
    url = print_sandbox.intelliprint_url
    connect(monkeypatch, "intelliprint_default", "intelliprint", url, API_KEY, testmode=False, settle=2)
    assert main(["probe"]) == OK
    text = capsys.readouterr().out
    for words in ("What it means for the settings", "400 parameter_invalid", "nothing was charged"):
        assert words in " ".join(text.split())
    assert max(map(len, text.splitlines())) <= 120
    assert not print_sandbox.invariants()["paid_jobs"]
    print_sandbox.world(reconfirm=200, created_resolution_s=3600)
    assert main(["probe", "--json"]) == FOUND
    found = printed(capsys)
    assert found["fits"] is False
    assert any(one["found"].startswith("200; the job is the same") for one in found["findings"])


def test_the_limit_is_gone_over_only_when_that_is_asked_for(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    print_sandbox.set_speed(1)
    print_sandbox.freeze(False)
    print_sandbox.world(rate_limit=90)
    main(["probe", "--json", "--provoke-limit"])
    found = {one["question"]: one["found"] for one in printed(capsys)["findings"]}
    assert found["A refusal for too many calls (429) names"].startswith("retry-after (after ")


def test_without_a_database_of_airflow_the_janitor_is_careful_and_says_so(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox, tmp_path: Path
) -> None:
    store = print_sandbox.sandbox.store
    for key in (task_key(), task_key("posted")):
        one = drafted(intelliprint, key)
        document = store.get("print", one.id)
        assert document is not None
        store.put("print", one.id, document | {"created": document["created"] - 8 * 86400})
    paid(intelliprint, task_key("posted"))
    environment = {**os.environ, "AIRFLOW_HOME": str(tmp_path)}
    environment["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] = f"sqlite:///{tmp_path / 'nothing.db'}"
    told = subprocess.run(
        [sys.executable, "-m", "airflow_provider_print", "janitor", "--delete", "--json"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == OK, told.stderr
    assert "cannot be read here" in told.stderr
    result = json.loads(told.stdout)
    assert (result["deleted"], result["kept"]) == (1, {"a register may name it": 1})
