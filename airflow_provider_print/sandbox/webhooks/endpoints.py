"""Who is told: the endpoints that a tester registers, with what is to go wrong on the way to them."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import urlsplit

from airflow_provider_print.sandbox.webhooks import signing

EVENTS = ("letter.updated",)
"""The events that are sent. That of a checked mailing list is not: its payload is unknown."""
_URL = re.compile(r"https?://[\x21-\x7e]{1,2000}", re.IGNORECASE)
_CHANCES = ("duplicate", "reorder")


class WebhookError(ValueError):
    """An endpoint that makes no sense, or whose host is not allowed."""


@dataclass
class Endpoint:
    """One receiver.

    :param url: where messages are posted to: http or https, without a name and password in it.
    :param secret: what they are signed with, `whsec_...`; made when none is given.
    :param header_name: what the three headers of the signature begin with: svix | webhook.
    :param duplicate: the chance that a message is delivered twice, under the same id.
    :param reorder: the chance that a message is held back, so that later ones overtake it.
    :param reorder_s: sandbox seconds up to which it is held back.
    :param parallel: how many messages are under way at once; more than 1 gives up their order.
    :param timeout_s: real seconds that the receiver has for an answer.
    :param configured: whether it was named at the start of the sandbox, and so survives a reset.
    :raises WebhookError: when a value makes no sense.
    """

    url: str
    secret: str = ""
    header_name: str = "svix"
    duplicate: float = 0.0
    reorder: float = 0.0
    reorder_s: float = 3600.0
    parallel: int = 1
    timeout_s: float = 15.0
    configured: bool = False
    id: str = field(default="")

    def __post_init__(self) -> None:
        if not isinstance(self.url, str) or not _URL.fullmatch(self.url):
            raise WebhookError("url is an http or https URL in ASCII")
        try:
            parts = urlsplit(self.url)
            self.port = parts.port or {"http": 80, "https": 443}[parts.scheme]
        except ValueError:
            raise WebhookError("url is not valid") from None
        self.host, self.tls = (parts.hostname or "").lower(), parts.scheme == "https"
        if not self.host or parts.username is not None or parts.password is not None:
            raise WebhookError("url names a host, and neither a user nor a password")
        self.target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._check_secret()
        self._check_numbers()

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, the secret included: the receiver needs it, and it opens nothing else."""
        return asdict(self)

    def _check_secret(self) -> None:
        if not isinstance(self.secret, str):
            raise WebhookError("secret is text")
        self.secret = self.secret or signing.new_secret()
        try:
            signing.key_of(self.secret)
        except ValueError as error:
            raise WebhookError(str(error)) from None
        if self.header_name not in signing.NAMES:
            raise WebhookError(f"header_name is one of: {', '.join(signing.NAMES)}")

    def _check_numbers(self) -> None:
        for name in _CHANCES:
            if not _is_number(getattr(self, name), 0, 1):
                raise WebhookError(f"{name} is a chance from 0 to 1")
        if not _is_number(self.reorder_s, 0, 1e9):
            raise WebhookError("reorder_s is a number of sandbox seconds, 0 or more")
        if not isinstance(self.parallel, int) or not _is_number(self.parallel, 1, 16):
            raise WebhookError("parallel is a number from 1 to 16")
        if not _is_number(self.timeout_s, 0.05, 60):
            raise WebhookError("timeout_s is a number of real seconds from 0.05 to 60")


OPTIONS = ("url", "secret", "header_name", "duplicate", "reorder", "reorder_s", "parallel", "timeout_s")
"""What a tester may say of an endpoint."""


def _is_number(value: object, least: float, most: float) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most
