"""What every test needs: an Airflow home of its own, and a sandbox that answers on a real socket."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

# Airflow reads its configuration while it is imported, so its home is settled before anything else.
_HOME = Path(tempfile.mkdtemp(prefix="print-tests-"))
os.environ.update(
    AIRFLOW_HOME=str(_HOME),
    AIRFLOW__CORE__LOAD_EXAMPLES="False",
    AIRFLOW__CORE__UNIT_TEST_MODE="False",
    AIRFLOW__CORE__DAGS_FOLDER=str(_HOME / "dags"),
    AIRFLOW__DATABASE__SQL_ALCHEMY_CONN=f"sqlite:///{_HOME / 'airflow.db'}",
    AIRFLOW__LOGGING__BASE_LOG_FOLDER=str(_HOME / "logs"),
    AIRFLOW__CORE__FERNET_KEY="",
    AIRFLOW__API_AUTH__JWT_SECRET="only-for-tests",
    NO_PROXY="*",
    PYTHON_KEYRING_BACKEND="keyring.backends.null.Keyring",
)
