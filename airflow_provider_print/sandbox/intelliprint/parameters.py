"""Readers of parameters: each turns what came into a checked value, or names what is wrong.

Text of a form and typed JSON values are both taken (`"true"` and `true`), because the service takes both
kinds of body. No message repeats a value. A reader carries the JSON schema of what it takes, from which the
OpenAPI document is made: who writes a reader describes it in the same place.
"""

from __future__ import annotations

import base64
import binascii
import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from airflow_provider_print.sandbox.bodies import UploadedFile
from airflow_provider_print.sandbox.intelliprint.errors import LONGEST_NAME, invalid, missing, unknown

Schema = dict[str, Any]
NULL: Schema = {"type": "null"}
EMPTY: Schema = {"const": ""}
_NUMBER = r"^[ \t\r\n]*[+-]?[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]{1,3})?[ \t\r\n]*$"
_NO_CONTROLS = r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f]*$"
_SENSIBLE = 10**15


@dataclass(frozen=True)
class Reader:
    """Reads one parameter, and says what it takes.

    :param read: gets the value and the name of the parameter.
    :param schema: JSON schema of the value as a client should send it.
    :param also: schemas of further forms that are taken, in JSON bodies and forms; not told of in queries.
    """

    read: Callable[[Any, str], Any]
    schema: Schema
    also: tuple[Schema, ...] = (NULL,)

    def __call__(self, value: Any, param: str) -> Any:
        """Return the checked value.

        :raises ServiceError: naming the parameter.
        """
        return self.read(value, param)

    @property
    def accepts(self) -> Schema:
        """The schema of everything that is taken."""
        return _any_of(self.schema, *self.also)

    @property
    def needed(self) -> Schema:
        """The schema of everything that is taken where a blank value counts as missing."""
        schema = self.schema
        if schema.get("type") == "string" and "pattern" in schema:
            schema = {"allOf": [schema, {"pattern": r"\S"}]}
        return _any_of(schema, *(form for form in self.also if form not in (NULL, EMPTY)))


Table = Mapping[str, Reader]


def described(schema: Schema, *also: Schema) -> Callable[[Callable[[Any, str], Any]], Reader]:
    """Make a reader of a function; `also` as in `Reader`, beside null."""
    return lambda function: Reader(function, schema, (NULL, *also))


def schema_of(table: Table, *, needed: tuple[str, ...] = ()) -> Schema:
    """Return the schema of an object with these parameters."""
    schema: Schema = {
        "type": "object",
        "properties": {
            name: reader.needed if name in needed else reader.accepts for name, reader in table.items()
        },
        "additionalProperties": False,
    }
    return schema | ({"required": list(needed)} if needed else {})


def _any_of(*schemas: Schema) -> Schema:
    flat: list[Schema] = []
    for schema in schemas:
        flat += schema["anyOf"] if set(schema) == {"anyOf"} else [schema]
    return flat[0] if len(flat) == 1 else {"anyOf": flat}


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

    schema = {"type": "string", "maxLength": longest, "pattern": _NO_CONTROLS}
    return Reader(reader, schema, (NULL, {"type": "number"}))


@described({"type": "string"})
def content(value: Any, param: str) -> str | None:
    """HTML or plain text of any length."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise invalid(param, f"{param} must be text")
    return value


@described({"type": "boolean"}, {"type": "string", "pattern": "^([Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee])$"})
def flag(value: Any, param: str) -> bool | None:
    """Read true or false; as text in any case: a public client writes `True` (assumed to be accepted)."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    raise invalid(param, f"{param} must be true or false")


def whole(*, least: int, most: int = _SENSIBLE - 1) -> Reader:
    """Read a whole number in a range, or null."""

    def reader(value: Any, param: str) -> int | None:
        if value is None or value == "":
            return None
        number = _number(value, param)
        if number != int(number):
            raise invalid(param, f"{param} must be a whole number")
        if not least <= number <= most:
            limit = f", at most {most}" if most < _SENSIBLE - 1 else ""
            raise invalid(param, f"{param} must be {least} or more{limit}")
        return int(number)

    schema = {"type": "integer", "minimum": least, "maximum": most}
    return Reader(reader, schema, (NULL, EMPTY, {"type": "string", "pattern": _NUMBER}))


def number(*, least: float, most: float) -> Reader:
    """Read a number in a range, or null."""

    def reader(value: Any, param: str) -> float | None:
        if value is None or value == "":
            return None
        found = _number(value, param)
        if not least <= found <= most:
            raise invalid(param, f"{param} must be from {least:g} to {most:g}")
        return found

    schema = {"type": "number", "minimum": least, "maximum": most}
    return Reader(reader, schema, (NULL, EMPTY, {"type": "string", "pattern": _NUMBER}))


