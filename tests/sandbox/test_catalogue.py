"""The claims of the sandbox: what their files may say, and what a running sandbox tells about them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import requests

from airflow_provider_print.sandbox import catalogue, coverage

if TYPE_CHECKING:
    from pathlib import Path

    from airflow_provider_print.sandbox import PrintSandbox

_ROW = """
[[behaviour]]
id = "{id}"
says = "{says}"
evidence = "{evidence}"
source = "nowhere"
"""


def row(name: str = "printful.a.b", says: str = "It does.", evidence: str = "assumed") -> str:
    return _ROW.format(id=name, says=says, evidence=evidence)


def test_rows_of_all_files_are_read_and_sorted_by_id(tmp_path: Path) -> None:
    (tmp_path / "one.toml").write_text(row("sandbox.b.c") + row("printful.a.b"))
    (tmp_path / "two.toml").write_text(row("intelliprint.a-b.c2", evidence="observed"))
    found = catalogue.read(tmp_path)
    assert list(found) == ["intelliprint.a-b.c2", "printful.a.b", "sandbox.b.c"]
    assert found["intelliprint.a-b.c2"].service == "intelliprint"
    assert found["intelliprint.a-b.c2"].evidence == "observed"


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        (row() + row(), "printful.a.b: the id is used twice"),
        (row(evidence="certain"), "evidence is documented | observed | assumed"),
        (row("post.a.b"), "an id is service.area.fact"),
        (row("printful"), "an id is service.area.fact"),
        (row("printful.A.b"), "an id is service.area.fact"),
        (row(says=" "), "without blanks"),
        (row() + 'tests = "none"\n', "a row has exactly evidence, id, says, source"),
        ("[[behaviours]]\n", "there is no 'behaviours'"),
        ("id = ", "one.toml cannot be read"),
    ],
)
def test_what_a_catalogue_must_not_say_is_named(tmp_path: Path, written: str, problem: str) -> None:
    (tmp_path / "one.toml").write_text(written)
    with pytest.raises(catalogue.CatalogueError) as told:
        catalogue.read(tmp_path)
    assert problem in str(told.value)


def test_a_file_that_cannot_be_read_leaves_the_others_readable(tmp_path: Path) -> None:
    (tmp_path / "one.toml").write_text("id = ")
    (tmp_path / "two.toml").write_text(row())
    rows, problems = catalogue.survey(tmp_path)
    assert list(rows) == ["printful.a.b"]
    assert len(problems) == 1


def claims(*ids_and_evidence: tuple[str, str]) -> list[dict[str, object]]:
    return [
        {"id": name, "says": "It does.", "evidence": evidence, "source": "nowhere", "tests": [f"of {name}"]}
        for name, evidence in ids_and_evidence
    ]


@pytest.fixture
def told(print_sandbox: PrintSandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Ask a sandbox whose list of claims is known."""
    listed = claims(("printful.a.b", "assumed"), ("sandbox.a.b", "documented"), ("sandbox.a.c", "assumed"))
    listed[1]["tests"] = []
    (tmp_path / "coverage.json").write_text(json.dumps({"behaviours": listed}))
    monkeypatch.setattr(coverage, "FILE", tmp_path / "coverage.json")

    def ask(**query: str) -> requests.Response:
        return requests.get(f"{print_sandbox.url}/_sandbox/coverage", params=query, timeout=10)

    return ask


@pytest.mark.behaviour("sandbox.coverage.served")
def test_a_sandbox_tells_each_claim_with_its_evidence_and_the_tests_that_have_shown_it(told) -> None:
    body = told().json()
    assert [(row["id"], row["evidence"], row["tests"]) for row in body["behaviours"]] == [
        ("printful.a.b", "assumed", ["of printful.a.b"]),
        ("sandbox.a.b", "documented", []),
        ("sandbox.a.c", "assumed", ["of sandbox.a.c"]),
    ]
    assert all((row["says"], row["source"]) == ("It does.", "nowhere") for row in body["behaviours"])
    assert body["counts"] == {
        "intelliprint": {"documented": 0, "observed": 0, "assumed": 0},
        "printful": {"documented": 0, "observed": 0, "assumed": 1},
        "sandbox": {"documented": 1, "observed": 0, "assumed": 1},
    }
    assert body["without_test"] == ["sandbox.a.b"]


@pytest.mark.behaviour("sandbox.coverage.served")
def test_the_list_of_claims_that_is_shipped_can_be_asked_for(print_sandbox: PrintSandbox) -> None:
    body = requests.get(f"{print_sandbox.url}/_sandbox/coverage", timeout=10).json()
    assert body["behaviours"] == coverage.shipped()
    assert "sandbox.coverage.served" in {row["id"] for row in body["behaviours"]}


@pytest.mark.behaviour("sandbox.coverage.filters")
def test_claims_are_filtered_by_service_and_by_evidence(told) -> None:
    def ids(**query: str) -> list[str]:
        return [row["id"] for row in told(**query).json()["behaviours"]]

    assert ids(service="sandbox") == ["sandbox.a.b", "sandbox.a.c"]
    assert ids(evidence="assumed") == ["printful.a.b", "sandbox.a.c"]
    assert ids(service="sandbox", evidence="assumed") == ["sandbox.a.c"]
    assert ids(service="intelliprint") == []
    assert told(service="intelliprint").json()["counts"] == told().json()["counts"]
    for wrong in ({"service": "post"}, {"evidence": "certain"}, {"colour": "red"}):
        assert told(**wrong).status_code == 400


def test_counts_and_rows_follow_from_the_catalogue_and_what_passed() -> None:
    claim = catalogue.Behaviour("printful.a.b", "It does.", "observed", "nowhere")
    rows = coverage.rows({claim.id: claim}, {claim.id: ["two", "one"], "printful.a.c": ["three"]})
    assert [(row["id"], row["tests"]) for row in rows] == [("printful.a.b", ["one", "two"])]
    assert coverage.counts(rows)["printful"] == {"documented": 0, "observed": 1, "assumed": 0}
