"""The ASGI application: finds the service of a request, plays faults around it, keeps the journal."""

from __future__ import annotations

import asyncio
import hashlib
import ipaddress
import logging
import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from airflow_provider_print.sandbox import routing
from airflow_provider_print.sandbox.bodies import BodyFormatError
from airflow_provider_print.sandbox.core import MAX_BODY, Answer, Handler, Sandbox, SandboxRequest
from airflow_provider_print.sandbox.faults import RequestView, Rule
from airflow_provider_print.sandbox.wire import WHOLE, Receive, Scope, Send, Wire

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from starlette.routing import BaseRoute

    from airflow_provider_print.sandbox.journal import Entry

_log = logging.getLogger(__name__)
_DRAIN = 1024 * 1024 * 1024
_THREADS = 24


@dataclass(frozen=True)
class Service:
    """Something mounted on a path.

    :param name: what journal and fault rules call it.
    :param prefix: where it is mounted, without a slash at the end.
    :param routes: its endpoints, the last one a catch-all.
    :param faulty: whether faults are played on it and the journal tells of it; not so for control and page.
    :param reference: the reference that a request is about, if it can be told.
    :param error: the body of an error that the service itself would send with a status.
    """

    name: str
    prefix: str
    routes: Sequence[BaseRoute]
    faulty: bool = True
    reference: Callable[[Sandbox, SandboxRequest], str | None] = lambda _sandbox, _request: None
    error: Callable[[int], Any] = lambda status: {"error": {"message": f"Answer {status} of a fault rule"}}


