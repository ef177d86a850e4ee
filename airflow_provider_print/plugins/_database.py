"""Connections and asset events in the API server: the one module of the plugin that knows Airflow's tables.

Neither is a public interface. What is used here is the same in Airflow 3.1 to 3.3: `asset_manager`, which
Airflow's own REST API tells of events through, and three tables that are only read.
"""

from __future__ import annotations

import json
import logging
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

log = logging.getLogger(__name__)

#: So many of an asset's events are looked through for one that says the same: what Airflow keeps has no end.
LOOKED_THROUGH = 5000
# SQLite knows no lock of a row; others lock the asset's.
_one_at_a_time = threading.Lock()


def find_connection(conn_id: str) -> Any | None:
    """Return a connection from wherever Airflow keeps it; None when there is none of this id.

    :param conn_id: id of the connection.
    """
    from airflow.exceptions import AirflowNotFoundException  # type: ignore[attr-defined]
    from airflow.models.connection import Connection

    try:
        return Connection.get_connection_from_secrets(conn_id)
    except AirflowNotFoundException:
        return None


def known_assets(uris: Iterable[str]) -> set[str]:
    """Return those of some assets that a DAG uses: nobody can be told of others.

    :param uris: of the assets.
    """
    from airflow.models.asset import AssetModel
    from airflow.utils.session import create_session
    from sqlalchemy import select

    with create_session() as session:
        found = session.scalars(
            select(AssetModel.uri).where(AssetModel.uri.in_(list(uris)), AssetModel.active.has())
        )
        return set(found)


def tell(uri: str, extra: Mapping[str, Any], *, subject: str, unless: Iterable[str]) -> bool:
    """Add an event to an asset, and so start the DAGs that are scheduled on it, unless that was told before.

    Whether it was told, and telling it, are one transaction under a lock of the asset, so that several API
    servers do not both do it.

    :param uri: of the asset.
    :param extra: of the event.
    :param subject: the name of the value in `extra` that says what the event is about.
    :param unless: URIs of assets; an event of one of them that is about the same prevents this one.
    :return: whether there is a new event.
    """
    from airflow.assets.manager import asset_manager
    from airflow.models.asset import AssetModel
    from airflow.utils.session import create_session
    from sqlalchemy import select

    with _one_at_a_time, create_session() as session:
        active = select(AssetModel).where(AssetModel.active.has())
        asset = session.scalar(active.where(AssetModel.uri == uri).with_for_update(of=AssetModel))
        if asset is None:
            return False
        assets = session.scalars(select(AssetModel.id).where(AssetModel.uri.in_(list(unless)))).all()
        if any(earlier.get(subject) == extra[subject] for earlier in _told(session, assets, extra[subject])):
            return False
        return (
            asset_manager.register_asset_change(asset=asset, extra=dict(extra), session=session) is not None
        )


def _told(session: Any, assets: Iterable[int], value: str) -> Iterator[dict[str, Any]]:
    """Yield what the newest events of each asset say that have a value somewhere in them."""
    from airflow.models.asset import AssetEvent
    from sqlalchemy import Text, cast, select

    for asset_id in assets:
        newest = (
            select(AssetEvent.extra)
            .where(AssetEvent.asset_id == asset_id)
            .order_by(AssetEvent.timestamp.desc())
            .limit(LOOKED_THROUGH)
            .subquery()
        )
        text = cast(newest.c.extra, Text)
        for found in session.scalars(select(text).where(text.contains(value, autoescape=True))):
            extra = json.loads(found) if isinstance(found, str) else found
            yield extra.get("payload", extra) if isinstance(extra, dict) else {}
