"""What a failed call says about money.

Never delivered, refused without work, unknown, definitive: only this decides whether a call may be made
again. The family of the exception that came up does not: a dropped connection before the first byte of a
body is harmless, the same one after the last byte may have posted a letter.
"""

from __future__ import annotations

import ssl
from enum import StrEnum
from typing import TYPE_CHECKING

import requests
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

if TYPE_CHECKING:
    from collections.abc import Iterator


class Outcome(StrEnum):
    """What is known about a call that failed."""

    #: The service has not seen it: try again.
    NOT_DELIVERED = "not delivered"
    #: The service has seen it and did nothing: wait as long as it says, then try again.
    REFUSED = "refused"
    #: Nobody knows. A read may be repeated, a write may not.
    UNKNOWN = "unknown"
    #: The same call will get the same answer.
    DEFINITIVE = "definitive"


#: Too many requests, the same as a warning (Printful, documented), and a request that came in too slowly.
_REFUSED = frozenset({408, 419, 429})


def outcome_of_status(status: int, *, wait_named: bool = False) -> Outcome:
    """Sort an error by its HTTP status.

    :param status: 300 or above
    :param wait_named: the answer has a `Retry-After`: with it a 503 is a door that is shut, without it a
        call that may have been half done
    """
    if status in _REFUSED or (status == 503 and wait_named):
        return Outcome.REFUSED
    return Outcome.UNKNOWN if status >= 500 else Outcome.DEFINITIVE


def outcome_of_exception(error: BaseException, *, body_started: bool | None) -> Outcome:
    """Sort a failure without an answer.

    A body is read only when the connection stands and the headers are out. So as long as nobody has asked
    for its first byte, the service cannot have the whole request, whatever the exception is called.

    :param error: what requests raised
    :param body_started: whether the first byte of the body was asked for; `None` for a call without a body
    """
    if body_started is False:
        return Outcome.NOT_DELIVERED
    before = (NewConnectionError, ConnectTimeoutError, ssl.SSLCertVerificationError)
    if isinstance(error, requests.ConnectTimeout | requests.exceptions.ProxyError):
        return Outcome.NOT_DELIVERED
    return Outcome.NOT_DELIVERED if any(isinstance(one, before) for one in chain(error)) else Outcome.UNKNOWN


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """Walk through an exception and all that it wraps, outermost first."""
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        one = waiting.pop(0)
        if not isinstance(one, BaseException) or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [*one.args, getattr(one, "reason", None), one.__cause__, one.__context__]
