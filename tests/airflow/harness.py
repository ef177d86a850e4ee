"""Runs one task in Airflow's own task runner, without a database: templates, XComs, links, retries are real.

Airflow's supervisor is played by `Supervisor`, which keeps what the task tells it. The task runner is not a
public interface, so its differences between versions are dealt with here and nowhere else.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import structlog
from airflow.sdk import DAG
from airflow.sdk.api.datamodels import _generated as models
from airflow.sdk.exceptions import AirflowRuntimeError
from airflow.sdk.execution_time import comms, task_runner

if TYPE_CHECKING:
    from collections.abc import Iterator

RUN_ID = "scheduled__2026-11-01"
LOGICAL_DATE = datetime(2026, 11, 1, 7, tzinfo=UTC)


class Supervisor:
    """Answers a task as Airflow's supervisor does, and remembers what it was told.

    :param xcoms: results of earlier tasks by task id.
    :param first_reschedule: when a sensor was first rescheduled.
    :param register: the task state store, which outlives a try.
    :param refuses_writes: the status that a write to it is refused with.
    """

    socket = None

    def __init__(
        self,
        xcoms: dict[str, Any] | None = None,
        first_reschedule: datetime | None = None,
        register: dict[str, Any] | None = None,
        refuses_writes: int | None = None,
    ) -> None:
        self.register = {} if register is None else register
        self.refuses_writes = refuses_writes
        self.expires: dict[str, datetime | None] = {}
        self.earlier = xcoms or {}
        self.first_reschedule = first_reschedule
        self.xcoms: dict[str, Any] = {}
        self.rendered: dict[str, Any] = {}
        self.told: list[Any] = []

    def send(self, msg: Any) -> Any:
        self.told.append(msg)
        handler = getattr(self, f"_{type(msg).__name__}", None)
        if handler is None:
            return comms.OKResponse(ok=True)
        return handler(msg)

    async def asend(self, msg: Any) -> Any:
        return self.send(msg)

    def _SetXCom(self, msg: Any) -> Any:  # noqa: N802 - Airflow's message
        self.xcoms[msg.key] = msg.value
        return comms.OKResponse(ok=True)

    def _GetXCom(self, msg: Any) -> Any:  # noqa: N802 - Airflow's message
        source = self.earlier.get(msg.task_id, {}) if msg.task_id in self.earlier else None
        if msg.key == "return_value" and msg.task_id in self.earlier:
            return comms.XComResult(key=msg.key, value=source)
        return comms.XComResult(key=msg.key, value=self.xcoms.get(msg.key))

    def _GetXComCount(self, msg: Any) -> Any:  # noqa: N802 - Airflow's message
        return comms.XComCountResponse(len=len(self.earlier[msg.task_id]))

    def _GetXComSequenceItem(self, msg: Any) -> Any:  # noqa: N802 - Airflow's message
        return comms.XComSequenceIndexResult(root=self.earlier[msg.task_id][msg.offset])

    def _GetXComSequenceSlice(self, msg: Any) -> Any:  # noqa: N802 - Airflow's message
        earlier = self.earlier[msg.task_id]
        rows = earlier if isinstance(earlier, list) else [earlier]
        return comms.XComSequenceSliceResult(root=rows[msg.start : msg.stop : msg.step])

    def _SetRenderedFields(self, msg: Any) -> Any:  # noqa: N802 - Airflow's message
        self.rendered = dict(msg.rendered_fields)
        return comms.OKResponse(ok=True)

    def _GetTaskRescheduleStartDate(self, _msg: Any) -> Any:  # noqa: N802 - Airflow's message
        return comms.TaskRescheduleStartDate(start_date=self.first_reschedule)

    def _GetTaskStateStore(self, msg: Any) -> Any:  # noqa: N802 - Airflow's message
        if msg.key not in self.register:
            return comms.ErrorResponse(error=comms.ErrorType.TASK_STORE_NOT_FOUND)
        return comms.TaskStateStoreResult(value=self.register[msg.key])

    def _SetTaskStateStore(self, msg: Any) -> Any:  # noqa: N802 - Airflow's message
        if self.refuses_writes is not None:
            detail = {"status_code": self.refuses_writes}
            raise AirflowRuntimeError(
                comms.ErrorResponse(error=comms.ErrorType.API_SERVER_ERROR, detail=detail)
            )
        self.register[msg.key] = msg.value
        self.expires[msg.key] = msg.expires_at
        return comms.OKResponse(ok=True)


@dataclass
class Ran:
    """What became of one stretch of a task."""

    state: str
    message: Any
    error: BaseException | None
    supervisor: Supervisor = field(repr=False)

    @property
    def result(self) -> Any:
        """What the task has returned."""
        return self.supervisor.xcoms.get("return_value")

    @property
    def rendered(self) -> dict[str, Any]:
        """The fields as Airflow shows them."""
        return self.supervisor.rendered

    @property
    def trigger(self) -> Any:
        """The trigger that a deferred task waits for, rebuilt from what Airflow stores of it."""
        module, _, name = self.message.classpath.rpartition(".")
        return getattr(import_module(module), name)(**serde().deserialize(self.message.trigger_kwargs))


def serde() -> Any:
    """Return Airflow's module for values on their way through the database; it has moved in 3.2."""
    try:
        return import_module("airflow.sdk.serde")
    except ImportError:
        return import_module("airflow.serialization.serde")


