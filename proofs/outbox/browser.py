"""The browser: the system's own chromium, driven by playwright."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_OPTIONS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class MissingError(RuntimeError):
    """What is needed is not installed; the text says what to do."""


def find_browser(given: str | None = None) -> str:
    """Return the path of a chromium.

    :param given: path or name of one; None looks for the usual names.
    :raises MissingError: when there is none.
    """
    for name in [given] if given else NAMES:
        if path := shutil.which(name):
            return path
    raise MissingError(
        f"There is no browser here (looked for: {given or ', '.join(NAMES)}). Install chromium with the "
        "packages of the system, or name one with --browser PATH. Nothing is downloaded by this command."
    )


@contextmanager
def open_browser(path: str) -> Iterator[Browser]:
    """Start a browser without a window, and end it.

    :raises MissingError: when its driver is not installed, or it does not start.
    """
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError:
        raise MissingError(
            "The driver of the browser is not installed: pip install 'airflow-provider-print[browser]'"
        ) from None
    with sync_playwright() as driver:
        options: Any = {"executable_path": path, "args": list(_OPTIONS), "headless": True}
        try:
            browser = driver.chromium.launch(**options)
        except Error as error:
            reason = str(error).strip().partition("\n")[0]
            raise MissingError(
                f"The browser at {path} does not start, so name one with --browser PATH: {reason}"
            ) from None
        try:
            yield browser
        finally:
            browser.close()
