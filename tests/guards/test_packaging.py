"""What is installed: the metadata, the wheel, and what Airflow learns from it."""

from __future__ import annotations

import importlib
import shutil
import subprocess
import sys
import zipfile
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import airflow_provider_print

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent.parent
PACKAGE = "airflow_provider_print"
NEEDED = ["py.typed", "sandbox/files/artwork-front.png", "sandbox/page.html"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[zipfile.ZipFile]:
    """The wheel, built from a copy, because building leaves files behind."""
    copy = tmp_path_factory.mktemp("source")
    shutil.copytree(ROOT / PACKAGE, copy / PACKAGE, ignore=shutil.ignore_patterns("__pycache__"))
    for folder in ("tests", "tools", "dags_examples"):
        (copy / folder).mkdir()
        (copy / folder / "__init__.py").touch()
    for name in ("setup.cfg", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy / name)
    build = "from setuptools.build_meta import build_wheel; print(build_wheel('dist'))"
    (copy / "dist").mkdir()
    subprocess.run([sys.executable, "-c", build], cwd=copy, check=True, capture_output=True)
    with zipfile.ZipFile(next((copy / "dist").glob("*.whl"))) as archive:
        yield archive


def test_the_wheel_ships_the_package_and_nothing_outside_it(wheel: zipfile.ZipFile) -> None:
    tops = {name.split("/")[0] for name in wheel.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {PACKAGE}


def test_the_wheel_ships_every_file_of_the_package(wheel: zipfile.ZipFile) -> None:
    source = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / PACKAGE).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert source - set(wheel.namelist()) == set()
    assert all(f"{PACKAGE}/{name}" in wheel.namelist() for name in NEEDED if (ROOT / PACKAGE / name).exists())


def test_the_distribution_carries_the_version_of_the_package() -> None:
    assert metadata.version("airflow-provider-print") == airflow_provider_print.__version__


@pytest.mark.parametrize(
    "group", ["airflow.plugins", "apache_airflow_provider", "console_scripts", "pytest11"]
)
def test_every_entry_point_can_be_loaded(group: str) -> None:
    ours = [
        entry
        for entry in metadata.distribution("airflow-provider-print").entry_points
        if entry.group == group
    ]
    assert len(ours) == (2 if group == "console_scripts" else 1)
    assert all(entry.load() is not None for entry in ours)


def test_every_class_of_the_provider_info_can_be_imported() -> None:
    from airflow_provider_print.provider_info import get_provider_info

    info = get_provider_info()
    paths = [row["hook-class-name"] for row in info["connection-types"]]
    paths += info.get("extra-links", [])
    paths += [row["handler"] for row in info["asset-uris"]]
    modules = [
        module
        for part in ("hooks", "operators", "sensors", "triggers")
        for row in info[part]
        for module in row["python-modules"]
    ]
    assert paths
    assert modules
    for path in paths:
        module, _, name = path.rpartition(".")
        assert getattr(importlib.import_module(module), name)
    for name in modules:
        assert importlib.import_module(name)


def test_airflow_lists_the_provider_and_its_connection_types() -> None:
    script = "from airflow.providers_manager import ProvidersManager as P; m = P(); "
    script += "print('airflow-provider-print' in m.providers, {'intelliprint', 'printful'} <= set(m.hooks))"
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert told.stdout.splitlines()[-1] == "True True"
