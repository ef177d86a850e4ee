"""Airflow's task state store and its answers, in a process of its own: one register for each task instance.

Speaks the frames of Airflow's supervisor, so that a try uses Airflow's own side of the wire. As in Airflow,
rows belong to the task instance (run, task, map index) and are looked up by the id that the task instance
has now: a stale try's write is refused with 404, its read says "not found". Between that check and the
commit there is a gap, in which a newer try may begin: up to 80 ms in a quarter of the writes, and up to 800
ms, as when a database stalls, in an eighth (it takes a newer try some 100 ms to get to its own
first question).
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import random
import signal
import socket
import threading
import time
from typing import TYPE_CHECKING, Any

import msgspec
from airflow.sdk.execution_time import comms

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_GAPS, _CHANCES = (0.0, 0.002, 0.08, 0.8), (0.40, 0.23, 0.25, 0.12)
"""Longest seconds between the check and the commit of a write, and how often."""
_PR_SET_PDEATHSIG = 1
_VERDICTS = ("SucceedTask", "RetryTask", "TaskState", "DeferTask")
Row = dict[str, Any]


class _Store:
    """What the register knows."""

    def __init__(self, seed: int, stall: float) -> None:
        self._stall = stall
        self._lock = threading.Lock()
        self._rng = random.Random(seed)
        self._current: dict[str, str] = {}
        self._rows: dict[tuple[str, str], Any] = {}
        self._deferred: dict[str, Row] = {}
        self.log: list[Row] = []

    def begin(self, scope: str, ti_id: str) -> None:
        """Give the task instance a new id: a new try begins."""
        with self._lock:
            self._current[scope] = ti_id
            self.log.append({"t": time.time(), "scope": scope, "op": "begin", "ti": ti_id})

    def deferred(self, ti_id: str) -> Row | None:
        """Return what a task has asked for when it was deferred."""
        with self._lock:
            return self._deferred.get(ti_id)

    def answer(self, scope: str, ti_id: str, body: Row) -> tuple[Row | None, Row | None]:
        """Return body and error of the answer to one message of a try."""
        kind = body.get("type")
        if kind == "GetTaskStateStore":
            return self._get(scope, ti_id, body["key"]), None
        if kind == "SetTaskStateStore":
            return self._set(scope, ti_id, body["key"], body["value"])
        if kind in ("DeleteTaskStateStore", "ClearTaskStateStore"):
            raise AssertionError(f"nobody is to send {kind}")
        if kind in _VERDICTS:
            return self._verdict(scope, ti_id, str(kind), body)
        if kind == "GetXCom":
            return {"key": body["key"], "value": None, "type": "XComResult"}, None
        return None, None

    def _get(self, scope: str, ti_id: str, key: str) -> Row:
        with self._lock:
            current = self._current.get(scope) == ti_id
            value = self._rows.get((scope, key)) if current else None
            self._note(scope, ti_id, "get", key=key, value=value, current=current)
        if value is None:
            return {"type": "ErrorResponse", "error": "TASK_STORE_NOT_FOUND", "detail": {"key": key}}
        return {"type": "TaskStateStoreResult", "value": value}

    def _set(self, scope: str, ti_id: str, key: str, value: Any) -> tuple[Row | None, Row | None]:
        with self._lock:
            current = self._current.get(scope) == ti_id
            gap = self._rng.uniform(0, self._stall or self._rng.choices(_GAPS, _CHANCES)[0])
            if not current:
                self._note(scope, ti_id, "refused", key=key, value=value)
        if not current:
            return None, _stale()
        if gap:
            time.sleep(gap)
        with self._lock:
            late = self._current.get(scope) != ti_id
            other = self._rows.get((scope, key))
            self._rows[scope, key] = value
            self._note(scope, ti_id, "set", key=key, value=value, late=late, other=other)
        return {"type": "OKResponse", "ok": True}, None

    def _verdict(self, scope: str, ti_id: str, kind: str, body: Row) -> tuple[Row | None, Row | None]:
        with self._lock:
            current = self._current.get(scope) == ti_id
            self._note(scope, ti_id, kind, current=current, state=str(body.get("state")))
            if current and kind == "DeferTask":
                self._deferred[ti_id] = body
        return (None, None) if current else (None, _stale())

    def _note(self, scope: str, ti_id: str, op: str, **what: Any) -> None:
        self.log.append({"t": time.time(), "scope": scope, "op": op, "ti": ti_id, **what})


def _stale() -> Row:
    """Return what the supervisor makes of a 404 of Airflow's API."""
    detail = {"status_code": 404, "message": "Not Found", "detail": {"reason": "not_found"}}
    return {"type": "ErrorResponse", "error": "API_SERVER_ERROR", "detail": detail}


