"""What a DAG has given to an operator, and whether there is anything left of it after rendering.

A template that renders to nothing is a common fault, and for a limit or a switch the worst: `None` means "no
limit" and "not in test mode". So what was given must have a value when the task runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from airflow_provider_print.operators._sealed import unsealed

if TYPE_CHECKING:
    from airflow.sdk import BaseOperator

_NOTHING = ("", "None")

# Nothing in these is safe: the letter is not posted again, or has no label. `resend="{{ params.resend }}"`
# with an
# empty default is how one keeps the switch at hand.
_MAY_BE_EMPTY = frozenset({"resend", "job_label"})


def given_fields(operator: BaseOperator) -> frozenset[str]:
    """Return the template fields that have a value; for the end of a constructor, before any rendering.

    :param operator: the operator.
    """
    return frozenset(name for name in operator.template_fields if getattr(operator, name, None) is not None)


def mapped_fields(operator: BaseOperator) -> frozenset[str]:
    """Return the arguments that are known to be mapped in every row; none where that cannot be told.

    :param operator: the operator of one map index, whose DAG still has the mapped one.
    """
    mapped = operator.dag.task_dict.get(operator.task_id)
    rows = getattr(getattr(mapped, "expand_input", None), "value", None)
    if isinstance(rows, Mapping):  # expand(name=values)
        return frozenset(rows)
    if isinstance(rows, list | tuple) and rows and all(isinstance(row, Mapping) for row in rows):
        return frozenset.intersection(*(frozenset(row) for row in rows))
    return frozenset()


def refuse_nothing(operator: BaseOperator, given: frozenset[str], names: Mapping[str, str]) -> None:
    """Refuse a field that was given and is nothing after rendering.

    :param operator: the operator, rendered.
    :param given: what `given_fields` has told.
    :param names: names of arguments that differ from those of their fields.
    :raises InputError: naming the argument.
    """
    from airflow_provider_print.core.errors import InputError

    wanted = given | (mapped_fields(operator) & frozenset(operator.template_fields))
    for field in sorted(wanted - _MAY_BE_EMPTY):
        if _is_nothing(unsealed(getattr(operator, field, None))):
            name = names.get(field, field)
            message = f"{name} was given, but there is nothing in it after rendering."
            advice = f"Correct what gives {name}, or leave the argument out."
            raise InputError(message, param=name, advice=advice)


def _is_nothing(value: Any) -> bool:
    from jinja2 import Undefined

    if isinstance(value, Undefined):  # what an unknown name comes to where templates give native objects
        return True
    return value is None or (isinstance(value, str) and value.strip() in _NOTHING)


def switch(name: str, value: Any) -> bool | None:
    """Read a switch that may have gone through a template; None where there is none.

    :param name: the argument, for the error.
    :param value: true, false, or the text of either.
    :raises InputError: naming the argument, for anything else.
    """
    from airflow_provider_print.core.errors import InputError

    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in ("true", "false"):
        return value.strip().lower() == "true"
    raise InputError(f"{name} is true or false, not {value!r}.", param=name)


def word(value: Any) -> str | None:
    """Read a text that may be nothing, also after a template.

    :param value: what was rendered.
    """
    return None if _is_nothing(value) else str(value)


def whole(value: Any) -> Any:
    """Read a whole number that may have gone through a template; the check refuses anything else."""
    if isinstance(value, str) and value.strip().isdecimal():
        return int(value)
    return value
