"""Values drawn from the schemas of a document: mostly as a client should send them, at times as it may."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from proofs.fuzz.contract import Schema

Draw = Any
"""Hypothesis's function that draws from a strategy."""
Hints = dict[str, Any]
"""Functions of `draw` that give what makes sense for a parameter, by its dotted path or the end of it."""

_LETTERS = st.text("abcXYZ 019-.,'/éß", max_size=12)
_ANYTHING = st.text(max_size=8)
_MORE_PROPERTIES = st.integers(0, 3)
_PERCENT = st.integers(0, 99)

HOSTILE: tuple[Any, ...] = (
    None,
    "",
    " ",
    True,
    0,
    -1,
    0.5,
    10**30,
    -1e308,
    "NaN",
    "1e999",
    "\x00",
    "a\x1bb",
    "x" * 3000,
    "../../etc/passwd",
    "%00%2e%2e",
    "'; DROP TABLE jobs; --",
    "<script>alert(1)</script>",
    "\u202e\ud7ff\U0001f600",
    [],
    {},
    [[[[[]]]]],
    {"0": "a", "x": "b"},
    {"9999999999": 1},
    ["a", None, 1, {"b": []}],
)
hostile = st.sampled_from(HOSTILE)


def chance(draw: Draw, percent: int) -> bool:
    """Whether something happens that happens so often."""
    return bool(draw(_PERCENT) >= 100 - percent)


def value(draw: Draw, schema: Schema, hints: Hints, path: str = "") -> Any:
    """Return a value that the schema allows; where a hint knows better what makes sense, one of its."""
    for name in (path, path.rsplit(".", 1)[-1]):
        if name in hints:
            return hints[name](draw)
    forms = schema.get("anyOf")
    if forms is not None:
        # The first form is the one that a client should send.
        chosen = forms[0] if len(forms) == 1 or chance(draw, 85) else draw(st.sampled_from(forms[1:]))
        return value(draw, chosen, hints, path)
    if "allOf" in schema:
        return draw(_LETTERS) + "a"
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return draw(st.sampled_from(schema["enum"]))
    return _typed(draw, schema, hints, path)


def members(draw: Draw, schema: Schema, hints: Hints, path: str = "") -> dict[str, Any]:
    """Return an object with what it needs and a few other properties."""
    properties = schema.get("properties", {})
    chosen = list(schema.get("required", ()))
    others = [name for name in properties if name not in chosen]
    for _ in range(min(draw(_MORE_PROPERTIES), len(others))):
        name = draw(st.sampled_from(others))
        if name not in chosen:
            chosen.append(name)
    prefix = f"{path}." if path else ""
    made = {name: value(draw, properties[name], hints, prefix + name) for name in chosen}
    if not properties and chance(draw, 50):
        inner = schema.get("additionalProperties") or next(
            iter(schema.get("patternProperties", {}).values()), {}
        )
        name = "0" if "patternProperties" in schema else draw(_LETTERS)
        made[name] = value(draw, inner if isinstance(inner, dict) else {}, hints, f"{prefix}*")
    return made


def _typed(draw: Draw, schema: Schema, hints: Hints, path: str) -> Any:
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = draw(st.sampled_from(kind))
    if kind == "object":
        return members(draw, schema, hints, path)
    if kind == "array":
        item = schema.get("items", {})
        return [value(draw, item, hints, path) for _ in range(draw(st.integers(0, 2)))]
    return draw(_plain(kind, schema.get("pattern"), schema.get("minimum"), schema.get("maximum")))


@lru_cache(maxsize=1000)
def _plain(
    kind: str | None, pattern: str | None, least: float | None, most: float | None
) -> SearchStrategy[Any]:
    if kind == "string":
        if pattern is not None and "u0000" not in pattern:
            return st.from_regex(pattern, fullmatch=True, alphabet=st.characters(max_codepoint=127))
        return _LETTERS
    if kind == "integer":
        low, high = int(least or 0), int(most if most is not None else 10**6)
        return st.one_of(
            st.integers(low, min(high, low + 5)), st.sampled_from([low, high]), st.integers(low, high)
        )
    if kind == "number":
        return st.floats(-50 if least is None else least, 50 if most is None else most, allow_nan=False)
    if kind == "boolean":
        return st.booleans()
    if kind == "null":
        return st.none()
    return st.one_of(st.none(), st.integers(0, 9), _ANYTHING)
