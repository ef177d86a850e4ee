"""All steps, in their order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_provider_print.sandbox import PrintSandbox
from proofs.outbox import desk, large, small, stage
from proofs.outbox.checks import NotSoError

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

__all__ = ["NotSoError", "drive"]


def drive(browser: Browser, *, images: Path, letters: int) -> list[str]:
    """Do everything with the page that people do; the lines that say what was seen.

    :param images: folder of the pictures.
    :param letters: of the large outbox.
    :raises NotSoError: when something is not as it should be.
    """
    from playwright.sync_api import Error

    try:
        return _drive(browser, images, letters)
    except Error as error:
        raise NotSoError(f"the page does what it is asked to: {error}") from error


def _drive(browser: Browser, images: Path, letters: int) -> list[str]:
    lines = []
    with PrintSandbox(rate_limit=0, seed=1) as box:
        box.reset(frozen=True)
        box.sandbox.clock.set(_monday(box.now()))
        jobs = stage.fill(box)
        lines += small.photograph(browser, box, jobs, images)
        lines += desk.walk(browser, box, jobs, images)
    with PrintSandbox(rate_limit=0, seed=1) as box:
        box.reset(frozen=True)
        lines += large.measure(browser, box, letters)
    return lines


def _monday(now: float) -> float:
    """Return ten o'clock of the next Monday: pictures of every day look alike then."""
    day = int(now // 86_400) + 1
    return float((day + (4 - day % 7) % 7) * 86_400 + 10 * 3600)
