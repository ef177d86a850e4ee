"""Faults as ordered rules: the first that matches a request is played, counted and, by chance, seeded.

The axis that matters for paid work is the phase: whether the service has acted when the answer is lost.
"""

from __future__ import annotations

import itertools
import random
import re
import threading
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

PHASES = ("before", "after", "late", "twice")
KINDS = ("none", "status", "reset", "close", "truncate", "garbage", "dribble", "hang", "delay")
_DEFAULT_KIND = {"before": "status", "after": "status", "late": "reset", "twice": "none"}
_PARAMETER = re.compile(r"\{[^}]*\}")


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
        (the true answer after `delay` seconds), `none` (the true answer).
    :param method: HTTP method; None for any.
    :param route: a path template such as `/prints/{id}` (the names in braces do not matter), with the
        prefix of the service or without, as a glob; None for any.
    :param service: `intelliprint`, `intelliprint-files` or `printful`; None for any.
    :param body: fields of the body with the values they must have, nested or dotted: `{"confirmed": True}`.
    :param reference: glob for the reference of the request or of the print job that it is about.
    :param nth: only these of the matching requests, counted from 1.
    :param times: at most so often; None without end.
    :param probability: the chance that a match is played.
    :param status: HTTP status of kind `status`.
    :param headers: headers of that answer.
    :param content: its body: text, or JSON data; None for the usual error of the service.
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
    bytes: int | None = None
    pause: float = 0.05
    seconds: float = 3600.0
    delay: float = 1.0
    id: int = 0
    matched: int = 0
    fired: int = 0

    def __post_init__(self) -> None:
        if self.phase not in PHASES:
            raise FaultError(f"phase is one of: {', '.join(PHASES)}")
        if self.kind is None:
            self.kind = _DEFAULT_KIND[self.phase]
        if self.kind not in KINDS:
            raise FaultError(f"kind is one of: {', '.join(KINDS)}")
        if self.phase == "late" and self.kind in ("none", "delay"):
            raise FaultError("a late request has no true answer to give: its kind cannot be none or delay")
        if not (isinstance(self.status, int) and 200 <= self.status <= 599):
            raise FaultError("status is a number from 200 to 599")
        if not 0 <= self.probability <= 1:
            raise FaultError("probability is a number from 0 to 1")
        if isinstance(self.nth, int):
            self.nth = [self.nth]
        if min(self.pause, self.seconds, self.delay) < 0 or (self.bytes is not None and self.bytes < 0):
            raise FaultError("pause, seconds, delay and bytes are not negative")
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


@dataclass
class RequestView:
    """What rules see of a request."""

    service: str
    method: str
    route: str
    reference: str | None = None
    body: dict[str, Any] = field(default_factory=dict)


class Faults:
    """The rules in their order.

    :param seed: makes the chances repeatable.
    """

    def __init__(self, *, seed: int | None = None) -> None:
        self._seed = seed
        self._lock = threading.Lock()
        self.clear()

    def __bool__(self) -> bool:
        return bool(self._rules)

    def add(self, **what: Any) -> Rule:
        """Append a rule.

        :raises FaultError: when it makes no sense.
        """
        try:
            rule = Rule(**what)
        except TypeError as error:
            raise FaultError(str(error).replace("Rule.__init__() ", "")) from None
        with self._lock:
            rule.id = next(self._numbers)
            self._rules.append(rule)
        return rule

    def add_data(self, data: dict[str, Any]) -> Rule:
        """Append a rule written as data: flat, or as `{"match": {...}, "on": {...}, "do": {...}}`."""
        flat: dict[str, Any] = {}
        for name, value in data.items():
            if name in ("match", "on", "do"):
                if not isinstance(value, dict):
                    raise FaultError(f"{name} is an object")
                flat |= value
            else:
                flat[name] = value
        if {"id", "matched", "fired"} & flat.keys():
            raise FaultError("id, matched and fired are counted by the sandbox")
        return self.add(**flat)

    def choose(self, request: RequestView) -> Rule | None:
        """Return the first rule that is to be played for a request, counted as fired."""
        with self._lock:
            for rule in self._rules:
                if (rule.times is not None and rule.fired >= rule.times) or not rule.meets(request):
                    continue
                rule.matched += 1
                if rule.nth is not None and rule.matched not in rule.nth:
                    continue
                if rule.probability < 1 and self._random.random() >= rule.probability:
                    continue
                rule.fired += 1
                return rule
        return None

    def noise(self, size: int) -> bytes:
        """Bytes that no parser takes for an answer."""
        with self._lock:
            return b"\xff\xfe\x00" + self._random.randbytes(max(0, size - 3))

    def unfired(self) -> list[dict[str, Any]]:
        """Return the rules that were never played: a test that set one has not tested what it meant to."""
        return [rule for rule in self.as_dicts() if rule["fired"] == 0]

    def as_dicts(self) -> list[dict[str, Any]]:
        """Return the rules as plain data."""
        with self._lock:
            return [
                {name: value for name, value in vars(rule).items() if not name.startswith("_")}
                for rule in self._rules
            ]

    def clear(self) -> None:
        """Forget all rules and begin the chances anew."""
        with self._lock:
            self._rules: list[Rule] = []
            self._numbers = itertools.count(1)
            self._random = random.Random(self._seed)  # noqa: S311


_MISSING = object()


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
