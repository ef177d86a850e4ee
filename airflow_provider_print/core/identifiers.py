"""Ids and URLs are checked before a call is built from them.

An id often comes out of a template. `../mailing_lists/x`, `x?confirmed=true` and the empty text would each
turn one call into another (posting to `/prints/` is a create), so only what looks like an id gets into a
path.
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from airflow_provider_print.core.errors import InputError

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def check_id(value: object, *, param: str) -> str:
    """Return an id that is safe in a path; raise `InputError` otherwise.

    :param value: letters, digits, `_` and `-`, at most 64
    :param param: the argument this came from, for the error
    """
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str) or _ID.fullmatch(text) is None:
        raise InputError(
            "This is not an id: 1 to 64 letters, digits, '_' and '-' are.",
            param=param,
            advice="A template that was rendered to nothing is the usual reason.",
        )
    return text


def is_id(value: object) -> bool:
    """Whether a text is an id that is safe in a path."""
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def is_loopback(host: str | None) -> bool:
    """Whether a host name or address is this machine."""
    if host is None:
        return False
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def host_of(url: str) -> str:
    """Host and port of a URL: what may be shown of it, for a path or query can hold a signature."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "(unreadable URL)"
    return f"{parts.hostname or '(no host)'}{port}"


def check_url(url: str, *, allow_http: bool, param: str) -> str:
    """Return a URL that may be called; raise `InputError` otherwise.

    Plain http is refused off this machine, because it would show API key and addresses to everybody on the
    way.

    :param url: an absolute URL
    :param allow_http: the connection says that plain http is fine
    :param param: the argument this came from, for the error
    """
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - raises for a port that is no number
    except ValueError:
        raise InputError("This is not a URL.", param=param) from None
    if (
        parts.scheme not in ("http", "https")
        or not parts.hostname
        or any(c <= " " or c == "\x7f" for c in url)
    ):
        raise InputError(
            "This is not an http or https URL.", param=param, advice="Write it in full: https://..."
        )
    if parts.username is not None or parts.password is not None:
        raise InputError("A URL must not carry a user name or password.", param=param)
    if parts.scheme == "http" and not allow_http and not is_loopback(parts.hostname):
        raise InputError(
            f"Plain http to {host_of(url)} would send everything in the clear.",
            param=param,
            advice="Use https, or set `allow_http` in the connection if the network in between is yours.",
        )
    return url
