from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from tests.airflow.fixtures import intelliprint

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["intelliprint"]


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    """Commands settle where our log goes; the tests after them want it where it was."""
    log = logging.getLogger("airflow_provider_print")
    before = (log.level, log.propagate, list(log.handlers))
    yield
    log.setLevel(before[0])
    log.propagate = before[1]
    log.handlers[:] = before[2]
