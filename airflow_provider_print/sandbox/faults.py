"""Faults as ordered rules: the first that matches a request is played, counted and, by chance, seeded.

The axis that matters for paid work is the phase: whether the service has acted when the answer is lost.
"""

from __future__ import annotations

import copy
import itertools
import math
import random
import threading
from dataclasses import fields
from typing import Any

from airflow_provider_print.sandbox.fault_rules import FaultError, RequestView, Rule

_NAMES = tuple(one.name for one in fields(Rule) if one.init)


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
        return self._append([_rule(what)])[0]

    def add_data(self, rules: list[Any]) -> list[Rule]:
        """Append rules written as data, all or none.

        Each is flat, or of the form `{"match": {...}, "on": {...}, "do": {...}}`.

        :raises FaultError: when one of them makes no sense.
        """
        return self._append([_rule(_flat_data(data)) for data in rules])

    def add_preset(self, name: str, rules: list[dict[str, Any]]) -> list[Rule]:
        """Append the rules of a preset, and none of them twice: it takes the place of the same one before."""
        made = [_rule(what) for what in rules]
        for rule in made:
            rule.preset = name
        with self._lock:
            self._rules[:] = [rule for rule in self._rules if rule.preset != name]
        return self._append(made)

    def _append(self, rules: list[Rule]) -> list[Rule]:
        with self._lock:
            for rule in rules:
                rule.id = next(self._numbers)
                self._rules.append(rule)
        return rules

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
                return self._drawn(rule)
        return None

    def _drawn(self, rule: Rule) -> Rule:
        """Return a rule as it is played this time: with the delay that chance gives."""
        if not rule.sigma or not rule.delay:
            return rule
        drawn = copy.copy(rule)
        drawn.delay = self._random.lognormvariate(math.log(rule.delay), rule.sigma)
        return drawn

    def noise(self, size: int) -> bytes:
        """Bytes that no parser takes for an answer."""
        with self._lock:
            return b"\xff\xfe\x00" + self._random.randbytes(max(0, size - 3))

    def unfired(self) -> list[dict[str, Any]]:
        """Return the rules that were never played: a test that set one has not tested what it meant to.

        Those of a preset are chances of which one has to come true.
        """
        rules = self.as_dicts()
        played = {rule["preset"] for rule in rules if rule["fired"]} - {None}
        return [rule for rule in rules if rule["fired"] == 0 and rule["preset"] not in played]

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


def _rule(what: dict[str, Any]) -> Rule:
    unknown = [name for name in what if name not in _NAMES]
    if unknown:
        raise FaultError(f"a fault rule has no {str(unknown[0])[:40]!r}; it has: {', '.join(_NAMES)}")
    return Rule(**what)


def _flat_data(data: Any) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise FaultError("a fault rule is an object")
    flat: dict[str, Any] = {}
    for name, value in data.items():
        if name in ("match", "on", "do"):
            if not isinstance(value, dict):
                raise FaultError(f"{name} is an object")
            flat |= value
        else:
            flat[name] = value
    return flat
