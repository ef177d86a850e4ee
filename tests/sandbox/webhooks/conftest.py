"""What the tests of webhooks share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox.webhooks.receiver import Receiver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from airflow_provider_print.sandbox import PrintSandbox
    from tests.sandbox.calls import Api


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as one:
        yield one


@pytest.fixture
def tell(print_sandbox: PrintSandbox) -> Callable[..., None]:
    """Let so many sandbox seconds pass, and wait until all webhooks that are due have been tried."""

    def step(seconds: float = 0.0) -> None:
        print_sandbox.advance(seconds)
        print_sandbox.settle()

    return step


@pytest.fixture
def confirmed(api: Api) -> Callable[..., dict[str, Any]]:
    """Make a confirmed live job of one letter."""
    return lambda **params: api.make(**{"testmode": False, "confirmed": True, **params})
