"""Content that is no file: whether it is HTML or plain text, and where a recipient's variables go.

Both kinds come under one name, and how the service tells them apart is unknown. So is the form of the
placeholders: nothing is filled in unless the world says which form it is.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_ELEMENTS = """
a abbr acronym address area article aside audio b base bdi bdo big blockquote body br button canvas caption
center cite code col colgroup data datalist dd del details dfn dialog div dl dt em embed fieldset figcaption
figure font footer form h1 h2 h3 h4 h5 h6 head header hgroup hr html i iframe img input ins kbd label legend
li link main map mark menu meta meter nav noscript object ol optgroup option output p param picture pre
progress q rp rt ruby s samp script search section select slot small source span strike strong style sub
summary sup svg table tbody td template textarea tfoot th thead time title tr track tt u ul var video wbr
"""
# Attributes count only with a value, or `2 <b and c> 1` would be a tag.
_TAG = re.compile(
    rf"<!doctype\s[^<>]*>|</?(?:{'|'.join(_ELEMENTS.split())})(?:\s+[a-z][a-z0-9:_-]*\s*=[^<>]*|\s*/?)>",
    re.IGNORECASE,
)

_PLACEHOLDERS = {
    "double_braces": re.compile(r"\{\{([^{}]{1,200})\}\}"),
    "braces": re.compile(r"\{([^{}]{1,200})\}"),
    "double_brackets": re.compile(r"\[\[([^\[\]]{1,200})\]\]"),
    "percent": re.compile(r"%([^%\s]{1,200})%"),
}


def fill(content: str, variables: Mapping[str, Any], form: str) -> str:
    """Return content with a recipient's variables in their places.

    A name that the recipient does not have stays as it is (assumed), and in HTML a value is text, no markup.

    :param form: how placeholders look: `none`, `double_braces`, `braces`, `double_brackets` or `percent`.
    """
    if form == "none" or not variables:
        return content
    escape = html.escape if is_html(content) else str

    def value(found: re.Match[str]) -> str:
        name = found[1].strip()
        return escape(_text(variables[name])) if name in variables else found[0]

    return _PLACEHOLDERS[form].sub(value, content)


def _text(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def is_html(content: str) -> bool:
    """Whether a whole tag of an element of HTML is anywhere in a text (assumed)."""
    return _TAG.search(content) is not None
