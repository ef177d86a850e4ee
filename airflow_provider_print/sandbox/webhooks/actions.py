"""The tester's hand on the webhooks, under `/_sandbox/webhooks`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_provider_print.sandbox.core import Answer, SandboxRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow_provider_print.sandbox.server import PrintSandbox
    from airflow_provider_print.sandbox.webhooks.hub import Webhooks

    Action = Callable[[SandboxRequest], Answer]


def actions(server: PrintSandbox) -> list[tuple[str, str, Action]]:
    """Return method, path and action of each control endpoint."""
    control = _Actions(server)
    return [
        ("GET", "/webhooks", control.show),
        ("POST", "/webhooks", control.add),
        ("DELETE", "/webhooks", control.clear),
        ("DELETE", "/webhooks/{id}", control.remove),
        ("POST", "/webhooks/messages/{id}", control.resend),
    ]


class _Actions:
    def __init__(self, server: PrintSandbox) -> None:
        self._server = server

    @property
    def _webhooks(self) -> Webhooks:
        return self._server.webhooks

    def show(self, request: SandboxRequest) -> Answer:
        """Show endpoints and the newest messages; the query chooses among these."""
        wanted = dict(request.query)
        limit = wanted.pop("limit", "100")
        if not limit.isascii() or not limit.isdigit():
            raise ValueError("limit is a number")
        return Answer(
            body={
                "now": self._server.now(),
                "endpoints": self._webhooks.endpoints(),
                "messages": self._webhooks.messages(limit=int(limit[:9]), **wanted),
            }
        )

    def add(self, request: SandboxRequest) -> Answer:
        return Answer(201, self._webhooks.add(request.json_or_form()))

    def clear(self, _request: SandboxRequest) -> Answer:
        for endpoint in self._webhooks.endpoints():
            self._webhooks.remove(endpoint["id"])
        return Answer(body={"status": "ok"})

    def remove(self, request: SandboxRequest) -> Answer:
        self._webhooks.remove(request.path_params["id"])
        return Answer(body={"status": "ok"})

    def resend(self, request: SandboxRequest) -> Answer:
        return Answer(202, self._webhooks.resend(request.path_params["id"]))