def _frames(connection: socket.socket) -> Iterator[Any]:
    decoder = msgspec.msgpack.Decoder(comms._RequestFrame)
    stream = connection.makefile("rb")
    while len(head := stream.read(4)) == 4:
        size = int.from_bytes(head, "big")
        raw = stream.read(size)
        if len(raw) < size:  # the sender was killed within a message
            return
        yield decoder.decode(raw)


def _serve_try(store: _Store, connection: socket.socket, hello: Row) -> None:
    for frame in _frames(connection):
        body, error = store.answer(hello["scope"], hello["ti"], frame.body)
        answer = comms._ResponseFrame(id=frame.id, body=body, error=error)
        connection.sendall(answer.as_bytes())


def _serve_admin(store: _Store, connection: socket.socket) -> None:
    stream = connection.makefile("rwb")
    for line in stream:
        asked = json.loads(line)
        match asked["op"]:
            case "begin":
                answer: Any = store.begin(asked["scope"], asked["ti"])
            case "deferred":
                answer = store.deferred(asked["ti"])
            case _:
                answer = store.log
        stream.write(json.dumps(answer, default=str).encode() + b"\n")
        stream.flush()


def _serve(store: _Store, connection: socket.socket) -> None:
    with connection, contextlib.suppress(ConnectionError):
        hello = b""
        while not hello.endswith(b"\n"):
            got = connection.recv(1)
            if not got:
                return
            hello += got
        said = json.loads(hello)
        if said.get("admin"):
            _serve_admin(store, connection)
        else:
            _serve_try(store, connection, said)


def _main(listener: socket.socket, seed: int, stall: float) -> None:
    store = _Store(seed, stall)
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=_serve, args=(store, connection), daemon=True).start()


def die_with_parent() -> None:
    """Have the kernel kill this process when its parent dies: what is frozen could not end by itself."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


class Register:
    """The register in a process of its own, forked from this one.

    :param path: of its socket.
    :param seed: of the gaps.
    :param stall: the longest gap in seconds, for every write; 0 for the usual mix.
    """

    def __init__(self, path: Path, *, seed: int, stall: float = 0.0) -> None:
        self.path = str(path)
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(self.path)
        listener.listen(256)
        self._pid = os.fork()
        if self._pid == 0:
            try:
                die_with_parent()
                _main(listener, seed, stall)
            finally:
                os._exit(1)
        listener.close()
        self._admin = socket.socket(socket.AF_UNIX)
        self._admin.connect(self.path)
        self._stream = self._admin.makefile("rwb")
        self._stream.write(b'{"admin": true}\n')

    def begin(self, scope: str, ti_id: str) -> None:
        """Give a task instance a new id: from now on its older tries are stale."""
        self._ask(op="begin", scope=scope, ti=ti_id)

    def deferred(self, ti_id: str) -> Row | None:
        """Return what a task has asked for when it was deferred, None if that never got here."""
        found: Row | None = self._ask(op="deferred", ti=ti_id)
        return found

    def log(self) -> list[Row]:
        """Return all that was asked and answered, oldest first."""
        rows: list[Row] = self._ask(op="log")
        return rows

    def stop(self) -> None:
        """End it."""
        self._stream.close()
        self._admin.close()
        os.kill(self._pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self._pid, 0)

    def _ask(self, **what: Any) -> Any:
        self._stream.write(json.dumps(what).encode() + b"\n")
        self._stream.flush()
        return json.loads(self._stream.readline())
