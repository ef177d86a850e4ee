"""Request bodies of three kinds (JSON, urlencoded, multipart) read into the same nested fields."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

_MAX_FIELDS = 200_000
_MAX_VALUES = 3_000_000
"""Commas and brackets of a JSON text, those in its strings included: values cost memory, not bytes."""
_MAX_DEPTH = 8
_DEEPEST_JSON = 100
_SEGMENT = re.compile(r"\[([^\[\]]*)\]")
_NAME = re.compile(r"[^\[\]]+(?:\[[^\[\]]*\])*")


class BodyFormatError(ValueError):
    """The body is neither valid JSON nor a valid form."""


@dataclass(frozen=True)
class UploadedFile:
    """A file part of a multipart body."""

    name: str
    content_type: str
    data: bytes

    def __repr__(self) -> str:
        return f"<UploadedFile of {len(self.data)} bytes>"


def parse_body(content_type: str, raw: bytes) -> dict[str, Any]:
    """Return the fields of a body, nested; text as text, JSON values as they are.

    :raises BodyFormatError: when the content type is another one, or the body does not keep to it.
    """
    kind = content_type.split(";", 1)[0].strip().lower()
    if not raw.strip():
        # Observed by others: the official client sends `multipart/form-data` without boundary and body.
        return {}
    if kind == "multipart/form-data":
        return nest(_multipart(content_type, raw))
    if kind == "application/x-www-form-urlencoded":
        return nest(_urlencoded(raw))
    if kind == "application/json" or kind.endswith("+json"):
        return _json(raw)
    raise BodyFormatError("send the body as JSON or as a form")


def nest(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Fields with bracket names as nested dicts: `a[b]`, `a[0][b]`, `a[]`; a repeated name makes a list.

    A list of the form stays a dict with the indexes as names, because `metadata[0]` means a name and
    `recipients[0]` a position: who knows the parameter knows which. A name whose brackets do not add up is
    left as it is, for the service to refuse as one that it does not know.

    :raises BodyFormatError: when names contradict each other (`a` and `a[b]`).
    """
    root: dict[str, Any] = {}
    for name, value in pairs:
        if not _NAME.fullmatch(name):
            root[name] = value
            continue
        path = [name.partition("[")[0], *_SEGMENT.findall(name)]
        if len(path) > _MAX_DEPTH:
            raise BodyFormatError("a field is nested too deeply")
        _place(root, path, value)
    return {name: _lists(value) for name, value in root.items()}


def _place(node: dict[str, Any], path: list[str], value: Any) -> None:
    for segment in path[:-1]:
        step = segment or str(len(node))
        node = node.setdefault(step, {})
        if not isinstance(node, dict):
            raise BodyFormatError("a field is both a value and a group of fields")
    last = path[-1] or str(len(node))
    if isinstance(node.get(last), dict):
        raise BodyFormatError("a field is both a value and a group of fields")
    if last not in node:
        node[last] = value
    elif isinstance(node[last], _Repeated):
        node[last].append(value)
    else:
        node[last] = _Repeated([node[last], value])


class _Repeated(list[Any]):
    """The values of a name that came more than once."""


def _lists(value: Any) -> Any:
    if isinstance(value, _Repeated):
        return list(value)
    if not isinstance(value, dict):
        return value
    return {name: _lists(item) for name, item in value.items()}


def read_json(raw: bytes) -> Any:
    """Return the value of a JSON text.

    What Python's parser takes beyond JSON is refused, because it could be stored and never be sent again:
    NaN and infinite numbers, and halves of surrogate pairs. So is what is nested so deeply that it could be
    read here and not be copied later.

    :raises BodyFormatError: when it is not valid, or has more values than any client sends.
    """
    if len(raw) > _MAX_VALUES and sum(map(raw.count, (b",", b"[", b"{"))) > _MAX_VALUES:
        raise BodyFormatError("the body has too many values")
    try:
        value = json.loads(raw.decode("utf-8-sig"))
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        raise BodyFormatError("the body is not valid JSON") from None
    if _is_deeper(value, _DEEPEST_JSON):
        raise BodyFormatError(f"the body is nested more than {_DEEPEST_JSON} levels deep")
    return value


def _is_deeper(value: Any, levels: int) -> bool:
    """Whether lists and objects stand in each other more often than that."""
    nodes = [value]
    for _ in range(levels + 1):
        nodes = [
            child
            for node in nodes
            if isinstance(node, dict | list)
            for child in (node.values() if isinstance(node, dict) else node)
        ]
        if not nodes:
            return False
    return True


def _json(raw: bytes) -> dict[str, Any]:
    value = read_json(raw)
    if not isinstance(value, dict):
        raise BodyFormatError("the body is not a JSON object")
    return value


def _urlencoded(raw: bytes) -> list[tuple[str, Any]]:
    try:
        text = raw.decode()
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=_MAX_FIELDS)
    except ValueError:
        raise BodyFormatError("the body is not a valid urlencoded form") from None
    return list(pairs)


def _multipart(content_type: str, raw: bytes) -> list[tuple[str, Any]]:
    from python_multipart.exceptions import MultipartParseError
    from python_multipart.multipart import MultipartParser, parse_options_header

    boundary = parse_options_header(content_type)[1].get(b"boundary")
    if not boundary:
        raise BodyFormatError("the multipart body has no boundary")
    reader = _PartReader()
    try:
        parser = MultipartParser(boundary, reader.callbacks())  # type: ignore[arg-type]
        parser.write(raw)
        parser.finalize()
    except (MultipartParseError, UnicodeDecodeError):
        raise BodyFormatError("the body is not a valid multipart form") from None
    if not reader.ended:
        raise BodyFormatError("the multipart body ends too early")
    return reader.pairs


class _PartReader:
    """Collects the parts that the multipart parser reports."""

    def __init__(self) -> None:
        self.pairs: list[tuple[str, Any]] = []
        self.ended = False
        self._headers: dict[str, bytes] = {}
        self._name = self._value = b""
        self._data = bytearray()

    def callbacks(self) -> dict[str, Any]:
        return {
            "on_part_begin": self._begin,
            "on_header_field": self._header_name,
            "on_header_value": self._header_value,
            "on_header_end": self._header_end,
            "on_part_data": self._part_data,
            "on_part_end": self._end,
            "on_end": self._finish,
        }

    def _begin(self) -> None:
        if len(self.pairs) >= _MAX_FIELDS:
            raise BodyFormatError("the form has too many fields")
        self._headers, self._data = {}, bytearray()

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        self._headers[self._name.decode("latin-1").lower()] = self._value
        self._name = self._value = b""

    def _part_data(self, data: bytes, start: int, end: int) -> None:
        self._data += data[start:end]

    def _finish(self) -> None:
        self.ended = True

    def _end(self) -> None:
        from python_multipart.multipart import parse_options_header

        disposition, options = parse_options_header(self._headers.get("content-disposition", b""))
        if disposition != b"form-data" or b"name" not in options:
            raise BodyFormatError("a part of the form has no name")
        name = options[b"name"].decode()
        if b"filename" not in options:
            self.pairs.append((name, self._data.decode()))
            return
        kind = self._headers.get("content-type", b"application/octet-stream").decode("latin-1")
        file = UploadedFile(options[b"filename"].decode(errors="replace"), kind, bytes(self._data))
        self.pairs.append((name, file))
