"""How the server and its PDF worker talk: one JSON line and raw bytes, over a pair of pipes.

No pickle: the worker opens hostile files, so nothing that it sends back may be able to run code in the
server.

A message is two big-endian lengths (JSON, blobs in all), the JSON text, then the blobs one after the other.
Inside the JSON, `{"$blob": [start, length]}` stands for bytes.
"""

from __future__ import annotations

import json
import struct
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

HEADER = struct.Struct(">QQ")
#: No honest message is larger: 100 MiB in, and a merge of a few of those out.
MAX_MESSAGE = 1024 * 1024 * 1024


def pack(value: Any) -> list[bytes]:
    """Return the chunks of a message for `value`, made of JSON types, tuples and bytes."""
    blobs: list[bytes] = []
    size = 0

    def encode(item: Any) -> Any:
        nonlocal size
        if isinstance(item, bytes):
            blobs.append(item)
            start, size = size, size + len(item)
            return {"$blob": [start, len(item)]}
        if isinstance(item, dict):
            return {name: encode(part) for name, part in item.items()}
        if isinstance(item, list | tuple):
            return [encode(part) for part in item]
        return item

    text = json.dumps(encode(value), separators=(",", ":")).encode()
    return [HEADER.pack(len(text), size), text, *blobs]


def unpack(read: Callable[[int], bytes]) -> Any:
    """Read one message.

    :param read: returns exactly as many bytes as it is asked for, or raises EOFError
    :raises ValueError: a message that breaks the rules above
    """
    length, size = HEADER.unpack(read(HEADER.size))
    if length + size > MAX_MESSAGE:
        raise ValueError("a message of the PDF worker is too large")
    value = json.loads(read(length))
    blobs = memoryview(read(size))

    def decode(item: Any) -> Any:
        if isinstance(item, dict):
            if "$blob" in item:
                start, count = item["$blob"]
                return bytes(blobs[start : start + count])
            return {name: decode(part) for name, part in item.items()}
        if isinstance(item, list):
            return [decode(part) for part in item]
        return item

    return decode(value)
