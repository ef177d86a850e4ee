"""One try: a forked process in which Airflow's own task runner runs the task, watched down to its sockets."""

from __future__ import annotations

import asyncio
import functools
import http.client
import json
import os
import signal
import socket
import sys
import time
import traceback
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import structlog
from airflow.sdk import serde
from airflow.sdk.api.datamodels import _generated as models
from airflow.sdk.execution_time import comms, task_runner
from airflow.sdk.execution_time.supervisor import set_supervisor_comms
from pydantic import TypeAdapter

from proofs.chaos import tasks
from proofs.chaos.register import die_with_parent
from proofs.chaos.service import TAG

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from proofs.chaos.plan import Blow

SUCCESS, UP_FOR_RETRY, FAILED, DEFERRED, HARNESS = 0, 11, 12, 13, 14
_CODES = {"success": SUCCESS, "up_for_retry": UP_FOR_RETRY, "failed": FAILED, "deferred": DEFERRED}
_ANSWERS: TypeAdapter[Any] = TypeAdapter(comms.ToTask)
_TOLD = ("SetTaskStateStore", "GetTaskStateStore", "SucceedTask", "RetryTask", "TaskState", "DeferTask")


@dataclass(frozen=True, kw_only=True)
class Orders:
    """What a process is to do.

    :param operator: the task.
    :param letter: which letter, counted from 0.
    :param number: which try, counted from 1.
    :param ti_id: id of the task instance for this try.
    :param scope: names the task instance, whatever its try.
    :param stretch: 0 for the start of the task, more for a resume after a wait.
    :param register: path of the socket of the register.
    :param has_store: whether this Airflow has a task state store.
    :param log: file for all that is said.
    :param marks: file descriptor for the marks of progress.
    :param event: what the trigger has sent, for a resume.
    """

    operator: Any
    letter: int
    number: int
    ti_id: str
    scope: str
    register: str
    log: Path
    marks: int
    has_store: bool = True
    stretch: int = 0
    event: Any = None

    @property
    def tag(self) -> str:
        """What the requests of this process are marked with."""
        return f"{self.letter}/{self.number}/{self.stretch}"


class Progress:
    """Counts what goes over the sockets of this process, writes marks, and strikes when its moment has come.

    :param marks: file descriptor for the marks.
    :param kind: `kill` or `freeze`, or anything else for never.
    :param by: `bytes`, `steps` or `marks`; a blow by time comes from outside.
    :param at: how many; half a mark more is at the end of the send or receipt that follows it.
    """

    def __init__(self, marks: int, *, kind: str, by: str, at: float) -> None:
        self._marks = marks
        self._signal = {"kill": signal.SIGKILL, "freeze": signal.SIGSTOP}.get(kind)
        self._by, self._at = by, int(at) + (by == "marks")
        self._after = by == "marks" and at % 1 >= 0.5
        self.bytes = self.steps = self.marks = 0

    def mark(self, *words: object) -> None:
        """Write down that something has happened, in one piece, so that it outlives this process."""
        os.write(self._marks, (" ".join([f"{time.time():.6f}", *map(str, words)]) + "\n").encode())
        if words[0] != "struck":
            self.marks += 1
            if not self._after:
                self._strike("marks", self.marks)

    def room(self, size: int) -> int:
        """Return how many of so many bytes may go before the blow."""
        if self._signal is None or self._by != "bytes":
            return size
        return min(size, max(0, self._at - self.bytes))

    def gone(self, size: int) -> None:
        """Count so many bytes in one step, and strike if it is time."""
        self.bytes += size
        self.steps += 1
        self._strike("steps", self.steps)
        if self._after:
            self._strike("marks", self.marks)

    def strike_by_bytes(self) -> None:
        """Strike if the bytes have come so far."""
        self._strike("bytes", self.bytes)

    def _strike(self, by: str, count: int) -> None:
        if self._signal is not None and self._by == by and count >= self._at:
            struck, self._signal = self._signal, None
            self.mark("struck")
            os.kill(os.getpid(), struck)


