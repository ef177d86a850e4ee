"""Recipients, content and API keys are in the letters, and nowhere else."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.dags.conftest import API_KEY, files_below

if TYPE_CHECKING:
    from collections.abc import Callable

NAME = "Zzyx Markedname"
LINE = "17 Markedstreet"
CONTENT = "Markedcontent about a marked matter"
MARKS = [NAME, NAME.split()[1], LINE.split()[1], CONTENT, CONTENT.split()[0], API_KEY]
GOOD = {"address": {"name": NAME, "line": f"{LINE}\nMarkedtown", "postcode": "ZZ1 1ZZ"}}
FAULTY = {"address": {"name": NAME, "line": LINE, "country": "Markedcountry"}}


@pytest.fixture
def marked_files(tmp_path: Path) -> Path:
    from reportlab.pdfgen.canvas import Canvas

    pdf = Canvas(str(tmp_path / "letter.pdf"))
    pdf.drawString(100, 300, CONTENT)
    pdf.save()
    for name, value in {
        "content.json": f"<p>{CONTENT}</p>",
        "recipients.json": [GOOD],
        "faulty.json": [GOOD, FAULTY, {**GOOD, "nickname": NAME}],
    }.items():
        (tmp_path / name).write_text(json.dumps(value))
    return tmp_path


def places_with(mark: str, folders: list[Path]) -> list[str]:
    raw = mark.encode()
    return [str(path) for folder in folders for path in files_below(folder) if raw in path.read_bytes()]


def test_a_marked_run_leaves_no_mark_in_any_log_xcom_rendered_field_or_trigger_row(
    connections: Any, run_dag: Callable[..., Any], marked_files: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    connections.freeze(False)
    connections.set_speed(2_000)
    run, tasks = run_dag("marked", bundle="tests", run_conf={"folder": str(marked_files)})
    assert {name: ti.state for name, ti in tasks.items()} == {
        "written": "success",
        "printed": "success",
        "waited": "success",
        "saved": "success",
        "refused": "failed",
        "unreadable": "failed",
    }
    printed = "".join(capfd.readouterr())
    assert "recipients" in printed, "the refused task should name the field"
    home = Path(os.environ["AIRFLOW_HOME"])
    assert places_with("marked.written", [home]), "the search itself must be able to find something"
    for mark in MARKS:
        assert mark not in printed
        assert places_with(mark, [home]) == []
    assert sum(connections.invariants()["letters_mailed"].values()) == 2
    assert run.dag_id == "marked"
