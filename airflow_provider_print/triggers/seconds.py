"""Lengths of time and switches as arguments, which a DAG may get wrong in many ways."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow_provider_print.core.errors import InputError

#: How long a wait lasts by default, in seconds: the post takes days, the file library seconds.
TEN_DAYS = 10 * 24 * 3600.0
TEN_MINUTES = 600.0


def in_seconds(value: Any) -> Any:
    """Return a length of time in seconds; anything but a `timedelta` as it is, for `check_seconds` to see.

    :param value: seconds, or a `timedelta`.
    """
    return value.total_seconds() if isinstance(value, timedelta) else value


def check_seconds(**times: float) -> None:
    """Refuse lengths of time that make no sense.

    :param times: seconds by the name of the argument.
    :raises InputError: naming the argument.
    """
    for name, value in times.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
            raise InputError(f"{name} is a number of seconds or a timedelta, not {value!r}.", param=name)


def check_switches(**switches: bool) -> None:
    """Refuse switches that are neither true nor false: the text "False" would count as true.

    :param switches: values by the name of the argument.
    :raises InputError: naming the argument.
    """
    for name, value in switches.items():
        if not isinstance(value, bool):
            raise InputError(f"{name} is True or False, not {value!r}: it is no template.", param=name)