def run_task(
    op: Any,
    *,
    map_index: int = -1,
    supervisor: Supervisor | None = None,
    event: Any = None,
    try_number: int = 1,
    logical_date: datetime | None = LOGICAL_DATE,
    run_id: str = RUN_ID,
    reschedules: int = 0,
    params: dict[str, Any] | None = None,
    **run: Any,
) -> Ran:
    """Run one stretch of a task: the start, or the resume after an event.

    :param op: an operator of a DAG, mapped or not.
    :param event: payload of the trigger's event, for a resume.
    :param run: more about the run, such as `run_type`, `clear_number` or `run_after`.
    """
    supervisor = supervisor or Supervisor()
    log = structlog.get_logger("task")
    ti = _task_instance(op, map_index, try_number, logical_date, run_id, reschedules, params, run)
    if event is not None:
        ti._ti_context_from_server.next_method = "execute_complete"
        ti._ti_context_from_server.next_kwargs = _stored({"event": event})
    with supervised_by(supervisor):
        context = ti.get_template_context()
        if event is not None:
            context["next_method"] = "execute_complete"  # type: ignore[typeddict-unknown-key]
        state, message, error = task_runner.run(ti, context, log)
        task_runner.finalize(ti, state, context, log, error)
    return Ran(str(getattr(state, "value", state)), message, error, supervisor)


def dag(**kwargs: Any) -> DAG:
    """Return a DAG to put operators into."""
    return DAG("unit", schedule=None, start_date=datetime(2026, 1, 1, tzinfo=UTC), **kwargs)


def _stored(kwargs: dict[str, Any]) -> Any:
    """Return the arguments of a resume as Airflow keeps them until then."""
    try:
        return import_module("airflow.sdk.serde").serialize(kwargs)
    except ImportError:
        return import_module("airflow.serialization.serialized_objects").BaseSerialization.serialize(kwargs)


def stored_dag(one: DAG) -> str:
    """Return what Airflow stores of a DAG, as JSON; the class that makes it has changed its name in 3.2."""
    module = import_module("airflow.serialization.serialized_objects")
    serializer = getattr(module, "DagSerialization", None) or module.SerializedDAG
    return json.dumps(serializer.to_dict(one))


@contextmanager
def supervised_by(supervisor: Supervisor) -> Iterator[None]:
    from airflow.sdk.execution_time.supervisor import set_supervisor_comms

    with set_supervisor_comms(supervisor):  # type: ignore[arg-type]
        yield


def _task_instance(
    op: Any,
    map_index: int,
    try_number: int,
    logical_date: datetime | None,
    run_id: str,
    reschedules: int,
    params: dict[str, Any] | None,
    run: dict[str, Any],
) -> Any:
    now = datetime.now(UTC)
    dag_run = {
        "dag_id": op.dag_id,
        "run_id": run_id,
        "logical_date": logical_date,
        "data_interval_start": logical_date,
        "data_interval_end": logical_date,
        "run_after": now,
        "start_date": now,
        "end_date": None,
        "partition_key": None,
        "run_type": "manual",
        "state": "running",
        "clear_number": 0,
        "conf": params or {},
        "consumed_asset_events": [],
        **run,
    }
    fields = models.DagRun.model_fields
    server = models.TIRunContext.model_validate(
        {
            "dag_run": {name: value for name, value in dag_run.items() if name in fields},
            "task_reschedule_count": reschedules,
            "max_tries": op.retries or 0,
            "should_retry": bool(op.retries),
            "variables": [],
            "connections": [],
            "xcom_keys_to_clear": [],
        }
    )
    return task_runner.RuntimeTaskInstance.model_construct(
        id=uuid4(),
        task_id=op.task_id,
        dag_id=op.dag_id,
        run_id=run_id,
        try_number=try_number,
        map_index=map_index,
        dag_version_id=uuid4(),
        task=op,
        _ti_context_from_server=server,
        max_tries=op.retries or 0,
        start_date=now,
        bundle_instance=None,
        hostname="here",
        sentry_integration="",
    )
