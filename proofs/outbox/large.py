"""The page with 10,000 letters: in 10,000 jobs, and in one."""

from __future__ import annotations

import copy
import time
from typing import TYPE_CHECKING

import requests

from proofs.outbox import stage
from proofs.outbox.checks import Watched, must
from proofs.outbox.small import WIDE

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Browser

    from airflow_provider_print.sandbox import PrintSandbox

FIRST_LOOK, ANY_ACT, ANY_CALL = 3.0, 2.0, 1.0
"""Most seconds: until the first rows can be read, until an act is answered, for one call."""
MOST_CELLS = 80


def measure(browser: Browser, box: PrintSandbox, letters: int) -> list[str]:
    """Fill a sandbox, and take the time that people wait; the lines that say it.

    :raises NotSoError: when something takes too long.
    """
    jobs = _fill(box, letters)
    lines = [f"large     {letters:,} letters in {letters:,} jobs, and {letters:,} in one"]
    with Watched(browser, box.url, viewport=WIDE) as seen:
        lines += _jobs(seen, letters)
        lines += _one_job(seen, jobs, letters)
    return lines + _calls(box)


def _fill(box: PrintSandbox, letters: int) -> str:
    stage.fill_to(box, letters)
    store = box.sandbox.store
    (pattern,) = (job for job in store.all("print") if job["reference"] == "pattern")
    job = copy.deepcopy(pattern)
    job |= {
        "id": "print_large0000000000001",
        "reference": "one large run",
        "pages": letters,
        "sheets": letters,
    }
    job["letters"] = [
        {
            **pattern["letters"][0],
            "id": f"ltr_large{number:018d}",
            "address": {**person["address"], "country": "GB"},
        }
        for number, person in enumerate(stage.people(letters))
    ]
    with store.transaction():
        store.put("print", job["id"], job)
        for number, letter in enumerate(job["letters"]):
            store.put("letter", letter["id"], {"print": job["id"], "index": number})
    return str(job["id"])


def _jobs(seen: Watched, letters: int) -> list[str]:
    def rows() -> int:
        return seen.count(".job.cell:not(.hollow)")

    began = time.monotonic()
    seen.go()
    seen.until(rows, "rows are listed")
    lines = [_line("first rows can be read", time.monotonic() - began, FIRST_LOOK)]
    seen.until(lambda: f"{letters + 1:,} jobs" in seen.text(".list .note"), "the number of jobs is told")
    lines.append(_timed(seen, "end of the list", _to_the_end, lambda: seen.count("text=pattern") == 1))
    lines.append(_timed(seen, "middle of the list", _to_the_middle, lambda: not seen.count(".job.hollow")))
    must(seen.count(".cell") <= MOST_CELLS, f"few rows are drawn, not {seen.count('.cell')}")
    search = seen.page.locator(".list input")
    word = f"statement {letters // 2:05d}"
    lines.append(_timed(seen, "search", lambda _: search.fill(word), lambda: rows() == 1))
    lines.append(_timed(seen, "end of the search", lambda _: search.fill(""), lambda: rows() > 5))
    button = seen.page.locator(".status-list button[data-status=waiting_to_print]")
    lines.append(
        _timed(seen, "filter by status", lambda _: button.click(), lambda: "of" in seen.text(".list .note"))
    )
    seen.page.locator(".status-list button").first.click()
    return lines


def _one_job(seen: Watched, job_id: str, letters: int) -> list[str]:
    lines = []

    def drawn() -> bool:
        return seen.count(".letter.cell:not(.hollow)") > 5

    lines.append(_timed(seen, "a job of 10,000 letters", lambda _: seen.go(f"#/outbox/{job_id}"), drawn))
    last = f"{stage.people(1, letters - 1)[0]['address']['name']}"
    end = "() => { const d = document.querySelector('.detail'); d.scrollTop = d.scrollHeight; }"
    lines.append(
        _timed(
            seen,
            "its last letter",
            lambda _: seen.page.evaluate(end),
            lambda: seen.page.get_by_text(last, exact=True).count(),
        )
    )
    seen.pictures_are_there(".letter img[src]")
    must(seen.count(".letter.cell") <= MOST_CELLS, "few letters are drawn")
    return lines


def _to_the_end(seen: Watched) -> None:
    seen.page.evaluate(
        "() => { const s = document.querySelector('.list .scroll'); s.scrollTop = s.scrollHeight; }"
    )


def _to_the_middle(seen: Watched) -> None:
    seen.page.evaluate(
        "() => { const s = document.querySelector('.list .scroll'); s.scrollTop = s.scrollHeight / 2; }"
    )


def _timed(seen: Watched, what: str, act: Callable[[Watched], object], so: Callable[[], object]) -> str:
    began = time.monotonic()
    act(seen)
    seen.until(so, f"{what} is shown")
    return _line(what, time.monotonic() - began, ANY_ACT)


def _calls(box: PrintSandbox) -> list[str]:
    """Take the time of the calls themselves: the first of each pays for what the others find done."""
    lines = []
    with requests.Session() as session:
        session.trust_env = False
        for path in ("jobs?limit=60", "jobs?limit=60&q=langley", "jobs?limit=60&status=sent", "status"):
            times = []
            for _ in range(5):
                began = time.monotonic()
                session.get(f"{box.url}/_sandbox/page/{path}").raise_for_status()
                times.append(time.monotonic() - began)
            lines.append(_line(f"GET /_sandbox/page/{path}", sorted(times)[2], ANY_CALL))
    return lines


def _line(what: str, seconds: float, most: float) -> str:
    must(seconds <= most, f"{what}: {seconds:.2f} s, at most {most:.1f} are allowed")
    return f"timing    {what:44s} {seconds * 1000:6.0f} ms (at most {most * 1000:.0f})"
