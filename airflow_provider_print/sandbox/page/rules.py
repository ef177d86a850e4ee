"""The rules of the world as the page shows them, each with what it means."""

from __future__ import annotations

import ast
import inspect
from dataclasses import fields
from functools import cache
from itertools import pairwise
from typing import Any

from airflow_provider_print.sandbox import world


def rules(now: world.World) -> list[dict[str, Any]]:
    """Return every rule: its value, its default, what can be chosen (None for anything), what it means."""
    defaults, words = world.World(), _meanings()
    return [
        {
            "name": field.name,
            "value": getattr(now, field.name),
            "default": getattr(defaults, field.name),
            "choices": list(world.CHOICES[field.name]) if field.name in world.CHOICES else None,
            "means": words.get(field.name, ""),
        }
        for field in fields(world.World)
    ]


@cache
def _meanings() -> dict[str, str]:
    """Read the docstrings below the fields out of the source: they are the only place that explains them."""
    found: dict[str, str] = {}
    for part in world.World.__mro__[:-1]:
        (node,) = ast.parse(inspect.getsource(part)).body
        body = node.body if isinstance(node, ast.ClassDef) else []
        for field, text in pairwise(body):
            if not (isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)):
                continue
            if isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant):
                found.setdefault(field.target.id, " ".join(str(text.value.value).split()))
    return found
