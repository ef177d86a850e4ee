"""The sandbox as a server: in this process for tests, or behind the command line."""

from __future__ import annotations

import importlib
import socket
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import uvicorn

from airflow_provider_print.sandbox import assets, control, expiry, presets
from airflow_provider_print.sandbox.app import App
from airflow_provider_print.sandbox.core import EVERY_ADDRESS, Sandbox
from airflow_provider_print.sandbox.protocol import ReachableProtocol
from airflow_provider_print.sandbox.service import Service
from airflow_provider_print.sandbox.webhooks import Webhooks

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from airflow_provider_print.sandbox.fault_rules import Rule

_PACKAGE = "airflow_provider_print.sandbox"
_PARTS = (("reference", "reference_of"), ("body", "body_of"), ("error", "fault_answer"))
"""Arguments of a `Service`, and what they are called in the module of a service that has them."""


class PrintSandbox:
    """Both services on a port of this machine, for as long as the context lasts.

    :param port: TCP port; 0 takes a free one.
    :param host: name or address to bind to; `0.0.0.0` for every address of the machine.
    :param speed: sandbox seconds per real second.
    :param rate_limit: Intelliprint calls per real minute and account; 0 for no limit.
    :param seed: makes ids and the chances of faults repeatable.
    :param data: folder in which the state is kept; None keeps it in memory.
    :param allow_fetch: hosts from which files given by URL may be fetched, private ones included.
    :param allow_hosts: further names under which the sandbox may be called, such as that of its container.
    :param keep_bodies: whether the journal keeps queries and bodies, which may hold addresses.
    :param expire: real seconds, at least 60, after which print jobs and library files that nobody writes to
        are forgotten, see `expiry`; None forgets nothing.
    :param webhooks: endpoints that are told of letters: URLs, or options with a `url`, see
        `webhooks.endpoints.Endpoint`; their hosts are allowed thereby.
    :param allow_webhooks: hosts at which endpoints may be registered by HTTP, private ones included.
    :raises ValueError: when the host is empty.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        host: str = "127.0.0.1",
        speed: float = 60.0,
        rate_limit: int = 100,
        seed: int | None = None,
        data: str | Path | None = None,
        allow_fetch: Iterable[str] = (),
        allow_hosts: Iterable[str] = (),
        keep_bodies: bool = False,
        expire: float | None = None,
        webhooks: Iterable[str | Mapping[str, Any]] = (),
        allow_webhooks: Iterable[str] = (),
    ) -> None:
        self._host, self._port = host.strip().lower().strip("[]"), port
        if not self._host:
            raise ValueError("the host is a name or an address; 0.0.0.0 stands for every address")
        self._allow_hosts = frozenset(name.lower() for name in allow_hosts)
        self._settings: dict[str, Any] = {
            "speed": speed,
            "rate_limit": rate_limit,
            "seed": seed,
            "data": None if data is None else Path(data),
            "allow_fetch": frozenset(allow_fetch),
            "keep_bodies": keep_bodies,
            "expire": None if expire is None else expiry.checked(expire),
        }
        self._webhooks: dict[str, Any] = {
            "configured": list(webhooks),
            "allow": list(allow_webhooks),
            "seed": seed,
        }
        self._thread: threading.Thread | None = None

    def start(self) -> Self:
        """Listen, and return once requests are answered.

        :raises OSError: when the port is taken or the address is not of this machine.
        :raises DataError: when the folder for the state cannot be used.
        :raises WebhookError: when an endpoint named at the start makes no sense.
        """
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        listener = socket.create_server((self._host, self._port), family=family, backlog=512)
        try:
            self._open(listener)
        except BaseException:
            listener.close()
            raise
        return self

    def _open(self, listener: socket.socket) -> None:
        self._port = listener.getsockname()[1]
        self.sandbox = Sandbox(**self._settings)
        try:
            self.webhooks = Webhooks(self.sandbox, **self._webhooks)
            self._serve(listener)
        except BaseException:
            self.sandbox.close()
            raise

    def _serve(self, listener: socket.socket) -> None:
        names = {"localhost", "127.0.0.1", "::1", self._host, *self._allow_hosts}
        self.sandbox.own_hosts = frozenset(f"{name}:{self._port}" for name in names)
        self.sandbox.own_port = self._port if self._host in EVERY_ADDRESS else None
        self.app = App(self.sandbox, self._services(), host=self._host, allow_hosts=self._allow_hosts)
        config = uvicorn.Config(
            self.app,
            http=ReachableProtocol,
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="critical",
            access_log=False,
            server_header=False,
            date_header=False,
            proxy_headers=False,
            timeout_keep_alive=60,
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [listener]}, name="print-sandbox-server", daemon=True
        )
        self._thread.start()
        while not self._server.started:
            if not self._thread.is_alive():
                raise OSError("the server of the sandbox ended while it started")
            time.sleep(0.002)

    def stop(self) -> None:
        """End the server and what hangs in it."""
        if self._thread is None:
            return
        self._server.should_exit = True
        self.app.release()
        self._thread.join(timeout=10)
        self._thread = None
        self.app.close()
        self.webhooks.stop()
        self.sandbox.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_error: object) -> None:
        self.stop()

    @property
    def alive(self) -> bool:
        """Whether the server runs."""
        return self._thread is not None and self._thread.is_alive()

    @property
    def url(self) -> str:
        """`http://host:port`; of a sandbox under every address the one of this machine itself."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self._host, self._host)  # noqa: S104
        if ":" in host:
            host = f"[{host}]"
        return f"http://{host}:{self._port}"

    @property
    def intelliprint_url(self) -> str:
        """Base URL of the Intelliprint service."""
        return f"{self.url}/intelliprint/v1"

    @property
    def printful_url(self) -> str:
        """Base URL of the Printful service."""
        return f"{self.url}/printful"

    def reset(self, *, frozen: bool = False) -> None:
        """Forget everything, let go of what hangs, and set the clock to real time (and stop it there).

        A request that is being answered meanwhile gets no answer and leaves nothing behind.
        """
        self.app.release()
        self.sandbox.reset(frozen=frozen)
        self.webhooks.reset()

    def now(self) -> float:
        """Sandbox seconds since the epoch."""
        return self.sandbox.clock.now()

    def advance(self, seconds: float) -> float:
        """Step over sandbox seconds; what is due by then has happened when this returns. The new time."""
        moment = self.sandbox.clock.advance(seconds)
        self.sandbox.work.run_due()
        return moment

    def freeze(self, frozen: bool = True) -> None:
        """Stop the clock, or let it run on."""
        self.sandbox.clock.freeze(frozen)

    def set_speed(self, speed: float) -> None:
        """Run at `speed` sandbox seconds per real second."""
        self.sandbox.clock.set_speed(speed)

    def fault(
        self,
        method: str | None = None,
        route: str | None = None,
        *,
        phase: str = "before",
        kind: str | None = None,
        **what: Any,
    ) -> Rule:
        """Add a fault rule; see `faults.Rule` for what can be said.

        :raises FaultError: (a ValueError) when it makes no sense.
        """
        return self.sandbox.faults.add(method=method, route=route, phase=phase, kind=kind, **what)

    def preset(self, name: str) -> dict[str, Any]:
        """Bring about faults and rules that belong together, and return them; see `presets.PRESETS`.

        :raises ValueError: for a name that there is not.
        """
        return presets.use(self.sandbox, name)

    def clear_faults(self) -> list[dict[str, Any]]:
        """Forget the fault rules and return those that never fired."""
        unfired = self.unfired()
        self.sandbox.faults.clear()
        return unfired

    def unfired(self) -> list[dict[str, Any]]:
        """Return the fault rules that never fired."""
        return self.sandbox.faults.unfired()

    def settle(self, seconds: float = 10.0) -> None:
        """Wait until every request that a `late` fault holds back has been executed, and webhooks were tried.

        A webhook whose next attempt is not due yet is not waited for: `advance` brings that about.

        :raises TimeoutError: when that takes longer than `seconds` real seconds.
        """
        deadline = time.monotonic() + seconds
        while self.app.pending:
            if time.monotonic() > deadline:
                raise TimeoutError("a late request of the sandbox is still not executed")
            time.sleep(0.005)
        if not self.webhooks.settle(lambda: max(0.0, deadline - time.monotonic())):
            raise TimeoutError("a webhook of the sandbox is still not delivered")

    def add_webhook(self, url: str, **options: Any) -> dict[str, Any]:
        """Tell an endpoint of letters from now on, and return it with its `id` and `secret`.

        :param options: see `webhooks.endpoints.Endpoint`; what is not said is as usual, or as it was.
        :raises WebhookError: (a ValueError) when a value makes no sense.
        """
        return self.webhooks.add({"url": url, **options}, trusted=True)

    def world(self, **rules: Any) -> dict[str, Any]:
        """Change rules of the world by name, and return them all; see `world.World`.

        :raises ValueError: for a name or value that is no rule.
        """
        self.sandbox.set_rules(rules)
        return self.sandbox.world.as_dict()

    def journal(self, *, limit: int | None = None, **wanted: Any) -> list[dict[str, Any]]:
        """Return what was asked and what became of it, oldest first; see `journal.Entry`.

        :param limit: only so many, the newest; None for all.
        :param wanted: values by name, see `journal.FILTERS`: `method="POST"`, `route="*/prints/{id}"`.
        :raises ValueError: for a name that is no filter.
        """
        return self.sandbox.journal.find(limit=limit, **wanted)

    def keep_bodies(self, keep: bool = True) -> None:
        """Let the journal keep queries and bodies from now on, which may hold addresses, or forget them."""
        self.sandbox.journal.set_keep_bodies(keep)

    def body(self, entry_id: int) -> bytes | None:
        """Return the body of a request of the journal; None when it was not kept.

        :raises LookupError: when there is no such entry (any more).
        """
        kept = self.sandbox.journal.request(entry_id)[1]
        return None if kept is None else kept.body

    def invariants(self) -> dict[str, Any]:
        """Return the counts that must hold whatever went wrong: jobs paid, letters mailed, charges."""
        from airflow_provider_print.sandbox.intelliprint.ledger import invariants

        return invariants(self.sandbox)

    def outbox(self) -> dict[str, Any]:
        """Every print job with its letters as they stand now."""
        from airflow_provider_print.sandbox.intelliprint.outbox import outbox

        return outbox(self.sandbox, self.url)

    def add_asset(self, name: str, data: bytes) -> str:
        """Serve bytes under a name; the URL from which both services may fetch them."""
        assets.add(self.sandbox, name, data)
        return f"{self.url}/_sandbox/assets/{name}"

    def add_template(self, content: str, name: str | None = None) -> str:
        """Keep text or HTML as a template, as Intelliprint's dashboard does; the id to make print jobs of."""
        from airflow_provider_print.sandbox.intelliprint import jobs, templates

        return templates.add(self.sandbox, content, name=name, account=jobs.ACCOUNT)

    def _services(self) -> list[Service]:
        vendors = [
            ("intelliprint", "/intelliprint", f"{_PACKAGE}.intelliprint"),
            ("intelliprint-files", "/intelliprint/files", f"{_PACKAGE}.intelliprint.files"),
            ("printful", "/printful", f"{_PACKAGE}.printful"),
        ]
        services = [
            Service("control", "/_sandbox", control.routes(self), faulty=False),
            Service("page", "", control.page_routes(), faulty=False),
        ]
        for name, prefix, module_name in vendors:
            module = importlib.import_module(module_name)
            extras = {
                argument: getattr(module, attribute)
                for argument, attribute in _PARTS
                if hasattr(module, attribute)
            }
            services.append(Service(name, prefix, module.routes(self.sandbox), **extras))
        return services