def watch_sockets(progress: Progress) -> None:
    """Count every byte that this process sends or receives; cut a message in two where the blow falls."""
    sendall, recv, recv_into = socket.socket.sendall, socket.socket.recv, socket.socket.recv_into

    def sending(self: socket.socket, data: Any, *flags: int) -> None:
        view = memoryview(data).cast("B")
        room = progress.room(len(view))
        if room < len(view):
            sendall(self, view[:room], *flags)
            progress.bytes += room
            progress.strike_by_bytes()
            sendall(self, view[room:], *flags)
            progress.gone(len(view) - room)
            return
        sendall(self, view, *flags)
        progress.gone(len(view))

    def receiving(self: socket.socket, *args: Any) -> bytes:
        data = recv(self, *args)
        progress.gone(len(data))
        progress.strike_by_bytes()
        return data

    def receiving_into(self: socket.socket, *args: Any, **named: Any) -> int:
        size = recv_into(self, *args, **named)
        progress.gone(size)
        progress.strike_by_bytes()
        return size

    socket.socket.sendall = sending  # type: ignore[method-assign]
    socket.socket.recv = receiving  # type: ignore[method-assign]
    socket.socket.recv_into = receiving_into  # type: ignore[method-assign,assignment]


def watch_calls(progress: Progress, tag: str) -> None:
    """Mark where each request begins, is wholly sent, and is answered; and mark the request itself."""
    connection = http.client.HTTPConnection
    putrequest, endheaders, getresponse = connection.putrequest, connection.endheaders, connection.getresponse
    count = 0

    def beginning(self: Any, method: str, url: str, *args: Any, **named: Any) -> None:
        nonlocal count
        count += 1
        progress.mark("begin", count, method, url.split("?")[0])
        putrequest(self, method, url, *args, **named)

    def ending_headers(self: Any, *args: Any, **named: Any) -> None:
        self.putheader(TAG, f"{tag}/{count}")
        endheaders(self, *args, **named)

    def answered(self: Any, *args: Any, **named: Any) -> Any:
        number = count
        progress.mark("sent", number)
        try:
            response = getresponse(self, *args, **named)
        except BaseException as error:
            progress.mark("lost", number, type(error).__name__)
            raise
        progress.mark("answered", number, response.status)
        return response

    connection.putrequest = beginning  # type: ignore[method-assign]
    connection.endheaders = ending_headers  # type: ignore[method-assign]
    connection.getresponse = answered  # type: ignore[method-assign]


def watch_register(progress: Progress) -> type[comms.CommsDecoder[Any, Any]]:
    """Return Airflow's side of the wire to its supervisor, with a mark before and after what counts here."""

    class Watched(comms.CommsDecoder[Any, Any]):
        def send(self, msg: Any) -> Any:
            name = type(msg).__name__
            if name not in _TOLD:
                return super().send(msg)
            key = getattr(msg, "key", "-")
            progress.mark("asking", name, key)
            try:
                answer = super().send(msg)
            except Exception:
                progress.mark("refused", name, key)
                raise
            progress.mark("told", name, key)
            return answer

    return Watched


def fork(orders: Orders, blow: Blow, at: float) -> int:
    """Run a stretch of a task in a process of its own and return its id; it ends with one of the codes above.

    :param blow: what happens to it, if that is not measured in time.
    :param at: when, in bytes, steps or marks.
    """
    return _forked(orders, lambda: _run(orders, Progress(orders.marks, kind=blow.kind, by=blow.by, at=at)))


def fork_triggerer(orders: Orders, deferred: dict[str, Any]) -> int:
    """Run the trigger of a deferred task in a process of its own; its event comes as the mark `event`."""
    return _forked(orders, lambda: _trigger(orders, deferred))


