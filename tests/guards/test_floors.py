"""The walls of the house: imports go to the own floor or below, never up and never to the neighbour."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import airflow_provider_print

PACKAGE = "airflow_provider_print"
ROOT = Path(airflow_provider_print.__file__).parent
SERVICES = {"intelliprint", "printful"}

# What each floor may import from the package, itself included.
ALLOWED = {
    "core": {"core"},
    "intelliprint": {"core", "intelliprint"},
    "printful": {"core", "printful"},
    "nets": {"core", "intelliprint", "nets"},
    "hooks": {"core", *SERVICES, "hooks", "_compat"},
    "triggers": {"core", *SERVICES, "hooks", "triggers", "_compat"},
    "operators": {"core", *SERVICES, "nets", "hooks", "triggers", "operators", "links", "_compat"},
    "sensors": {"core", *SERVICES, "hooks", "triggers", "sensors", "links", "_compat"},
    "commands": {"core", "intelliprint", "nets", "hooks", "commands", "_compat"},
    "__main__": {"commands"},
    "sandbox": {"sandbox"},
    "assets": {"core", "intelliprint", "triggers"},
    "plugins": {"core", "intelliprint", "hooks", "triggers", "assets", "plugins", "_compat"},
    "links": {"core", *SERVICES, "hooks", "_compat"},
    "pytest_plugin": {"sandbox"},
    "provider_info": set(),
    "_compat": set(),
    "__init__": set(),
}
NO_AIRFLOW = {
    "core",
    "intelliprint",
    "printful",
    "nets",
    "sandbox",
    "pytest_plugin",
    "provider_info",
    "__main__",
    "__init__",
}
# Airflow's tables are no public interface: one module of the commands asks them, one the connections among
# them; and one of the plugin, which lives in the API server.
KNOW_THE_DATABASE = {"commands/_register.py", "commands/_client.py", "plugins/_database.py"}
MODULES = sorted(ROOT.rglob("*.py"))


def floor_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imported(path: Path) -> set[str]:
    """Every module that a file imports, anywhere in it, for typing only included."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide which floor is meant"
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {str(node.module)}
    return found


def own_floors(path: Path) -> set[str]:
    inside = {name.split(".")[1] for name in imported(path) if name.startswith(f"{PACKAGE}.")}
    return inside - {"__version__"}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_imports_only_from_its_own_floor_or_below(path: Path) -> None:
    floor = floor_of(path)
    assert floor in ALLOWED, f"{floor} has no place in the house yet"
    assert own_floors(path) <= ALLOWED[floor]


@pytest.mark.parametrize(
    "path", [p for p in MODULES if floor_of(p) in NO_AIRFLOW], ids=lambda path: str(path.relative_to(ROOT))
)
def test_the_lower_floors_and_the_sandbox_know_no_airflow(path: Path) -> None:
    assert not {name for name in imported(path) if name == "airflow" or name.startswith("airflow.")}


def test_only_two_modules_of_the_commands_and_one_of_the_plugin_know_the_tables_of_airflow() -> None:
    tables = ("airflow.models", "airflow.utils.session", "airflow.settings", "airflow.assets")
    knowing = {
        path.relative_to(ROOT).as_posix()
        for path in MODULES
        if any(n.startswith(tables) for n in imported(path))
    }
    assert knowing == KNOW_THE_DATABASE


@pytest.mark.parametrize("service", sorted(SERVICES))
@pytest.mark.parametrize("floor", ["hooks", "triggers", "operators", "sensors"])
def test_a_service_knows_nothing_of_its_neighbour(service: str, floor: str) -> None:
    neighbour = (SERVICES - {service}).pop()
    files = [p for p in (ROOT / floor).rglob("*.py") if service in p.relative_to(ROOT).as_posix()]
    assert files
    for path in files:
        assert not {name for name in imported(path) if f".{neighbour}" in name}, path


def test_no_module_is_longer_than_400_lines() -> None:
    long = {str(p.relative_to(ROOT)): n for p in MODULES if (n := len(p.read_text().splitlines())) > 400}
    assert long == {}
