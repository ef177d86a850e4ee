"""The guide to the sandbox names everything that there is, and its example runs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from airflow_provider_print.sandbox import PrintSandbox, control
from airflow_provider_print.sandbox.cli import main
from airflow_provider_print.sandbox.fault_rules import KINDS, PHASES, SERVICES, Rule
from proofs.conformance import guide

if TYPE_CHECKING:
    from collections.abc import Iterable

GUIDE = guide.GUIDE.read_text(encoding="utf-8")
_LINK = re.compile(r"\]\((?!https?:)([^)#]+)")
_PYTHON = re.compile(r"```python\n(.*?)```", re.DOTALL)
# The life of the server itself, which `with` and the fixture see to.
_NOT_TOLD = {"start", "stop", "alive", "sandbox", "app"}


def absent(words: Iterable[str], text: str = GUIDE) -> list[str]:
    """The words that are not there as such: `hang` is not in `change`."""
    return sorted(word for word in words if not re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text))


def test_its_tables_of_rules_are_those_of_the_world() -> None:
    assert not guide.outdated(), "run: python -m proofs.conformance --only-tables"


def test_a_rule_that_was_changed_makes_the_tables_outdated() -> None:
    newest = guide.refreshed(GUIDE)
    older = newest.replace("| `reconfirm` | `400` |", "| `reconfirm` | `401` |")
    assert older != newest
    assert guide.refreshed(older) == newest


def test_every_option_of_the_command_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["serve", "--help"])
    options = set(re.findall(r"--[a-z][a-z-]+", capsys.readouterr().out)) - {"--help"}
    assert len(options) > 5
    assert absent(options) == []


def test_every_endpoint_of_the_tester_is_told(print_sandbox: PrintSandbox) -> None:
    paths = {route.path for route in control.routes(print_sandbox)}  # type: ignore[attr-defined]
    told = {path.split("{")[0].rstrip("/") for path in paths if not path.startswith(("/page/", "/{"))}
    assert len(told) > 10
    assert absent(f"/_sandbox{path}" for path in told) == []


def test_every_method_of_the_sandbox_is_told() -> None:
    names = {name for name in vars(PrintSandbox) if not name.startswith("_")} - _NOT_TOLD
    assert {"advance", "fault", "journal"} < names
    assert absent(names) == []


def test_everything_that_a_fault_can_be_is_told() -> None:
    fields = set(Rule.__dataclass_fields__) - {"id", "matched", "fired", "preset"}
    assert {
        f"`{word}`" for word in (*PHASES, *KINDS, *SERVICES, *fields) if f"`{word}`" not in GUIDE
    } == set()


def test_its_links_lead_somewhere() -> None:
    targets = _LINK.findall(GUIDE)
    assert targets
    assert [target for target in targets if not (guide.GUIDE.parent / target).exists()] == []


def test_its_example_runs_as_it_is(print_sandbox: PrintSandbox) -> None:
    (example,) = [block for block in _PYTHON.findall(GUIDE) if "\ndef test_" in block]
    names: dict[str, object] = {}
    exec(compile(example, str(guide.GUIDE), "exec"), names)
    (test,) = [one for name, one in names.items() if name.startswith("test_")]
    test(print_sandbox)  # type: ignore[operator]
    assert print_sandbox.unfired() == []
    assert print_sandbox.journal() != []


def test_its_other_lines_of_python_can_be_said_to_a_sandbox(capsys: pytest.CaptureFixture[str]) -> None:
    blocks = [block for block in _PYTHON.findall(GUIDE) if "\ndef test_" not in block]
    assert len(blocks) >= 4
    with PrintSandbox(rate_limit=0) as box:
        for block in blocks:
            exec(compile(block, str(guide.GUIDE), "exec"), {"box": box})
        assert len(box.unfired()) >= 4
    assert "http://127.0.0.1:" in capsys.readouterr().out
