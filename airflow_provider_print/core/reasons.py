"""Why there was no answer, in words that name neither path nor query nor header."""

from __future__ import annotations

import socket
import ssl
from typing import TYPE_CHECKING

import requests
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError, ReadTimeoutError

from airflow_provider_print.core.outcome import chain

if TYPE_CHECKING:
    from airflow_provider_print.core.transport import Timeouts


def reason(error: BaseException, timeouts: Timeouts) -> str:
    """Say why a call broke off. HTTP libraries put the whole URL into their texts, so those are not used.

    :param error: what they raised
    """
    found = list(chain(error))
    proxy = "the proxy: " if any(isinstance(one, requests.exceptions.ProxyError) for one in found) else ""
    return proxy + _plain(found, timeouts)


def _plain(found: list[BaseException], timeouts: Timeouts) -> str:
    for one in found:
        if isinstance(one, ssl.SSLCertVerificationError):
            return f"its certificate is not trusted ({one.verify_message or one.reason})"
        if isinstance(one, socket.gaierror):
            return "there is no such host"
        if isinstance(one, ConnectTimeoutError | requests.ConnectTimeout) and not isinstance(
            one, NewConnectionError
        ):
            return f"no connection within {timeouts.connect:g} s"
        if isinstance(one, ReadTimeoutError | requests.ReadTimeout | TimeoutError):
            return f"nothing was heard for {timeouts.read:g} s"
    for one in found:
        if isinstance(one, ssl.SSLError):
            return f"TLS failed ({one.reason or 'no reason given'})"
        if isinstance(one, ConnectionRefusedError):
            return "the connection was refused"
        if isinstance(one, OSError) and one.strerror:
            return one.strerror[:1].lower() + one.strerror[1:]
    return f"the connection broke off ({type(found[-1]).__name__})"
