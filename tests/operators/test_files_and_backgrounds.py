"""Backgrounds, merged files and saved letters, on a real socket."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

import pytest

from airflow_provider_print.operators.intelliprint import (
    IntelliprintCreateBackgroundOperator,
    IntelliprintDeleteBackgroundOperator,
    IntelliprintMergeFilesOperator,
    IntelliprintSaveLettersOperator,
    IntelliprintUpdateBackgroundOperator,
)
from airflow_provider_print.operators.intelliprint import files as files_module
from tests.airflow.fixtures import pdf, picture, posted
from tests.airflow.harness import Ran, dag, run_task

if TYPE_CHECKING:
    from pathlib import Path

    from airflow_provider_print.hooks.intelliprint import IntelliprintHook
    from airflow_provider_print.sandbox import PrintSandbox


def run(operator: type, **arguments: Any) -> Ran:
    with dag():
        op = operator(task_id="one", **arguments)
    return run_task(op)


def test_a_background_is_uploaded_renamed_and_deleted(intelliprint: IntelliprintHook, tmp_path: Path) -> None:
    (tmp_path / "head.pdf").write_bytes(pdf("head"))
    made = run(IntelliprintCreateBackgroundOperator, file=str(tmp_path / "head.pdf"), name="Of {{ ds }}")
    assert made.state == "success"
    assert made.result["name"] == "Of 2026-11-01"
    assert made.result["size"] == len(pdf("head"))
    changed = run(IntelliprintUpdateBackgroundOperator, background_id=made.result["id"], name="New")
    assert changed.result == {**made.result, "name": "New"}
    assert intelliprint.get_background(made.result["id"]).name == "New"
    gone = run(IntelliprintDeleteBackgroundOperator, background_id=made.result["id"])
    assert gone.result == {"id": made.result["id"], "deleted": True}
    again = run(IntelliprintDeleteBackgroundOperator, background_id=made.result["id"], retries=2)
    assert again.result == gone.result, "a task that is run again has nothing left to do"


def test_a_background_whose_answer_is_lost_is_found_and_not_made_twice(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    print_sandbox.fault("POST", "/backgrounds", phase="after", kind="reset", times=1)
    assert run(IntelliprintCreateBackgroundOperator, file=pdf("x"), name="Once").state == "success"
    assert len(intelliprint.list_backgrounds().data) == 1


def test_the_bytes_of_a_background_are_not_shown(intelliprint: IntelliprintHook) -> None:
    data = pdf("x")
    ran = run(IntelliprintCreateBackgroundOperator, file=data, name="Bytes")
    assert ran.rendered["file"] == f"(hidden: {len(data):,} bytes)"


def test_nothing_to_change_and_an_empty_file_name_the_field(
    intelliprint: IntelliprintHook, tmp_path: Path
) -> None:
    ran = run(IntelliprintUpdateBackgroundOperator, background_id="bg_1", retries=2)
    assert ran.state == "failed"
    (tmp_path / "empty.pdf").write_bytes(b"")
    ran = run(IntelliprintCreateBackgroundOperator, file=str(tmp_path / "empty.pdf"), retries=2)
    assert ran.state == "failed"
    assert "param=file" in str(ran.error)


def test_files_are_merged_in_their_order_to_a_path_or_a_storage_url(
    intelliprint: IntelliprintHook, tmp_path: Path
) -> None:
    from airflow_provider_print.sandbox import pdf as work

    (tmp_path / "one.pdf").write_bytes(pdf("first"))
    (tmp_path / "two.pdf").write_bytes(pdf("second", "third"))
    files = [str(tmp_path / "one.pdf"), str(tmp_path / "two.pdf")]
    ran = run(IntelliprintMergeFilesOperator, files=files, target=f"{tmp_path}/new/all-{{{{ ds }}}}.pdf")
    assert ran.state == "success"
    merged = (tmp_path / "new" / "all-2026-11-01.pdf").read_bytes()
    assert ran.result == {"path": f"{tmp_path}/new/all-2026-11-01.pdf", "size": len(merged)}
    texts = work.page_texts(merged)
    assert ["first" in texts[0], "second" in texts[1], "third" in texts[2]] == [True] * 3
    stored = run(IntelliprintMergeFilesOperator, files=files, target=f"file://{tmp_path}/url.pdf")
    assert (tmp_path / "url.pdf").stat().st_size == stored.result["size"]


def test_a_merged_file_that_breaks_off_is_not_left_behind(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox, tmp_path: Path
) -> None:
    (tmp_path / "one.pdf").write_bytes(pdf("first"))
    print_sandbox.fault(
        "GET", service="intelliprint-files", kind="status", status=403, times=None, content="gone"
    )
    ran = run(
        IntelliprintMergeFilesOperator, files=[str(tmp_path / "one.pdf")] * 2, target=f"{tmp_path}/m.pdf"
    )
    assert ran.state == "failed"
    assert not (tmp_path / "m.pdf").exists()


@pytest.mark.parametrize(
    ("arguments", "param"),
    [
        ({"files": [], "target": "/tmp/x.pdf"}, "files"),
        ({"files": "one.pdf", "target": "/tmp/x.pdf"}, "files"),
        ({"files": ["one.pdf"], "target": ""}, "target"),
    ],
)
def test_a_merge_without_files_or_target_names_the_field(
    intelliprint: IntelliprintHook, arguments: dict[str, Any], param: str
) -> None:
    ran = run(IntelliprintMergeFilesOperator, **arguments, retries=2)
    assert ran.state == "failed"
    assert param in str(ran.error)


def test_letters_are_saved_with_a_table_that_tells_no_addresses(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox, tmp_path: Path
) -> None:
    job = posted(intelliprint, letters=3, postage={"service": "tracked_48", "ideal_envelope": "c4"})
    print_sandbox.advance(3 * 3600)
    ran = run(IntelliprintSaveLettersOperator, print_job_id={"id": job.id}, target=f"{tmp_path}/out")
    assert ran.state == "success"
    assert ran.result == {
        "id": job.id,
        "letters": 3,
        "saved": 3,
        "target": f"{tmp_path}/out",
        "table": f"{tmp_path}/out/letters.csv",
    }
    with (tmp_path / "out" / "letters.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["letter_id"] for row in rows] == [letter.id for letter in job.letters]
    for row in rows:
        assert row["status"] == "sent"
        assert row["tracking_number"]
        assert float(row["cost_after_tax_gbp"]) > 0
        assert (tmp_path / "out" / row["file"]).read_bytes().startswith(b"%PDF")
    assert "ANYTOWN" not in (tmp_path / "out" / "letters.csv").read_text()
    assert ran.supervisor.xcoms["_link_PrintJobLink"].endswith(job.id)


def test_the_api_key_never_goes_to_the_host_of_the_pdfs(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox, tmp_path: Path
) -> None:
    job = posted(intelliprint)
    run(IntelliprintSaveLettersOperator, print_job_id=job.id, target=str(tmp_path))
    fetched = [one for one in print_sandbox.journal() if one["service"] == "intelliprint-files"]
    assert fetched
    assert not any(one["authorized"] for one in fetched)


def test_links_that_are_dead_are_read_anew(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox, tmp_path: Path
) -> None:
    job = posted(intelliprint, letters=2)
    print_sandbox.fault(
        "GET", service="intelliprint-files", kind="status", status=403, nth=[2], content="expired"
    )
    ran = run(IntelliprintSaveLettersOperator, print_job_id=job.id, target=str(tmp_path))
    assert ran.state == "success"
    assert ran.result["saved"] == 2
    reads = [one for one in print_sandbox.journal() if one["route"].endswith("/prints/{id}")]
    assert len([one for one in reads if one["method"] == "GET"]) == 2


def test_links_are_read_anew_before_they_die(
    intelliprint: IntelliprintHook,
    print_sandbox: PrintSandbox,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    job = posted(intelliprint)
    monkeypatch.setattr(files_module, "_LINKS_LIVE", -1)
    assert run(IntelliprintSaveLettersOperator, print_job_id=job.id, target=str(tmp_path)).state == "success"
    reads = [one for one in print_sandbox.journal() if one["route"].endswith("/prints/{id}")]
    assert len([one for one in reads if one["method"] == "GET"]) == 2


def test_a_letter_id_can_not_lead_out_of_the_folder() -> None:
    from airflow_provider_print.intelliprint.models import Letter

    assert files_module._file_name(7, Letter(id="../../etc/passwd")) == "00007-______etc_passwd.pdf"


@pytest.mark.parametrize("background_id", ["", "a/b", 5.5])
def test_an_id_of_a_background_that_is_none_names_its_argument(
    intelliprint: IntelliprintHook, background_id: Any
) -> None:
    for operator in (IntelliprintDeleteBackgroundOperator, IntelliprintUpdateBackgroundOperator):
        more = {"name": "x"} if operator is IntelliprintUpdateBackgroundOperator else {}
        ran = run(operator, background_id=background_id, retries=2, **more)
        assert ran.state == "failed"
        assert "param=background_id" in str(ran.error)


def test_an_unknown_background_names_its_argument(intelliprint: IntelliprintHook) -> None:
    ran = run(IntelliprintUpdateBackgroundOperator, background_id="bg_nosuch", name="x", retries=2)
    assert ran.state == "failed"
    assert "param=background_id" in str(ran.error)


def test_a_picture_is_refused_as_a_background_before_it_is_uploaded(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    ran = run(IntelliprintCreateBackgroundOperator, file=picture(), retries=2)
    assert ran.state == "failed"
    assert "param=file" in str(ran.error)
    assert print_sandbox.journal() == []


def test_the_query_of_a_link_to_merge_is_not_shown(intelliprint: IntelliprintHook) -> None:
    ran = run(IntelliprintMergeFilesOperator, files=["https://x.example/a.pdf?sig=geheim"], target="x://y")
    assert ran.rendered["files"] == "(hidden: 1 files)"
    assert "geheim" not in repr(ran.supervisor.told)


@pytest.mark.parametrize("target", ["foo://bucket/x.pdf", "{folder}", "{file}/x.pdf"])
def test_a_target_that_cannot_be_written_is_refused_before_the_merge_is_asked_for(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox, tmp_path: Path, target: str
) -> None:
    (tmp_path / "one.pdf").write_bytes(pdf("first"))
    there = target.format(folder=tmp_path, file=tmp_path / "one.pdf")
    ran = run(IntelliprintMergeFilesOperator, files=[str(tmp_path / "one.pdf")] * 2, target=there, retries=2)
    assert ran.state == "failed"
    assert "param=target" in str(ran.error)
    assert print_sandbox.journal() == []


@pytest.mark.parametrize("table", ["../escaped.csv", "a/b.csv", "..", "", None, "folder"])
def test_the_table_is_a_bare_file_name(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox, tmp_path: Path, table: Any
) -> None:
    (tmp_path / "out" / "folder").mkdir(parents=True)
    ran = run(
        IntelliprintSaveLettersOperator,
        print_job_id="print_1",
        target=str(tmp_path / "out"),
        table=table,
        retries=2,
    )
    assert ran.state == "failed"
    assert "param=table" in str(ran.error)
    assert print_sandbox.journal() == []


def test_an_old_table_does_not_stand_for_letters_that_could_not_be_saved(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox, tmp_path: Path
) -> None:
    job = posted(intelliprint)
    (tmp_path / "letters.csv").write_text("old")
    print_sandbox.fault(
        "GET", service="intelliprint-files", kind="status", status=403, times=None, content="gone"
    )
    assert run(IntelliprintSaveLettersOperator, print_job_id=job.id, target=str(tmp_path)).state == "failed"
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_replaced_in_one_step_and_nothing_half_written_stays(tmp_path: Path) -> None:
    from airflow_provider_print.operators._storage import target_path, write_whole

    (tmp_path / "x.pdf").write_text("old and whole")
    seen = []

    def write(file: Any) -> int:
        file.write(b"half")
        file.flush()
        seen.append((tmp_path / "x.pdf").read_text())
        raise RuntimeError("broken off")

    path = target_path(tmp_path / "x.pdf", param="target")
    with pytest.raises(RuntimeError):
        write_whole(path, write)
    assert seen == ["old and whole"]
    assert [one.name for one in tmp_path.iterdir()] == ["x.pdf"]
    assert write_whole(path, lambda file: file.write(b"new")) == 3
    assert (tmp_path / "x.pdf").read_text() == "new"
