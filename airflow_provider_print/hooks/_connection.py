"""An Airflow connection becomes settings, and settings become a transport.

The same connection can come from a form (typed values, `null` for a field that was left empty), from a URI
(everything is text) or from JSON in the environment; all three give the same client. Nonsense is an error
that names the field of the connection, and never its value, because an API key pasted into the wrong field
is still an API key.
"""

from __future__ import annotations

import base64
import json
import logging
import math
import re
import ssl
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from airflow_provider_print.core.auth import ApiKeyAuth
from airflow_provider_print.core.errors import ConfigurationError, InputError
from airflow_provider_print.core.identifiers import check_url
from airflow_provider_print.core.pacing import DEFAULT_RATE
from airflow_provider_print.core.transport import Timeouts, Transport, user_agent
from airflow_provider_print.hooks._pace import PaceSettings, make_pace
from airflow_provider_print.intelliprint.letter import SETTLE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from airflow.sdk import Connection

    from airflow_provider_print.core.answers import Dialect
    from airflow_provider_print.core.retry import RetryPolicy

log = logging.getLogger(__name__)

#: A link to one job is not documented; the dashboard itself is.
JOB_LINK = "https://account.intelliprint.net/#{id}"

#: Extras of the connections of both services.
COMMON_EXTRAS = frozenset(
    {
        "timeout",
        "rate",
        "account",
        "share_of_account_limit",
        "rate_dir",
        "rate_store",
        "proxy",
        "ca_bundle",
        "allow_http",
    }
)
_READ = Timeouts().read


@dataclass(frozen=True, kw_only=True)
class ConnectionSettings:
    """What a connection says, with defaults for what it does not say.

    :param base_url: without a slash at the end
    :param testmode: not charged and never posted; live must be written into the connection
    :param environment: keeps the letters of two Airflows apart that have equal DAGs
    :param timeout: seconds without a sign of life from the service
    :param pace: the rate limit, and with whom it is shared
    :param proxy: URL of a proxy
    :param ca_bundle: path of the certificates to trust instead of the usual ones
    :param allow_http: plain http is fine off this machine
    :param settle: seconds between a draft and its payment where no register covers the letter key; longer
        than the service's list is behind
    :param test_letters_move: this service moves test letters, so waiting for them makes sense
    :param job_link: URL of a job for people, with `{id}`
    :param store_id: Printful's store, for a token of a whole account
    """

    base_url: str
    api_key: str = field(repr=False)
    testmode: bool = True
    environment: str | None = None
    timeout: float = _READ
    pace: PaceSettings = field(default_factory=PaceSettings)
    proxy: str | None = field(default=None, repr=False)
    ca_bundle: str | None = None
    allow_http: bool = False
    settle: float = SETTLE_SECONDS
    test_letters_move: bool = False
    job_link: str = JOB_LINK
    store_id: str | None = None


def read_connection(
    connection: Connection, *, default_url: str, default_path: str, own_extras: frozenset[str]
) -> ConnectionSettings:
    """Read a connection; raise `ConfigurationError` that names the field at fault.

    :param connection: of Airflow, resolved
    :param default_url: of the public service
    :param default_path: added to a host without a path, e.g. `/v1`
    :param own_extras: extras that this service has beside the common ones
    """
    extras = Extras(connection.extra)
    unknown = sorted(set(extras.values) - COMMON_EXTRAS - own_extras)
    if unknown:
        log.warning("Connection extras that mean nothing here: %s.", ", ".join(unknown)[:200])
    allow_http = extras.switch("allow_http", default=False)
    url = _base_url(connection, default_url, default_path)
    found: dict[str, Any] = {
        "base_url": _checked_url(url, "host", allow_http=allow_http),
        "api_key": _api_key(connection.password),
        "allow_http": allow_http,
        "timeout": extras.number("timeout", default=_READ, more_than=0),
        "pace": _pace(extras, connection.conn_id),
        "ca_bundle": extras.text("ca_bundle"),
    }
    proxy = extras.text("proxy")
    if proxy is not None:
        found["proxy"] = _checked_proxy(proxy)
    if "testmode" in own_extras:
        found["testmode"] = extras.switch("testmode", default=True)
        found["environment"] = extras.text("environment")
        found["settle"] = extras.number("settle", default=SETTLE_SECONDS, more_than=0)
        found["test_letters_move"] = extras.switch("test_letters_move", default=False)
        found["job_link"] = _checked_link(extras.text("job_link") or JOB_LINK)
    if "store_id" in own_extras:
        found["store_id"] = _checked_store(extras.text("store_id"))
    return ConnectionSettings(**found)


