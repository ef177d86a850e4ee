"""Routes of a service, in Starlette's form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import BaseRoute, Match, Route

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from airflow_provider_print.sandbox.core import Handler

ALL_METHODS = ("*",)
"""Of an endpoint that answers to whatever method a client thinks of."""


class Endpoint(Route):
    """A Starlette route that carries the plain handler which the frame calls.

    :param path: the template inside the service, such as `/prints/{id}`.
    :param handler: what answers.
    :param methods: the methods it answers to; GET includes HEAD, `ALL_METHODS` every other.
    """

    def __init__(self, path: str, handler: Handler, methods: Sequence[str]) -> None:
        super().__init__(path, _not_called, methods=list(methods))
        self.handler = handler
        self.any_method = ALL_METHODS[0] in methods


def endpoint(path: str, handler: Handler, methods: Sequence[str] = ("GET",)) -> Endpoint:
    """Return a route for a handler; the first that fits answers, so end with a catch-all `/{rest:path}`."""
    return Endpoint(path, handler, methods)


def find(routes: Sequence[BaseRoute], method: str, path: str) -> tuple[Endpoint, dict[str, str]] | None:
    """Return the endpoint for a method and path, with what the path names."""
    scope = {"type": "http", "method": method, "path": path, "root_path": "", "path_params": {}}
    for route in routes:
        match, found = route.matches(scope)
        if not isinstance(route, Endpoint):
            continue
        if match is Match.FULL or (match is Match.PARTIAL and route.any_method):
            return route, {name: str(value) for name, value in found["path_params"].items()}
    return None


async def _not_called(_request: Request) -> Response:
    """Stand where Starlette wants an endpoint; the frame calls the handler itself, with faults around it."""
    raise NotImplementedError
