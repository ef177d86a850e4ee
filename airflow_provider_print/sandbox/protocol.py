"""uvicorn's HTTP protocol with one addition: the app can reach the connection that a request came on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    import asyncio


class ReachableProtocol(H11Protocol):
    """Puts the asyncio transport into `scope["state"]`, so that a fault can reset or cut the connection."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Remember the transport for the requests of this connection."""
        self.app_state = {**self.app_state, "transport": transport}
        super().connection_made(transport)
