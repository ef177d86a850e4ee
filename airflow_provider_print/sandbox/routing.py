"""Routes of a service, in Starlette's form."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from starlette.routing import BaseRoute, Route

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from airflow_provider_print.sandbox.core import Handler, SandboxRequest

Quick = Callable[["SandboxRequest"], bool] | None
ALL_METHODS = ("*",)
"""Of an endpoint that answers to whatever method a client thinks of."""


class Endpoint(Route):
    """A Starlette route that carries the plain handler which the frame calls.

    :param path: the template inside the service, such as `/prints/{id}`.
    :param handler: what answers.
    :param methods: the methods it answers to; GET includes HEAD, `ALL_METHODS` every other.
    :param quick: says of a request that it only looks at a few documents, and need not run in a thread.
    """

    def __init__(self, path: str, handler: Handler, methods: Sequence[str], *, quick: Quick = None) -> None:
        super().__init__(path, _not_called, methods=list(methods))
        self.handler, self.quick = handler, quick
        self.any_method = ALL_METHODS[0] in methods


def endpoint(
    path: str, handler: Handler, methods: Sequence[str] = ("GET",), *, quick: Quick = None
) -> Endpoint:
    """Return a route for a handler; the first that fits answers, so end with a catch-all `/{rest:path}`."""
    return Endpoint(path, handler, methods, quick=quick)


def find(routes: Sequence[BaseRoute], method: str, path: str) -> tuple[Endpoint, dict[str, str]] | None:
    """Return the endpoint for a method and path, with what the path names."""
    for route in routes:
        if not isinstance(route, Endpoint):
            continue
        match = route.path_regex.match(path)
        if match is None or not (route.any_method or method in (route.methods or ())):
            continue
        convertors = route.param_convertors
        return route, {
            name: str(convertors[name].convert(value)) for name, value in match.groupdict().items()
        }
    return None


async def _not_called(_request: Request) -> Response:
    """Stand where Starlette wants an endpoint; the frame calls the handler itself, with faults around it."""
    raise NotImplementedError
