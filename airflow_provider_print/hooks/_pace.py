"""The rate limit that a connection asks for."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from airflow_provider_print.core.pace_files import PaceFiles
from airflow_provider_print.core.pacing import BURST, DEFAULT_RATE, Pace

if TYPE_CHECKING:
    from airflow_provider_print.core.pacing import PaceStore


@dataclass(frozen=True, kw_only=True)
class PaceSettings:
    """What a connection says about the rate limit.

    :param rate: calls a minute of the whole account; 0 for no limit
    :param account: whose limit it is, beside the API key: a word of the user's, or the connection's id. So a
        changed API key opens no second bucket
    :param share: the part of the rate that this machine may use
    :param folder: where the files are that the processes of this machine share
    :param store: URL of a Redis server that all machines share; it may hold a password
    """

    rate: float = DEFAULT_RATE
    account: str = ""
    share: float = 1.0
    folder: str | None = None
    store: str | None = field(default=None, repr=False)


def make_pace(settings: PaceSettings, *, base_url: str, api_key: str, burst: int = BURST) -> Pace | None:
    """Make the pace of a connection; None where it has no limit.

    :param burst: calls that may be made at once after a pause
    :raises ConfigurationError: when the store cannot be used at all
    """
    if not settings.rate:
        return None
    return Pace(
        f"{base_url}\n{api_key}",
        f"{base_url}\naccount {settings.account}",
        rate=settings.rate * settings.share,
        burst=burst,
        store=_store(settings.store, settings.folder),
    )


@lru_cache(maxsize=32)
def _store(url: str | None, folder: str | None) -> PaceStore:
    """Return the store of this process: it remembers what it has warned of, and keeps its connections."""
    files = PaceFiles(None if folder is None else Path(folder))
    if url is None:
        return files
    from airflow_provider_print.core.pace_redis import PaceRedis

    return PaceRedis(url, instead=files)
