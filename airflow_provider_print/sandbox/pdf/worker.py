"""The child process that opens PDFs: limited in memory, without a network of its own, replaced when it dies.

A file of 5 kB can make any PDF library ask for gigabytes or loop for minutes. Here that ends one short-lived
process and one call, not the server.

Run as `python -m airflow_provider_print.sandbox.pdf.worker`; it reads calls from its standard input and ends
when that is closed.
"""

from __future__ import annotations

import contextlib
import os
import resource
import sys
from typing import TYPE_CHECKING, Any, BinaryIO

from airflow_provider_print.sandbox.pdf import protocol
from airflow_provider_print.sandbox.pdf.errors import UnreadableFile

if TYPE_CHECKING:
    from collections.abc import Callable

#: Address space of the worker in bytes.
MEMORY = 1024 * 1024 * 1024


def functions() -> dict[str, Callable[..., Any]]:
    """Return what may be called, by name."""
    from airflow_provider_print.sandbox.pdf import pictures, reading, typeset, writing

    return {
        function.__name__: function
        for function in (
            reading.inspect,
            reading.page_texts,
            reading.read_pages,
            reading.window_lines,
            reading.render_png,
            writing.merge,
            writing.extract,
            writing.lay_under,
            writing.stamp_address,
            writing.nudge,
            pictures.picture_to_pdf,
            pictures.measure_picture,
            pictures.picture_colours,
            typeset.typeset_html,
            typeset.typeset_text,
        )
    }


def answer(table: dict[str, Callable[..., Any]], call: dict[str, Any]) -> dict[str, Any]:
    """Do one call and return `{"value": ...}` or `{"reason": ..., "message": ...}`."""
    try:
        return {"value": table[call["name"]](*call["args"], **call["kwargs"])}
    except UnreadableFile as error:
        return {"reason": error.reason, "message": str(error)}
    except MemoryError:
        return {
            "reason": "too large",
            "message": "This file needs more memory than one file may have.",
        }
    except Exception as error:  # noqa: BLE001 (a hostile file may raise anything; its text may hold content)
        return {"reason": "broken", "message": f"This file cannot be read ({type(error).__name__})."}


def serve(source: BinaryIO, target: BinaryIO) -> None:
    """Answer calls until `source` ends; an empty answer comes first and says "I am ready"."""
    last = b""

    def read(count: int) -> bytes:
        data = source.read(count)
        if len(data) < count:
            raise EOFError
        return data

    def write(value: dict[str, Any]) -> None:
        for chunk in protocol.pack(value):
            target.write(chunk)
        target.flush()

    table = functions()
    write({"value": None})
    while True:
        try:
            call = protocol.unpack(read)
        except EOFError:
            return
        if call.pop("same_file", False):  # the file of the call before: it need not travel again
            call["args"].insert(0, last)
        elif call["args"] and isinstance(call["args"][0], bytes):
            last = call["args"][0]
        write(answer(table, call))


def main() -> None:
    """Set the limits and serve on the inherited pipes."""
    with contextlib.suppress(ValueError, OSError):  # not every system knows this limit
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    target = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not mix with the answers
    serve(sys.stdin.buffer, target)


if __name__ == "__main__":
    main()
