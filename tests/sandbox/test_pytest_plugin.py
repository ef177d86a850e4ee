from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import requests

if TYPE_CHECKING:
    from pathlib import Path

    from airflow_provider_print.sandbox import PrintSandbox


def run(folder: Path, body: str) -> str:
    (folder / "test_it.py").write_text(body)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-rA", str(folder)]
    # An own folder, so that no configuration of ours takes part.
    environment = {
        **os.environ,
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    options = ["-p", "airflow_provider_print.pytest_plugin", "--rootdir", str(folder)]
    done = subprocess.run(
        [*command, *options], capture_output=True, text=True, cwd=folder, env=environment, check=False
    )
    return done.stdout


def test_every_test_gets_an_empty_sandbox(tmp_path: Path) -> None:
    said = run(
        tmp_path,
        """
import requests
def test_one(print_sandbox):
    print_sandbox.world(reconfirm=200, rate_limit=5)
    print_sandbox.set_speed(100)
    requests.get(print_sandbox.url + "/intelliprint/v1/prints")
    assert len(print_sandbox.journal()) == 1
def test_two(print_sandbox):
    assert print_sandbox.journal() == []
    assert print_sandbox.world()["reconfirm"] == 400
    assert print_sandbox.world()["rate_limit"] == 0
    assert print_sandbox.now() == print_sandbox.now()
""",
    )
    assert "2 passed" in said


def test_a_fault_that_never_fired_fails_the_test_that_set_it(tmp_path: Path) -> None:
    said = run(
        tmp_path,
        """
def test_one(print_sandbox):
    print_sandbox.fault("POST", "/prints", phase="after", kind="reset")
def test_two(print_sandbox):
    pass
""",
    )
    assert "1 error" in said
    assert "2 passed" in said
    assert "fault rules that never fired: POST /prints: after reset" in said


def test_the_fixture_gives_a_server_on_a_real_socket(print_sandbox: PrintSandbox) -> None:
    assert requests.get(print_sandbox.url + "/_sandbox/health").status_code == 200
