"""What the sandbox claims and which tests have shown it: what `GET /_sandbox/coverage` answers.

The list is generated from a run of the tests (`python -m proofs.conformance`) and shipped with the package,
so that who uses a sandbox can ask it how well founded an answer is.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from airflow_provider_print.sandbox.catalogue import EVIDENCE, FOLDER, SERVICES, Behaviour

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

FILE = FOLDER / "coverage.json"

Row = dict[str, Any]


def rows(behaviours: Mapping[str, Behaviour], passed: Mapping[str, Collection[str]]) -> list[Row]:
    """Return a row for each behaviour, with the tests that have shown it.

    :param behaviours: the catalogue, by id.
    :param passed: the names of the tests that passed, by id.
    """
    return [{**asdict(one), "tests": sorted(passed.get(one.id, ()))} for one in behaviours.values()]


def shipped() -> list[Row]:
    """Return the rows of the last run that was kept."""
    kept: list[Row] = json.loads(FILE.read_text(encoding="utf-8"))["behaviours"]
    return kept


def counts(listed: list[Row]) -> dict[str, dict[str, int]]:
    """Return the number of rows by service and evidence."""
    table = {service: dict.fromkeys(EVIDENCE, 0) for service in SERVICES}
    for row in listed:
        table[row["id"].partition(".")[0]][row["evidence"]] += 1
    return table


def coverage(*, service: str | None = None, evidence: str | None = None) -> dict[str, Any]:
    """Return the answer: counts of all rows, and the rows asked for.

    :param service: only its rows: intelliprint | printful | sandbox.
    :param evidence: only rows with it: documented | observed | assumed.
    :raises ValueError: for a service or an evidence that there is not.
    """
    for value, known in ((service, SERVICES), (evidence, EVIDENCE)):
        if value is not None and value not in known:
            raise ValueError(f"there is {', '.join(known)}")
    listed = shipped()
    wanted = [
        row
        for row in listed
        if service in (None, row["id"].partition(".")[0]) and evidence in (None, row["evidence"])
    ]
    return {
        "counts": counts(listed),
        "without_test": [row["id"] for row in listed if not row["tests"]],
        "behaviours": wanted,
    }
