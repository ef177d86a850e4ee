"""The sandbox's books against what each letter is to cost."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from proofs.chaos_airflow.bench import call_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from proofs.chaos_airflow.bench import Letter, Row


def deviations(rows: Iterable[Row], jobs: list[dict[str, Any]]) -> list[str]:
    """Return what is not as promised, in words.

    :param rows: what was counted, with the letters that are expected.
    :param jobs: every print job of the sandbox.
    """
    paid = [job for job in jobs if job["confirmed"] and not job["testmode"]]
    letters = {letter for row in rows for letter in row.letters}
    found = [told for letter in letters if (told := _wrong(letter, paid))]
    by_key = defaultdict(list)
    for job in paid:
        by_key[(job["metadata"] or {}).get("letter_key")].append(job["id"])
    found += [
        f"letter key {key} has {len(ids)} paid jobs: {', '.join(ids)}"
        for key, ids in by_key.items()
        if len(ids) > 1
    ]
    found += [
        f"paid job {job['id']} ({job['reference']}) belongs to no letter"
        for job in paid
        if not any(letter.owns(job) for letter in letters)
    ]
    return sorted(found)


def _wrong(letter: Letter, paid: list[dict[str, Any]]) -> str | None:
    mine = [job for job in paid if letter.owns(job)]
    if len(mine) == letter.paid:
        return None
    name = letter.plan.own_key or f"{letter.plan.dag_id} {letter.run}"
    ids = ", ".join(job["id"] for job in mine) or "none"
    return f"{name} has {len(mine)} paid jobs instead of {letter.paid}: {ids}"


def begun_with_a_draft(calls: list[dict[str, Any]]) -> int:
    """Return how many letters were not looked up before their first draft was made.

    :param calls: the sandbox's journal.
    """
    first: dict[str, str] = {}
    for call in calls:
        if call["reference"]:
            first.setdefault(call["reference"], call_name(call))
    return list(first.values()).count("create")


def merged(rows: Iterable[Row], row_type: type[Row]) -> list[Row]:
    """Return one row for each kind."""
    kinds: dict[str, Row] = {}
    for row in rows:
        whole = kinds.setdefault(row.kind, row_type(row.kind))
        whole.runs += row.runs
        whole.tries += row.tries
        whole.registered += row.registered
        whole.acts += row.acts
        whole.moments += row.moments
        whole.letters += row.letters
    return list(kinds.values())


def table(rows: list[Row], jobs: list[dict[str, Any]]) -> str:
    """Return the table: one line a kind, and the moments at which tasks were struck."""
    paid = [job for job in jobs if job["confirmed"] and not job["testmode"]]
    shown = Table(title="Letters and what was paid for them", title_justify="left")
    shown.add_column("kind of run")
    for name in ("runs", "acts", "letters", "to be paid", "paid jobs", "tries", "register rows"):
        shown.add_column(name, justify="right")
    for row in rows:
        due = sum(letter.paid for letter in row.letters)
        jobs_here = sum(1 for job in paid if any(letter.owns(job) for letter in row.letters))
        figures = (row.runs, row.acts, len(row.letters), due, jobs_here, row.tries, row.registered)
        shown.add_row(row.kind, *map(str, figures))
    struck: Counter[tuple[str, str]] = sum((row.moments for row in rows), Counter())
    where = Table(title="Where they were struck", title_justify="left")
    for name in ("act", "moment of the try"):
        where.add_column(name)
    where.add_column("times", justify="right")
    for (act, moment), times in sorted(struck.items()):
        where.add_row(act, moment, str(times))
    console = Console(width=110)
    with console.capture() as captured:
        console.print(shown)
        if struck:
            console.print(where)
    return captured.get().rstrip()
