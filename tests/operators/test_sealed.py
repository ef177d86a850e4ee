"""Addresses and text of letters are template fields, and are never seen."""

from __future__ import annotations

import logging
import pickle
from typing import TYPE_CHECKING, Any

import pytest
from airflow.sdk import task

from airflow_provider_print.operators._sealed import (
    Private,
    Sealed,
    SealingOperator,
    is_private_file,
    unsealed,
)
from tests.airflow.harness import Supervisor, dag, run_task, stored_dag

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

MARK = "Zorgwald"
PEOPLE = [{"address": {"name": MARK, "line": "1 Zorgwald Lane"}}, {"address": {"name": "{{ run_id }}"}}]


class Letters(SealingOperator):
    """An operator with private fields that keeps what it was given."""

    template_fields: Sequence[str] = ("content", "recipients", "file", "subject")
    seen: dict[str, Any] = {}  # noqa: RUF012 - one list for all instances, looked at after a run

    content = Private("characters", files=True)
    recipients = Private("recipients")
    file = Private("bytes", only=is_private_file, urls=True)

    def __init__(
        self,
        *,
        content: Any = None,
        recipients: Any = None,
        file: Any = None,
        subject: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.content = content
        self.recipients = recipients
        self.file = file
        self.subject = subject

    def execute(self, context: Any) -> int:  # noqa: ARG002 - Airflow's signature
        Letters.seen = {name: unsealed(getattr(self, name)) for name in self.template_fields}
        return 1


@pytest.fixture(autouse=True)
def nothing_seen() -> None:
    Letters.seen = {}


def test_a_sealed_value_tells_its_size_and_nothing_else() -> None:
    assert str(Sealed("x" * 1234, "characters")) == "(hidden: 1,234 characters)"
    assert repr(Sealed(PEOPLE, "recipients")) == "(hidden: 2 recipients)"
    assert f"{Sealed(b'%PDF', 'bytes')}" == "(hidden: 4 bytes)"
    assert str(Sealed(lambda: 1, "recipients")) == "(hidden recipients)"


def test_a_private_field_that_was_not_given_is_none_and_not_an_envelope() -> None:
    assert Letters(task_id="t").content is None


def test_content_and_recipients_are_rendered_but_appear_nowhere(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with dag():
        op = Letters(
            task_id="t", content=f"Dear {MARK}, {{{{ run_id }}}}", recipients=PEOPLE, subject="{{ ds }}"
        )
    ran = run_task(op)
    assert ran.state == "success"
    assert Letters.seen["content"] == f"Dear {MARK}, scheduled__2026-11-01"
    assert Letters.seen["recipients"][1] == {"address": {"name": "scheduled__2026-11-01"}}
    assert ran.rendered["content"] == "(hidden: 36 characters)"
    assert ran.rendered["recipients"] == "(hidden: 2 recipients)"
    assert ran.rendered["subject"] == "2026-11-01"
    told = repr(ran.supervisor.told) + "".join(capfd.readouterr()) + caplog.text
    assert MARK not in told


def test_the_serialized_dag_shows_no_private_value() -> None:
    with dag() as one:
        Letters(task_id="t", content=f"Dear {MARK}", recipients=PEOPLE, file=MARK.encode())
    stored = stored_dag(one)
    assert MARK not in stored
    assert "(hidden: 2 recipients)" in stored


def test_an_operator_with_private_fields_can_be_pickled_and_copied() -> None:
    op = Letters(task_id="t", content=MARK)
    assert unsealed(pickle.loads(pickle.dumps(op)).content) == MARK
    assert unsealed(op.prepare_for_execution().content) == MARK


def test_an_xcomarg_in_a_private_field_makes_the_task_wait_for_the_earlier_one() -> None:
    with dag():

        @task
        def people() -> list[dict[str, Any]]:
            return PEOPLE

        op = Letters(task_id="t", recipients=people())
    assert op.upstream_task_ids == {"people"}
    assert str(op.recipients) == "(hidden: from an earlier task)"
    ran = run_task(op, supervisor=Supervisor({"people": PEOPLE}))
    assert ran.state == "success"
    assert Letters.seen["recipients"] == PEOPLE
    assert ran.rendered["recipients"] == "(hidden: 2 recipients)"


def test_an_xcomarg_nested_in_a_private_field_is_found_and_resolved() -> None:
    with dag():

        @task
        def name() -> str:
            return MARK

        op = Letters(task_id="t", recipients=[{"address": {"name": name()}}])
    assert op.upstream_task_ids == {"name"}
    run_task(op, supervisor=Supervisor({"name": MARK}))
    assert Letters.seen["recipients"] == [{"address": {"name": MARK}}]


def test_setting_a_private_field_later_seals_it_and_finds_its_earlier_task() -> None:
    with dag():

        @task
        def text() -> str:
            return MARK

        op = Letters(task_id="t")
        op.content = text()
    assert op.upstream_task_ids == {"text"}
    assert MARK not in repr(op.content)


def test_mapped_literals_are_rendered_and_sealed() -> None:
    with dag():
        op = Letters.partial(task_id="t", subject="x").expand(content=["{{ run_id }} one", f"{MARK} two"])
    ran = run_task(op, map_index=1)
    assert ran.state == "success"
    assert Letters.seen["content"] == f"{MARK} two"
    assert ran.rendered["content"] == "(hidden: 12 characters)"
    run_task(op, map_index=0)
    assert Letters.seen["content"] == "scheduled__2026-11-01 one"


def test_values_that_mapping_brings_in_are_never_taken_for_templates() -> None:
    with dag():

        @task
        def rows() -> list[Any]:
            return [PEOPLE]

        op = Letters.partial(task_id="t").expand(recipients=rows())
    ran = run_task(op, map_index=0, supervisor=Supervisor({"rows": [PEOPLE]}))
    assert ran.state == "success"
    assert Letters.seen["recipients"] == PEOPLE, "a name with braces stays a name"
    assert ran.rendered["recipients"] == "(hidden: 2 recipients)"


def test_a_private_field_of_a_mapped_operator_may_be_partial_and_come_from_an_earlier_task() -> None:
    with dag():

        @task
        def people() -> list[dict[str, Any]]:
            return PEOPLE

        op = Letters.partial(task_id="t", recipients=people()).expand(subject=["a", "b"])
    assert "people" in op.upstream_task_ids
    ran = run_task(op, map_index=1, supervisor=Supervisor({"people": PEOPLE}))
    assert Letters.seen["recipients"] == PEOPLE
    assert ran.rendered == {
        "content": None,
        "file": None,
        "recipients": "(hidden: 2 recipients)",
        "subject": "b",
    }


def test_a_function_gives_a_private_value_as_it_is() -> None:
    def read(context: Any, jinja_env: Any) -> Any:
        return [{"address": {"name": "{{ not a template }}", "line": context["run_id"]}}]

    with dag():
        op = Letters(task_id="t", recipients=read)
    ran = run_task(op)
    assert ran.state == "success"
    assert Letters.seen["recipients"] == [
        {"address": {"name": "{{ not a template }}", "line": "scheduled__2026-11-01"}}
    ]
    assert ran.rendered["recipients"] == "(hidden: 1 recipients)"


@pytest.mark.parametrize("name", ["letter.html", "letter.txt"])
def test_content_may_name_a_template_file_beside_the_dag(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(f"{{% include 'greeting' %}} {MARK} on {{{{ ds }}}}")
    (tmp_path / "greeting").write_text("Dear")
    with dag(template_searchpath=str(tmp_path)):
        op = Letters(task_id="t", content=name, subject="see notes.txt")
    ran = run_task(op)
    assert ran.state == "success"
    assert Letters.seen["content"] == f"Dear {MARK} on 2026-11-01"
    assert Letters.seen["subject"] == "see notes.txt", "other fields that end like a file are just text"


def test_text_of_several_lines_that_ends_like_a_file_name_is_text() -> None:
    with dag():
        op = Letters(task_id="t", content="Dear reader,\nplease look at notes.txt")
    run_task(op)
    assert Letters.seen["content"].endswith("notes.txt")


def test_content_from_an_earlier_task_is_never_taken_for_a_file_name() -> None:
    with dag():

        @task
        def text() -> str:
            return "letter.html"

        op = Letters(task_id="t", content=text())
    run_task(op, supervisor=Supervisor({"text": "letter.html"}))
    assert Letters.seen["content"] == "letter.html"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(f"{MARK} {{{{ nobody }}}}", "'nobody' is undefined", id="unknown name"),
        pytest.param(f"{MARK} {{% if %}}", "syntax error in line 1", id="syntax"),
        pytest.param(f"{{{{ {{}}['{MARK}'].line }}}}", "UndefinedError", id="a key that is a value"),
        pytest.param(f"{MARK}.html", "no such template file", id="no such file"),
    ],
)
def test_a_template_that_fails_is_not_quoted_in_any_log(
    content: str,
    words: str,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    tmp_path: Path,
) -> None:
    caplog.set_level(logging.DEBUG)
    with dag(template_searchpath=str(tmp_path)):
        op = Letters(task_id="t", content=content)
    ran = run_task(op)
    assert ran.state == "failed"
    assert "could not be rendered" in str(ran.error)
    assert words in str(ran.error)
    assert MARK not in "".join(capfd.readouterr()) + caplog.text + repr(ran.supervisor.told)


def test_raw_bytes_are_sealed_where_a_path_is_shown() -> None:
    with dag():
        op = Letters(task_id="t", file="/data/{{ ds }}.pdf")
    assert run_task(op).rendered["file"] == "/data/2026-11-01.pdf"
    with dag():
        op = Letters(task_id="t", file=MARK.encode())
    assert run_task(op).rendered["file"] == "(hidden: 8 bytes)"
    assert Letters.seen["file"] == MARK.encode()
    assert is_private_file([{"document": b"x"}])
    assert not is_private_file([{"document": "x"}])


@pytest.mark.parametrize("url", ["https://x.example/a.pdf?sig={mark}", "https://{mark}@x.example/a.pdf"])
def test_of_a_signed_link_only_host_and_path_are_shown(
    url: str, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with dag() as one:
        literal = Letters(task_id="t", file=url.format(mark=MARK))
    assert MARK not in stored_dag(one)
    with dag(params={"mark": MARK}):
        template = Letters(task_id="t", file=url.format(mark="{{ params.mark }}"))
    for op in (literal, template):
        ran = run_task(op)
        assert ran.state == "success"
        assert Letters.seen["file"] == url.format(mark=MARK)
        assert ran.rendered["file"] == "https://x.example/a.pdf (the rest is hidden)"
        assert MARK not in "".join(capfd.readouterr()) + caplog.text + repr(ran.supervisor.told)
    assert is_private_file([{"document": url}])


def test_a_template_that_fails_names_its_field() -> None:
    with dag():
        op = Letters(task_id="t", content="{{ nobody }}")
    assert "content could not be rendered" in str(run_task(op).error)
