"""Work beside the event loop, which belongs to all triggers of a process.

Not in the loop's own pool of threads: that has six on two cores, everybody's asynchronous code uses it, and a
call that waits for its turn under the rate limit may sleep in there for minutes. Nor in a pool of our own:
Python waits at its end for every thread of every pool. A thread of its own for each look costs 50
microseconds (measured) and is left behind where it stands when the triggerer ends; it only reads.
"""

from __future__ import annotations

import asyncio
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

#: How long a wait sleeps at most before it looks at the clock, in seconds: a wall clock may be set.
_NAP = 3600.0


async def aside(work: Callable[[], T], *, name: str = "print-poll") -> T:
    """Run something that blocks in a thread of its own, and return what it returns or raise what it raises.

    Who cancels this only stops waiting for it.

    :param work: without arguments.
    :param name: of the thread.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def tell(result: T | None, error: BaseException | None) -> None:
        if future.done():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)  # type: ignore[arg-type]

    def run() -> None:
        result, error = None, None
        try:
            result = work()
        except BaseException as raised:  # noqa: BLE001 - whatever it is, it is raised where it is waited for
            error = raised
        with suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(tell, result, error)

    threading.Thread(target=run, name=name, daemon=True).start()
    return await future


async def arrival(event: asyncio.Event, deadline: float) -> None:
    """Wait for an event until a moment by the wall clock.

    :param event: what is waited for; it is cleared.
    :param deadline: in UNIX seconds.
    :raises TimeoutError: when it has not come until then.
    """
    while not event.is_set():
        left = deadline - time.time()
        if left <= 0:
            raise TimeoutError
        with suppress(TimeoutError):
            async with asyncio.timeout(min(left, _NAP)):
                await event.wait()
    event.clear()