class App:
    """The sandbox as an ASGI application.

    :param sandbox: what the services share.
    :param services: where they are mounted; the longest prefix that fits answers.
    :param host: the name or address that the server is bound to.
    """

    def __init__(self, sandbox: Sandbox, services: Sequence[Service], *, host: str) -> None:
        self.sandbox = sandbox
        self._services = sorted(services, key=lambda service: -len(service.prefix))
        self._hosts = {"localhost", "127.0.0.1", "::1", host.lower().strip("[]")}
        self._any_address = host in ("0.0.0.0", "::", "")  # noqa: S104
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="print-sandbox")
        self._loop: asyncio.AbstractEventLoop | None = None
        self._release = asyncio.Event()
        self._late: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        self._loop = asyncio.get_running_loop()
        wire = Wire(scope, receive, send, release=self._release)
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        refusal = self._refusal(headers)
        if refusal is not None:
            await wire.send(refusal, close=True)
            return
        raw, too_large = await _read(receive)
        service, path = self._service(scope["path"])
        request = SandboxRequest(
            method=scope["method"],
            path=path,
            query=parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True),
            headers=headers,
            raw=raw,
            origin=f"http://{headers.get('host', '')}",
            body_too_large=too_large,
        )
        call = _Call(self.sandbox, service, request)
        if not service.faulty:
            await wire.send(await self._run(call.execute))
            return
        await self._serve(call, wire)

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

    async def _serve(self, call: _Call, wire: Wire) -> None:
        rule = await self._run(call.prepare)
        entry = call.entry
        if rule is None:
            answer = await self._run(call.execute)
            await self._send(wire, entry, answer)
            return
        answer = call.substitute(rule)
        if rule.phase == "late":
            task = asyncio.ensure_future(self._execute_late(call, rule.delay))
            self._late.add(task)
            task.add_done_callback(self._late.discard)
        elif rule.phase == "before" and rule.kind in ("delay", "none"):
            await wire.delay(rule.delay if rule.kind == "delay" else 0)
            await self._send(wire, entry, await self._run(call.execute))
            return
        elif rule.phase in ("after", "twice"):
            true_answer = await self._run(call.execute)
            if rule.phase == "twice":
                true_answer = await self._run(call.execute)
            answer = answer if rule.kind == "status" else true_answer
        entry.status = answer.status
        entry.answer_sent = rule.kind in WHOLE
        entry.answer_sent = await wire.play(rule, answer, self.sandbox.faults.noise)

    @staticmethod
    async def _send(wire: Wire, entry: Entry, answer: Answer) -> None:
        entry.answer_sent = (
            True  # before it is true, because who has the answer may look into the journal at once
        )
        entry.answer_sent = await wire.send(answer)

    async def _execute_late(self, call: _Call, seconds: float) -> None:
        await asyncio.sleep(seconds)
        sent = call.entry.status
        await self._run(call.execute)
        call.entry.status = sent

    async def _run(self, function: Callable[[], Any]) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._pool, function)

    def _release_now(self) -> None:
        for task in self._late:
            task.cancel()
        self._release.set()
        self._release.clear()

    def _service(self, path: str) -> tuple[Service, str]:
        path = re.sub("/{2,}", "/", path)
        for service in self._services:
            if path == service.prefix or path.startswith(service.prefix + "/"):
                return service, path[len(service.prefix) :] or "/"
        raise LookupError("no service is mounted at the root")

    def _refusal(self, headers: dict[str, str]) -> Answer | None:
        """Refuse what a web page could make a browser send here: other names for this host, other origins."""
        host = headers.get("host", "")
        if not self._is_ours(host):
            return Answer(
                421, "The sandbox answers to its own host name only, so that no web page can reach it.\n"
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
            return True
        if not self._any_address:
            return False
        try:  # a page that rebinds its own name can not put an address into the Host header
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True


class _Call:
    """One request on its way through a service."""

    entry: Entry

    def __init__(self, sandbox: Sandbox, service: Service, request: SandboxRequest) -> None:
        self._sandbox, self._service, self._request = sandbox, service, request
        found = routing.find(service.routes, request.method, request.path)
        self._handler: Handler | None = None
        if found is not None:
            route, request.path_params = found
            request.route, self._handler = route.path, route.handler
        if service.faulty:
            self.entry = self._open()

    def prepare(self) -> Rule | None:
        """Fill in what the journal says of the request and choose the fault to play."""
        request, entry = self._request, self.entry
        entry.body_sha256 = hashlib.sha256(request.raw).hexdigest() if request.raw else None
        entry.reference = self._service.reference(self._sandbox, request)
        if not self._sandbox.faults:
            return None
        try:
            body = request.json_or_form()
        except BodyFormatError:
            body = {}
        view = RequestView(self._service.name, request.method, entry.route, entry.reference, body)
        rule = self._sandbox.faults.choose(view)
        entry.rule = None if rule is None else rule.id
        return rule

    def execute(self) -> Answer:
        """Let the service act."""
        try:
            answer = (
                Answer(404, "Not found\n")
                if self._handler is None
                else self._handler(self._sandbox, self._request)
            )
        except Exception:  # noqa: BLE001
            _log.exception("the sandbox failed at %s %s", self._request.method, self._request.route)
            answer = Answer(500, self._service.error(500))
        if self._service.faulty:
            self.entry.executions += 1
            self.entry.executed = True
            self.entry.status = answer.status
        if self._request.method not in ("GET", "HEAD"):
            self._sandbox.remember()
        return answer

    def substitute(self, rule: Rule) -> Answer:
        """Return the answer of a fault rule."""
        content = self._service.error(rule.status) if rule.content is None else rule.content
        if not isinstance(content, str | dict | list):
            content = str(content)
        return Answer(rule.status, content, headers={str(k): str(v) for k, v in rule.headers.items()})

    def _open(self) -> Entry:
        request, prefix = self._request, self._service.prefix
        known = bool(request.route) and ":path}" not in request.route
        return self._sandbox.journal.open(
            at=self._sandbox.clock.real(),
            sandbox_time=self._sandbox.clock.now(),
            service=self._service.name,
            method=request.method,
            path=prefix + request.path,
            route=prefix + request.route if known else "",
            authorized="authorization" in request.headers,
            user_agent=request.header("user-agent"),
            body_bytes=len(request.raw),
        )


async def _read(receive: Receive) -> tuple[bytes, bool]:
    """Return the body, or b"" and True when it is too large.

    What is too much is read and thrown away, so that a client that writes before it reads sees the refusal.
    """
    body, total = bytearray(), 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return b"", total > MAX_BODY
        piece = message.get("body", b"")
        total += len(piece)
        if total <= MAX_BODY:
            body += piece
        else:
            body.clear()
        if not message.get("more_body") or total > _DRAIN:
            return bytes(body), total > MAX_BODY
