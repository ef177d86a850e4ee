"""Buckets of the rate limit in Redis: many machines, one account.

The arithmetic is that of `pace_files`, done by the server in one step and by the server's clock, so that
machines whose clocks differ agree. It spaces calls; a window that may be used up in a burst would be refused
by services that count in windows of their own (simulated).

When the server is away, each machine goes on with its files, with one warning, and asks again after half a
minute: a letter is worth more than the limit, which the service itself still guards.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING, Any

from airflow_provider_print.core.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from airflow_provider_print.core.pacing import Bucket, PaceStore

log = logging.getLogger(__name__)

_PATIENCE = 2.0
_AWAY = 30.0
_LIVES = 7200
_PREFIX = "{print-rate}:"
"""The braces keep all keys on one node of a cluster, so that one script may touch several."""

_READ = """
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
local function read(key)
  local found = redis.call('HMGET', key, 'due', 'held')
  return math.min(tonumber(found[1] or 0), now + 3600), math.min(tonumber(found[2] or 0), now + 600)
end
local function write(key, due, held)
  redis.call('HSET', key, 'due', string.format('%.6f', due), 'held', string.format('%.6f', held))
  redis.call('EXPIRE', key, {lives})
end
""".replace("{lives}", str(_LIVES))
_TAKE = (
    _READ
    + """
local longest, at, due, held = tonumber(ARGV[1]), now, {}, {}
for i, key in ipairs(KEYS) do
  due[i], held[i] = read(key)
  at = math.max(at, due[i] - tonumber(ARGV[2 * i + 1]), held[i])
end
if at - now <= longest then
  for i, key in ipairs(KEYS) do write(key, math.max(due[i], at) + tonumber(ARGV[2 * i]), held[i]) end
end
return string.format('%.6f', at - now)
"""
)
_HOLD = (
    _READ
    + """
local till = now + tonumber(ARGV[1])
for _, key in ipairs(KEYS) do
  local due, held = read(key)
  write(key, math.max(due, till), math.max(held, till))
end
return 'OK'
"""
)


class PaceRedis:
    """Buckets in a Redis server.

    :param url: `redis://`, `rediss://` or `unix://`, with the password in it where there is one
    :param instead: keeps the buckets while the server is away
    :param now: monotonic seconds
    :raises ConfigurationError: when the library is not installed or this is no such URL
    """

    def __init__(self, url: str, *, instead: PaceStore, now: Callable[[], float] = time.monotonic) -> None:
        try:
            import redis
        except ImportError:
            raise ConfigurationError(
                "The rate limit in Redis needs a library that is not installed.",
                param="extra.rate_store",
                advice="Install it with: pip install 'airflow-provider-print[redis]'",
            ) from None
        try:
            self._redis: Any = redis.Redis.from_url(
                url, socket_timeout=_PATIENCE, socket_connect_timeout=_PATIENCE, max_connections=8
            )
        except ValueError:
            raise ConfigurationError(
                "This is no URL of a Redis server, such as redis://host:6379/0.", param="extra.rate_store"
            ) from None
        self._broken: type[Exception] = redis.RedisError
        self._take = self._redis.register_script(_TAKE)
        self._hold = self._redis.register_script(_HOLD)
        self._instead, self._now = instead, now
        self._away_until = -_AWAY
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return "PaceRedis()"

    def take(self, buckets: Sequence[Bucket], longest: float) -> float:
        """Take the next moment that is free in all buckets; see `pacing.PaceStore`."""
        numbers = [number for bucket in buckets for number in (bucket.step, bucket.slack)]
        # Lua has no word for infinity.
        found = self._asked(self._take, buckets, [min(longest, 1e9), *numbers])
        return self._instead.take(buckets, longest) if found is None else float(found)

    def hold(self, buckets: Sequence[Bucket], seconds: float) -> None:
        """Let nobody have a moment before that many seconds have passed."""
        if self._asked(self._hold, buckets, [seconds]) is None:
            self._instead.hold(buckets, seconds)

    def _asked(self, script: Any, buckets: Sequence[Bucket], numbers: list[float]) -> bytes | None:
        """Run a script; None while the server is away."""
        with self._lock:
            if self._now() < self._away_until:
                return None
        try:
            answer: bytes = script(keys=[_PREFIX + bucket.name for bucket in buckets], args=numbers)
        except (self._broken, OSError) as error:
            with self._lock:
                first, self._away_until = self._away_until < 0, self._now() + _AWAY
            if first:
                log.warning(
                    "The Redis server of the rate limit does not answer (%s): each machine keeps the limit "
                    "by itself meanwhile, so several together may exceed it.",
                    type(error).__name__,
                )
            return None
        self._away_until = -_AWAY
        return answer
