"""What the demo shows at its end: a table of figures and the first pages, all read back from the sandbox."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import requests
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from pathlib import Path

TIMEOUT = (5.0, 60.0)
UNITS_PER_POUND = 100_000_000
FILE_LIBRARY_TOKEN = "printful_sandbox"  # noqa: S105 - works in every sandbox and nowhere else


def _get(url: str, **options: Any) -> requests.Response:
    with requests.Session() as session:
        session.trust_env = False
        answer = session.get(url, timeout=TIMEOUT, **options)
    answer.raise_for_status()
    return answer


def report(sandbox_url: str) -> str:
    """Return the table: every print job, then every library file."""
    table = Table(title="What the sandbox has in its books", title_justify="left", show_header=False)
    table.add_column(style="bold")
    table.add_column()
    for job in _jobs(sandbox_url):
        letters = Counter(letter["status"] for letter in job["letters"])
        table.add_row("Print job", f"{job['id']}  ({job['reference']})")
        table.add_row("Letters", ", ".join(f"{number} {status}" for status, number in letters.items()))
        table.add_row("Pages, sheets", f"{job['pages']} pages on {job['sheets']} sheets")
        table.add_row(
            "Cost", f"{_pounds(job['cost']['after_tax'])}, of which VAT {_pounds(job['cost']['tax'])}"
        )
        table.add_section()
    booked = _get(f"{sandbox_url}/_sandbox/invariants").json()
    table.add_row("Letters mailed", str(sum(booked["letters_mailed"].values())))
    for file in _library_files(sandbox_url):
        measures = f"{file['width']} x {file['height']} px, {file['dpi']} dpi, {file['size']:,} bytes"
        table.add_section()
        table.add_row("Library file", f"{file['id']}  {file['filename']}: {file['status']}  ({measures})")
    console = Console(width=110)
    with console.capture() as captured:
        console.print(table)
    return captured.get().rstrip()


def save_first_pages(sandbox_url: str, folder: Path) -> int:
    """Save the first page of every letter as PNG, with its address window; returns how many there are."""
    pages = folder / "first-pages"
    pages.mkdir(parents=True, exist_ok=True)
    letters = [letter for job in _jobs(sandbox_url) for letter in job["letters"]]
    for number, letter in enumerate(letters, 1):
        url = f"{sandbox_url}/_sandbox/outbox/letters/{letter['id']}/pages/1.png"
        png = _get(url, params={"window": "1", "dpi": "70"}).content
        (pages / f"{number:03d}-{letter['id']}.png").write_bytes(png)
    return len(letters)


def _jobs(sandbox_url: str) -> list[dict[str, Any]]:
    jobs: list[dict[str, Any]] = _get(f"{sandbox_url}/_sandbox/outbox").json()["jobs"]
    return jobs


def _library_files(sandbox_url: str) -> list[dict[str, Any]]:
    headers = {"Authorization": f"Bearer {FILE_LIBRARY_TOKEN}"}
    files: list[dict[str, Any]] = _get(f"{sandbox_url}/printful/files", headers=headers).json()["result"]
    return files


def _pounds(units: int) -> str:
    return f"{Decimal(units) / UNITS_PER_POUND:,.2f} GBP"
