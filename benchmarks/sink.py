"""A server that takes whatever is sent and forgets it: `python -m benchmarks.sink` tells where it answers."""

from __future__ import annotations

import socket

_ANSWER = b'{"id": "print_1", "object": "print"}'


def _swallow(connection: socket.socket, buffer: bytearray) -> None:
    head = b""
    while b"\r\n\r\n" not in head:
        block = connection.recv(65536)
        if not block:
            return
        head += block
    lines, _, rest = head.partition(b"\r\n\r\n")
    length = next(
        int(line.split(b":")[1])
        for line in lines.lower().split(b"\r\n")
        if line.startswith(b"content-length:")
    )
    if b"100-continue" in lines.lower():
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
    left = length - len(rest)
    while left > 0:
        taken = connection.recv_into(buffer)
        if not taken:
            return
        left -= taken
    lines = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
    connection.sendall(lines + b"Content-Length: %d\r\n\r\n" % len(_ANSWER) + _ANSWER)


def main() -> None:
    """Serve until the process is ended."""
    buffer = bytearray(1 << 20)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
        while True:
            connection, _ = listener.accept()
            with connection:
                _swallow(connection, buffer)


if __name__ == "__main__":
    main()
