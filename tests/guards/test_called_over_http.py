"""Nothing is promised that no test has called over HTTP."""

from __future__ import annotations

import importlib
import inspect
import re
from types import FunctionType

from tests.support.called import CALLED

_OURS = re.compile(r"(Intelliprint|Printful)\w+(Operator|Sensor)")
_METHODS = (FunctionType, classmethod, staticmethod)

# Public names of a hook that make no call by themselves.
_NO_CALL = {
    "from_connection": "builds a hook",
    "get_conn": "returns the client",
    "open_file": "opens a source",
    "with_version": "changes a URL",
}


def own_classes(*modules: str) -> dict[str, type]:
    found: dict[str, type] = {}
    for name in modules:
        module = importlib.import_module(f"airflow_provider_print.{name}")
        public = getattr(module, "__all__", None) or [n for n in vars(module) if not n.startswith("_")]
        found |= {n: getattr(module, n) for n in public if inspect.isclass(getattr(module, n))}
    return {n: c for n, c in found.items() if c.__module__.startswith("airflow_provider_print.")}


def hook_methods(hook: type) -> set[str]:
    own = [base for base in hook.__mro__ if base.__module__.startswith("airflow_provider_print.")]
    names = {n for base in own for n, member in vars(base).items() if isinstance(member, _METHODS)}
    return {n for n in names if not n.startswith("_")} - set(_NO_CALL)


def test_every_operator_and_sensor_was_run_over_http() -> None:
    modules = ("operators.intelliprint", "operators.printful", "sensors.intelliprint", "sensors.printful")
    names = {n for n in own_classes(*modules) if _OURS.fullmatch(n)}
    assert len(names) >= 12
    assert names - {owner for owner, _ in CALLED} == set()


def test_every_hook_method_was_called_over_http() -> None:
    for module in ("hooks.intelliprint", "hooks.printful"):
        hooks = {n: c for n, c in own_classes(module).items() if n.endswith("Hook")}
        assert hooks
        for name, hook in hooks.items():
            missing = {method for method in hook_methods(hook) if (name, method) not in CALLED}
            assert missing == set(), name