def make_transport(
    settings: ConnectionSettings,
    *,
    dialect: Dialect,
    authorization: str,
    headers: Mapping[str, str] | None = None,
    policy: RetryPolicy | None = None,
    timeouts: Timeouts | None = None,
) -> Transport:
    """Make the transport of a connection.

    :param authorization: value of the header
    :param headers: further headers that select an account
    :param policy: for calls that are to end sooner than usual
    :param timeouts: the same
    """
    read = settings.timeout
    if settings.ca_bundle is not None:
        _check_certificates(settings.ca_bundle)
    try:
        return Transport(
            settings.base_url,
            dialect=dialect,
            auth=ApiKeyAuth(authorization, headers),
            secrets=[settings.api_key],
            agent=user_agent(airflow_version()),
            timeouts=timeouts or Timeouts(read=read, total=max(Timeouts().total, 2 * read)),
            policy=policy,
            pace=make_pace(settings.pace, base_url=settings.base_url, api_key=settings.api_key),
            proxy=settings.proxy,
            ca_bundle=settings.ca_bundle,
            allow_http=settings.allow_http,
        )
    except ValueError as error:
        if isinstance(error, InputError):
            raise
    raise ConfigurationError(
        "A time limit is more than 0 seconds and less than half a day.", param="extra.timeout"
    )


def airflow_version() -> str | None:
    """Return the version of Airflow, whichever of its distributions is there."""
    for name in ("apache-airflow", "apache-airflow-core", "apache-airflow-task-sdk"):
        try:
            return metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return None


def _derived(api_key: str) -> list[str]:
    """Return the forms of an API key that Airflow does not mask by itself: base64, as in HTTP Basic.

    :param api_key: of the connection
    """
    raw = api_key.encode()
    return [base64.b64encode(text).decode() for text in (raw, raw + b":")]


def mask(api_key: str) -> None:
    """Have Airflow mask the forms of an API key that it does not know: it masks the password itself only.

    :param api_key: of the connection
    """
    from airflow.sdk.log import mask_secret

    for form in _derived(api_key):
        mask_secret(form)


def _pace(extras: Extras, conn_id: str | None) -> PaceSettings:
    share = extras.number("share_of_account_limit", default=1.0, more_than=0)
    if share > 1:
        raise ConfigurationError(
            "A share of the account's limit is more than 0 and at most 1, such as 0.25 for four machines.",
            param="extra.share_of_account_limit",
        )
    folder = extras.text("rate_dir")
    if folder is not None and not Path(folder).is_absolute():
        raise ConfigurationError("The directory is an absolute path.", param="extra.rate_dir")
    return PaceSettings(
        rate=extras.number("rate", default=DEFAULT_RATE),
        account=extras.text("account") or f"connection {conn_id}",
        share=share,
        folder=folder,
        store=extras.text("rate_store"),
    )


class Extras:
    """The extras of a connection, read strictly: an empty one is its default."""

    def __init__(self, raw: str | None) -> None:
        try:
            values = json.loads(raw) if raw and raw.strip() else {}
        except ValueError:
            values = None
        if not isinstance(values, dict):
            raise ConfigurationError("The extras are not a JSON object.", param="extra")
        self.values = {name: value for name, value in values.items() if value not in (None, "")}

    def text(self, name: str) -> str | None:
        value = self.values.get(name)
        if value is None:
            return None
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if not isinstance(value, str) or not value.isprintable():
            raise ConfigurationError("This is not a line of text.", param=f"extra.{name}")
        return value.strip() or None

    def switch(self, name: str, *, default: bool) -> bool:
        value = self.values.get(name)
        if isinstance(value, str) and value.strip().lower() in ("true", "false"):
            value = value.strip().lower() == "true"
        if value is None:
            return default
        if not isinstance(value, bool):
            raise ConfigurationError("This must be true or false.", param=f"extra.{name}")
        return value

    def number(self, name: str, *, default: float, more_than: float | None = None) -> float:
        value = self.values.get(name)
        if value is None:
            return default
        if isinstance(value, str) and re.fullmatch(r"\d{1,9}(\.\d{1,9})?", value.strip(), re.ASCII):
            value = float(value)
        wrong = isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value)
        if wrong or value < 0 or (more_than is not None and value <= more_than):
            least = "0 or more" if more_than is None else f"more than {more_than:g}"
            raise ConfigurationError(f"This must be a number, {least}.", param=f"extra.{name}")
        return float(value)


