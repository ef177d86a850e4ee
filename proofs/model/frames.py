"""Where a paused generator stands, as a value: two that stand at the same place do the same from here on.

A place is the chain of frames of a generator (it may delegate with `yield from`), each with its next
instruction and its local variables. What a frame holds beside that, the loops it is in and an expression that
is half evaluated, does not show. So places are taken for the same only with a check: see `Plays`.
"""

from __future__ import annotations

from enum import Enum
from types import BuiltinFunctionType, FunctionType, GeneratorType, MethodType
from typing import Any

from airflow_provider_print.intelliprint.letter import Attempt, Letter, Policy
from airflow_provider_print.intelliprint.models import PrintJob

_PLAIN = (str, int, float, bool, type(None), bytes, Enum, range)
_FROZEN = (Attempt, Policy)
#: What there is few of, and is described once. It is kept, so that its address stays its own.
_described: dict[int, tuple[Any, Any]] = {}


def place_of(steps: Any) -> Any:
    """Return a hashable description of where a paused generator stands."""
    chain = []
    while isinstance(steps, GeneratorType):
        frame = steps.gi_frame
        assert frame is not None, "the generator has ended"
        local = tuple((name, _value(value)) for name, value in frame.f_locals.items())
        chain.append((frame.f_code.co_qualname, frame.f_lasti, local))
        steps = steps.gi_yieldfrom
    return tuple(chain)


def _value(value: Any) -> Any:
    """Return something hashable that says all about a value of a local variable."""
    if isinstance(value, _PLAIN):
        return type(value).__name__, value
    if isinstance(value, _FROZEN):
        return value
    if isinstance(value, PrintJob | Letter):
        return _once(value)
    if isinstance(value, list | tuple):
        return type(value).__name__, tuple(_value(one) for one in value)
    if isinstance(value, set | frozenset):
        return "set", frozenset(_value(one) for one in value)
    if isinstance(value, dict):
        return "dict", tuple((_value(name), _value(one)) for name, one in value.items())
    return _thing(value)


def _once(value: PrintJob | Letter) -> Any:
    known = _described.get(id(value))
    if known is None:
        known = _described[id(value)] = (value, repr((type(value), vars(value))))
    return known[1]


def _thing(value: Any) -> Any:
    if isinstance(value, FunctionType | BuiltinFunctionType | MethodType | type):
        return "code", value.__qualname__
    if isinstance(value, GeneratorType):
        return "generator", place_of(value)
    if isinstance(value, BaseException):
        return "error", type(value).__name__, str(value)
    slots = [name for kind in type(value).__mro__ for name in getattr(kind, "__slots__", ())]
    held = [(name, getattr(value, name)) for name in slots] + list(getattr(value, "__dict__", {}).items())
    assert type(value).__module__.startswith(("airflow_provider_print", "proofs")), value
    return type(value).__qualname__, tuple((name, _value(one)) for name, one in held)
