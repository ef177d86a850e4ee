"""Fixtures of the print sandbox; nothing heavy is imported until a test asks for one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from airflow_provider_print.sandbox import PrintSandbox


@pytest.fixture(scope="session")
def print_sandbox_server() -> Iterator[PrintSandbox]:
    """Run one sandbox for all tests of the session, on a free port; tests use `print_sandbox`."""
    from airflow_provider_print.sandbox import PrintSandbox

    with PrintSandbox(rate_limit=0, seed=1) as box:
        yield box


@pytest.fixture
def print_sandbox(print_sandbox_server: PrintSandbox) -> Iterator[PrintSandbox]:
    """Give a test an empty sandbox: no rate limit, no faults, a clock that stands still until it is moved.

    A fault that the test set and that never fired fails the test: it has not tested what it meant to.
    """
    box = print_sandbox_server
    box.reset(frozen=True)
    yield box
    unfired = box.clear_faults()
    if unfired:
        rules = "; ".join(dict.fromkeys(_words(rule) for rule in unfired))
        pytest.fail(f"fault rules that never fired: {rules}", pytrace=False)


def _words(rule: dict[str, Any]) -> str:
    if rule["preset"]:
        return f"preset {rule['preset']}"
    what = " ".join(str(rule[name] or f"any {name}") for name in ("method", "route"))
    return f"{what}: {rule['phase']} {rule['kind']}"
