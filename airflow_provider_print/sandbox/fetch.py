"""Files given by URL: fetched from hosts that were allowed by name, and from the sandbox's own assets."""

from __future__ import annotations

import http.client
import ipaddress
import re
import socket
import ssl
import threading
from contextlib import suppress
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from airflow_provider_print.sandbox import assets
from airflow_provider_print.sandbox.core import MAX_BODY, Sandbox

_ASSET = re.compile(r"/_sandbox/assets/([^/]+)")

_METADATA = frozenset(map(ipaddress.ip_address, ("fd00:ec2::254", "100.100.100.200", "192.0.0.192")))
"""Where clouds keep their credentials, beside the link-local address that most of them have for it."""
_EMBEDDING = (ipaddress.IPv6Network("::/96"), ipaddress.IPv6Network("64:ff9b::/96"))


class FetchError(Exception):
    """The file could not be had; the text says why and never holds more of the URL than its host."""


def fetch(sandbox: Sandbox, url: str, *, limit: int = MAX_BODY, seconds: float = 10.0) -> bytes:
    """Return the bytes behind a URL.

    The sandbox fetches nothing by default, or whoever can send it a request could read what its machine can
    reach. A host that was named may be private. Redirects are not followed, the connection goes to the
    address that was checked, and neither size nor time is without end.

    :raises FetchError: when it is not allowed or does not work.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
    except ValueError:
        raise FetchError("the URL is not valid") from None
    host = (parts.hostname or "").lower()
    if parts.scheme not in ("http", "https") or not host:
        raise FetchError("only http and https URLs can be fetched")
    own = _own_asset(sandbox, parts, host, port)
    if own is not None:
        return own
    if not {host, f"{host}:{port}"} & sandbox.allow_fetch:
        raise FetchError(f"the sandbox does not fetch from {host}: allow it with --allow-fetch {host}")
    return _Source(parts, host, port, limit=limit).get(seconds)


def _own_asset(sandbox: Sandbox, parts: SplitResult, host: str, port: int) -> bytes | None:
    match = _ASSET.fullmatch(parts.path)
    if match is None or not _is_own(sandbox, host, port):
        return None
    data = assets.read(sandbox, unquote(match.group(1)))
    if data is None:
        raise FetchError("the sandbox has no such asset")
    return data


def _is_own(sandbox: Sandbox, host: str, port: int) -> bool:
    if f"{host}:{port}" in sandbox.own_hosts:
        return True
    if port != sandbox.own_port:
        return False
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


class _Source:
    """One file of another host.

    It is read in a thread of its own, so that the deadline holds whatever takes too long: the name server, a
    handshake, or headers that come letter by letter.
    """

    def __init__(self, parts: SplitResult, host: str, port: int, *, limit: int) -> None:
        self._parts, self._host, self._port, self._limit = parts, host, port, limit
        self._result: bytes | FetchError | None = None

    def get(self, seconds: float) -> bytes:
        tls = self._parts.scheme == "https"
        connection = CheckedConnection(self._host, self._port, tls=tls, timeout=seconds)
        thread = threading.Thread(
            target=self._run, args=(connection,), name="print-sandbox-fetch", daemon=True
        )
        thread.start()
        thread.join(seconds)
        if self._result is None:
            connection.give_up()
            raise FetchError(f"the file did not arrive within {seconds:g} seconds")
        if isinstance(self._result, FetchError):
            raise self._result
        return self._result

    def _run(self, connection: CheckedConnection) -> None:
        try:
            self._result = self._read(connection)
        except FetchError as error:
            self._result = error
        except Exception as error:  # noqa: BLE001 - whoever waits is told, whatever it was
            self._result = FetchError(f"{self._host} could not be read: {type(error).__name__}")
        finally:
            connection.close()

    def _read(self, connection: CheckedConnection) -> bytes:
        target = (self._parts.path or "/") + (f"?{self._parts.query}" if self._parts.query else "")
        headers = {"User-Agent": "print-sandbox", "Accept-Encoding": "identity"}
        connection.request("GET", target, headers=headers)
        with connection.getresponse() as response:
            if response.status != 200:
                raise FetchError(f"{self._host} answered with status {response.status}")
            data = bytearray()
            while piece := response.read1(64 * 1024):
                data += piece
                if len(data) > self._limit:
                    raise FetchError(f"the file is larger than {self._limit} bytes")
            if response.length:
                raise FetchError(f"{self._host} ended the file too early")
        return bytes(data)


def _is_never_called(text: str) -> bool:
    """Whether an address is of the link or a cloud only, also when it is an IPv4 one in the form of IPv6."""
    address = ipaddress.ip_address(text.split("%")[0])
    if isinstance(address, ipaddress.IPv4Address):
        return address.is_link_local or address in _METADATA
    # Mapped (::ffff:a.b.c.d), compatible (::a.b.c.d), through NAT64 (64:ff9b::a.b.c.d), by 6to4 or Teredo.
    inner = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if address in _EMBEDDING[0] or address in _EMBEDDING[1]:
        inner.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    found = [address, *(one for one in inner if one is not None)]
    return any(one.is_link_local or one in _METADATA for one in found)


class CheckedConnection(http.client.HTTPConnection):
    """A connection to an address that was checked, so that the name cannot lead elsewhere under way."""

    def __init__(self, host: str, port: int, *, tls: bool, timeout: float) -> None:
        super().__init__(host, port, timeout=timeout)
        self._tls = tls
        self._given_up = threading.Event()
        self._wire: socket.socket | None = None  # unlike `sock`, also there while a body without end is read

    def connect(self) -> None:
        """Connect to the first address of the host that answers and may be called."""
        found = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
        failure = OSError("the name has no address")
        for family, kind, protocol, _, address in found:
            try:
                self.sock = self._connect(socket.socket(family, kind, protocol), address)
            except OSError as error:
                failure = error
            else:
                return
        raise failure

    def _connect(self, wire: socket.socket, address: tuple[Any, ...]) -> socket.socket:
        self._wire = wire
        try:
            if _is_never_called(str(address[0])):
                # Never the home of a letter, whatever name leads to it.
                raise OSError("address of the link or of a cloud's own service")
            self._go_on()
            wire.settimeout(self.timeout)
            wire.connect(address)
            if self._tls:
                context = ssl.create_default_context()
                self._wire = wire = wrapped = context.wrap_socket(
                    wire, server_hostname=self.host, do_handshake_on_connect=False
                )
                self._go_on()
                wrapped.do_handshake()
            self._go_on()
        except BaseException:
            wire.close()
            raise
        return wire

    def _go_on(self) -> None:
        if self._given_up.is_set():
            raise OSError("nobody waits for it any more")

    def give_up(self) -> None:
        """End it from another thread, wherever it is."""
        self._given_up.set()
        if self._wire is not None:
            with suppress(OSError):
                # Not the method of a TLS socket, which is in use by the other thread.
                socket.socket.shutdown(self._wire, socket.SHUT_RDWR)
