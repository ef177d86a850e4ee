from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
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


@pytest.mark.behaviour("sandbox.faults.unfired")
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


@pytest.mark.behaviour("sandbox.faults.unfired")
def test_so_does_one_that_was_set_by_http_and_a_preset_of_which_nothing_came_true(tmp_path: Path) -> None:
    said = run(
        tmp_path,
        """
import pytest, requests
def faults(box, **what):
    return requests.request(what.pop("method", "POST"), box.url + "/_sandbox/faults", **what)
def test_by_http(print_sandbox):
    assert faults(print_sandbox, json={"match": {"method": "GET"}, "do": {"status": 503}}).status_code == 201
def test_by_http_and_met(print_sandbox):
    faults(print_sandbox, json={"match": {"method": "GET"}, "do": {"status": 503}})
    assert requests.get(print_sandbox.intelliprint_url + "/prints").status_code == 503
def test_cleared_by_http_is_told_there(print_sandbox):
    faults(print_sandbox, json={"method": "GET"})
    assert len(faults(print_sandbox, method="DELETE").json()["unfired"]) == 1
def test_a_preset(print_sandbox):
    faults(print_sandbox, json={"preset": "chaos"})
def test_a_preset_of_which_one_fault_came_true(print_sandbox):
    print_sandbox.preset("lossy")
    for _ in range(200):
        try:
            requests.get(print_sandbox.intelliprint_url + "/prints")
        except requests.ConnectionError:
            break
    else:
        pytest.fail("nothing was lost")
def test_a_preset_of_rules_alone(print_sandbox):
    print_sandbox.preset("vendor-100-per-min")
""",
    )
    assert "6 passed" in said
    assert "2 errors" in said
    assert "fault rules that never fired: GET any route: before status" in said
    assert "fault rules that never fired: preset chaos\n" in said


def test_the_fixture_gives_a_server_on_a_real_socket(print_sandbox: PrintSandbox) -> None:
    assert requests.get(print_sandbox.url + "/_sandbox/health").status_code == 200
