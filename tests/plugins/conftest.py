"""A receiver with Airflow's real database, in which DAGs are scheduled on our assets."""

from __future__ import annotations

import base64
import inspect
import json
import time
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from airflow.models.asset import AssetDagRunQueue, AssetEvent, AssetModel
from airflow.models.dag import DagModel
from airflow.utils.session import create_session
from sqlalchemy import delete, select

from airflow_provider_print.sandbox.webhooks import signing
from tests.airflow.fixtures import API_KEY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from airflow_provider_print.sandbox import PrintSandbox

CONN_ID = "hooked"
SECRET = "whsec_" + base64.b64encode(b"a secret of these tests" * 2).decode()
OLD_SECRET = "whsec_" + base64.b64encode(b"the secret before that" * 2).decode()
BUNDLE = Path(__file__).parent / "bundle"


@pytest.fixture(scope="session")
def scheduled_dags(airflow_db: None) -> None:
    """The DAGs of the bundle beside this file, parsed and stored as the DAG processor does."""
    from airflow.dag_processing.bundles.manager import DagBundlesManager

    try:
        dagbags = import_module("airflow.dag_processing.dagbag")
        sync, bag = dagbags.sync_bag_to_db, dagbags.DagBag
    except (ImportError, AttributeError):  # 3.1
        dagbags = import_module("airflow.models.dagbag")
        sync, bag = dagbags.sync_bag_to_db, dagbags.DagBag
    DagBundlesManager().sync_bundles_to_db()
    # It stands in for the bundle of the other tests: which one it is does not matter here.
    wanted = {"bundle_path": BUNDLE, "bundle_name": "tests"}
    known = inspect.signature(bag.__init__).parameters
    found = bag(dag_folder=str(BUNDLE), **{name: value for name, value in wanted.items() if name in known})
    assert not found.import_errors
    sync(found, "tests", None)


@pytest.fixture
def events(scheduled_dags: None) -> Iterator[Events]:
    """What Airflow was told in this test."""
    one = Events()
    one.clear()
    yield one
    one.clear()


class Events:
    """Looks at Airflow's tables."""

    def clear(self) -> None:
        with create_session() as session:
            session.execute(delete(AssetDagRunQueue))
            session.execute(delete(AssetEvent))

    def all(self) -> list[tuple[str, dict[str, Any]]]:
        """Every event: the path of the asset's URI, and what it says."""
        with create_session() as session:
            rows = session.execute(
                select(AssetModel.uri, AssetEvent.extra)
                .join(AssetEvent, AssetEvent.asset_id == AssetModel.id)
                .order_by(AssetEvent.id)
            ).all()
        return [(uri.removeprefix(f"intelliprint://{CONN_ID}/"), extra) for uri, extra in rows]

    @property
    def paths(self) -> list[str]:
        return [path for path, _ in self.all()]

    @property
    def queued(self) -> set[str]:
        """The DAGs that will run."""
        with create_session() as session:
            return set(session.scalars(select(AssetDagRunQueue.target_dag_id)))

    def unpause(self) -> None:
        with create_session() as session:
            for model in session.scalars(select(DagModel)):
                model.is_paused = False


def connection(url: str, **extra: Any) -> str:
    settings = {"rate": 0, "testmode": False, "webhook_secret": f"{SECRET} {OLD_SECRET}", **extra}
    return json.dumps({"conn_type": "intelliprint", "host": url, "password": API_KEY, "extra": settings})


@pytest.fixture
def hooked(print_sandbox: PrintSandbox, monkeypatch: pytest.MonkeyPatch) -> PrintSandbox:
    """A live connection whose webhooks are awaited."""
    monkeypatch.setenv(f"AIRFLOW_CONN_{CONN_ID.upper()}", connection(print_sandbox.intelliprint_url))
    return print_sandbox


def payload(**values: Any) -> bytes:
    told = {
        "type": "letter.updated",
        "account": "acc_1",
        "id": "ltr_1",
        "print_id": "print_1",
        "reference": "A Reader, personally",
        "status": "sent",
        "testmode": False,
        "envelope": "c5",
        "postage_service": "uk_second_class",
        "shipped_date": 1_781_100_000,
        "returned": None,
    }
    return json.dumps(told | values).encode()


def signed(
    body: bytes, *, secret: str = SECRET, message: str = "msg_1", at: float | None = None
) -> dict[str, str]:
    """Headers as the sandbox makes them, which shares no code with the receiver."""
    when = int(time.time() if at is None else at)
    return signing.headers(name="svix", secret=secret, message=message, timestamp=when, body=body)
