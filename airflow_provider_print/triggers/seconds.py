"""Lengths of time as arguments."""

from __future__ import annotations

from airflow_provider_print.core.errors import InputError


def check_seconds(**times: float) -> None:
    """Refuse lengths of time that make no sense.

    :param times: seconds by the name of the argument.
    :raises InputError: naming the argument.
    """
    for name, value in times.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
            raise InputError(f"{name} is a number of seconds, not {value!r}.", param=name)
