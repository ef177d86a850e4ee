"""Is this webhook from the service, whole, and new? Svix's scheme, by which Intelliprint signs (documented).

What is signed is `id.timestamp.body`, with HMAC-SHA256 under the bytes that the base64 behind `whsec_` stands
for. The headers are `svix-id`, `svix-timestamp` and `svix-signature`; the same three may be called `webhook-`
(observed by others).

It comes in two steps, because whoever sends may be anybody: the headers are judged before a byte of the body
is read, and the body is hashed only when it is known to be small.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

PREFIX = "whsec_"
#: Seconds that the sender's clock may be off; an older message is a replay.
TOLERANCE = 300
_FAMILIES = ("svix", "webhook")
_MOST_SIGNATURES = 8
_ID = re.compile(r"[A-Za-z0-9_.\-]{1,128}", re.ASCII)
_TIMESTAMP = re.compile(r"[0-9]{1,12}", re.ASCII)


class SignatureError(Exception):
    """A message that is not to be believed; says why in words without secrets."""


@dataclass(frozen=True)
class Claim:
    """What the headers of a message say, not believed yet.

    :param id: of the message, the same for every attempt to deliver it.
    :param timestamp: when this attempt was signed, UNIX seconds as text.
    :param signatures: base64; several while a secret is being changed.
    """

    id: str
    timestamp: str
    signatures: tuple[str, ...]

    @classmethod
    def read(cls, headers: Mapping[str, str], *, now: float) -> Claim:
        """Read the headers.

        :param headers: of the request; their names in lower case, or a mapping that does not mind.
        :param now: UNIX seconds.
        :raises SignatureError: when one is missing or malformed, or the message is not of now.
        """
        for family in _FAMILIES:
            message, timestamp, signed = (
                headers.get(f"{family}-{part}") for part in ("id", "timestamp", "signature")
            )
            if message is not None and timestamp is not None and signed is not None:
                break
        else:
            raise SignatureError("the three headers of a signature are missing")
        if not _ID.fullmatch(message) or not _TIMESTAMP.fullmatch(timestamp):
            raise SignatureError("the headers of the signature are malformed")
        if abs(now - int(timestamp)) > TOLERANCE:
            raise SignatureError("the message is not of now")
        items = signed.split(" ")[:_MOST_SIGNATURES]
        found = tuple(item.removeprefix("v1,") for item in items if item.startswith("v1,"))
        if not found:
            raise SignatureError("there is no signature of version 1")
        return cls(message, timestamp, found)

    def check(self, keys: Iterable[bytes], body: bytes) -> None:
        """Compare each signature with each key, always all of them: the time tells nothing.

        :param keys: see `key_of`; several while a secret is being changed.
        :param body: as it came, byte for byte.
        :raises SignatureError: when none fits.
        """
        signed = b".".join((self.id.encode(), self.timestamp.encode(), body))
        fits = False
        for key in keys:
            good = base64.b64encode(hmac.digest(key, signed, hashlib.sha256))
            for signature in self.signatures:
                fits |= hmac.compare_digest(good, signature.encode(errors="replace"))
        if not fits:
            raise SignatureError("no signature fits")


def key_of(secret: str) -> bytes:
    """Return the bytes that a secret stands for.

    :param secret: `whsec_` and base64, as the dashboard shows it.
    :raises ValueError: when it is none; the text does not show it.
    """
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not secret.startswith(PREFIX) or not 16 <= len(key) <= 64:
        raise ValueError("A secret is whsec_ and the base64 of 16 to 64 bytes.") from None
    return key
