"""The way out: sends answers over ASGI, and spoils them as a fault rule says, down to the TCP connection."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import struct
from collections.abc import Awaitable, Callable, MutableMapping
from typing import TYPE_CHECKING, Any

from airflow_provider_print.sandbox.core import Answer

if TYPE_CHECKING:
    from airflow_provider_print.sandbox.fault_rules import Rule

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


WHOLE = frozenset({"none", "status", "garbage", "dribble", "delay"})
"""Kinds of faults after which something whole has been sent, unless the client went away."""
WITH_STATUS = WHOLE | {"truncate"}
"""Kinds of faults in which at least the status of an answer is sent."""


_JSON = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)

STREAM_SECONDS = 0.25
"""Real seconds between two looks at a stream."""


class Wire:
    """One connection while one request is answered.

    :param scope: the ASGI scope; its state holds the transport, see `protocol`.
    :param receive: the ASGI channel in; its next message after the body says that the client has gone.
    :param send: the ASGI channel out.
    :param release: set when nobody shall hang any longer.
    """

    def __init__(self, scope: Scope, receive: Receive, send: Send, *, release: asyncio.Event) -> None:
        self._head = scope["method"] == "HEAD"
        self._transport: asyncio.Transport | None = scope.get("state", {}).get("transport")
        self._receive, self._send_raw, self._release = receive, send, release
        self.started = False
        """Whether an answer has begun."""

    async def send(self, answer: Answer, *, close: bool = False) -> bool:
        """Send a whole answer; False when the client had gone by then."""
        status, headers, body = encode(answer)
        if close:
            headers.append((b"connection", b"close"))
        gone = self._transport is not None and self._transport.is_closing()
        if answer.stream is not None and not self._head:
            return await self._stream(answer, answer.stream)
        await self._send({"type": "http.response.start", "status": status, "headers": headers})
        await self._send({"type": "http.response.body", "body": b"" if self._head else body})
        return not gone

    async def _stream(self, answer: Answer, more: Callable[[], bytes]) -> bool:
        """Send what there is until the client goes away or everything is let go of; it holds no thread."""
        status, headers, body = encode(answer)
        headers = [(name, value) for name, value in headers if name != b"content-length"]
        await self._send({"type": "http.response.start", "status": status, "headers": headers})
        piece = body
        while True:
            if piece:
                await self._send({"type": "http.response.body", "body": piece, "more_body": True})
            if await self._pause(STREAM_SECONDS):
                break
            piece = more()
        await self._send({"type": "http.response.body", "body": b""})
        return True

    async def drop(self) -> None:
        """End the connection without an answer, unless one has begun."""
        await self._close()

    async def play(self, rule: Rule, answer: Answer, noise: Callable[[int], bytes]) -> bool:
        """Spoil an answer; True when something whole was sent in spite of it."""
        match rule.kind:
            case "reset":
                await self._reset()
            case "close":
                await self._close()
            case "hang":
                await self._pause(rule.seconds)
                await self._close()
            case "truncate":
                await self._truncate(rule, answer)
            case "dribble":
                return await self._dribble(rule, answer)
            case "delay":
                await self._pause(rule.delay)
                return await self.send(answer)
            case "garbage":
                junk = Answer(answer.status, noise(rule.bytes or 200), content_type="application/json")
                return await self.send(junk)
            case _:
                return await self.send(answer)
        return False

    async def delay(self, seconds: float) -> None:
        """Wait real seconds, shorter when everything is released or the client goes away."""
        await self._pause(seconds)

    async def _send(self, message: Message) -> None:
        self.started = True
        await self._send_raw(message)

    async def _reset(self) -> None:
        if self._transport is None:
            return
        connection = self._transport.get_extra_info("socket")
        if connection is not None:
            # With a linger time of zero the kernel drops what is unsent and answers with RST instead of FIN.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._transport.abort()
        await self._gone()

    async def _close(self) -> None:
        if self._transport is not None:
            self._transport.close()
            await self._gone()

    async def _gone(self) -> None:
        """Wait until the server knows that the connection is over, or it would still answer for us."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._disconnected(), 5)

    async def _truncate(self, rule: Rule, answer: Answer) -> None:
        status, headers, body = encode(answer)
        keep = len(body) // 2 if rule.bytes is None else min(rule.bytes, max(0, len(body) - 1))
        await self._send({"type": "http.response.start", "status": status, "headers": headers})
        await self._send({"type": "http.response.body", "body": body[:keep], "more_body": True})
        await self._close()

    async def _dribble(self, rule: Rule, answer: Answer) -> bool:
        status, headers, body = encode(answer)
        step = max(1, rule.bytes or 1)
        await self._send({"type": "http.response.start", "status": status, "headers": headers})
        for start in range(0, len(body), step):
            piece, more = body[start : start + step], start + step < len(body)
            await self._send({"type": "http.response.body", "body": piece, "more_body": more})
            if more and await self._pause(rule.pause):
                await self._close()
                return False
        return True

    async def _pause(self, seconds: float) -> bool:
        """Wait; True when it was cut short."""
        gone = asyncio.ensure_future(self._disconnected())
        released = asyncio.ensure_future(self._release.wait())
        try:
            done, _ = await asyncio.wait(
                {gone, released}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            gone.cancel()
            released.cancel()
        return bool(done)

    async def _disconnected(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass


def encode(answer: Answer) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """Status, raw headers and body of an answer."""
    body, kind = answer.body, answer.content_type
    if isinstance(body, dict | list):
        data = _JSON.encode(body).encode(errors="backslashreplace")
        kind = kind or "application/json; charset=utf-8"
    elif isinstance(body, str):
        data, kind = body.encode(errors="backslashreplace"), kind or "text/plain; charset=utf-8"
    else:
        data, kind = bytes(body), kind or "application/octet-stream"
    headers = [
        (name.lower().encode("latin-1"), str(value).encode("latin-1"))
        for name, value in answer.headers.items()
    ]
    if answer.status in (204, 304):
        return answer.status, headers, b""
    names = {name for name, _ in headers}
    if b"content-type" not in names:
        headers.append((b"content-type", kind.encode()))
    if not names & {b"content-length", b"transfer-encoding"}:
        headers.append((b"content-length", str(len(data)).encode()))
    return answer.status, headers, data
