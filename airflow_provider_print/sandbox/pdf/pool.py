"""A few PDF workers: started when needed, stopped when a file is too much for them."""

from __future__ import annotations

import atexit
import contextlib
import os
import queue
import selectors
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import airflow_provider_print
from airflow_provider_print.sandbox.pdf import protocol
from airflow_provider_print.sandbox.pdf.errors import UnreadableFile

#: Seconds that one call may take, however hostile the file.
CALL_SECONDS = 20.0
#: Seconds that a worker may need to start: importing the PDF libraries on a loaded machine.
START_SECONDS = 60.0
#: Seconds that an idle worker may need to end by itself.
GENTLE_SECONDS = 0.5
#: Workers at most. pdfium is not thread safe, so each works on one call at a time.
WORKERS = 2

_TOO_MUCH = "This file takes more time or memory than the sandbox gives to one file."


class Worker:
    """One child process; used by one thread at a time."""

    def __init__(self) -> None:
        root = str(Path(airflow_provider_print.__file__).resolve().parent.parent)
        path = os.pathsep.join([root, *filter(None, sys.path)])
        self._process = subprocess.Popen(
            [sys.executable, "-m", "airflow_provider_print.sandbox.pdf.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # A bare environment: the worker needs none of ours, and must not find a secret in it.
            env={"PATH": os.environ.get("PATH", ""), "PYTHONPATH": path, "HOME": os.environ.get("HOME", "/")},
        )
        self._last: bytes | None = None
        self._stopped = False
        try:
            self._answer(time.monotonic() + START_SECONDS)
        except (EOFError, TimeoutError) as error:
            self.stop()
            raise RuntimeError(
                "The PDF worker did not start. Is airflow-provider-print[sandbox] installed?"
            ) from error

    def call(self, name: str, args: list[Any], kwargs: dict[str, Any], seconds: float) -> dict[str, Any]:
        """Send one call and return the worker's answer.

        :raises EOFError: the worker died
        :raises TimeoutError: it took longer than `seconds`
        """
        deadline = time.monotonic() + seconds
        message: dict[str, Any] = {"name": name, "args": args, "kwargs": kwargs}
        if args and isinstance(args[0], bytes):
            if args[0] == self._last:
                message.update(args=args[1:], same_file=True)
            self._last = args[0]
        self._send(b"".join(protocol.pack(message)), deadline)
        return self._answer(deadline)

    @property
    def alive(self) -> bool:
        """Whether the process still runs and may be called."""
        return not self._stopped and self._process.poll() is None

    def stop(self) -> None:
        """End the process and wait for it: gently first, so that it can tidy up its temporary files."""
        self._stopped = True
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                with contextlib.suppress(OSError):
                    pipe.close()
        try:
            self._process.wait(timeout=GENTLE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _send(self, data: bytes, deadline: float) -> None:
        pipe = self._process.stdin
        assert pipe is not None
        os.set_blocking(pipe.fileno(), False)
        view = memoryview(data)
        while view:
            self._wait(pipe.fileno(), selectors.EVENT_WRITE, deadline)
            try:
                view = view[os.write(pipe.fileno(), view) :]
            except BlockingIOError:
                continue
            except BrokenPipeError as error:
                raise EOFError from error

    def _answer(self, deadline: float) -> dict[str, Any]:
        pipe = self._process.stdout
        assert pipe is not None
        handle = pipe.fileno()

        def read(count: int) -> bytes:
            data = bytearray()
            while len(data) < count:
                self._wait(handle, selectors.EVENT_READ, deadline)
                chunk = os.read(handle, min(count - len(data), 1024 * 1024))
                if not chunk:
                    raise EOFError
                data += chunk
            return bytes(data)

        answer: dict[str, Any] = protocol.unpack(read)
        return answer

    @staticmethod
    def _wait(handle: int, event: int, deadline: float) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(handle, event)
            if not selector.select(max(0.0, deadline - time.monotonic())):
                raise TimeoutError


class Pool:
    """Hands calls to workers; a worker that died or ran too long is replaced by the next call.

    :param size: workers at most
    """

    def __init__(self, size: int = WORKERS) -> None:
        # Last in, first out: the second worker starts only when the first is busy.
        self._idle: queue.LifoQueue[Worker | None] = queue.LifoQueue()
        for _ in range(size):
            self._idle.put(None)
        self._lock = threading.Lock()
        self._running: set[Worker] = set()

    def call(self, name: str, *args: Any, seconds: float = CALL_SECONDS, **kwargs: Any) -> Any:
        """Call a function of the worker and return its value.

        :raises UnreadableFile: what the function raised, or a file that killed or outlasted its worker
        """
        worker = self._idle.get()
        try:
            if worker is None or not worker.alive:
                worker = self._replace(worker)
            try:
                answer = worker.call(name, list(args), kwargs, seconds)
            except BaseException as error:  # whatever it was, the next call must not find half an answer
                self._drop(worker)
                worker = None
                if isinstance(error, EOFError | TimeoutError | ValueError):
                    raise UnreadableFile("too large", _TOO_MUCH) from error
                raise
        finally:
            self._idle.put(worker)
        if "reason" in answer:
            raise UnreadableFile(answer["reason"], answer["message"])
        return answer["value"]

    def close(self) -> None:
        """Stop every worker; the pool can still be used afterwards and starts new ones."""
        with self._lock:
            running, self._running = self._running, set()
        for worker in running:
            worker.stop()

    def _replace(self, old: Worker | None) -> Worker:
        if old is not None:
            self._drop(old)
        worker = Worker()
        with self._lock:
            self._running.add(worker)
        return worker

    def _drop(self, worker: Worker) -> None:
        with self._lock:
            self._running.discard(worker)
        worker.stop()


pool = Pool()
atexit.register(pool.close)