def choice(*allowed: str) -> Reader:
    """One of some words, or null."""

    def reader(value: Any, param: str) -> str | None:
        if value is None:
            return None
        if not isinstance(value, str) or value not in allowed:
            raise invalid(param, f"{param} must be one of: {', '.join(allowed)}")
        return value

    return Reader(reader, {"type": "string", "enum": list(allowed)})


def words(*allowed: str) -> Reader:
    """Read some of some words, with commas between them; empty ones are passed over."""

    def reader(value: Any, param: str) -> list[str] | None:
        if value is None:
            return None
        found = list(filter(None, value.split(","))) if isinstance(value, str) else [""]
        if not set(found) <= set(allowed):
            raise invalid(param, f"{param} takes, with commas between them: {', '.join(allowed)}")
        return found

    one = "|".join(map(re.escape, allowed))
    return Reader(reader, {"type": "string", "pattern": f"^,*(({one})(,+({one}))*,*)?$"})


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

    return Reader(reader, schema_of(table, needed=needed))


def _is_blank(value: Any) -> bool:
    return value in (None, {}) or (isinstance(value, str) and not value.strip())


def list_of(item: Reader, *, most: int = 100_000) -> Reader:
    """Read a list; in a form its positions are names, and one bare value is a list of one."""

    def reader(value: Any, param: str) -> list[Any]:
        found = []
        for position, each in enumerate(as_list(value, param, most)):
            if each is None:
                raise invalid(f"{param}[{position}]", f"{param} has nothing at position {position}")
            found.append(item(each, f"{param}[{position}]"))
        return found

    one = _any_of(item.schema, *(form for form in item.also if form != NULL))
    bare = () if item.schema.get("type") == "object" else (one,)
    listed = {"type": "array", "items": one, "maxItems": most}
    return Reader(reader, listed, (NULL, EMPTY, positions_of(one), *bare))


def positions_of(item: Schema) -> Schema:
    """Return the schema of a list whose positions are names, as they are in a form."""
    names = {"patternProperties": {"^[0-9]{1,9}$": item}, "additionalProperties": False}
    return {"type": "object", "minProperties": 1, **names}


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


any_list = described(
    {"type": "array", "maxItems": 100_000},
    positions_of({}),
    {"type": ["string", "number", "boolean"]},
)(as_list)
"""A list of whatever it holds."""

names = list_of(text())
"""A list of names in a query."""


@described({"type": "object", "additionalProperties": text().accepts | {"description": "Kept as text."}})
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


@described({"type": "object"})
def variables(value: Any, param: str) -> dict[str, Any]:
    """Values for the placeholders of a template; kept as they are."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise invalid(param, f"{param} must be an object")
    return {str(name): item for name, item in value.items() if not isinstance(item, UploadedFile)}


@described({"type": "string", "contentEncoding": "base64", "pattern": "^[A-Za-z0-9+/=\\s]*$"})
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
_AS_CONTENT, _AS_URL = (
    schema_of(
        {name: _FILE[name], "name": _FILE["name"], other: described(NULL)(_FILE[other].read)}, needed=(name,)
    )
    for name, other in (("content", "url"), ("url", "content"))
)


@described(_AS_CONTENT, _AS_URL, {"type": "string", "pattern": "^https?://"})
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
    data, url = found.get("content"), found.get("url")
    if url is None:
        if data is None:
            raise missing(f"{param}.content", f"{param} needs either content or url")
        return GivenFile(found.get("name") or "file", data)
    if data is not None:
        raise invalid(f"{param}.url", f"{param} takes content or url, not both")
    return GivenFile(found.get("name") or _name_in(url), url=url)


def _name_in(url: str) -> str:
    return url.split("?", 1)[0].split("#", 1)[0].rsplit("/", 1)[-1][:200] or "file"


def _number(value: Any, param: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise invalid(param, f"{param} must be a number")
    if isinstance(value, str) and not re.fullmatch(_NUMBER, value):
        raise invalid(param, f"{param} must be a number")
    try:
        number = float(value)
    except OverflowError:
        raise invalid(param, f"{param} must be a number") from None
    if not -_SENSIBLE < number < _SENSIBLE:
        raise invalid(param, f"{param} must be a number of a sensible size")
    return number


def _is_position(name: Any) -> bool:
    return isinstance(name, str) and name.isascii() and name.isdecimal() and len(name) < 10
