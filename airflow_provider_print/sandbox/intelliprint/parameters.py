"""Readers of parameters: each turns what came into a checked value, or names what is wrong.

Text of a form and typed JSON values are both taken (`"true"` and `true`), because the service takes both
kinds of body. No message repeats a value.
"""

from __future__ import annotations

import base64
import binascii
import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from airflow_provider_print.sandbox.bodies import UploadedFile
from airflow_provider_print.sandbox.intelliprint.errors import LONGEST_NAME, invalid, missing, unknown

Reader = Callable[[Any, str], Any]
Table = Mapping[str, Reader]


@dataclass(frozen=True)
class GivenFile:
    """A file as it was given: its bytes, or the URL where they are."""

    name: str
    data: bytes | None = None
    url: str | None = None

    def __repr__(self) -> str:
        return "<GivenFile>"


def read(table: Table, raw: Mapping[str, Any], *, prefix: str = "") -> dict[str, Any]:
    """Read the parameters that were given; an unknown name is an error before any value is looked at."""
    for name in raw:
        if name not in table:
            name = name[:LONGEST_NAME]
            closest = difflib.get_close_matches(name, list(table), n=1)
            raise unknown(prefix + name, prefix + closest[0] if closest else None)
    return {name: table[name](value, prefix + name) for name, value in raw.items()}


def text(*, longest: int = 10_000) -> Reader:
    """Text, or null."""

    def reader(value: Any, param: str) -> str | None:
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise invalid(param, f"{param} must be text")
        if len(str(value)) > longest:
            raise invalid(param, f"{param} is longer than {longest} characters")
        if any(ord(character) < 32 and character not in "\n\r\t" for character in str(value)):
            raise invalid(param, f"{param} holds control characters")
        return str(value)

    return reader


def content(value: Any, param: str) -> str | None:
    """HTML or plain text of any length."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise invalid(param, f"{param} must be text")
    return value


def flag(value: Any, param: str) -> bool | None:
    """Read true or false; as text in any case: a public client writes `True` (assumed to be accepted)."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    raise invalid(param, f"{param} must be true or false")


def whole(*, least: int, most: int = 2**53) -> Reader:
    """Read a whole number in a range, or null."""

    def reader(value: Any, param: str) -> int | None:
        if value is None or value == "":
            return None
        number = _number(value, param)
        if number != int(number):
            raise invalid(param, f"{param} must be a whole number")
        if not least <= number <= most:
            raise invalid(
                param, f"{param} must be {least} or more" + (f", at most {most}" if most < 2**53 else "")
            )
        return int(number)

    return reader


def number(*, least: float, most: float) -> Reader:
    """Read a number in a range, or null."""

    def reader(value: Any, param: str) -> float | None:
        if value is None or value == "":
            return None
        found = _number(value, param)
        if not least <= found <= most:
            raise invalid(param, f"{param} must be from {least:g} to {most:g}")
        return found

    return reader


def choice(*allowed: str) -> Reader:
    """One of some words, or null."""

    def reader(value: Any, param: str) -> str | None:
        if value is None:
            return None
        if not isinstance(value, str) or value not in allowed:
            raise invalid(param, f"{param} must be one of: {', '.join(allowed)}")
        return value

    return reader


def group(table: Table, *, needed: tuple[str, ...] = ()) -> Reader:
    """Named parameters inside a parameter."""

    def reader(value: Any, param: str) -> dict[str, Any]:
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise invalid(param, f"{param} must be an object")
        found = read(table, value, prefix=f"{param}.")
        for name in needed:
            if _is_blank(found.get(name)):
                raise missing(f"{param}.{name}")
        return found

    return reader


def _is_blank(value: Any) -> bool:
    return value in (None, {}) or (isinstance(value, str) and not value.strip())


def list_of(item: Reader, *, most: int = 100_000) -> Reader:
    """Read a list; in a form its positions are names, and one bare value is a list of one."""

    def reader(value: Any, param: str) -> list[Any]:
        return [
            item(each, f"{param}[{position}]") for position, each in enumerate(as_list(value, param, most))
        ]

    return reader


def as_list(value: Any, param: str, most: int = 100_000) -> list[Any]:
    """Read what a JSON list or a form's numbered names hold, in order.

    :raises ServiceError: when it is no list or a longer one.
    """
    if value is None or value == "":
        return []
    if isinstance(value, dict) and value and all(_is_position(name) for name in value):
        value = [value[name] for name in sorted(value, key=int)]
    if not isinstance(value, list):
        if isinstance(value, dict):
            raise invalid(param, f"{param} must be a list")
        value = [value]
    items: list[Any] = value
    if len(items) > most:
        raise invalid(param, f"{param} has more than {most} entries")
    return items


def mapping(value: Any, param: str) -> dict[str, str] | None:
    """Free names with text; metadata values are text in the service's older schema (observed by others)."""
    if value is None:
        return None
    if not isinstance(value, dict):
        raise invalid(param, f"{param} must be an object")
    reader = text()
    found = {}
    for name, item in value.items():
        inner = f"{param}.{name[:LONGEST_NAME]}"
        found[name] = "true" if item is True else "false" if item is False else reader(item, inner)
    return found


def variables(value: Any, param: str) -> dict[str, Any]:
    """Values for the placeholders of a template; kept as they are."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise invalid(param, f"{param} must be an object")
    return {str(name): item for name, item in value.items() if not isinstance(item, UploadedFile)}


def file(value: Any, param: str) -> GivenFile | None:
    """Read a file in one of its forms: binary part, base64 (`content`, `name`), URL (`url`), or a bare URL.

    The bare URL is in a sample of the vendor and contradicts its other documentation; it is taken (assumed).
    """
    if value is None:
        return None
    if isinstance(value, UploadedFile):
        return GivenFile(value.name or "file", value.data)
    if isinstance(value, str) and value.startswith(("http://", "https://")):
        return GivenFile(_name_in(value), url=value)
    if not isinstance(value, dict):
        raise invalid(
            param, f"{param} must be a file: a form part, or content in base64 with a name, or a url"
        )
    found = read(_FILE, value, prefix=f"{param}.")
    if (found.get("content") is None) == (found.get("url") is None):
        raise missing(f"{param}.content", f"{param} needs either content or url")
    if found.get("url") is not None:
        return GivenFile(found.get("name") or _name_in(found["url"]), url=found["url"])
    return GivenFile(found.get("name") or "file", found["content"])


def _base64(value: Any, param: str) -> bytes | None:
    if value is None:
        return None
    if isinstance(value, UploadedFile):
        return value.data
    if not isinstance(value, str):
        raise invalid(param, f"{param} must be base64 text")
    try:
        return base64.b64decode("".join(value.split()), validate=True)
    except (binascii.Error, ValueError):
        raise invalid(param, f"{param} is not valid base64") from None


_FILE: Table = {"content": _base64, "name": text(longest=500), "url": text(longest=5000)}


def _name_in(url: str) -> str:
    return url.split("?", 1)[0].split("#", 1)[0].rsplit("/", 1)[-1][:200] or "file"


def _number(value: Any, param: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise invalid(param, f"{param} must be a number")
    try:
        number = float(value)
    except (ValueError, OverflowError):
        raise invalid(param, f"{param} must be a number") from None
    if not -1e15 < number < 1e15:
        raise invalid(param, f"{param} must be a number of a sensible size")
    return number


def _is_position(name: Any) -> bool:
    return isinstance(name, str) and name.isascii() and name.isdecimal() and len(name) < 10
