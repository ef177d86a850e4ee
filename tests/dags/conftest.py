"""DAGs that are run as they are, by `dag.test()`, against the sandbox."""

from __future__ import annotations

import importlib.util
import json
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import BUNDLES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

API_KEY = "key_sandbox"


@pytest.fixture
def connections(print_sandbox: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The two default connections, live, to a sandbox in which letters are sent within seconds."""
    intelliprint = {
        "conn_type": "intelliprint",
        "host": print_sandbox.intelliprint_url,
        "password": API_KEY,
        "extra": {"testmode": False, "rate": 0, "settle": 0.01},
    }
    printful = {
        "conn_type": "printful",
        "host": print_sandbox.printful_url,
        "password": "printful_sandbox",
        "extra": {"rate": 0},
    }
    monkeypatch.setenv("AIRFLOW_CONN_INTELLIPRINT_DEFAULT", json.dumps(intelliprint))
    monkeypatch.setenv("AIRFLOW_CONN_PRINTFUL_DEFAULT", json.dumps(printful))
    return print_sandbox


def load_dag(bundle: str, name: str) -> Any:
    """Import a DAG file of a bundle by its path, as Airflow does."""
    folder = BUNDLES[bundle]
    if str(folder) not in sys.path:
        sys.path.append(str(folder))
    spec = importlib.util.spec_from_file_location(f"dag_{name}", folder / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.dag


@pytest.fixture
def run_dag(airflow_db: None) -> Callable[..., Any]:
    """Run a DAG to its end; returns the run and its task instances by name."""

    def run(name: str, *, bundle: str = "examples", **options: Any) -> tuple[Any, dict[str, Any]]:
        run = load_dag(bundle, name).test(**options)
        rows = run.get_task_instances()
        return run, {f"{ti.task_id}[{ti.map_index}]" if ti.map_index >= 0 else ti.task_id: ti for ti in rows}

    return run


def files_below(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())
