"""Where a paused generator stands, as a value: two that stand at the same place do the same from here on.

A place is the chain of frames of a generator (it may delegate with `yield from`), each with its next
instruction and its local variables. What a frame holds beside that, the loops it is in and an expression
that is half evaluated, does not show. So places are taken for the same only with a check: see `Plays`.
"""

from __future__ import annotations

from enum import Enum
from types import BuiltinFunctionType, FunctionType, GeneratorType, MethodType
from typing import Any

from airflow_provider_print.intelliprint.models import PrintJob

_PLAIN = (str, int, float, bool, type(None), bytes, Enum)


def place_of(steps: Any) -> Any:
    """Return a hashable description of where a paused generator stands."""
    chain = []
    while isinstance(steps, GeneratorType):
        frame = steps.gi_frame
        assert frame is not None, "the generator has ended"
        local = tuple((name, _value(value)) for name, value in sorted(frame.f_locals.items()))
        chain.append((frame.f_code.co_qualname, frame.f_lasti, local))
        steps = steps.gi_yieldfrom
    return tuple(chain)


def _value(value: Any) -> Any:
    """Return something hashable that says all about a value of a local variable."""
    if isinstance(value, _PLAIN):
        return type(value).__name__, value
    if isinstance(value, PrintJob):
        return "job", value.id, value.confirmed, value.created, repr(value.metadata)
    if isinstance(value, list | tuple):
        return type(value).__name__, tuple(_value(one) for one in value)
    if isinstance(value, set | frozenset):
        return "set", frozenset(_value(one) for one in value)
    if isinstance(value, dict):
        return "dict", tuple((_value(name), _value(one)) for name, one in value.items())
    if isinstance(value, range):
        return "range", value
    return _thing(value)


def _thing(value: Any) -> Any:
    if isinstance(value, FunctionType | BuiltinFunctionType | MethodType | type):
        return "code", value.__qualname__
    if isinstance(value, GeneratorType):
        return "generator", place_of(value)
    if isinstance(value, BaseException):
        return "error", type(value).__name__, str(value)
    slots = [name for kind in type(value).__mro__ for name in getattr(kind, "__slots__", ())]
    held = {**{name: getattr(value, name) for name in slots}, **getattr(value, "__dict__", {})}
    assert held or slots or type(value).__module__.startswith(("airflow_provider_print", "proofs")), value
    return type(value).__qualname__, tuple((name, _value(one)) for name, one in sorted(held.items()))
