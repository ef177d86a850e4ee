"""A server that behaves as badly as it is told to, on a real socket: one behaviour for each request."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    import ssl

Behaviour = Callable[["Talk"], None]


@dataclass
class Seen:
    """A request as it arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Talk:
    """One connection: what arrived on it, and how to answer."""

    connection: socket.socket
    stub: Stub

    def read(self) -> Seen:
        raw = b""
        while b"\r\n\r\n" not in raw:
            block = self.connection.recv(65536)
            if not block:
                raise ConnectionError
            raw += block
        head, _, body = raw.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {k.lower(): v.strip() for k, v in (line.split(":", 1) for line in lines)}
        length = int(headers.get("content-length", "0"))
        while len(body) < length:
            block = self.connection.recv(65536)
            if not block:
                raise ConnectionError
            body += block
        method, path, _ = first.split(" ", 2)
        seen = Seen(method, path, headers, body)
        self.stub.seen.append(seen)
        return seen

    def reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()


@dataclass
class Stub:
    """The server. The last behaviour goes on for all further requests."""

    behaviours: list[Behaviour] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)
    accepted: int = 0
    tls: ssl.SSLContext | None = None

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.done = threading.Event()
        self._open: list[socket.socket] = []
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.done.set()
        self._listener.close()
        for connection in self._open:
            connection.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._open.append(connection)
            behaviour = self.behaviours[min(self.accepted, len(self.behaviours) - 1)]
            self.accepted += 1
            threading.Thread(target=self._talk, args=(behaviour, connection), daemon=True).start()

    def _talk(self, behaviour: Behaviour, connection: socket.socket) -> None:
        try:
            if self.tls is not None:
                connection = self.tls.wrap_socket(connection, server_side=True)
            behaviour(Talk(connection, self))
        except OSError:
            pass
        finally:
            connection.close()


def raw_answer(status: int, body: bytes, headers: dict[str, str] | None = None) -> bytes:
    given = {"Content-Type": "application/json", "Content-Length": str(len(body)), "Connection": "close"}
    given |= headers or {}
    lines = [f"HTTP/1.1 {status} Whatever", *(f"{k}: {v}" for k, v in given.items() if v)]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def answer(status: int, body: Any = None, headers: dict[str, str] | None = None) -> Behaviour:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()

    def behave(talk: Talk) -> None:
        talk.read()
        talk.connection.sendall(raw_answer(status, raw, headers))

    return behave


def reset_at_once(talk: Talk) -> None:
    talk.reset()


def reset_after_reading(talk: Talk) -> None:
    talk.read()
    talk.reset()


def close_after_reading(talk: Talk) -> None:
    talk.read()


def hang(talk: Talk) -> None:
    talk.read()
    talk.stub.done.wait(10)


def truncate(body: bytes, kept: int) -> Behaviour:
    def behave(talk: Talk) -> None:
        talk.read()
        talk.connection.sendall(raw_answer(200, body)[: -len(body)] + body[:kept])

    return behave


def dribble(raw: bytes, pause: float) -> Behaviour:
    """Send one byte at a time."""

    def behave(talk: Talk) -> None:
        talk.read()
        for byte in raw:
            talk.connection.sendall(bytes([byte]))
            if talk.stub.done.wait(pause):
                return

    return behave


def endless(head: bytes, block: bytes, most: int) -> Behaviour:
    """Send a block again and again, until the other side has had enough."""

    def behave(talk: Talk) -> None:
        talk.read()
        talk.connection.sendall(head)
        for _ in range(most):
            talk.connection.sendall(block)

    return behave


def swallow(talk: Talk) -> None:
    """Read a request without keeping it, however long it is, and say that all is well."""
    head = talk.connection.recv(65536)
    length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
    left = length - len(head.partition(b"\r\n\r\n")[2])
    while left > 0:
        left -= len(talk.connection.recv(65536))
    talk.connection.sendall(raw_answer(200, b'{"id": "print_1", "object": "print"}'))
