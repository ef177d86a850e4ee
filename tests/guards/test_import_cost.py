"""What a DAG file pays for importing us."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

_COUNT = """
import json, sys
import {base}
before = set(sys.modules)
import {module}
new = {{name for name in set(sys.modules) - before if not name.startswith("airflow_provider_print")}}
print(json.dumps(sorted(new)))
"""


def added(module: str, base: str = "airflow.sdk") -> list[str]:
    script = _COUNT.format(base=base, module=module)
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    modules: list[str] = json.loads(told.stdout.splitlines()[-1])
    return modules


def test_importing_every_operator_and_sensor_adds_10_modules_at_most_and_no_stranger_to_the_sdk() -> None:
    new = added(
        "airflow_provider_print.operators.intelliprint, airflow_provider_print.operators.printful, "
        "airflow_provider_print.sensors.intelliprint, airflow_provider_print.sensors.printful"
    )
    assert len(new) <= 10, new
    assert {name.split(".")[0] for name in new} - sys.stdlib_module_names <= {"airflow"}


@pytest.mark.parametrize("module", ["airflow_provider_print", "airflow_provider_print.provider_info"])
def test_the_package_and_its_provider_info_import_nothing(module: str) -> None:
    assert added(module, base="json, typing") == []


def test_the_pytest_plugin_imports_no_web_server_and_no_client_until_asked() -> None:
    new = added("airflow_provider_print.pytest_plugin", base="pytest")
    assert not {name.split(".")[0] for name in new} & {
        "starlette",
        "uvicorn",
        "sqlite3",
        "requests",
        "pydantic",
    }
