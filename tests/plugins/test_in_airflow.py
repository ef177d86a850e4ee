"""The plugin in Airflow's own API app, with its real database; and its weight elsewhere."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from starlette.testclient import TestClient

from airflow_provider_print.plugins import webhooks
from airflow_provider_print.triggers.watching import IntelliprintPrintJobWatchTrigger
from tests.plugins.conftest import CONN_ID, OLD_SECRET, connection, payload, signed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from airflow_provider_print.sandbox import PrintSandbox
    from tests.plugins.conftest import Events

ROUTE = f"/print-webhooks/intelliprint/{CONN_ID}"


@pytest.fixture(scope="module")
def api(airflow_db: None) -> Iterator[TestClient]:
    from airflow.api_fastapi.app import create_app

    with TestClient(create_app(apps="core")) as one:
        yield one


def test_the_api_server_takes_webhooks_and_starts_dags(
    api: TestClient, hooked: PrintSandbox, events: Events
) -> None:
    body = payload(status="printing")
    answer = api.post(ROUTE, content=body, headers=signed(body))
    assert (answer.status_code, answer.json()) == (
        200,
        {"status": "taken", "told": [f"intelliprint://{CONN_ID}/letters/printing"]},
    )
    assert events.paths == ["letters/printing"]
    assert events.queued == {"letter_printing"}


def test_without_a_signature_the_api_server_says_no(api: TestClient, hooked: PrintSandbox) -> None:
    assert api.post(ROUTE, content=payload()).status_code == 401


def test_a_connection_that_is_kept_in_the_database_is_found(
    api: TestClient, print_sandbox: PrintSandbox, events: Events
) -> None:
    from airflow.models.connection import Connection
    from airflow.utils.session import create_session

    fields = json.loads(connection(print_sandbox.intelliprint_url, webhook_secret=OLD_SECRET))
    fields["extra"] = json.dumps(fields["extra"])
    with create_session() as session:
        session.add(Connection(conn_id="kept/here", **fields))
    body = payload(status="printing")
    answer = api.post(
        "/print-webhooks/intelliprint/kept/here", content=body, headers=signed(body, secret=OLD_SECRET)
    )
    assert answer.json() == {"status": "taken", "told": []}, "nobody listens to this one"


def test_airflow_starts_the_watcher_of_a_dag(scheduled_dags: None) -> None:
    from airflow.models.asset import AssetModel
    from airflow.models.trigger import Trigger
    from airflow.utils.session import create_session
    from sqlalchemy import select

    with create_session() as session:
        uri = "intelliprint://watched/print-jobs/sent"
        (asset,) = session.scalars(select(AssetModel).where(AssetModel.uri == uri))
        triggers = [
            (trigger.classpath, trigger.kwargs)
            for trigger in session.scalars(select(Trigger))
            if asset in trigger.assets
        ]
    expected = IntelliprintPrintJobWatchTrigger(intelliprint_conn_id="watched")
    assert triggers == [expected.serialize()]


def test_the_plugin_is_light_until_it_is_asked_for_its_web_app() -> None:
    tree = ast.parse(Path(webhooks.__file__).read_text())
    named = {
        f"{node.module}.{one.name}"
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        for one in node.names
    }
    assert not [node for node in tree.body if isinstance(node, ast.Import)]
    assert named == {
        "__future__.annotations",
        "functools.cached_property",
        "typing.Any",
        "airflow_provider_print._compat.plugin_base",
    }
