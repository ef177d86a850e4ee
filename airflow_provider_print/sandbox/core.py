"""What the services of the sandbox share, and the form in which they are asked and answer.

A service is a module with `routes(sandbox) -> list[BaseRoute]`, made with `routing.endpoint`. A handler is
a plain function `handler(sandbox, request) -> Answer`; it runs in a thread and may take its time. The frame
has read the body by then, has checked the Host header, and plays the faults around the call.
"""

from __future__ import annotations

import secrets
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from airflow_provider_print.sandbox.bodies import parse_body
from airflow_provider_print.sandbox.clock import Clock
from airflow_provider_print.sandbox.expiry import Expiry
from airflow_provider_print.sandbox.faults import Faults
from airflow_provider_print.sandbox.journal import Journal
from airflow_provider_print.sandbox.limits import Limiter
from airflow_provider_print.sandbox.pdf.texts import FileTexts
from airflow_provider_print.sandbox.store import DataError, FolderLock, Store
from airflow_provider_print.sandbox.work import Work
from airflow_provider_print.sandbox.world import Ids, World

if TYPE_CHECKING:
    from pathlib import Path

MAX_BODY = 100 * 1024 * 1024
"""Bytes of a request body: Intelliprint documents 100 MiB; the sandbox takes no more for any service."""

EVERY_ADDRESS = ("0.0.0.0", "::")  # noqa: S104
"""What a server is bound to that answers under every address of its machine."""


@dataclass
class Answer:
    """What a handler answers; a dict or list is sent as JSON, text and bytes as they are."""

    status: int = 200
    body: dict[str, Any] | list[Any] | str | bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str | None = None
    stream: Callable[[], bytes] | None = None
    """Makes a stream without an end of the answer: asked again and again, on the event loop, for what is
    to be sent next, b"" for nothing; so it must be quick and must not wait. The body comes first."""


@dataclass
class SandboxRequest:
    """One request as a handler sees it; header names are lower case."""

    method: str
    path: str
    """The path inside the service."""
    query: list[tuple[str, str]]
    headers: dict[str, str]
    raw: bytes
    origin: str
    """`http://host:port` as the client wrote it: what links in answers start with."""
    route: str = ""
    """The path template inside the service, such as `/prints/{id}`."""
    path_params: dict[str, str] = field(default_factory=dict)
    body_too_large: bool = False
    """The body was over `MAX_BODY` bytes and was thrown away; `raw` is empty."""
    client: str = ""
    """The address from which the request came."""
    account: str = ""
    """Whose API key it carries, once the service has looked."""

    def header(self, name: str) -> str | None:
        """One header, by its name in any case."""
        return self.headers.get(name.lower())

    @cached_property
    def _parsed(self) -> dict[str, Any]:
        return parse_body(self.header("content-type") or "", self.raw)

    def json_or_form(self) -> dict[str, Any]:
        """Return the body as nested fields, whatever kind it came in; files are `UploadedFile`.

        :raises BodyFormatError: (a ValueError) when it is none of them.
        """
        return self._parsed


Handler = Callable[["Sandbox", SandboxRequest], Answer]


