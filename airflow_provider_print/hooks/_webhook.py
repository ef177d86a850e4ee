"""The secrets of a connection by which its webhooks are known.

Read apart from the other settings: a secret that is wrong must not keep letters from being posted.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from airflow_provider_print.core.errors import ConfigurationError
from airflow_provider_print.core.signature import PREFIX, key_of
from airflow_provider_print.hooks._connection import Extras

if TYPE_CHECKING:
    from airflow.sdk import Connection

FIELD = "webhook_secret"


def webhook_keys(connection: Connection) -> tuple[bytes, ...]:
    """Return what webhooks of a connection may be signed with; nothing where no secret is set.

    Airflow masks the extra as it stands, because its name says that it is secret. The secrets in it are
    masked here, with and without what stands before them.

    :param connection: its extra `webhook_secret` holds one secret, or several with spaces between them, while
        the old one is still in use.
    :raises ConfigurationError: naming the field, and showing nothing of it.
    """
    from airflow.sdk.log import mask_secret

    value = Extras(connection.extra).values.get(FIELD, "")
    if not isinstance(value, str):
        raise ConfigurationError("This is not a line of text.", param=f"extra.{FIELD}")
    secrets = [one for one in re.split(r"[\s,]+", value) if one]
    for secret in secrets:
        mask_secret(secret)
        mask_secret(secret.removeprefix(PREFIX))
    try:
        return tuple(key_of(secret) for secret in secrets)
    except ValueError as error:
        message = str(error)
    raise ConfigurationError(message, param=f"extra.{FIELD}")
