"""What a command has to say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

OK, FOUND, UNKNOWN = 0, 1, 2


@dataclass(frozen=True)
class Told:
    """The end of a command.

    :param code: its exit code.
    :param data: for programs.
    :param text: for people.
    """

    code: int
    data: dict[str, Any]
    text: str
