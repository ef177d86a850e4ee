"""What one can import from the top."""

from __future__ import annotations

import pytest

import airflow_provider_print


@pytest.mark.parametrize("name", sorted(airflow_provider_print._NAMES))
def test_a_name_of_the_package_loads_when_it_is_asked_for(name: str) -> None:
    assert getattr(airflow_provider_print, name).__name__ == name


def test_a_name_that_is_not_there_is_an_ordinary_error() -> None:
    with pytest.raises(AttributeError, match="IntelliprintFaxOperator"):
        airflow_provider_print.IntelliprintFaxOperator  # noqa: B018
