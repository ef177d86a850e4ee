"""The marker `behaviour`: which claims of the sandbox a test would fail without, and which of them held.

An id that the catalogue does not have fails the collection of the module that names it, and of no other.
`--behaviours FILE` writes the names of the tests that passed for each id.
"""

from __future__ import annotations

import functools
import json
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from airflow_provider_print.sandbox import catalogue

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

NAMED: dict[str, set[str]] = defaultdict(set)
"""The collected tests that name each id, without the parameters of a test."""
_HELD: dict[str, set[str]] = defaultdict(set)
_FELL: set[tuple[str, str]] = set()
_WHERE = "tests/sandbox/"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--behaviours", metavar="FILE", help="write which tests passed for which behaviour")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "behaviour(*ids): the rows of the sandbox's catalogue that the test would fail without"
    )


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Iterator[Any]:
    report = yield
    if isinstance(collector, pytest.Module | pytest.Class) and report.passed:
        rows, problems = _catalogue()
        wrong = list(_unknown(report.result, rows))
        if wrong:
            report.outcome, report.result = "failed", []
            report.longrepr = "\n".join([*wrong, *(f"(the catalogue: {line})" for line in problems)])
            # The other modules have done nothing wrong: they run, and the exit code is 1 all the same.
            collector.config.option.continue_on_collection_errors = True
    return report


_catalogue = functools.cache(catalogue.survey)


def _unknown(nodes: Iterable[Any], rows: dict[str, catalogue.Behaviour]) -> Iterator[str]:
    for item in nodes:
        if not isinstance(item, pytest.Item):
            continue
        marks = list(item.iter_markers("behaviour"))
        if marks and not all(mark.args and not mark.kwargs for mark in marks):
            yield f"{item.nodeid}: the marker behaviour takes ids, at least one"
        for name in ids(item):
            if name not in rows:
                yield f"{item.nodeid}: no file of the catalogue has the behaviour {name!r}"


def ids(item: pytest.Item) -> Iterator[str]:
    """Give the behaviours that a test itself names; what a whole module says is no evidence."""
    for node, mark in item.iter_markers_with_node("behaviour"):
        if node is item:
            yield from (str(name) for name in mark.args)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for name in _counted(item):
            NAMED[name].add(_test(item))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[Any]:
    report = yield
    for name in _counted(item):
        if report.when == "call" and report.passed:
            _HELD[name].add(_test(item))
        elif not report.passed:
            _FELL.add((name, _test(item)))
    return report


def pytest_sessionfinish(session: pytest.Session) -> None:
    path = session.config.getoption("--behaviours")
    if path:
        held = {name: sorted(t for t in tests if (name, t) not in _FELL) for name, tests in _HELD.items()}
        Path(path).write_text(json.dumps(held, sort_keys=True, indent=1), encoding="utf-8")


def _counted(item: pytest.Item) -> Iterator[str]:
    """Give the behaviours of a test of the sandbox; only those run on every version of Airflow."""
    return (name for name in ids(item) if item.nodeid.startswith(_WHERE))


def _test(item: pytest.Item) -> str:
    return item.nodeid.partition("[")[0]
