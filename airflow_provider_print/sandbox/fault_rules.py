"""One fault rule: what it can say, and whether it makes sense."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from http import HTTPStatus
from typing import Any

PHASES = ("before", "after", "late", "twice")
KINDS = ("none", "status", "reset", "close", "truncate", "garbage", "dribble", "hang", "delay")
SERVICES = ("intelliprint", "intelliprint-files", "printful")
_DEFAULT_KIND = {"before": "status", "after": "status", "late": "reset", "twice": "none"}
_PARAMETER = re.compile(r"\{[^}]*\}")
_METHOD = re.compile(r"[A-Z]{1,20}")
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
_FRAMING = ("content-length", "transfer-encoding")
_MOST_SECONDS, _MOST_BYTES, _MOST_TIMES, _MOST_SIGMA = 1e9, 100_000_000, 10**9, 5.0
_PROXY_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Server": "front-end",
    "Cache-Control": "no-store",
}
_PROXY_PAGE = """<!DOCTYPE html>
<html lang="en">
<head><title>{status} {words}</title></head>
<body>
<h1>{status} {words}</h1>
<p>The front end could not get an answer to this request.</p>
<hr><address>front-end</address>
</body>
</html>
"""


class FaultError(ValueError):
    """A rule that makes no sense."""


@dataclass
class Rule:
    """One fault: which requests it meets, how often, and what happens to them.

    :param phase: `before` (not executed), `after` (executed, answer spoiled), `late` (the client is cut off
        at once and the request is executed `delay` real seconds later), `twice` (executed two times).
    :param kind: `status` (another answer), `reset` (TCP reset), `close` (the connection ends without an
        answer), `truncate` (the answer ends after `bytes`), `garbage` (an answer that is no JSON),
        `dribble` (`bytes` at a time, `pause` real seconds apart), `hang` (nothing for `seconds`), `delay`
        (the true answer after `delay` seconds; the exception among what is played `before`: the wait comes
        first, and then the request is executed all the same), `none` (the true answer; not `before`).
    :param method: HTTP method; None for any.
    :param route: a path template such as `/prints/{id}` (the names in braces do not matter), with the
        prefix of the service or without, as a glob; None for any.
    :param service: one of `SERVICES`; None for any.
    :param body: fields of the body with the values they must have, nested or dotted: `{"confirmed": True}`.
    :param reference: glob for the reference of the request or of the print job that it is about.
    :param nth: only these of the matching requests, counted from 1.
    :param times: at most so often; None without end.
    :param probability: the chance that a match is played.
    :param status: HTTP status of kind `status`.
    :param headers: headers of that answer.
    :param content: its body: text, or JSON data; None for the usual error of the service.
    :param proxy: whether that body is a page of HTML, as from a proxy that stands before the service.
    :param bytes: bytes of kind `truncate`, `garbage` and `dribble`; None for half of the answer, 200 and 1.
    :param pause: real seconds between the pieces of kind `dribble`.
    :param seconds: real seconds of kind `hang`.
    :param delay: real seconds of kind `delay` and phase `late`; their median, when there is a `sigma`.
    :param sigma: how far they scatter: the logarithm of a delay is normal with this deviation, so that most
        are near the median and a few take very long; 0 for always the same.
    :raises FaultError: when a value makes no sense.
    """

    phase: str = "before"
    kind: str | None = None
    method: str | None = None
    route: str | None = None
    service: str | None = None
    body: dict[str, Any] | None = None
    reference: str | None = None
    nth: list[int] | None = None
    times: int | None = 1
    probability: float = 1.0
    status: int = 500
    headers: dict[str, str] = field(default_factory=dict)
    content: Any = None
    proxy: bool = False
    bytes: int | None = None
    pause: float = 0.05
    seconds: float = 3600.0
    delay: float = 1.0
    sigma: float = 0.0
    preset: str | None = field(init=False)
    """Name of the preset that it belongs to."""
    id: int = field(init=False)
    matched: int = field(init=False)
    fired: int = field(init=False)

    def __post_init__(self) -> None:
        self.id = self.matched = self.fired = 0
        self.preset = None
        self._check_action()
        self._check_match()
        self._check_numbers()
        self._check_answer()
        self._body = dict(_flat(self.body or {}))
        self._route = None if self.route is None else _PARAMETER.sub("{}", self.route)

    def meets(self, request: RequestView) -> bool:
        """Whether the rule is about this request."""
        return (
            self.method in (None, request.method)
            and self.service in (None, request.service)
            and self._meets_route(request.route)
            and (self.reference is None or fnmatchcase(request.reference or "", self.reference))
            and (not self._body or self._meets_body(request.body))
        )

    def _meets_route(self, route: str) -> bool:
        if self._route is None:
            return True
        route = _PARAMETER.sub("{}", route)
        if fnmatchcase(route, self._route):
            return True
        return self._route.startswith("/") and fnmatchcase(route, "*" + self._route)

    def _meets_body(self, body: dict[str, Any]) -> bool:
        found = dict(_flat(body))
        return all(_plain(found.get(name, _MISSING)) == _plain(value) for name, value in self._body.items())

    def _check_action(self) -> None:
        if self.phase not in PHASES:
            raise FaultError(f"phase is one of: {', '.join(PHASES)}")
        if self.kind is None:
            self.kind = _DEFAULT_KIND[self.phase]
        if self.kind not in KINDS:
            raise FaultError(f"kind is one of: {', '.join(KINDS)}")
        if self.phase == "late" and self.kind in ("none", "delay"):
            raise FaultError("a late request has no true answer to give: its kind cannot be none or delay")
        if self.phase == "before" and self.kind == "none":
            raise FaultError(
                "what is not executed has no true answer to give: before it, kind cannot be none"
            )

    def _check_match(self) -> None:
        for name in ("method", "route", "reference"):
            if not isinstance(getattr(self, name), str | None):
                raise FaultError(f"{name} is text")
        if self.method is not None:
            self.method = self.method.upper()
            if not _METHOD.fullmatch(self.method):
                raise FaultError("method is the name of an HTTP method")
        if self.service is not None and self.service not in SERVICES:
            raise FaultError(f"service is one of: {', '.join(SERVICES)}")
        if self.body is not None and not _is_json_object(self.body):
            raise FaultError("body is an object with fields and the values they must have")

    def _check_numbers(self) -> None:
        if self.nth is not None:
            self.nth = list(self.nth) if isinstance(self.nth, list | tuple) else [self.nth]
            if not self.nth or not all(_is_whole(one, 1, _MOST_TIMES) for one in self.nth):
                raise FaultError("nth is a number from 1, or a list of them")
        if self.times is not None and not _is_whole(self.times, 1, _MOST_TIMES):
            raise FaultError("times is a number from 1")
        if not _is_whole(self.status, 200, 599):
            raise FaultError("status is a number from 200 to 599")
        if self.bytes is not None and not _is_whole(self.bytes, 0, _MOST_BYTES):
            raise FaultError(f"bytes is a number from 0 to {_MOST_BYTES}")
        if not _is_number(self.probability, 1):
            raise FaultError("probability is a number from 0 to 1")
        for name in ("pause", "seconds", "delay"):
            if not _is_number(getattr(self, name), _MOST_SECONDS):
                raise FaultError(f"{name} is a number of seconds, 0 or more")
        if not _is_number(self.sigma, _MOST_SIGMA):
            raise FaultError(f"sigma is a number from 0 to {_MOST_SIGMA}")

    def _check_answer(self) -> None:
        if not isinstance(self.headers, dict):
            raise FaultError("headers is an object with names and values")
        self.headers = dict(_header(name, value) for name, value in self.headers.items())
        if not _is_json_object({"content": self.content}):
            raise FaultError("content is text or JSON data")
        if not isinstance(self.proxy, bool):
            raise FaultError("proxy is true or false")
        if self.proxy:
            self._answer_as_proxy()

    def _answer_as_proxy(self) -> None:
        if self.kind != "status" or self.content is not None:
            raise FaultError("proxy stands for the content of kind status")
        self.content = _PROXY_PAGE.format(status=self.status, words=_words(self.status))
        named = {name.lower() for name in self.headers}
        self.headers |= {name: value for name, value in _PROXY_HEADERS.items() if name.lower() not in named}


@dataclass
class RequestView:
    """What rules see of a request."""

    service: str
    method: str
    route: str
    reference: str | None = None
    body: dict[str, Any] = field(default_factory=dict)


_MISSING = object()


def _words(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"


def _flat(fields: dict[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    pairs: list[tuple[str, Any]] = []
    for name, value in fields.items():
        if isinstance(value, dict):
            pairs += _flat(value, f"{prefix}{name}.")
        else:
            pairs.append((prefix + name, value))
    return pairs


def _plain(value: Any) -> Any:
    """Forms carry text: `true` in a form is what True is in JSON."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else value


def _is_whole(value: object, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _is_number(value: object, most: float) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= most


def _is_json_object(value: object) -> bool:
    """Whether it can be sent as JSON: no strange types, infinite numbers or halves of surrogate pairs."""
    if not isinstance(value, dict) or not all(isinstance(name, str) for name in value):
        return False
    try:
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError):
        return False
    return True


def _header(name: object, value: object) -> tuple[str, str]:
    if not isinstance(name, str) or not _HEADER_NAME.fullmatch(name):
        raise FaultError("the name of a header is made of letters, digits and dashes")
    if name.lower() in _FRAMING:
        raise FaultError(f"{name} follows from the content: an answer that is cut short is of kind truncate")
    if not isinstance(value, str | int | float) or not _HEADER_VALUE.fullmatch(str(value)):
        raise FaultError(f"the value of the header {name} is one line of Latin-1 text")
    return name, str(value)
