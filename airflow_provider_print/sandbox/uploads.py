"""The way in: reads the bodies of requests, so that many large or slow ones at once do no harm."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NamedTuple, Self

from airflow_provider_print.sandbox.core import MAX_BODY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow_provider_print.sandbox.wire import Message, Receive

ROOM = 256 * 1024 * 1024
"""Bytes of large bodies that are held at once; who comes when there is no room waits for it."""
SECONDS = 120.0
"""Real seconds in which a large body must have arrived, because it takes room from others."""
_SMALL = 1024 * 1024
_DRAIN = 1024 * 1024 * 1024


class Body(NamedTuple):
    """What came with a request.

    :param data: b"" when it was too large.
    :param too_large: whether it was over `MAX_BODY` bytes and thrown away.
    """

    data: bytes = b""
    too_large: bool = False


class Room:
    """Bytes that are shared by all who ask; who asks first gets first, so that the large ones get any.

    :param size: how many there are.
    """

    def __init__(self, size: int) -> None:
        self._free = size
        self._turn = asyncio.Lock()
        self._more = asyncio.Event()

    async def take(self, size: int) -> None:
        """Wait until there are so many."""
        async with self._turn:
            while self._free < size:
                self._more.clear()
                await self._more.wait()
            self._free -= size

    def put_back(self, size: int) -> None:
        """Let others have so many."""
        self._free += size
        self._more.set()


class Share:
    """A part of a room while a request is answered; of none, nobody waits."""

    def __init__(self, room: Room, size: int) -> None:
        self._room, self.size = room, size

    async def __aenter__(self) -> Self:
        if self.size:
            try:
                await self._room.take(self.size)
            except BaseException:
                self.size = 0
                raise
        return self

    async def __aexit__(self, *_error: object) -> None:
        self.give_back()

    def give_back(self) -> None:
        """Let others have it, before the end if need be."""
        if self.size:
            self._room.put_back(self.size)
            self.size = 0


def size_of(headers: Mapping[str, str]) -> int:
    """Return the bytes to reserve for a body; 0 for a small one, and for one that is thrown away anyhow.

    One whose size is not said may become as large as any.
    """
    if "transfer-encoding" in headers:
        return MAX_BODY
    said = headers.get("content-length", "0")
    size = int(said) if said.isdecimal() else 0
    return size if _SMALL < size <= MAX_BODY else 0


async def read(headers: Mapping[str, str], receive: Receive, share: Share) -> Body | None:
    """Return the body; None when the client went away, or took too long, before all of it was there.

    Such a request is none: it must not be taken for one with another body.
    """
    message = await receive()
    if message["type"] == "http.disconnect":
        has_body = "transfer-encoding" in headers or headers.get("content-length", "0") != "0"
        return None if has_body else Body()
    if not message.get("more_body"):
        whole = message.get("body", b"")
        return Body(too_large=True) if len(whole) > MAX_BODY else Body(whole)
    try:
        async with asyncio.timeout(SECONDS if share.size else None):
            return await _gather(message, receive)
    except TimeoutError:
        return None


async def _gather(message: Message, receive: Receive) -> Body | None:
    """Put the pieces together.

    What is too much is read and thrown away, so that a client that writes before it reads sees the refusal.
    """
    body, total = bytearray(), 0
    while message["type"] != "http.disconnect":
        piece = message.get("body", b"")
        total += len(piece)
        if total <= MAX_BODY:
            body += piece
        else:
            body.clear()
        if not message.get("more_body") or total > _DRAIN:
            return Body(bytes(body), total > MAX_BODY)
        message = await receive()
    return None
