"""One attempt on the wire: a request goes out, a bounded answer comes in, before an absolute deadline.

Time limits of sockets count from byte to byte: a server that sends one byte a second never meets them. So a
watch stands beside each attempt and shuts the socket when its time is up.

Answers are decoded here and not by the HTTP library, because one megabyte of gzip can be a gigabyte of text.
"""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
import zlib
from typing import TYPE_CHECKING, Any, BinaryIO

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from types import TracebackType
    from typing import Self

_BLOCK = 1 << 14
#: Bytes of an upload that are read and sent at a time: the usual 16 KiB take twice as long (measured).
_SENT_AT_ONCE = 1 << 18
_local = threading.local()


def _is_of_others(_: logging.LogRecord) -> bool:
    """Keep out what urllib3 logs about our calls: whole URLs, and the query of one is a permission."""
    return getattr(_local, "watch", None) is None


for _name in ("urllib3.connectionpool", "urllib3.connection", "urllib3.util.retry"):
    logging.getLogger(_name).addFilter(_is_of_others)


class Watch:
    """Ends the attempt made in this thread when its time is up.

    :param seconds: from the first byte of the request to the last one of the answer
    """

    def __init__(self, seconds: float) -> None:
        self.expired = False
        self.socket: socket.socket | None = None
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True

    def _end(self) -> None:
        self.expired = True
        if self.socket is not None:
            with contextlib.suppress(OSError, ValueError):
                # The plain method, also for TLS: its own would change the object under the reader's feet.
                socket.socket.shutdown(self.socket, socket.SHUT_RDWR)

    def __enter__(self) -> Self:
        _local.watch = self
        self._timer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._timer.cancel()
        _local.watch = None
        self.socket = None


def _show(connection: HTTPConnection) -> None:
    watch = getattr(_local, "watch", None)
    sock = connection.sock
    if watch is not None and isinstance(sock, socket.socket):
        watch.socket = sock


class _Connection(HTTPConnection):
    def connect(self) -> None:
        super().connect()
        _show(self)

    def request(self, *args: Any, **kwargs: Any) -> None:
        _show(self)
        super().request(*args, **kwargs)


class _SecureConnection(HTTPSConnection):
    def connect(self) -> None:
        super().connect()
        _show(self)

    def request(self, *args: Any, **kwargs: Any) -> None:
        _show(self)
        super().request(*args, **kwargs)


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


_POOLS = {"http": _Pool, "https": _SecurePool}


class WatchedAdapter(HTTPAdapter):
    """Connections that show their socket to the watch; never an attempt of their own."""

    def __init__(self) -> None:
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the pools of direct connections."""
        super().init_poolmanager(*args, **{"blocksize": _SENT_AT_ONCE, **kwargs})
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        """Make the pools of connections through a proxy."""
        manager = super().proxy_manager_for(*args, **{"blocksize": _SENT_AT_ONCE, **kwargs})
        manager.pool_classes_by_scheme = _POOLS
        return manager


class TooLong(Exception):  # noqa: N818 - caught two lines further on, never seen outside
    """The answer has more bytes than are allowed."""


class Undecodable(Exception):  # noqa: N818
    """The answer is compressed in a way that was not asked for, or broken."""


def blocks(response: requests.Response, *, most: int) -> Iterator[bytes]:
    """Yield the body of an answer, decoded, never holding more than a block of it.

    Raises `TooLong`, `Undecodable`, and what urllib3 raises when the connection breaks.

    :param most: bytes allowed
    """
    total = 0
    for block in _decoded(response):
        total += len(block)
        if total > most:
            raise TooLong
        yield block


def _decoded(response: requests.Response) -> Iterator[bytes]:
    coding = response.headers.get("Content-Encoding", "").strip().lower()
    if coding in ("", "identity"):
        yield from _raw(response)
        return
    if coding not in ("gzip", "x-gzip"):
        raise Undecodable
    inflate = zlib.decompressobj(wbits=31)
    try:
        for block in _raw(response):
            rest = block
            while rest and not inflate.eof:
                yield inflate.decompress(rest, _BLOCK)
                rest = inflate.unconsumed_tail
        while tail := inflate.decompress(inflate.unconsumed_tail, _BLOCK):
            yield tail
    except zlib.error:
        raise Undecodable from None
    if not inflate.eof:
        raise Undecodable


def _raw(response: requests.Response) -> Iterator[bytes]:
    while block := response.raw.read(_BLOCK, decode_content=False):
        yield block


class Wire:
    """Sends single attempts.

    The environment is ignored in favour of what the connection says: variables for proxies, `~/.netrc`
    (which would replace the API key) and bundles of certificates.

    :param auth: puts the API key on a request; `None` for hosts that must not see it
    :param proxy: URL of a proxy
    :param ca_bundle: path of the certificates to trust instead of the usual ones
    """

    def __init__(
        self, *, user_agent: str, auth: Any = None, proxy: str | None = None, ca_bundle: str | None = None
    ) -> None:
        self._auth = auth
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers.clear()
        self._session.headers["User-Agent"] = user_agent
        if proxy:
            self._session.proxies = {"http": proxy, "https": proxy}
        if ca_bundle:
            self._session.verify = ca_bundle
        self._session.mount("https://", WatchedAdapter())
        self._session.mount("http://", WatchedAdapter())

    def close(self) -> None:
        """Close idle connections."""
        self._session.close()

    @contextlib.contextmanager
    def sent(
        self,
        method: str,
        url: str,
        *,
        timeouts: tuple[float, float],
        headers: Mapping[str, str],
        params: list[tuple[str, str]] | None = None,
        data: BinaryIO | Any = None,
    ) -> Iterator[requests.Response]:
        """Send one request and yield its answer, whose body is not read yet.

        :param timeouts: seconds to connect, and seconds between two bytes
        """
        response = self._session.request(
            method,
            url,
            params=params,
            data=data,
            headers=dict(headers),
            auth=self._auth,
            timeout=timeouts,
            allow_redirects=False,
            stream=True,
        )
        try:
            yield response
        finally:
            response.close()


def collect(response: requests.Response, *, most: int) -> tuple[bytes, str | None]:
    """Read a whole answer into memory: `(body, flaw)`.

    :param most: bytes allowed
    """
    found: list[bytes] = []
    try:
        found.extend(blocks(response, most=most))
    except TooLong:
        return b"", f"more than {most} bytes"
    except Undecodable:
        return b"", "a body that cannot be decompressed"
    return b"".join(found), None


def copy(response: requests.Response, write: Callable[[bytes], object], *, most: int) -> int:
    """Copy an answer block by block; return the number of bytes.

    :param most: bytes allowed
    """
    total = 0
    for block in blocks(response, most=most):
        write(block)
        total += len(block)
    return total
