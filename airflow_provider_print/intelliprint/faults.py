"""Faults of a request, in words: which field, which rows, what is wrong, and never the value.

Ten thousand recipients with one wrong column make ten thousand faults; what helps is one line that names
the first few rows and counts the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_provider_print.core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic import ValidationError

_NAMED_ROWS = 5
_NAMED_KINDS = 8
_WORDS = {
    "missing": "is missing",
    "extra_forbidden": "is not a field that the service knows",
    "string_type": "must be text",
    "list_type": "must be a list (a template that returns one needs render_template_as_native_obj)",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
}


def input_error(error: ValidationError) -> InputError:
    """Make one `InputError` of all faults of a request.

    :param error: what pydantic found
    """
    rows: dict[tuple[str, str], list[int]] = {}
    fields: list[tuple[str, str]] = []
    for fault in error.errors(include_input=False, include_url=False):
        own = fault.get("ctx", {}).get("error")
        if isinstance(own, InputError):
            return own
        place, words = fault["loc"], _WORDS.get(fault["type"]) or _own_words(fault["msg"])
        if len(place) > 1 and place[0] == "recipients" and isinstance(place[1], int):
            found = rows.setdefault((_dotted(place[2:]), words), [])
            if place[1] + 1 not in found[-1:]:
                found.append(place[1] + 1)
        elif (entry := (_dotted(place), words)) not in fields:
            fields.append(entry)
    lines = [f"{name or 'the request'} {words}" for name, words in fields]
    lines += [f"{row_numbers(found)}: {name or 'the row'} {words}" for (name, words), found in rows.items()]
    shown = "; ".join(lines[:_NAMED_KINDS])
    if len(lines) > _NAMED_KINDS:
        shown += f"; and {len(lines) - _NAMED_KINDS} more kinds of fault"
    return InputError(f"The request cannot be sent: {shown}.", param=_param(fields, rows))


def _param(fields: Sequence[tuple[str, str]], rows: dict[tuple[str, str], list[int]]) -> str | None:
    if fields:
        return fields[0][0] or None
    if len(rows) == 1:
        (name, _), found = next(iter(rows.items()))
        if len(found) == 1:
            return f"recipients[{found[0] - 1}].{name}".rstrip(".")
    return "recipients"


def row_numbers(found: Sequence[int]) -> str:
    """`row 3`, `rows 3 and 7`, `rows 3, 7, 8, 9, 10 and 12 more`."""
    if len(found) == 1:
        return f"row {found[0]}"
    if len(found) <= _NAMED_ROWS:
        return f"rows {', '.join(map(str, found[:-1]))} and {found[-1]}"
    return f"rows {', '.join(map(str, found[:_NAMED_ROWS]))} and {len(found) - _NAMED_ROWS} more"


def _dotted(place: Sequence[int | str]) -> str:
    """`splitting.pages`, `extra_documents[0].document`; without the names that pydantic gives to branches."""
    text = ""
    for part in place:
        if isinstance(part, int):
            text += f"[{part}]"
        elif not _is_branch(part):
            text += f".{part}" if text else part
    return text


def _is_branch(part: str) -> bool:
    return "[" in part or part in ("str", "bool", "int", "float", "[key]")


def _own_words(message: str) -> str:
    words = message.removeprefix("Value error, ")
    return words[:1].lower() + words[1:]
