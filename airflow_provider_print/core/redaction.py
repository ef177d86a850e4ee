"""The one place that keeps secrets and personal data out of texts.

A service message may repeat what we sent ("7 Any Road is not an address"), and a proxy's page may repeat a
header. Every text that came from outside goes through here before it becomes part of an error or a log line.
"""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterable

MASK = "***"

_LONGEST_MESSAGE = 600
#: Shorter pieces of a long text are common words, and masking those would hide what went wrong.
_WINDOW = 20


def derived_forms(secret: str) -> list[str]:
    """Return the forms in which a secret travels: as it is, quoted, and base64 as in HTTP Basic.

    :param secret: an API key or a token
    """
    raw = secret.encode()
    forms = [secret, quote(secret, safe="")]
    for text in (raw, raw + b":", b":" + raw):
        encoded = base64.b64encode(text).decode()
        forms += [encoded, encoded.rstrip("=")]
    return sorted({form for form in forms if form}, key=len, reverse=True)


class Redactor:
    """Masks secrets, and whatever is private in one request.

    :param secrets: API keys
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets = [form for secret in secrets for form in derived_forms(secret)]

    def __repr__(self) -> str:
        return "Redactor()"

    def clean(self, text: str, private: Iterable[str] = ()) -> str:
        """Return a text from outside as one short line without secrets.

        :param text: at most 600 characters of it are kept
        :param private: texts of the request that must not come back: names, address lines, content
        """
        line = " ".join("".join(c if c.isprintable() else " " for c in text[: 4 * _LONGEST_MESSAGE]).split())
        for form in self._secrets:
            line = line.replace(form, MASK)
        values = {" ".join(part.split()) for value in private for part in (value, *value.splitlines())}
        for value in sorted(values, key=len, reverse=True):
            line = _without(line, value)
        return line[:_LONGEST_MESSAGE]


def _without(line: str, value: str) -> str:
    if len(value) < 2:
        return line
    masked = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", MASK, line, flags=re.IGNORECASE)
    return _without_pieces(masked, value) if len(value) > _WINDOW else masked


def _without_pieces(line: str, value: str) -> str:
    """Mask pieces of a long text too: a message may quote only its beginning."""
    low, found = value.lower(), line.lower()
    hidden = [False] * len(line)
    for start in range(len(found) - _WINDOW + 1):
        if found[start : start + _WINDOW] in low:
            hidden[start : start + _WINDOW] = [True] * _WINDOW
    out: list[str] = []
    for index, character in enumerate(line):
        if not hidden[index]:
            out.append(character)
        elif index == 0 or not hidden[index - 1]:
            out.append(MASK)
    return "".join(out)
