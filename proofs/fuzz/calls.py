"""Calls: how they are written on the wire, in each kind of body, and how they are spoiled."""

from __future__ import annotations

import copy
import http.client
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

from hypothesis import strategies as st

from proofs.fuzz import drawing
from proofs.fuzz.contract import Reply

if TYPE_CHECKING:
    from proofs.fuzz.contract import Operation
    from proofs.fuzz.drawing import Draw

JSON, FORM, MULTIPART = "application/json", "application/x-www-form-urlencoded", "multipart/form-data"
_BOUNDARY = "fuzz-7f3a"
_STRANGE_IDS = (
    "",
    "x",
    "print_0",
    "..",
    "%",
    "\x00",
    "a/b",
    "é" * 40,
    "x" * 500,
    "0",
    "-1",
    "9" * 30,
    "*",
    "{id}",
)


@dataclass
class Call:
    """One request before it is sent.

    :param url: base URL and path without the query.
    :param body: the fields; None for no body.
    :param raw: bytes that are sent instead of the fields.
    """

    operation: Operation
    url: str
    headers: dict[str, str]
    query: list[tuple[str, str]] = field(default_factory=list)
    body: Any = None
    media: str = JSON
    raw: bytes | None = None

    @property
    def asks_for_fields(self) -> bool:
        """Whether it wants some fields of objects only."""
        return any(name.startswith("fields") and text for name, text in self.query)

    def target(self) -> str:
        """Return path and query as they are written."""
        path = urlsplit(self.url).path or "/"
        return path + (f"?{urlencode(self.query, errors='surrogatepass')}" if self.query else "")

    def encoded(self) -> bytes:
        """Return the bytes of the body."""
        if self.raw is not None:
            return self.raw
        if self.body is None:
            return b""
        if self.media == FORM:
            return urlencode([(name, _text(item)) for name, item in flat(self.body)]).encode()
        if self.media == MULTIPART:
            return _multipart(self.body)
        return json.dumps(self.body).encode()

    def __str__(self) -> str:
        body = self.encoded()
        shown = body[:400].decode("utf-8", "backslashreplace") + (
            f"... ({len(body)} bytes)" if len(body) > 400 else ""
        )
        kind = self.headers.get("Content-Type", "") if body else ""
        return f"{self.operation.method} {self.target()[:300]} {kind} {shown}".rstrip()


def flat(value: Any, name: str = "") -> list[tuple[str, Any]]:
    """Return nested fields under their names in brackets."""
    if isinstance(value, dict):
        inner = [(f"{name}[{key}]" if name else str(key), item) for key, item in value.items()]
    elif isinstance(value, list):
        inner = [(f"{name}[{position}]", item) for position, item in enumerate(value)]
    else:
        return [(name, value)]
    return [pair for key, item in inner for pair in flat(item, key)]


def _text(value: Any) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _multipart(body: Any) -> bytes:
    lines = b""
    for name, value in flat(body):
        if value is None:
            continue
        data, extra = _text(value).encode("utf-8", "surrogatepass"), ""
        if isinstance(value, bytes):
            data, extra = value, '; filename="a.pdf"\r\nContent-Type: application/pdf'
        head = f'Content-Disposition: form-data; name="{quote(name, safe="[]._ ")}"{extra}'
        lines += f"--{_BOUNDARY}\r\n{head}\r\n\r\n".encode() + data + b"\r\n"
    return lines + f"--{_BOUNDARY}--\r\n".encode()


def dressed(call: Call) -> Call:
    """Set the header that names the kind of body."""
    if call.body is not None or call.raw is not None:
        kind = f"{MULTIPART}; boundary={_BOUNDARY}" if call.media == MULTIPART else call.media
        call.headers.setdefault("Content-Type", kind)
    return call


