"""What is measured, and the goal that it has to reach."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchmarks.sandbox import servers
from benchmarks.sandbox.load import Line, rate, upload
from benchmarks.sandbox.statements import REMOVE_PHRASE, SPLIT_PHRASE, statement_run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

PRINTS = "/intelliprint/v1/prints"
_LISTS = "/intelliprint/v1/mailing_lists"
_SPLIT = {
    "testmode": "true",
    "splitting[method]": "split_on_phrase",
    "splitting[phrase]": SPLIT_PHRASE,
    "remove_letters[with_phrase]": REMOVE_PHRASE,
}
_JOBS, _PAGE = 10_000, 1_000


@dataclass(frozen=True)
class Result:
    """One measurement beside its goal, in words."""

    what: str
    measured: str
    promised: str
    kept: bool
    beside: str = ""


def splitting(folder: Path, rounds: int) -> Iterator[Result]:
    """Measure splitting by phrase with removal against the raw extraction of the same file."""
    data = statement_run(letters=100, pages=280)
    file = folder / "run.pdf"
    file.write_bytes(data)
    body, kind = upload(_SPLIT, data)
    raw, split = [], []
    with servers.raw_extraction() as library, servers.sandbox() as box:
        line = Line(box.url)
        request = line.request("POST", PRINTS, body, kind)
        job = _checked(_json(line.send(request)), letters=90)
        for number in range(rounds):
            raw.append(library.ask(file=str(file)))
            # A page of another text: nothing that was kept of the round before can help.
            body, kind = upload(_SPLIT, data + f"\n% round {number}\n".encode())
            request = line.request("POST", PRINTS, body, kind)
            begin = time.perf_counter()
            answer = line.send(request)
            split.append(time.perf_counter() - begin)
            _checked(_json(answer), letters=90)
        line.close()
    ratio = min(split) / min(raw)
    yield Result(
        "280 pages split by phrase with removal, the whole request",
        f"{ratio:.2f} times the raw extraction of the file",
        "at most 1.5 times",
        ratio <= 1.5,
        f"Request {min(split):.3f} s, library alone {min(raw):.3f} s, {len(job['letters'])} letters,"
        f" {len(data) / 1e6:.1f} MB; best of {rounds}.",
    )


def reads(_folder: Path, rounds: int) -> Iterator[Result]:
    """Measure simple reads against an empty handler of the same framework and server."""
    with servers.empty_handler() as empty, servers.sandbox() as box:
        line = Line(box.url)
        name = line.call("POST", PRINTS, _small(1))["id"]
        members = line.call("POST", _LISTS, {"name": "Members"})["id"]
        paths = {
            "Reading a print job": (f"{PRINTS}/{name}", 0.5),
            "Reading a mailing list": (f"{_LISTS}/{members}", 0.5),
            # No simple read but a list: it parses, filters, sorts and counts.
            "Looking for a job by its reference": (f"{PRINTS}?reference=ref-1&testmode=true", 0.33),
        }
        best: dict[str, float] = {}
        nothing = 0.0
        for _ in range(rounds):
            nothing = max(nothing, rate(empty.url, "/", seconds=0.7))
            for what, (path, _) in paths.items():
                best[what] = max(best.get(what, 0.0), rate(box.url, path, seconds=0.7))
        line.close()
    for what, (_, goal) in paths.items():
        ratio = best[what] / nothing
        yield Result(
            what,
            f"{ratio:.2f} of the rate of an empty handler",
            f"at least {goal:.2f}",
            ratio >= goal,
            f"{best[what]:.0f} against {nothing:.0f} a second; best of {rounds}.",
        )


def lists(_folder: Path, rounds: int) -> Iterator[Result]:
    """Measure a page of 1,000 out of 10,000 jobs, projected."""
    wanted = "&".join(f"fields[]={name}" for name in ("id", "reference", "confirmed", "letters.status"))
    with servers.sandbox() as box:
        line = Line(box.url)
        for number in range(_JOBS):
            line.call("POST", PRINTS, _small(number))
        path = f"{PRINTS}?testmode=true&limit={_PAGE}&skip={_JOBS // 2}&{wanted}"
        for what, more, goal in (
            ("", "", 100),
            (", sorted by cost", "&sort_field=cost.amount", 250),
            (", filtered by status", "&letters.status=draft", 250),
        ):
            request = line.request("GET", path + more)
            times = []
            for _ in range(rounds):
                begin = time.perf_counter()
                answer = line.send(request)
                times.append(time.perf_counter() - begin)
            found = _json(answer)
            assert (len(found["data"]), found["total_available"]) == (_PAGE, _JOBS)
            yield Result(
                f"A page of {_PAGE:,} out of {_JOBS:,} jobs, projected{what}",
                f"{min(times) * 1000:.0f} ms",
                f"under {goal} ms",
                min(times) * 1000 < goal,
                f"The first time {times[0] * 1000:.0f} ms; best of {rounds}.",
            )
        line.close()


def large_run(_folder: Path, _rounds: int) -> Iterator[Result]:
    """Measure a run of 3,000 pages and 1,000 letters in one request."""
    data = statement_run(letters=1_000, pages=3_000)
    fields = {name: value for name, value in _SPLIT.items() if not name.startswith("remove")}
    body, kind = upload({**fields, "reference": "large", "confirmed": "true"}, data)
    with servers.sandbox() as box, servers.PeakMemory(box.process.pid) as memory:
        line = Line(box.url)
        request = line.request("POST", PRINTS, body, kind)
        begin = time.perf_counter()
        job = _checked(_json(line.send(request)), letters=1_000)
        made = time.perf_counter() - begin
        found = line.call("GET", f"{PRINTS}?testmode=true&reference=large")
        taken = time.perf_counter() - begin
        listed = [letter["id"] for letter in found["data"][0]["letters"]]
        assert listed == [letter["id"] for letter in job["letters"]]
        line.close()
    what = "A run of 3,000 pages and 1,000 letters, accepted, split, priced and listed"
    yield Result(what, f"{taken:.1f} s", "under 30 s", taken < 30, f"Made {made:.1f} s.")
    peak = memory.peak / 1e6
    yield Result(
        f"{what}: memory of server and children at its peak",
        f"{peak:.0f} MB",
        "under 500 MB",
        peak < 500,
        f"The file has {len(data) / 1e6:.1f} MB.",
    )


def _checked(job: dict[str, Any], *, letters: int) -> dict[str, Any]:
    assert len(job["letters"]) == letters, len(job["letters"])
    assert all(letter["address"]["postcode"] and letter["cost"]["amount"] for letter in job["letters"])
    return job


def _small(number: int) -> dict[str, Any]:
    address = {"name": "A Reader", "line": "7 Any Road\nANYTOWN", "postcode": "AB1 2CD"}
    return {
        "content": "Hello",
        "testmode": True,
        "reference": f"ref-{number}",
        "recipients": [{"address": address}],
    }


def _json(answer: bytes) -> Any:
    return json.loads(answer)


MEASURES: dict[str, Callable[[Path, int], Iterator[Result]]] = {
    "splitting": splitting,
    "reads": reads,
    "lists": lists,
    "large": large_run,
}
