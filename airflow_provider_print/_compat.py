"""The one place that knows the differences between Airflow 3.1, 3.2 and 3.3.

Names that have moved are looked for where they are, never by comparing versions. Everything else in this
package imports them from here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow import sdk

# Private in name only: the base of everything that a template field may hold and that names earlier tasks.
# It has had this place since 3.0, and there is no public one.
from airflow.sdk.definitions._internal.mixins import ResolveMixin

if TYPE_CHECKING:
    from collections.abc import Mapping

try:  # 3.2 and newer
    from airflow.sdk import conf
    from airflow.sdk.exceptions import (
        AirflowException,
        AirflowFailException,
        AirflowRescheduleException,
        AirflowSensorTimeout,
        AirflowSkipException,
    )
except ImportError:  # 3.1
    from airflow.configuration import conf  # type: ignore[assignment]
    from airflow.exceptions import (  # type: ignore[attr-defined, no-redef]
        AirflowException,
        AirflowFailException,
        AirflowRescheduleException,
        AirflowSensorTimeout,
        AirflowSkipException,
    )

#: For values that no clean-up may take; None before 3.3, which has no store to keep them.
NEVER_EXPIRE: Any = getattr(sdk, "NEVER_EXPIRE", None)

__all__ = [
    "NEVER_EXPIRE",
    "AirflowException",
    "AirflowFailException",
    "AirflowRescheduleException",
    "AirflowSensorTimeout",
    "AirflowSkipException",
    "ResolveMixin",
    "conf",
    "incr",
    "is_backfill",
    "map_index_of",
    "plugin_base",
    "run_kind",
    "run_part",
]


def stats() -> Any:
    """Return Airflow's metrics."""
    try:  # 3.2 and newer
        from airflow.sdk.observability.stats import Stats
    except ImportError:
        from airflow.stats import Stats
    return Stats


def incr(name: str, tags: dict[str, str]) -> None:
    """Count one in Airflow's metrics.

    :param name: of the counter.
    :param tags: what it is sorted by, for those who collect metrics with tags.
    """
    stats().incr(name, tags=tags)


def plugin_base() -> Any:
    """Return the class that plugins inherit from."""
    try:  # 3.2 and newer
        from airflow.sdk.plugins_manager import AirflowPlugin
    except ImportError:
        from airflow.plugins_manager import AirflowPlugin  # type: ignore[assignment]
    return AirflowPlugin


def is_backfill(dag_run: Any) -> bool:
    """Tell whether a run belongs to a backfill, first or repeated.

    :param dag_run: the run as the task sees it.
    """
    return run_kind(dag_run) == "backfill"


def run_kind(dag_run: Any) -> str:
    """Return what kind of run it is, such as `scheduled`, `manual` or `backfill`.

    :param dag_run: the run as the task sees it.
    """
    kind = getattr(dag_run, "run_type", None)
    return str(getattr(kind, "value", kind))


def map_index_of(task_instance: Any) -> int:
    """Return the map index of a task instance; -1 for a task that is not mapped.

    :param task_instance: the one of the template context.
    """
    index = getattr(task_instance, "map_index", None)
    return -1 if index is None else int(index)


def run_part(dag_run: Any, context: Mapping[str, Any]) -> str:
    """Return what names a run for the letter key: its logical date, else its partition key, else its run id.

    A scheduled run and a backfill of the same date have different run ids but one logical date, and must be
    the same letter. Partition keys exist since 3.2.

    :param dag_run: the run as the task sees it.
    :param context: the template context, which has the run id under a name of its own.
    """
    from datetime import UTC

    logical_date = getattr(dag_run, "logical_date", None)
    if logical_date is not None:
        return str(logical_date.astimezone(UTC).isoformat())
    return str(getattr(dag_run, "partition_key", None) or context.get("run_id") or dag_run.run_id)
