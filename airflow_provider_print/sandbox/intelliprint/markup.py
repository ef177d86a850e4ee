"""Whether content is HTML or plain text: both come under one name, and how the service tells is unknown."""

from __future__ import annotations

import re

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


def is_html(content: str) -> bool:
    """Whether a whole tag of an element of HTML is anywhere in a text (assumed)."""
    return _TAG.search(content) is not None
