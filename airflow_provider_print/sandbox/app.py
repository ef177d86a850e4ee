"""The ASGI application: finds the service of a request, plays faults around it, keeps the journal."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from airflow_provider_print.sandbox import uploads
from airflow_provider_print.sandbox.core import EVERY_ADDRESS, Answer, Sandbox, SandboxRequest
from airflow_provider_print.sandbox.service import Call
from airflow_provider_print.sandbox.store import Scope as StoreScope
from airflow_provider_print.sandbox.store import StaleError
from airflow_provider_print.sandbox.wire import WHOLE, WITH_STATUS, Receive, Scope, Send, Wire

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from airflow_provider_print.sandbox.fault_rules import Rule
    from airflow_provider_print.sandbox.service import Service

_log = logging.getLogger(__name__)
_THREADS, _CONTROL_THREADS = 24, 8
_KNOWN_HOSTS = 100
_ABSOLUTE = re.compile(r"https?://([^/]*)(/.*)?", re.IGNORECASE | re.DOTALL)


class App:
    """The sandbox as an ASGI application.

    :param sandbox: what the services share.
    :param services: where they are mounted; the longest prefix that fits answers.
    :param host: the name or address that the server is bound to.
    :param allow_hosts: further names that requests may be for.
    """

    def __init__(
        self, sandbox: Sandbox, services: Sequence[Service], *, host: str, allow_hosts: Iterable[str] = ()
    ) -> None:
        self.sandbox = sandbox
        self._services = sorted(services, key=lambda service: -len(service.prefix))
        self._hosts = {"localhost", "127.0.0.1", "::1", host, *allow_hosts}
        self._known_hosts: set[str] = set()
        """Host headers that were found to be ours."""
        self._any_address = host in EVERY_ADDRESS
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="print-sandbox")
        # Calls that wait for a slow source may fill the pool of the services, and the tester can still look.
        self._control = ThreadPoolExecutor(_CONTROL_THREADS, thread_name_prefix="print-sandbox-control")
        self._room = uploads.Room(uploads.ROOM)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._release = asyncio.Event()
        self._late: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        self._loop = asyncio.get_running_loop()
        began = StoreScope(self.sandbox.store.epoch)
        wire = Wire(scope, receive, send, release=self._release)
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        host, target = _target(scope["path"], headers)
        refusal = self._refusal(host, headers)
        if refusal is not None:
            await wire.send(refusal, close=True)
            return
        async with uploads.Share(self._room, uploads.size_of(headers)) as share:
            body = await uploads.read(headers, receive, share)
            service, path = self._service(target)
            if service.faulty and began.epoch != self.sandbox.store.epoch:
                await wire.drop()
                return
            whole = body or uploads.Body()
            request = SandboxRequest(
                method=scope["method"],
                path=path,
                query=_query(scope["query_string"]),
                headers=headers,
                raw=whole.data,
                origin=f"http://{host}",
                body_too_large=whole.too_large,
                client=(scope.get("client") or ("",))[0],
            )
            call = Call(self.sandbox, service, request, began)
            if body is None:  # the journal tells of it, and nothing was done
                await wire.drop()
            elif service.faulty:
                await self._answer(call, wire, share)
            else:
                loop = asyncio.get_running_loop()
                await wire.send(await loop.run_in_executor(self._control, call.answer))

    def release(self) -> None:
        """Let go of everything that hangs, and forget what was to be executed late; from any thread."""
        loop = self._loop
        if loop is not None and not loop.is_closed():
            with suppress(RuntimeError):  # the loop ended in between
                loop.call_soon_threadsafe(self._release_now)

    @property
    def pending(self) -> int:
        """How many requests are still to be executed late."""
        return len(self._late)

    def close(self) -> None:
        """End the threads."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._control.shutdown(wait=False, cancel_futures=True)

    async def _answer(self, call: Call, wire: Wire, share: uploads.Share) -> None:
        try:
            await self._serve(call, wire, share)
        except StaleError:
            await wire.drop()
        except Exception:
            _log.exception("the sandbox failed at %s %s", call.entry.method, call.entry.route)
            if wire.started:
                raise
            await wire.send(call.failure(500))

    async def _serve(self, call: Call, wire: Wire, share: uploads.Share) -> None:
        entry = call.entry
        rule, answer = await self._prepare(call)
        share.give_back()  # a client that reads slowly, or hangs by a fault, keeps nobody else waiting
        if rule is not None and (rule.phase, rule.kind) == ("before", "delay"):
            await wire.delay(rule.delay)
            rule = None
        if rule is None:
            answer = answer or await self._run(call.execute)
            entry.status = answer.status
            entry.answer_sent = True  # who has the answer may look into the journal at once
            entry.answer_sent = await wire.send(answer)
            return
        answer = await self._run(lambda: call.substitute(rule))
        if rule.phase == "late":
            task = asyncio.ensure_future(self._execute_late(call, rule.delay))
            self._late.add(task)
            task.add_done_callback(self._late.discard)
        acted = rule.phase in ("after", "twice")
        if acted:
            true_answer = await self._run(call.execute)
            if rule.phase == "twice":
                true_answer = await self._run(call.execute)
            answer = answer if rule.kind == "status" else true_answer
        entry.status = answer.status if acted or rule.kind in WITH_STATUS else None
        entry.answer_sent = rule.kind in WHOLE
        entry.answer_sent = await wire.play(rule, answer, self.sandbox.faults.noise)

    async def _prepare(self, call: Call) -> tuple[Rule | None, Answer | None]:
        """Return the fault to play, or the answer when there is none.

        What is quick is done here and now: to hand it to a thread and back would take longer than it does.
        """
        if call.quick:
            with self.sandbox.store.unless_busy() as alone:
                if alone:
                    return call.prepare_and_execute()
        return await self._run(call.prepare_and_execute)  # type: ignore[no-any-return]

    async def _execute_late(self, call: Call, seconds: float) -> None:
        await asyncio.sleep(seconds)
        with suppress(StaleError):
            await self._run(call.execute)

    async def _run(self, function: Callable[[], Any]) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._pool, function)

    def _release_now(self) -> None:
        for task in self._late:
            task.cancel()
        self._release.set()
        self._release.clear()

    def _service(self, path: str) -> tuple[Service, str]:
        if "//" in path:
            path = re.sub("/{2,}", "/", path)
        for service in self._services:
            if path == service.prefix or path.startswith(service.prefix + "/"):
                return service, path[len(service.prefix) :] or "/"
        raise LookupError("no service is mounted at the root")

    def _refusal(self, host: str, headers: dict[str, str]) -> Answer | None:
        """Refuse what a web page could make a browser send here: other names for this host, other origins."""
        if host not in self._known_hosts and not self._is_ours(host):
            return Answer(
                421,
                "The sandbox answers to its own host name only, so that no web page can reach it."
                " Another name is allowed with --allow-host NAME.\n",
            )
        origin = headers.get("origin")
        if origin is not None and origin != f"http://{host}":
            return Answer(403, "The sandbox does not answer to other web pages.\n")
        return None

    def _is_ours(self, host: str) -> bool:
        match = re.fullmatch(r"(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(:\d{1,5})?", host)
        if match is None:
            return False
        name = match.group(1).strip("[]").lower()
        if name in self._hosts:
            if len(self._known_hosts) < _KNOWN_HOSTS:
                self._known_hosts.add(host)
            return True
        if not self._any_address:
            return False
        try:  # a page that rebinds its own name can not put an address into the Host header
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True


def _query(raw: bytes) -> list[tuple[str, str]]:
    return parse_qsl(raw.decode("latin-1"), keep_blank_values=True) if raw else []


def _target(path: str, headers: dict[str, str]) -> tuple[str, str]:
    """Return the host and the path that a request is for.

    A client that takes the sandbox for a proxy writes the whole URL, of which the host outranks the header;
    `OPTIONS *` and the like name no path.
    """
    host = headers.get("host", "")
    if path.startswith("/"):
        return host, path
    absolute = _ABSOLUTE.fullmatch(path)
    if absolute is not None:
        return absolute.group(1), absolute.group(2) or "/"
    return host, f"/{path}"
