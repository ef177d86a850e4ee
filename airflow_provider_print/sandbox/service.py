"""A service that is mounted on a path, and one request on its way through it."""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from airflow_provider_print.sandbox import routing
from airflow_provider_print.sandbox.core import Answer, Handler, Sandbox, SandboxRequest
from airflow_provider_print.sandbox.fault_rules import RequestView, Rule
from airflow_provider_print.sandbox.journal import Kept
from airflow_provider_print.sandbox.store import Scope, StaleError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from starlette.routing import BaseRoute

    from airflow_provider_print.sandbox.journal import Entry

_log = logging.getLogger(__name__)
_LONGEST = 1000
"""Letters that the journal keeps of one text of a client: it has room for many requests."""


@dataclass(frozen=True)
class Service:
    """Something mounted on a path.

    :param name: what journal and fault rules call it.
    :param prefix: where it is mounted, without a slash at the end.
    :param routes: its endpoints, the last one a catch-all.
    :param faulty: whether faults are played on it and the journal tells of it; not so for control and page.
    :param reference: the reference that a request is about, if it can be told.
    :param body: reads the fields of a body for fault rules; what it raises means that there are none.
    :param error: the answer that the service itself would give to a request with a status of an error.
    """

    name: str
    prefix: str
    routes: Sequence[BaseRoute]
    faulty: bool = True
    reference: Callable[[Sandbox, SandboxRequest], str | None] = lambda _sandbox, _request: None
    body: Callable[[SandboxRequest], dict[str, Any]] = SandboxRequest.json_or_form
    error: Callable[[Sandbox, SandboxRequest, int], Answer] = lambda _sandbox, _request, status: Answer(
        status, {"error": f"The sandbox failed with {status}"}
    )


class Call:
    """One request on its way through a service.

    :param began: says to which epoch of the store it belongs, and counts what it writes.
    """

    entry: Entry

    def __init__(self, sandbox: Sandbox, service: Service, request: SandboxRequest, began: Scope) -> None:
        self._sandbox, self._service, self._request, self._scope = sandbox, service, request, began
        found = routing.find(service.routes, request.method, request.path)
        self._handler: Handler | None = None
        self.quick = False
        if found is not None:
            route, request.path_params = found
            request.route, self._handler = route.path, route.handler
            self.quick = route.quick is not None and route.quick(request)
        if service.faulty:
            self.entry = self._open()

    def prepare(self) -> Rule | None:
        """Fill in what the journal says of the request and choose the fault to play.

        :raises StaleError: when the request is of the time before a reset.
        """
        request, entry = self._request, self.entry
        with self._sandbox.store.within(self._scope):
            self._sandbox.store.check()
            entry.body_sha256 = hashlib.sha256(request.raw).hexdigest() if request.raw else None
            if self._sandbox.journal.keep_bodies:
                kept = Kept(request.query, request.header("content-type"), request.raw)
                self._sandbox.journal.keep(entry, kept)
            entry.reference = _short(self._service.reference(self._sandbox, request))
        if not self._sandbox.faults:
            return None
        try:
            body = self._service.body(request)
        except Exception:  # noqa: BLE001 - each service has its own error for a body that it cannot read
            body = {}
        view = RequestView(self._service.name, request.method, entry.route, entry.reference, body)
        rule = self._sandbox.faults.choose(view)
        entry.rule = None if rule is None else rule.id
        return rule

    def prepare_and_execute(self) -> tuple[Rule | None, Answer | None]:
        """Choose the fault to play, and let the service act when there is none.

        :raises StaleError: when the request is of the time before a reset.
        """
        rule = self.prepare()
        return (rule, None) if rule is not None else (None, self.execute())

    def execute(self) -> Answer:
        """Let the service act, and keep a record of it.

        :raises StaleError: when the request is of the time before a reset.
        """
        with self._sandbox.store.within(self._scope):
            self._sandbox.store.check()
            answer = self.answer()
        self.entry.executions += 1
        self.entry.executed = True
        self.entry.true_status = answer.status
        self.entry.committed = self._scope.writes > 0
        return answer

    def answer(self) -> Answer:
        """Let the service act."""
        try:
            answer = (
                self.failure(404) if self._handler is None else self._handler(self._sandbox, self._request)
            )
        except StaleError:
            raise
        except Exception:  # noqa: BLE001
            _log.exception("the sandbox failed at %s %s", self._request.method, self._request.route)
            answer = self.failure(500)
        try:
            self._sandbox.remember()
        except StaleError:
            raise
        except Exception:  # noqa: BLE001 - what the service has done is done, and its answer stays true
            _log.exception("the sandbox could not keep its clock and rules")
        return answer

    def failure(self, status: int) -> Answer:
        """Return an error as the service itself would send it."""
        return self._service.error(self._sandbox, self._request, status)

    def substitute(self, rule: Rule) -> Answer:
        """Return the answer of a fault rule."""
        if rule.content is None:
            answer = self.failure(rule.status)
        else:
            text = isinstance(rule.content, str | dict | list)
            answer = Answer(rule.status, rule.content if text else json.dumps(rule.content))
        named = {name.lower(): value for name, value in rule.headers.items()}
        answer.headers = {name.lower(): value for name, value in answer.headers.items()} | named
        return answer

    def _open(self) -> Entry:
        request, prefix = self._request, self._service.prefix
        known = bool(request.route) and ":path}" not in request.route
        return self._sandbox.journal.open(
            at=self._sandbox.clock.real(),
            sandbox_time=self._sandbox.clock.now(),
            service=self._service.name,
            method=request.method,
            path=_short(prefix + request.path) or "",
            route=prefix + request.route if known else "",
            authorized="authorization" in request.headers,
            user_agent=_short(request.header("user-agent")),
            body_bytes=len(request.raw),
        )


def _short(text: str | None) -> str | None:
    return None if text is None else text[:_LONGEST]
