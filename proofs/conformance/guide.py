"""The tables of world rules and presets in `docs/sandbox.md`, made from the rules and presets themselves."""

from __future__ import annotations

import ast
import inspect
import json
import re
import textwrap
from dataclasses import fields
from typing import TYPE_CHECKING

from airflow_provider_print.sandbox.presets import PRESETS
from airflow_provider_print.sandbox.world import World
from airflow_provider_print.sandbox.world_printful import PrintfulRules
from proofs.conformance.page import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

GUIDE = ROOT / "docs" / "sandbox.md"
_BETWEEN = re.compile(r"(<!-- ([\w ]+), generated -->\n).*?(<!-- end -->\n)", re.DOTALL)


def outdated() -> bool:
    """Whether the tables do not say what the rules say."""
    text = GUIDE.read_text(encoding="utf-8")
    return refreshed(text) != text


def write() -> None:
    """Write the tables anew."""
    GUIDE.write_text(refreshed(GUIDE.read_text(encoding="utf-8")), encoding="utf-8")


def refreshed(text: str) -> str:
    """Return the text of the guide with tables that are up to date.

    :raises ValueError: when it has no place for one of them.
    """
    tables = {
        "presets": _presets(),
        "rules of World": _rules(World),
        "rules of Printful": _rules(PrintfulRules),
    }
    if sorted(found[1] for found in _BETWEEN.findall(text)) != sorted(tables):
        raise ValueError(f"{GUIDE.name} has not one place for each of: {', '.join(tables)}")
    return _BETWEEN.sub(lambda found: found[1] + tables[found[2]] + found[3], text)


def _rules(rules: type) -> str:
    defaults = {field.name: field.default for field in fields(rules)}
    lines = [(f"`{name}`", f"`{json.dumps(defaults[name])}`", says) for name, says in _documented(rules)]
    return _table(("Rule", "Default", "What it says"), *lines)


def _presets() -> str:
    lines = []
    for name, preset in PRESETS.items():
        world = ", ".join(f"`{rule}` {json.dumps(value)}" for rule, value in preset.world.items())
        lines.append((f"`{name}`", preset.says, world or "as it is"))
    return _table(("Preset", "", "Rules of the world"), *lines)


def _table(*lines: tuple[str, ...]) -> str:
    head, *body = [
        "| " + " | ".join(" ".join(c.split()).replace("|", "\\|").replace("<", "&lt;") for c in line) + " |"
        for line in lines
    ]
    return "\n".join([head, f"|{' --- |' * len(lines[0])}", *body]) + "\n"


def _documented(rules: type) -> Iterator[tuple[str, str]]:
    """Give the own rules of a class, each with the text below it."""
    (body,) = ast.parse(textwrap.dedent(inspect.getsource(rules))).body
    assert isinstance(body, ast.ClassDef)
    for rule, text in zip(body.body, [*body.body[1:], None], strict=True):
        if isinstance(rule, ast.AnnAssign) and isinstance(rule.target, ast.Name):
            if not (isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant)):
                raise ValueError(f"the rule {rule.target.id} is not explained")
            yield rule.target.id, str(text.value.value)
