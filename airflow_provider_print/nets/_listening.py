"""Listening to a transport for as long as a block lasts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow_provider_print.core.transport import Transport


class Listener:
    """Is told of every answer inside its block.

    :param transport: whose answers.
    """

    def __init__(self, transport: Transport) -> None:
        self._listening = transport.on_answer(self._note)

    def __enter__(self) -> Self:
        self._listening.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._listening.__exit__(None, None, None)

    def _note(self, status: int, headers: Mapping[str, str]) -> None:
        """Take note of an answer."""
        raise NotImplementedError
