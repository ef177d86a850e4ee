"""Requests that may still arrive though nobody waits for them any more."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from proofs.model.calls import Call, Confirm, Delete

if TYPE_CHECKING:
    from collections.abc import Iterable

    from proofs.model.service import Services


class OnTheWire(NamedTuple):
    """One such request.

    :param call: what it asks for.
    :param run: of a write to the register: which register.
    :param unchecked: of a write to the register that has not passed the fence: the attempt it came from;
        else -1.
    """

    call: Call
    run: int = -1
    unchecked: int = -1


class Wire:
    """Numbers the requests, and forgets those that can have no effect any more.

    :param services: what they would be carried out on.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self.requests: list[OnTheWire] = []
        self._numbers: dict[OnTheWire, int] = {}

    def number(self, late: OnTheWire) -> int:
        """Return the number of a request."""
        known = self._numbers.get(late)
        if known is None:
            known = self._numbers[late] = len(self.requests)
            self.requests.append(late)
        return known

    def matters(self, late: OnTheWire | None, service: int) -> bool:
        """Tell whether a request can have an effect, now or later."""
        if late is None:
            return False
        if isinstance(late.call, Confirm):
            return self._services.status(service, late.call.name) == "d"
        if isinstance(late.call, Delete):
            return self._services.status(service, late.call.name) in "dc"
        return True

    def still_matter(self, numbers: Iterable[int], service: int) -> list[int]:
        """Return the requests that can have an effect."""
        return [number for number in numbers if self.matters(self.requests[number], service)]
