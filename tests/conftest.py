"""What every test needs: an Airflow home of its own, and a sandbox that answers on a real socket."""

from __future__ import annotations

import atexit
import json
import os
import shutil
import tempfile
from pathlib import Path

# Airflow reads its configuration while it is imported, so its home is settled before anything else.
_HOME = Path(tempfile.mkdtemp(prefix="print-tests-"))
atexit.register(shutil.rmtree, _HOME, ignore_errors=True)
_HERE = Path(__file__).parent
BUNDLES = {"examples": _HERE.parent / "dags_examples", "tests": _HERE / "dags" / "bundle"}
os.environ.update(
    AIRFLOW_HOME=str(_HOME),
    AIRFLOW__CORE__LOAD_EXAMPLES="False",
    AIRFLOW__CORE__UNIT_TEST_MODE="False",
    AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST=json.dumps(
        [
            {
                "name": name,
                "classpath": "airflow.dag_processing.bundles.local.LocalDagBundle",
                "kwargs": {"path": str(path)},
            }
            for name, path in BUNDLES.items()
        ]
    ),
    AIRFLOW__DATABASE__SQL_ALCHEMY_CONN=f"sqlite:///{_HOME / 'airflow.db'}",
    AIRFLOW__LOGGING__BASE_LOG_FOLDER=str(_HOME / "logs"),
    AIRFLOW__CORE__FERNET_KEY="",
    AIRFLOW__API_AUTH__JWT_SECRET="only-for-tests",
    NO_PROXY="*",
    PYTHON_KEYRING_BACKEND="keyring.backends.null.Keyring",
)

import pytest  # noqa: E402 - after the environment is settled

from tests.support import called  # noqa: E402

pytest_plugins = ["tests.support.behaviours"]

_NEEDS_ALL = {"test_called_over_http.py", "test_behaviours.py"}


def pytest_configure() -> None:
    called.record()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Run the tests that look back at all others last, and only where all others run."""
    last = [item for item in items if item.path.name in _NEEDS_ALL]
    first = [item for item in items if item.path.name not in _NEEDS_ALL]
    whole = {Path(arg).resolve() for arg in config.args} == {_HERE} and not config.option.keyword
    items[:] = first + last if whole or not first else first


@pytest.fixture(scope="session")
def airflow_db() -> None:
    """Airflow's metadata database, made once: for `dag.test()` and whatever else wants one."""
    from airflow.utils.db import initdb

    initdb()
