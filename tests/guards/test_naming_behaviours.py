"""The marker by which tests name what they show."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_GOOD = """
import pytest
pytestmark = pytest.mark.behaviour("sandbox.clients.pyprintful")
@pytest.mark.behaviour("sandbox.coverage.served")
@pytest.mark.parametrize("right", [True, True])
def test_both_pass(right):
    assert right
@pytest.mark.behaviour("sandbox.coverage.served")
@pytest.mark.parametrize("right", [True, False])
def test_one_fails(right):
    assert right
@pytest.mark.behaviour("sandbox.coverage.filters")
def test_the_end_fails(request):
    request.addfinalizer(lambda: 1 / 0)
"""
_WRONG = """
import pytest
@pytest.mark.behaviour("sandbox.coverage.severd")
def test_it():
    print("it ran")
"""
_EMPTY = """
import pytest
@pytest.mark.behaviour()
def test_it():
    print("it ran")
"""


def run(folder: Path, **modules: str) -> tuple[str, dict[str, list[str]]]:
    (folder / "tests" / "sandbox").mkdir(parents=True)
    for name, body in modules.items():
        (folder / "tests" / "sandbox" / f"test_{name}.py").write_text(body)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    options = ["-p", "tests.support.behaviours", "-p", "no:cacheprovider", "--import-mode=importlib"]
    command = [sys.executable, "-m", "pytest", "-rA", *options, "--rootdir", str(folder), "tests/sandbox"]
    told = folder / "told.json"
    done = subprocess.run(
        [*command, "--behaviours", str(told)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stdout, json.loads(told.read_text())


def test_a_test_counts_when_it_passed_with_all_its_parameters_and_its_end(tmp_path: Path) -> None:
    _, told = run(tmp_path, good=_GOOD)
    assert {name: tests for name, tests in told.items() if tests} == {
        "sandbox.coverage.served": ["tests/sandbox/test_good.py::test_both_pass"]
    }


def test_an_unknown_id_fails_the_module_that_names_it_and_no_other(tmp_path: Path) -> None:
    said, told = run(tmp_path, good=_GOOD, wrong=_WRONG, empty=_EMPTY)
    assert (
        "test_wrong.py::test_it: no file of the catalogue has the behaviour 'sandbox.coverage.severd'" in said
    )
    assert "test_empty.py::test_it: the marker behaviour takes ids, at least one" in said
    assert "it ran" not in said
    assert told["sandbox.coverage.served"] == ["tests/sandbox/test_good.py::test_both_pass"]
