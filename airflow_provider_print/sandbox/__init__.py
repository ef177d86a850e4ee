"""The print sandbox: both services over HTTP on one machine, with no account and nothing to pay.

It stands apart from the rest of the package and shares no code with the clients, because a sandbox and a
client that share a mistake agree with each other. Importing this package imports nothing heavy: the server,
the PDF work and the database load when `PrintSandbox` is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from airflow_provider_print.sandbox.server import PrintSandbox

__all__ = ["PrintSandbox"]


def __getattr__(name: str) -> object:
    """Load `PrintSandbox` on first use."""
    if name == "PrintSandbox":
        from airflow_provider_print.sandbox.server import PrintSandbox

        return PrintSandbox
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
