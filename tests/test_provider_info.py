"""What Airflow learns about this package: valid, importable, and seen by Airflow itself."""

from __future__ import annotations

import importlib
import inspect
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import airflow
import jsonschema
import pytest
from airflow.providers_manager import ProvidersManager

from airflow_provider_print import __version__
from airflow_provider_print.hooks._connection import COMMON_EXTRAS
from airflow_provider_print.provider_info import get_provider_info

if TYPE_CHECKING:
    from collections.abc import Iterator

INFO = get_provider_info()
TYPES = {one["connection-type"]: one for one in INFO["connection-types"]}


def schema(name: str) -> Any:
    return json.loads((Path(airflow.__file__).parent / name).read_text())


def modules() -> Iterator[str]:
    for kind in ("hooks", "operators", "sensors", "triggers"):
        for entry in INFO[kind]:
            yield from entry["python-modules"]


def load(path: str) -> Any:
    module, _, name = path.rpartition(".")
    return getattr(importlib.import_module(module), name)


def test_the_description_is_valid_for_airflow() -> None:
    jsonschema.validate(INFO, schema("provider_info.schema.json"))


def test_connection_forms_are_valid_against_the_stricter_schema_of_airflows_own_providers() -> None:
    strict = schema("provider.yaml.schema.json")["properties"]["connection-types"]
    jsonschema.validate(INFO["connection-types"], strict)


def test_it_tells_the_version_of_the_package() -> None:
    assert INFO["versions"] == [__version__]


@pytest.mark.parametrize("name", sorted({*modules()}))
def test_every_named_module_can_be_imported(name: str) -> None:
    assert importlib.import_module(name).__doc__


@pytest.mark.parametrize(
    "path", [*INFO["extra-links"], *(one["hook-class-name"] for one in INFO["connection-types"])]
)
def test_every_named_class_can_be_imported(path: str) -> None:
    assert inspect.isclass(load(path))


@pytest.mark.parametrize("conn_type", ["intelliprint", "printful"])
def test_the_form_has_every_extra_that_the_hook_reads(conn_type: str) -> None:
    hook = load(TYPES[conn_type]["hook-class-name"])
    assert set(TYPES[conn_type]["conn-fields"]) == COMMON_EXTRAS | hook.own_extras
    assert (hook.conn_type, hook.hook_name) == (conn_type, TYPES[conn_type]["hook-name"])


def test_every_field_may_stay_empty_and_test_mode_is_on_unless_switched_off() -> None:
    for one in TYPES.values():
        for name, field in one["conn-fields"].items():
            assert field["schema"]["type"][1] == "null", name
            assert field["label"]
            assert field["description"]
    assert TYPES["intelliprint"]["conn-fields"]["testmode"]["schema"]["default"] is True


def test_airflow_sees_the_provider_and_its_hooks() -> None:
    manager = ProvidersManager()
    assert manager.providers["airflow-provider-print"].data["name"] == "Print"
    for conn_type, one in TYPES.items():
        hook = manager.hooks[conn_type]
        assert hook is not None
        assert hook.hook_class_name == one["hook-class-name"]


def test_airflow_offers_the_forms() -> None:
    manager = ProvidersManager()
    declarative = hasattr(manager, "_load_ui_metadata")  # before 3.2 the extras are typed into the JSON box
    offered = set(manager.connection_form_widgets)
    for conn_type, one in TYPES.items():
        wanted = {f"extra__{conn_type}__{name}" for name in one["conn-fields"]} if declarative else set()
        assert wanted <= offered
        behaviour = manager.field_behaviours.get(conn_type) or {}
        assert behaviour.get("hidden_fields", []) == (["schema", "login", "port"] if declarative else [])
