"""How a webhook is signed: Svix's scheme, by which Intelliprint's webhooks are delivered (documented).

The key is the base64 behind `whsec_`; what is signed is `id.timestamp.body`, with HMAC-SHA256.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets

PREFIX = "whsec_"
NAMES = ("svix", "webhook")
"""What the three headers may begin with; the service's are `svix-id`, `svix-timestamp`, `svix-signature`."""


def new_secret() -> str:
    """Return a secret that nobody has had before."""
    return PREFIX + base64.b64encode(secrets.token_bytes(24)).decode()


def key_of(secret: str) -> bytes:
    """Return the key that a secret stands for.

    :raises ValueError: when it is none.
    """
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not secret.startswith(PREFIX) or not 16 <= len(key) <= 64:
        raise ValueError("secret is whsec_ and the base64 of 16 to 64 bytes") from None
    return key


def headers(*, name: str, secret: str, message: str, timestamp: int, body: bytes) -> dict[str, str]:
    """Return the headers by which a receiver can tell that a body is ours and new.

    :param name: what they begin with, one of `NAMES`.
    :param message: id of the message, the same for every attempt to deliver it.
    :param timestamp: real seconds since the epoch: receivers compare it with their own clock.
    """
    signed = b".".join((message.encode(), str(timestamp).encode(), body))
    digest = hmac.new(key_of(secret), signed, hashlib.sha256).digest()
    return {
        f"{name}-id": message,
        f"{name}-timestamp": str(timestamp),
        f"{name}-signature": f"v1,{base64.b64encode(digest).decode()}",
    }