def spoil(draw: Draw, call: Call) -> Call:
    """Return the call with one thing wrong with it, as clients, proxies and attackers get them wrong."""
    ways = [_strange_id, _strange_key, _strange_query]
    if isinstance(call.body, dict):
        ways += [_strange_value] * 5 + [_unknown_parameter, _broken_body, _other_media]
    return draw(st.sampled_from(ways))(draw, copy.copy(call))


def _strange_value(draw: Draw, call: Call) -> Call:
    body = copy.deepcopy(call.body)
    node, places = body, []
    while isinstance(node, dict | list) and node:
        keys = list(node) if isinstance(node, dict) else list(range(len(node)))
        key = draw(st.sampled_from(keys))
        places.append((node, key))
        node = node[key]
    if places:
        parent, key = draw(st.sampled_from(places))
        parent[key] = draw(drawing.hostile)
    call.body = body
    return call


def _unknown_parameter(draw: Draw, call: Call) -> Call:
    call.body = {
        **call.body,
        draw(st.sampled_from(["add_address_sheet", "postage.service", "", "a[", "x" * 200, "é"])): 1,
    }
    return call


def _broken_body(draw: Draw, call: Call) -> Call:
    whole = dressed(copy.copy(call)).encoded()
    cut = draw(st.integers(0, len(whole)))
    call.raw = draw(
        st.sampled_from([whole[:cut], b"[1]", b"{", b"\xff\xfe", b'{"a":NaN}', b"[" * 5000, b"a=1&a[b]=2"])
    )
    return call


def _other_media(draw: Draw, call: Call) -> Call:
    whole = call.encoded()
    call.raw = whole
    kind = draw(
        st.sampled_from(
            ["text/plain", "application/xml", "", MULTIPART, FORM, "application/json; charset=latin-1"]
        )
    )
    call.headers = {**call.headers, "Content-Type": kind}
    return call


def _strange_id(draw: Draw, call: Call) -> Call:
    if "{" in call.operation.path:
        head, _, _ = call.url.rpartition("/")
        strange = draw(st.sampled_from(_STRANGE_IDS))
        call.url = f"{head}/{quote(strange, safe='', errors='surrogatepass')}"
    return call


def _strange_key(draw: Draw, call: Call) -> Call:
    header = draw(
        st.sampled_from(
            ["", "Bearer", "Bearer nobody", "Basic !!!", "Basic Og==", "key", "\xe9", "Bearer " + "x" * 2000]
        )
    )
    call.headers = {**call.headers, "Authorization": header}
    return call


def _strange_query(draw: Draw, call: Call) -> Call:
    names = [*call.operation.query, "a[", "a[b]", "limit[]", "fields[0]", "unknown", "", "store_id"]
    text = draw(drawing.hostile)
    call.query = [*call.query, (draw(st.sampled_from(names)), text if isinstance(text, str) else str(text))]
    return call


class Wire:
    """A connection that is kept open.

    :param url: `http://host:port`.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "", parts.port
        self._connection: http.client.HTTPConnection | None = None

    def send(self, call: Call) -> Reply:
        """Return the answer to a call.

        :raises OSError: when the sandbox does not answer.
        """
        body = call.encoded()
        try:
            return self._once(call, body)
        except (http.client.HTTPException, ConnectionError):
            self.close()  # an idle connection may have been closed meanwhile
            return self._once(call, body)

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def _once(self, call: Call, body: bytes) -> Reply:
        if self._connection is None:
            self._connection = http.client.HTTPConnection(self._host, self._port, timeout=120)
        self._connection.putrequest(call.operation.method, call.target(), skip_accept_encoding=True)
        for name, text in call.headers.items():
            self._connection.putheader(name, text.encode("latin-1", "replace"))
        if body or call.operation.method != "GET":
            self._connection.putheader("Content-Length", str(len(body)))
        self._connection.endheaders(body or None)
        answer = self._connection.getresponse()
        headers = {name.lower(): text for name, text in answer.getheaders()}
        return Reply(answer.status, headers, answer.read())
