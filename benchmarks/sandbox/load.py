"""A caller that costs little, so that the server is what is measured: a socket and bytes made before."""

from __future__ import annotations

import json
import socket
import time
from typing import Any
from urllib.parse import urlsplit

KEY = {"Authorization": "Bearer key_sandbox"}


class Line:
    """One kept-alive connection to a server.

    :param url: the server's root.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host = parts.netloc
        self._wire = socket.create_connection((str(parts.hostname), int(parts.port or 80)), timeout=120)
        self._wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def close(self) -> None:
        """End the connection."""
        self._wire.close()

    def request(self, method: str, path: str, body: bytes = b"", kind: str = "application/json") -> bytes:
        """Return the bytes of a request."""
        head = [f"{method} {path} HTTP/1.1", f"Host: {self._host}", *(f"{n}: {v}" for n, v in KEY.items())]
        if body:
            head += [f"Content-Type: {kind}", f"Content-Length: {len(body)}"]
        return "\r\n".join([*head, "", ""]).encode() + body

    def send(self, request: bytes) -> bytes:
        """Send a request and return the body of its answer.

        :raises RuntimeError: when its status is no success.
        """
        self._wire.sendall(request)
        return self.receive()

    def start(self, request: bytes) -> None:
        """Send a request whose answer is received later."""
        self._wire.sendall(request)

    def receive(self) -> bytes:
        """Receive one answer."""
        data = self._wire.recv(256 * 1024)
        while (end := data.find(b"\r\n\r\n")) < 0:
            data += self._piece()
        head = data[:end].lower()
        if not head.startswith(b"http/1.1 2"):
            raise RuntimeError(data[:300].decode(errors="replace"))
        length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
        pieces, left = [data[end + 4 :]], length - len(data) + end + 4
        while left > 0:
            pieces.append(self._piece())
            left -= len(pieces[-1])
        return b"".join(pieces)

    def _piece(self) -> bytes:
        piece = self._wire.recv(1024 * 1024)
        if not piece:
            raise RuntimeError("the server has closed the connection")
        return piece

    def call(self, method: str, path: str, fields: dict[str, Any] | None = None) -> Any:
        """Call with JSON and return what was answered."""
        body = b"" if fields is None else json.dumps(fields).encode()
        return json.loads(self.send(self.request(method, path, body)))


def rate(url: str, path: str, *, seconds: float, lines: int = 8) -> float:
    """Return how many requests a second a server answers, with a few under way all the time."""
    wires = [Line(url) for _ in range(lines)]
    try:
        request = wires[0].request("GET", path)
        for wire in wires:
            wire.start(request)
        done, begin = 0, time.perf_counter()
        while time.perf_counter() - begin < seconds:
            for wire in wires:
                wire.receive()
                wire.start(request)
            done += len(wires)
        taken = time.perf_counter() - begin
        for wire in wires:
            wire.receive()
    finally:
        for wire in wires:
            wire.close()
    return done / taken


def upload(fields: dict[str, str], data: bytes) -> tuple[bytes, str]:
    """Return a multipart body with a PDF in `file`, and its media type."""
    edge = "0123456789abcdef0123456789abcdef"
    parts = [
        f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    head = f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="run.pdf"\r\n'
    parts.append(f"{head}Content-Type: application/pdf\r\n\r\n".encode() + data)
    return b"".join([*parts, f"\r\n--{edge}--\r\n".encode()]), f"multipart/form-data; boundary={edge}"