def _base_url(connection: Connection, default_url: str, default_path: str) -> str:
    """Put host, schema and port together; the host is a full URL, or a bare name with the rest beside it."""
    host, schema = (connection.host or "").strip(), (connection.schema or "").strip()
    if not host:
        if schema or connection.port:
            raise ConfigurationError("A schema or a port without a host means nothing.", param="host")
        return default_url
    return _full_url(host, schema, connection.port) or _bare_url(host, schema, connection.port, default_path)


def _full_url(host: str, schema: str, port: int | None) -> str | None:
    """Return a host that is a URL. A URI connection has cut its port and its path off; they are put back."""
    if "://" not in host:
        return None
    scheme, rest = host.split("://", 1)
    name, slash, path = rest.partition("/")
    if port and not re.search(r":\d+$", name):
        name = f"{name}:{port}"
    if schema and not path and schema not in ("http", "https"):
        path = schema
    return f"{scheme}://{name}/{path}".rstrip("/") if path or slash else f"{scheme}://{name}"


def _bare_url(host: str, schema: str, port: int | None, default_path: str) -> str:
    scheme = schema or "https"
    if scheme not in ("http", "https"):
        raise ConfigurationError("The schema of a bare host is http or https.", param="schema")
    name, _, path = host.partition("/")
    if port and not re.search(r":\d+$", name):
        name = f"{name}:{port}"
    return f"{scheme}://{name}/{path.strip('/')}" if path.strip("/") else f"{scheme}://{name}{default_path}"


def _configured(check: Callable[[], str]) -> str:
    """Run a check of core and turn its error into one about the connection."""
    try:
        return check()
    except InputError as error:
        wrong = error
    advice = wrong.advice or None
    raise ConfigurationError(wrong.message, param=wrong.param, advice=advice)


def _checked_url(url: str, param: str, *, allow_http: bool) -> str:
    checked = _configured(lambda: check_url(url, allow_http=allow_http, param=param)).rstrip("/")
    parts = urlsplit(checked)
    if parts.query or parts.fragment:
        raise ConfigurationError("A base URL has no query and no fragment.", param=param)
    return checked


def _checked_proxy(url: str) -> str:
    """Check a proxy; the only URL that may carry a user name and a password."""
    try:
        parts = urlsplit(url)
        fits = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        fits = False
    if not fits:
        raise ConfigurationError("A proxy is a URL such as http://proxy.example:3128.", param="extra.proxy")
    return url


def _check_certificates(path: str) -> None:
    """Load the certificates to trust, for a call that cannot would only say that the connection broke off."""
    context, why = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), "they are no certificates"
    try:
        if Path(path).is_dir():
            context.load_verify_locations(capath=path)
        else:
            context.load_verify_locations(cafile=path)
    except ssl.SSLError:
        pass
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "this is no path"
    else:
        return
    raise ConfigurationError(f"The certificates cannot be read: {why}.", param="extra.ca_bundle")


def _checked_link(link: str) -> str:
    if not link.startswith(("https://", "http://")) or "{id}" not in link:
        raise ConfigurationError("A link to a job is a URL with {id} in it.", param="extra.job_link")
    return link


def _checked_store(store_id: str | None) -> str | None:
    if store_id is not None and not re.fullmatch(r"\d{1,20}", store_id, re.ASCII):
        raise ConfigurationError("The id of a store is a number.", param="extra.store_id")
    return store_id


def _api_key(password: str | None) -> str:
    if not password or not password.strip():
        raise ConfigurationError("The connection has no API key.", param="password", advice="It goes there.")
    if (
        not password.isascii()
        or not password.isprintable()
        or password != password.strip()
        or " " in password
    ):
        raise ConfigurationError(
            "The API key has a space, a line break or another character that no API key has.",
            param="password",
            advice="Copy it again, without anything around it.",
        )
    return password