class Sandbox:
    """Everything that the services of one server share.

    :param speed: sandbox seconds per real second.
    :param rate_limit: Intelliprint calls per real minute and account, 0 for no limit.
    :param seed: makes ids and chances repeatable.
    :param data: folder to keep the state in; None keeps it in memory.
    :param allow_fetch: host names (or `host:port`) from which files given by URL may be fetched.
    :param keep_bodies: whether the journal keeps queries and bodies, which may hold addresses.
    :param expire: real seconds after which what nobody writes to is forgotten; None forgets nothing.
    :raises DataError: when the folder cannot be used.
    """

    def __init__(
        self,
        *,
        speed: float = 60.0,
        rate_limit: int = 100,
        seed: int | None = None,
        data: Path | None = None,
        allow_fetch: frozenset[str] = frozenset(),
        keep_bodies: bool = False,
        expire: float | None = None,
    ) -> None:
        self.allow_fetch = frozenset(host.lower() for host in allow_fetch)
        self.own_hosts: frozenset[str] = frozenset()
        """The `host:port` forms of this server, lower case; its assets may always be fetched."""
        self.own_port: int | None = None
        """Set when the server is bound to every address: then it is the own one under any address."""
        self._rate_limit = rate_limit
        self.clock = Clock(speed=speed)
        self.world = World(rate_limit=rate_limit)
        self._folder = None if data is None else FolderLock(data)
        try:
            self.store = Store(data)
            self._restore()
            self.ids = Ids(seed=seed, store=self.store, world=self.world)
        except (DataError, sqlite3.Error, KeyError, ValueError) as error:
            self._let_go()
            if isinstance(error, DataError):
                raise
            raise DataError(f"The state in {data} cannot be read: {error}.") from error
        self.work = Work(self.clock, within=lambda: self.store.within(self.store.scope()))
        self.when_print_written: Callable[[str], None] = lambda _print_id: None
        """Called with the id of a print job that is written or deleted, within the transaction."""
        self.when_rules_changed: Callable[[], None] = lambda: None
        """Called when rules of the world have been changed."""
        self.file_texts = FileTexts()
        self.faults = Faults(seed=seed)
        self.journal = Journal(keep_bodies=keep_bodies)
        self._limiters: dict[str, Limiter] = {}
        self._limiter_lock = threading.Lock()
        self._expiry = None if expire is None else Expiry(self.store, expire, self.clock.real)
        if self._expiry is not None:
            self._expiry.start()

    @cached_property
    def secret(self) -> bytes:
        """What links are signed with; kept with the data, so that links outlive a restart."""
        with self.store.transaction():
            kept = self.store.get("_meta", "secret") or {"secret": secrets.token_hex(32)}
            self.store.put("_meta", "secret", kept)
        return bytes.fromhex(kept["secret"])

    def admit(self, caller: str, *, testmode: bool = False) -> float | None:
        """Count a call, and return the real seconds to wait when the rate limit refuses it, else None.

        :param caller: whose calls are counted together: an account, or an address.
        :param testmode: whether the call is about a test job, which newer documentation counts apart.
        """
        kind, rate, window = self.world.limiter, self.world.rate_limit, 60.0
        if self.world.rate_rule == "second":
            caller, rate, window = f"{caller} {testmode}", 10 if testmode else 50, 1.0
        with self._limiter_lock:
            limiter = self._limiters.get(caller)
            if limiter is None or (limiter.kind, limiter.rate) != (kind, rate):
                limiter = self._limiters[caller] = Limiter(kind, rate, window)
            return limiter.admit(self.clock.real())

    def remember(self) -> None:
        """Keep clock and rules with the data; done before every answer, also to reads.

        So what is killed comes back with a time that is not before any that it has told.
        """
        if not self.store.on_disk:
            return
        with self.store.transaction():
            self.store.put("_meta", "clock", self.clock.state())
            self.store.put("_meta", "world", self.world.as_dict())

    def reset(self, *, frozen: bool = False) -> None:
        """Forget everything: documents, faults, journal, rules, limits; the clock goes back to real time."""
        self.work.clear()
        with self.store.transaction():
            self.store.clear()
            self.__dict__.pop("secret", None)
        self.world.update(World(rate_limit=self._rate_limit).as_dict())
        self.file_texts.clear()
        self.faults.clear()
        self.journal.reset()
        with self._limiter_lock:
            self._limiters.clear()
        self.ids.restart()
        self.clock.restart(frozen=frozen)

    def set_rules(self, changes: dict[str, Any]) -> None:
        """Change rules of the world by name, all or none.

        :raises ValueError: for a name or value that is no rule.
        """
        self.world.update(changes)
        self.when_rules_changed()

    def close(self) -> None:
        """Stop the background work and close the store."""
        self.work.stop()
        if self._expiry is not None:
            self._expiry.stop()
        self.remember()
        self._let_go()

    def _let_go(self) -> None:
        if hasattr(self, "store"):
            self.store.close()
        if self._folder is not None:
            self._folder.release()

    def _restore(self) -> None:
        if (clock := self.store.get("_meta", "clock")) is not None:
            self.clock.restore(clock)
        if (world := self.store.get("_meta", "world")) is not None:
            self.world.update({**world, "rate_limit": self._rate_limit})
