"""The tables of world rules in `docs/sandbox.md`, made from the rules themselves."""

from __future__ import annotations

import ast
import inspect
import json
import re
import textwrap
from dataclasses import fields
from typing import TYPE_CHECKING

from airflow_provider_print.sandbox.world import World
from airflow_provider_print.sandbox.world_printful import PrintfulRules
from proofs.conformance.page import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

GUIDE = ROOT / "docs" / "sandbox.md"
_BETWEEN = re.compile(r"(<!-- rules of (\w+), generated -->\n).*?(<!-- end -->\n)", re.DOTALL)
_CLASSES = {"World": World, "PrintfulRules": PrintfulRules}


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
    if {found[1] for found in _BETWEEN.findall(text)} != set(_CLASSES):
        raise ValueError(f"{GUIDE.name} has no place for the rules of {', '.join(_CLASSES)}")
    return _BETWEEN.sub(lambda found: found[1] + _table(_CLASSES[found[2]]) + found[3], text)


def _table(rules: type) -> str:
    lines = ["| Rule | Default | What it says |", "| --- | --- | --- |"]
    defaults = {field.name: field.default for field in fields(rules)}
    for name, meaning in _documented(rules):
        shown = " ".join(meaning.split()).replace("|", "\\|").replace("<", "&lt;")
        lines.append(f"| `{name}` | `{json.dumps(defaults[name])}` | {shown} |")
    return "\n".join(lines) + "\n"


def _documented(rules: type) -> Iterator[tuple[str, str]]:
    """Give the own rules of a class, each with the text below it."""
    (body,) = ast.parse(textwrap.dedent(inspect.getsource(rules))).body
    assert isinstance(body, ast.ClassDef)
    for rule, text in zip(body.body, [*body.body[1:], None], strict=True):
        if isinstance(rule, ast.AnnAssign) and isinstance(rule.target, ast.Name):
            if not (isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant)):
                raise ValueError(f"the rule {rule.target.id} is not explained")
            yield rule.target.id, str(text.value.value)
