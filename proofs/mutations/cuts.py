"""Cuts into the source of `intelliprint.submission`: each takes one safeguard out, and nothing else.

The cuts work on the syntax tree of the source as it is shipped, loaded as a module of its own. A cut that
changes nothing is an error: then the source has moved on, and the mutation run would prove nothing.
"""

from __future__ import annotations

import ast
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from airflow_provider_print.intelliprint import submission

if TYPE_CHECKING:
    from collections.abc import Callable

    Edit = Callable[[ast.FunctionDef], None]


@dataclass(frozen=True)
class Cut:
    """One safeguard less.

    :param name: what is taken out.
    :param about: what is left.
    :param function: where it is; a name that occurs once in the source.
    :param edit: changes that function in place; None leaves the source as it is.
    """

    name: str
    about: str
    function: str = ""
    edit: Edit | None = None


def load(cut: Cut) -> ModuleType:
    """Return the shipped module with one cut.

    :raises ValueError: when the cut finds nothing to take out.
    """
    path = Path(submission.__file__)
    tree = ast.parse(path.read_text())
    before = ast.dump(tree)
    if cut.edit is not None:
        cut.edit(_function(tree, cut.function))
        if ast.dump(tree) == before:
            raise ValueError(f"the cut {cut.name!r} changes nothing in {path.name}: bring it up to date")
    name = f"proofs.mutations.cut_{abs(hash(cut.name))}"
    module = ModuleType(name)
    sys.modules[name] = module
    code = compile(ast.fix_missing_locations(tree), f"{path.name} without {cut.name}", "exec")
    exec(code, module.__dict__)
    return module


def _function(tree: ast.Module, name: str) -> ast.FunctionDef:
    found = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == name]
    if len(found) != 1:
        raise ValueError(
            f"there are {len(found)} functions {name} in the paid step: bring the cuts up to date"
        )
    return found[0]


def _body(text: str) -> Edit:
    """Return an edit that puts other statements in the place of a function's body."""

    def edit(function: ast.FunctionDef) -> None:
        function.body = ast.parse(text).body

    return edit


def _within_first(statements: int) -> Edit:
    """Return an edit that leaves only the first statements of the function's `try`."""

    def edit(function: ast.FunctionDef) -> None:
        (block,) = [node for node in function.body if isinstance(node, ast.Try)]
        block.body = block.body[:statements]

    return edit


class _Replace(ast.NodeTransformer):
    """Puts one expression in the place of another."""

    def __init__(self, old: str, new: str) -> None:
        self._old = ast.dump(ast.parse(old, mode="eval").body)
        self._new = ast.parse(new, mode="eval").body

    def visit(self, node: ast.AST) -> ast.AST:
        """Replace, or look further down."""
        return self._new if ast.dump(node) == self._old else self.generic_visit(node)


def _expression(old: str, new: str) -> Edit:
    def edit(function: ast.FunctionDef) -> None:
        _Replace(old, new).visit(function)

    return edit


class _NoSettle(ast.NodeTransformer):
    """Puts the answer of no time at all into the place of every `yield Settle(...)`."""

    def visit_Yield(self, node: ast.Yield) -> ast.expr:
        """Replace it when it is one."""
        asked = node.value
        settles = (
            isinstance(asked, ast.Call) and isinstance(asked.func, ast.Name) and asked.func.id == "Settle"
        )
        return ast.parse("Settled()", mode="eval").body if settles else node


def _without_settle(function: ast.FunctionDef) -> None:
    _NoSettle().visit(function)


NOTHING = Cut("nothing", "the shipped source, loaded in the same way")
CHECK = Cut("CHECK", "decided, but not read back", "decide", _within_first(2))
TRY_SLOT = Cut(
    "a slot for each try", "one slot for all tries", "decide", _expression("self._attempt.number", "1")
)
DECIDE = Cut("DECIDE", "confirmed without having been written down", "decide", _body("yield from ()"))
NEWEST = Cut(
    "the newest try counts",
    "the oldest decision is taken up",
    "recall",
    _expression(
        "self._attempt.slots_read(self._letter.key.key)",
        "self._attempt.slots_read(self._letter.key.key)[::-1]",
    ),
)
FIND = Cut("FIND", "nothing is ever looked up", "_find", _body("yield from ()\nreturn mine"))
SETTLE = Cut("the settle", "looked up again, but at once", "_settled", _without_settle)
