"""What the sandbox claims to do as the services do it: one row for each fact, with the evidence behind it.

The rows are in the TOML files beside this module. A test names the rows that it would fail without; which
tests passed for which row is in `coverage.json`, which `python -m proofs.conformance` writes.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
SERVICES = ("intelliprint", "printful", "sandbox")
EVIDENCE = ("documented", "observed", "assumed")
"""From the strongest to the weakest: the vendor says so, others have seen it, the safest assumption."""

_ID = re.compile(r"[a-z0-9][a-z0-9-]*(\.[a-z0-9][a-z0-9-]*)+")


class CatalogueError(Exception):
    """The catalogue contradicts itself or cannot be read; each problem is a line of the text."""


@dataclass(frozen=True)
class Behaviour:
    """One claim.

    :param id: `service.area.fact`.
    :param says: the claim, in one sentence.
    :param evidence: documented | observed | assumed.
    :param source: where the evidence is from.
    """

    id: str
    says: str
    evidence: str
    source: str

    @property
    def service(self) -> str:
        """Whom the claim is about: intelliprint | printful | sandbox."""
        return self.id.partition(".")[0]


def read(folder: Path = FOLDER) -> dict[str, Behaviour]:
    """Return all rows by id, sorted by id.

    :raises CatalogueError: with every problem in every file.
    """
    rows, problems = survey(folder)
    if problems:
        raise CatalogueError("\n".join(problems))
    return rows


def survey(folder: Path = FOLDER) -> tuple[dict[str, Behaviour], list[str]]:
    """Return the rows that can be read and what is wrong with the others, a line each."""
    rows: dict[str, Behaviour] = {}
    problems: list[str] = []
    for path in sorted(folder.glob("*.toml")):
        try:
            written = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            problems.append(f"{path.name} cannot be read: {error}")
            continue
        if strange := sorted(written.keys() - {"behaviour"}):
            problems.append(f"{path.name}: there is no {strange[0]!r}, only [[behaviour]]")
        for raw in written.get("behaviour", []):
            wrong = _problem(raw) or (raw["id"] in rows and "the id is used twice")
            if wrong:
                problems.append(f"{path.name}: {raw.get('id', raw)}: {wrong}")
            else:
                rows[raw["id"]] = Behaviour(**raw)
    return dict(sorted(rows.items())), problems


def _problem(raw: dict[str, Any]) -> str | None:
    names = {field.name for field in fields(Behaviour)}
    if raw.keys() != names:
        return f"a row has exactly {', '.join(sorted(names))}"
    if not all(isinstance(value, str) and value.strip() == value != "" for value in raw.values()):
        return "every value is text, without blanks around it"
    if not _ID.fullmatch(raw["id"]) or raw["id"].partition(".")[0] not in SERVICES:
        return f"an id is service.area.fact in lower case, service being {' | '.join(SERVICES)}"
    if raw["evidence"] not in EVIDENCE:
        return f"evidence is {' | '.join(EVIDENCE)}"
    return None
