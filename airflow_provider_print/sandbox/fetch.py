"""Files given by URL: fetched from hosts that were allowed by name, and from the sandbox's own assets."""

from __future__ import annotations

import http.client
import ipaddress
import re
import socket
import ssl
import time
from urllib.parse import SplitResult, unquote, urlsplit

from airflow_provider_print.sandbox import assets
from airflow_provider_print.sandbox.core import MAX_BODY, Sandbox

_ASSET = re.compile(r"/_sandbox/assets/([^/]+)")


class FetchError(Exception):
    """The file could not be had; the text says why and never holds more of the URL than its host."""


def fetch(sandbox: Sandbox, url: str, *, limit: int = MAX_BODY, seconds: float = 10.0) -> bytes:
    """Return the bytes behind a URL.

    The sandbox fetches nothing by default, or whoever can send it a request could read what its machine can
    reach. A host that was named may be private. Redirects are not followed, the connection goes to the
    address that was checked, and neither size nor time is without end.

    :raises FetchError: when it is not allowed or does not work.
    """
    parts = urlsplit(url)
    try:
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
    except ValueError:
        raise FetchError("the URL has no valid port") from None
    host = (parts.hostname or "").lower()
    if parts.scheme not in ("http", "https") or not host:
        raise FetchError("only http and https URLs can be fetched")
    own = _own_asset(sandbox, parts, f"{host}:{port}")
    if own is not None:
        return own
    if not {host, f"{host}:{port}"} & sandbox.allow_fetch:
        raise FetchError(f"the sandbox does not fetch from {host}: allow it with --allow-fetch {host}")
    return _get(parts, host, port, limit=limit, seconds=seconds)


def _own_asset(sandbox: Sandbox, parts: SplitResult, host: str) -> bytes | None:
    match = _ASSET.fullmatch(parts.path)
    if match is None or host not in sandbox.own_hosts:
        return None
    data = assets.read(sandbox, unquote(match.group(1)))
    if data is None:
        raise FetchError("the sandbox has no such asset")
    return data


def _get(parts: SplitResult, host: str, port: int, *, limit: int, seconds: float) -> bytes:
    deadline = time.monotonic() + seconds
    connection = _Connection(host, port, tls=parts.scheme == "https", timeout=seconds)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request(
            "GET", target, headers={"User-Agent": "print-sandbox", "Accept-Encoding": "identity"}
        )
        response = connection.getresponse()
        if response.status != 200:
            raise FetchError(f"{host} answered with status {response.status}")
        data = bytearray()
        while piece := response.read1(64 * 1024):
            data += piece
            if len(data) > limit:
                raise FetchError(f"the file is larger than {limit} bytes")
            if time.monotonic() > deadline:
                raise FetchError(f"the file did not arrive within {seconds:g} seconds")
        if response.length:
            raise FetchError(f"{host} ended the file too early")
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise FetchError(f"{host} could not be read: {type(error).__name__}") from None
    finally:
        connection.close()
    return bytes(data)


class _Connection(http.client.HTTPConnection):
    """A connection to the address that the name had once, so that it cannot change under way."""

    def __init__(self, host: str, port: int, *, tls: bool, timeout: float) -> None:
        super().__init__(host, port, timeout=timeout)
        self._tls = tls

    def connect(self) -> None:
        family, kind, protocol, _, address = socket.getaddrinfo(
            self.host, self.port, type=socket.SOCK_STREAM
        )[0]
        if ipaddress.ip_address(str(address[0]).split("%")[0]).is_link_local:
            # Where clouds keep their credentials; never the home of a letter, whatever name leads to it.
            raise OSError("link-local address")
        plain = socket.socket(family, kind, protocol)
        plain.settimeout(self.timeout)
        try:
            plain.connect(address)
            if self._tls:
                plain = ssl.create_default_context().wrap_socket(plain, server_hostname=self.host)
        except BaseException:
            plain.close()
            raise
        self.sock = plain
