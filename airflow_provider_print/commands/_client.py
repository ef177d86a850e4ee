"""From the id of a connection to a hook, outside a task."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_provider_print.core.errors import InputError

if TYPE_CHECKING:
    from airflow.sdk import Connection

    from airflow_provider_print.hooks.intelliprint import IntelliprintHook


def hook_of(conn_id: str) -> IntelliprintHook:
    """Return the hook of a connection.

    Outside a task Airflow looks into the environment and the secrets backends only; a connection that was
    made in its UI is in its database, so that is asked as well where it can be.

    :param conn_id: id of the connection.
    :raises InputError: when there is none.
    """
    from airflow_provider_print.hooks.intelliprint import IntelliprintHook

    return IntelliprintHook.from_connection(_connection(conn_id))


def _connection(conn_id: str) -> Connection:
    from airflow.sdk import BaseHook
    from airflow.sdk.exceptions import AirflowRuntimeError

    from airflow_provider_print._compat import AirflowException

    try:
        return BaseHook.get_connection(conn_id)
    except (AirflowException, AirflowRuntimeError):
        pass
    found = _stored(conn_id)
    if found is None:
        raise InputError(
            f"There is no connection {conn_id}.",
            param="conn-id",
            advice=f"Make it in Airflow, or set AIRFLOW_CONN_{conn_id.upper()}.",
        )
    return found


def _stored(conn_id: str) -> Connection | None:
    """Return a connection out of Airflow's database; None where there is none, or no database."""
    from airflow.sdk import Connection

    try:
        from airflow.models.connection import Connection as Stored
        from airflow.utils.session import create_session
        from sqlalchemy import select
        from sqlalchemy.exc import SQLAlchemyError
    except ImportError:
        return None
    try:
        with create_session() as session:
            row = session.scalar(select(Stored).where(Stored.conn_id == conn_id))
            if row is None:
                return None
            names = ("conn_type", "host", "schema", "login", "password", "port", "extra")
            return Connection(conn_id=conn_id, **{name: getattr(row, name) for name in names})
    except (SQLAlchemyError, RuntimeError):
        return None
