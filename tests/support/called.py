"""Notes which operator, sensor or hook method stood behind each HTTP call that was really answered."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

CALLED: set[tuple[str, str]] = set()
_PLACES = (
    "airflow_provider_print.hooks",
    "airflow_provider_print.operators",
    "airflow_provider_print.sensors",
)


def record() -> None:
    """Watch the HTTP library for the rest of this process."""
    import requests

    sends = requests.Session.send

    def send(self: requests.Session, request: Any, **kwargs: Any) -> requests.Response:
        answer = sends(self, request, **kwargs)
        CALLED.update(_owners(sys._getframe(1)))
        return answer

    requests.Session.send = send  # type: ignore[method-assign, assignment]


def _owners(frame: FrameType | None) -> Iterator[tuple[str, str]]:
    while frame is not None:
        owner = type(frame.f_locals.get("self"))
        if owner.__module__.startswith(_PLACES):
            yield owner.__name__, frame.f_code.co_name
        frame = frame.f_back