def warm_up() -> None:
    """Load what Airflow loads when it first runs a task: plugins, listeners, some modules.

    Airflow makes the same validator anew for each of some thirty rendered fields, which is half of the work
    of a try; here it is kept.
    """
    from airflow.sdk.listener import get_listener_manager
    from airflow.sdk.plugins_manager import integrate_macros_plugins

    task_runner.TypeAdapter = functools.cache(TypeAdapter)  # type: ignore[misc,assignment]
    task_runner.TypeAdapter(task_runner.JsonValue)
    get_listener_manager()
    integrate_macros_plugins()
    for name in ("definitions.connection", "execution_time.cache"):
        import_module(f"airflow.sdk.{name}")
    import_module("airflow.utils.net")
    import_module("jinja2.ext")


def _forked(orders: Orders, body: Callable[[], int]) -> int:
    pid = os.fork()
    if pid:
        return pid
    code = HARNESS
    try:
        die_with_parent()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        said = os.open(orders.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(said, 1)
        os.dup2(said, 2)
        code = body()
    except BaseException:  # noqa: BLE001 - whatever it is, it must not run on as a second parent
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _run(orders: Orders, progress: Progress) -> int:
    watch_sockets(progress)
    watch_calls(progress, orders.tag)
    line = socket.socket(socket.AF_UNIX)
    line.connect(orders.register)
    line.send(json.dumps({"scope": orders.scope, "ti": orders.ti_id}).encode() + b"\n")
    log = structlog.get_logger("task")
    task_instance = _task_instance(orders)
    supervisor = watch_register(progress)(socket=line, log=log, body_decoder=_ANSWERS, err_decoder=_ANSWERS)
    with set_supervisor_comms(supervisor):
        context = task_instance.get_template_context()
        if not orders.has_store:
            context.pop("task_state_store", None)
        if orders.event is not None:
            context["next_method"] = "execute_complete"
        state, _message, error = task_runner.run(task_instance, context, log)
        name = str(getattr(state, "value", state))
        progress.mark("end", name, type(error).__name__, progress.bytes, progress.steps, progress.marks)
        task_runner.finalize(task_instance, state, context, log, error)
    return _CODES[name]


def _trigger(orders: Orders, deferred: dict[str, Any]) -> int:
    module, _, name = deferred["classpath"].rpartition(".")
    trigger = getattr(import_module(module), name)(**serde.deserialize(deferred["trigger_kwargs"]))

    async def first() -> Any:
        async for event in trigger.run():
            return event.payload
        raise AssertionError("the trigger ended without an event")

    progress = Progress(orders.marks, kind="none", by="time", at=0)
    watch_calls(progress, orders.tag)
    progress.mark("waiting")
    payload = asyncio.run(first())
    progress.mark("event", json.dumps(payload))
    return SUCCESS


def _task_instance(orders: Orders) -> Any:
    now = datetime.now(UTC)
    logical_date = tasks.run_of(orders.letter)
    run_id = f"scheduled__{logical_date.isoformat()}"
    op = orders.operator
    dag_run = {
        "dag_id": op.dag_id,
        "run_id": run_id,
        "logical_date": logical_date,
        "data_interval_start": logical_date,
        "data_interval_end": logical_date,
        "run_after": now,
        "start_date": now,
        "run_type": "scheduled",
        "state": "running",
        "clear_number": 0,
        "conf": {},
        "consumed_asset_events": [],
        "end_date": None,
        "partition_key": None,
    }
    fields = models.DagRun.model_fields
    server = models.TIRunContext.model_validate(
        {
            "dag_run": {name: value for name, value in dag_run.items() if name in fields},
            "max_tries": tasks.RETRIES,
            "should_retry": True,
            "task_reschedule_count": 0,
            "variables": [],
            "connections": [],
            "xcom_keys_to_clear": [],
        }
    )
    if orders.event is not None:
        server.next_method = "execute_complete"
        server.next_kwargs = serde.serialize({"event": orders.event})
    return task_runner.RuntimeTaskInstance.model_construct(
        id=UUID(orders.ti_id),
        task_id=op.task_id,
        dag_id=op.dag_id,
        run_id=run_id,
        try_number=orders.number,
        map_index=-1,
        dag_version_id=uuid4(),
        task=op,
        _ti_context_from_server=server,
        max_tries=tasks.RETRIES,
        start_date=now,
        bundle_instance=None,
        hostname="here",
        sentry_integration="",
    )
