"""Waiting must not keep letters from going out: its calls step back behind all others of the account."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from airflow_provider_print.core.transport import Transport


class _Client(Protocol):
    transport: Transport


C = TypeVar("C", bound=_Client)


def polling(client: C) -> C:
    """Return a client whose calls let those of others go first.

    :param client: of either service; it stays as it is.
    """
    other = copy.copy(client)
    other.transport = client.transport.stepping_back()
    return other
