"""One run: each part is measured in peace first, then put into the fire, and counted."""

from __future__ import annotations

import gc
import json
import os
import pkgutil
import random
import statistics
import time
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, Any

import airflow_provider_print
from proofs.chaos import attempt, plan, points, report, tasks
from proofs.chaos.fire import Fire, Part
from proofs.chaos.register import Register
from proofs.chaos.service import API_KEY, Service

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator
    from pathlib import Path

    from proofs.chaos.report import Result

_QUIET = 1_000_000
"""Number of the first letter that is posted in peace, to see what a try needs."""
_ENOUGH = 500
"""So many letters hit every crash point; with fewer, a missed one is told and is no failure."""
_NOISE = 25_000
_TIMEOUT = 5.0
_WITHOUT_DECISION = tuple(point for point in points.POINTS if point not in ("c3",))


def run(options: argparse.Namespace, home: Path) -> int:
    """Run all parts and print what came of them; 1 when one of ours has failed."""
    began = time.time()
    print(f"Seed {options.seed}; {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} at the start.")
    print(plan.in_words(options.list_lag))
    if options.mutate:
        _mutate(options.mutate)
    _import_all()
    results = []
    for name, count, settings in _parts(options):
        results.append(_run_part(name, count, settings, options, home))
        print(
            results[-1].row() if len(results) > 1 else f"{report.header()}\n{results[-1].row()}", flush=True
        )
    if options.json:
        options.json.write_text(json.dumps([result.as_dict() for result in results]))
    return _conclude(results, began)


def _parts(options: argparse.Namespace) -> Iterator[tuple[str, int, dict[str, Any]]]:
    ours = {"operator": "ours", "waiting": "ours, waiting", "ours": True}
    if options.without_register:
        yield "ours without register", options.letters, {**ours, "has_store": False}
    else:
        yield "ours", options.letters, ours
        if not options.no_second:
            yield "ours without register", max(1, options.letters // 5), {**ours, "has_store": False}
    peers = round(options.letters * options.peers)
    if peers:
        yield "create with confirmed=true", peers, {"operator": "plain"}
        yield "ResumableJobMixin around it", peers, {"operator": "mixin"}


def _run_part(
    name: str, count: int, settings: dict[str, Any], options: argparse.Namespace, home: Path
) -> Result:
    folder = home / name.replace(" ", "-")
    folder.mkdir()
    with _world(options, folder) as (service, register, operators):
        part = Part(
            name=name,
            seed=options.seed,
            letters=range(count),
            operator=operators[settings["operator"]],
            waiting=operators[settings["waiting"]] if "waiting" in settings else None,
            has_store=settings.get("has_store", True),
            register=register,
            folder=folder,
            concurrency=options.concurrency,
        )
        part = replace(part, scale=_measured(replace(part, operator=operators["ours"], waiting=None)))
        quiet_calls = service.arm() / _quiet_letters(part)
        began = time.time()
        fire = Fire(part)
        fire.burn()
        seconds = time.time() - began
        return report.Result(
            part=part,
            fire=fire,
            seen=points.Testimony(report=service.report()),
            register_log=register.log(),
            seconds=seconds,
            quiet_calls=quiet_calls,
            points=_points(part) if settings.get("ours") else (),
        )


def _points(part: Part) -> tuple[str, ...]:
    return points.POINTS if part.has_store else _WITHOUT_DECISION


@contextmanager
def _world(options: argparse.Namespace, folder: Path) -> Iterator[tuple[Service, Register, dict[str, Any]]]:
    """Start a print service and a register of their own, and make the tasks that speak to them."""
    service = Service(seed=options.seed, list_lag=options.list_lag, log=folder / "service.log")
    register = Register(folder / "register", seed=options.seed, stall=options.stall)
    connection = {
        "conn_type": "intelliprint",
        "host": service.url,
        "password": API_KEY,
        "extra": {"testmode": False, "rate": 0, "timeout": _TIMEOUT},
    }
    os.environ["AIRFLOW_CONN_INTELLIPRINT_DEFAULT"] = json.dumps(connection)
    path = folder / "letter.pdf"
    tasks.write_pdf(path, noise=random.Random(options.seed).randbytes(_NOISE))
    try:
        yield service, register, tasks.make(url=service.url, path=str(path))
    finally:
        register.stop()
        service.stop()


def _quiet_letters(part: Part) -> int:
    return min(2 * part.concurrency, len(part.letters))


def _measured(part: Part) -> plan.Scale:
    """Post some letters in peace, as many at a time as later, and return what a try of them needed."""
    letters = range(_QUIET, _QUIET + _quiet_letters(part))
    quiet = Fire(replace(part, letters=letters, scale=None))
    quiet.burn()
    if set(quiet.outcomes.values()) != {"posted"}:
        raise RuntimeError(f"in peace, the tasks of {part.name} ended as {quiet.outcomes}")
    tries = [(one, mark) for one in quiet.processes for mark in one.marks if mark[1] == "end"]
    firsts = [
        next(float(mark[0]) for mark in one.marks if mark[1] in ("begin", "asking")) for one, _ in tries
    ]
    return plan.Scale(
        seconds=statistics.median(float(mark[0]) - one.began for one, mark in tries),
        wire=statistics.median(
            float(mark[0]) - first for (_, mark), first in zip(tries, firsts, strict=True)
        ),
        bytes=round(statistics.median(int(mark[4]) for _, mark in tries)),
        steps=round(statistics.median(int(mark[5]) for _, mark in tries)),
        marks=round(statistics.median(int(mark[6]) for _, mark in tries)),
    )


def _conclude(results: list[Result], began: float) -> int:
    ours = [result for result in results if result.part.name.startswith("ours")]
    for result in ours:
        print(f"\n{result.points_table()}")
    print()
    for line in (line for result in results for line in result.oddities()):
        print(line)
    failures = []
    for result in ours:
        for letter in [*result.twice, *result.never]:
            failures.append(f"{result.part.name}: letter {letter} was paid {result.paid[letter]} times")
            print(f"\n{result.story(letter)}")
        if result.empty and len(result.part.letters) >= _ENOUGH:
            failures.append(f"{result.part.name}: nobody was hit at {', '.join(result.empty)}")
    print(
        f"\n{time.time() - began:.0f} s in all, load {os.getloadavg()[0]:.1f} at the end. "
        "The blows follow from the seed; when the operating system runs whom does not."
    )
    print("\n".join(failures) if failures else "Every letter of ours was mailed once.")
    return 1 if failures else 0


def _import_all() -> None:
    """Import whatever a try will need, so that a fork of this process needs nothing more than the fork."""
    for found in pkgutil.walk_packages(airflow_provider_print.__path__, "airflow_provider_print."):
        if ".sandbox" not in found.name and not found.name.endswith(("__main__", "pytest_plugin")):
            import_module(found.name)
    attempt.warm_up()
    gc.collect()
    gc.freeze()


def _mutate(name: str) -> None:
    from airflow_provider_print.intelliprint import sending
    from proofs.mutations import cuts

    known = {one: cut for one, cut in vars(cuts).items() if isinstance(cut, cuts.Cut)}
    if name.upper() not in known:
        raise SystemExit(f"--mutate is one of: {', '.join(sorted(known))}")
    cut = known[name.upper()]
    sending.submit = cuts.load(cut).submit  # type: ignore[attr-defined]
    print(f"The shipped code is broken on purpose: without {cut.name} ({cut.about}).")
