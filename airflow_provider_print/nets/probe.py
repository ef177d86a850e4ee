"""The probe: what no document states, found out in test mode, free of charge.

The paid step is safe under assumptions about the service: that confirming one id twice pays once, that a list
shows a new draft soon, that `created` tells drafts apart or settling is long enough. The documents say none
of this. So this asks the service itself, says what it found, and what that means for the settings.
"""

from __future__ import annotations

import math
import time
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from airflow_provider_print.core.errors import BadRequestError, NotFoundError
from airflow_provider_print.intelliprint.letter import SETTLE_SECONDS
from airflow_provider_print.nets._measuring import Finding, answered, change, letter_ids, limit, same, step_of
from airflow_provider_print.nets._probing import TestJobs

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow_provider_print.intelliprint.client import IntelliprintClient

#: Seconds before each look of the list; together somewhat more than 12.
WAITS = (0.0, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4)
# Two drafts of one second may sort either way, so a settle has to outlast that second beside the lag.
_STEP = 1.0
_BURST = 6
_SAMPLES = 3
# Seconds before one more draft, until there are three times of `created`: of two, the step between them may
# be two steps.
_PATIENCE = (1.1, 1.2)
_ENOUGH = 2

_TEXTS = {
    "text": "plain",
    "unicode": "Zo\u00eb \u0141 \u2709 \u65e5\u672c",
    "spaces": "  two  ",
    "long": "0123456789" * 80,
    "very_long": "0123456789" * 500,
    "empty": "",
}
_OTHERS = {"number": 7, "truth": True, "nothing": None, "nested": {"a": "b"}}
_NEEDED = ("text", "unicode", "long")


@dataclass
class ProbeReport:
    """What the probe found out.

    :param findings: lines of the table, in the order of the questions.
    :param calls: calls made.
    :param left: test jobs that could not be removed.
    """

    findings: list[Finding] = field(default_factory=list)
    calls: int = 0
    left: list[str] = field(default_factory=list)

    @property
    def known(self) -> bool:
        """Whether every question was answered."""
        return all(one.known for one in self.findings)

    @property
    def fits(self) -> bool:
        """Whether all settings may stay as they are."""
        return all(one.fits for one in self.findings)

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {**asdict(self), "fits": self.fits}


def probe(
    client: IntelliprintClient,
    *,
    settle: float = SETTLE_SECONDS,
    waits: tuple[float, ...] = WAITS,
    hasty: IntelliprintClient | None = None,
    sleep: Callable[[float], None] = time.sleep,
    now: Callable[[], float] = time.monotonic,
) -> ProbeReport:
    """Ask the service in test mode; some 50 calls, and a minute at most.

    :param client: speaks to the service; better without a slow pace, or that is measured as well.
    :param settle: seconds that a letter settles today, to hold against what is found.
    :param waits: seconds before each look of the list.
    :param hasty: a client without pace and retries, to go over the rate limit on purpose; None only watches.
    :param sleep: passes time.
    :param now: seconds that never go back.
    :raises ProbeError: when the service makes anything but test jobs.
    :raises PrintError: when it could not be asked. What was made is removed all the same.
    """
    jobs = TestJobs(client, sleep=sleep, now=now)
    report = ProbeReport()
    with jobs.removed_at_the_end():
        asking = _Probe(jobs, settle, waits)
        made = asking.make()
        report.findings += [asking.lag(), asking.resolution(made), asking.order(made)]
        report.findings += [asking.metadata(), asking.fields(made[0])]
        paid = made[-1]["id"]
        report.findings += [asking.confirmed_lag(made[-1]), asking.second_confirm(paid)]
        report.findings += [asking.delete_of_confirmed(paid), asking.delete_of_draft(made[0]["id"])]
    # At the very end: while calls are refused, nothing could be removed.
    report.findings.append(limit(jobs.watch, hasty))
    report.calls = jobs.watch.calls
    report.left = jobs.left
    return report


class _Probe:
    """The questions about jobs.

    :param jobs: makes test jobs.
    :param settle: seconds that a letter settles today.
    :param waits: seconds before each look of the list.
    """

    def __init__(self, jobs: TestJobs, settle: float, waits: tuple[float, ...]) -> None:
        self._jobs = jobs
        self._settle = settle
        self._waits = waits
        self._lags: list[tuple[float, float | None]] = []

    def make(self) -> list[dict[str, Any]]:
        """Make drafts: some of them at once, the others each followed by looks of the list."""
        begun = self._jobs.now()
        made = [self._jobs.create() for _ in range(_BURST)]
        self.burst = self._jobs.now() - begun
        for _ in range(_SAMPLES):
            job = self._jobs.create()
            made.append(job)
            self._lags.append(self._until_listed(job["reference"]))
        for wait in _PATIENCE:
            if len({job.get("created") for job in made}) > _ENOUGH:
                break
            self._jobs.sleep(wait)
            made.append(self._jobs.create())
        self.span = self._jobs.now() - begun
        return made

    def _until_listed(self, reference: str) -> tuple[float, float | None]:
        return self._jobs.until(lambda: bool(self._jobs.ours(reference)), self._waits)

    def lag(self) -> Finding:
        """Say how soon the list shows a draft by its reference."""
        question = "A new draft is found by its reference after"
        seen = [at for _, at in self._lags if at is not None]
        absent = max(last for last, _ in self._lags)
        if len(seen) < len(self._lags):
            found = f"more than {absent:.1f} s ({len(self._lags) - len(seen)} of {len(self._lags)} not seen)"
            meaning = f"look-ups come too late: set settle in the connection above {absent + _STEP:.0f}"
            return Finding(question, found, meaning, fits=self._settle > absent and bool(seen))
        found = f"at most {max(0.01, *seen):.2f} s"
        found += f", not yet after {absent:.2f} s" if absent else ", at the first look"
        needed = max(seen) + _STEP
        return Finding(
            question,
            f"{found} ({len(seen)} samples)",
            self._settle_words(needed, "the lag and a second of `created` together"),
            self._settle > needed,
        )

    def _settle_words(self, seconds: float, what: str) -> str:
        if self._settle > seconds:
            return f"settle ({self._settle:g} s) is longer than {what}: leave it"
        longer = math.ceil(seconds * 1.5 + 0.5)
        return f"settle ({self._settle:g} s) is shorter than {what}: set it to {longer} in the connection"

    def resolution(self, made: list[dict[str, Any]]) -> Finding:
        """Say how finely `created` tells drafts apart."""
        times = [job.get("created") for job in made]
        question = "`created` tells drafts apart by"
        if not all(isinstance(one, int | float) for one in times):
            return Finding(question, "some drafts have none", "drafts are told apart by id only", fits=False)
        values = [float(one) for one in times if one is not None]
        times_told = len(set(values[:_BURST]))
        alike = "the same time" if times_told == 1 else f"{times_told} different times"
        told = f"{_BURST} drafts within {self.burst:.2f} s have {alike}"
        step = step_of(values)
        if step is None:
            found = f"nothing within {self.span:.1f} s; {told}"
            return Finding(
                question, found, self._settle_words(self.span, "what was watched"), self._settle > self.span
            )
        form = "fractions of a second" if any(not one.is_integer() for one in values) else "whole seconds"
        found = f"{step:g} s, in {form}; {told}"
        return Finding(
            question, found, self._settle_words(step, "one step of `created`"), self._settle > step
        )

    def order(self, made: list[dict[str, Any]]) -> Finding:
        """Say whether later ids sort later, which decides between drafts of one second."""
        ids = [job["id"] for job in made]
        question = "Later ids sort"
        if ids == sorted(ids):
            found, meaning = "later", "of drafts of one second the first one is taken"
        elif ids == sorted(ids, reverse=True):
            found, meaning = "earlier", "of drafts of one second the last one is taken, so settle matters"
        else:
            found, meaning = "in no order", "of drafts of one second any one may be taken, so settle matters"
        return Finding(question, f"{found} ({len(ids)} ids)", meaning)

    def metadata(self) -> Finding:
        """Say what of metadata comes back as it was sent."""
        refused, changed = [], []
        for values in (_TEXTS, _OTHERS):
            back, no = self._round_trip(dict(values))
            refused += no
            changed += [
                change(name, values, back)
                for name in values
                if name not in no and not same(name, values, back)
            ]
        parts = []
        if refused:
            parts.append(f"refused: {', '.join(refused)}")
        if changed:
            parts.append(f"changed: {', '.join(changed)}")
        broken = [
            name for name in _NEEDED if name in refused or any(one.startswith(name + " ") for one in changed)
        ]
        meaning = "letter keys can be read back from metadata" + ("; store texts only" if parts else "")
        if broken:
            meaning = "the audit and the janitor cannot rely on metadata; only references tell letters apart"
        whole = f"all {len(_TEXTS) + len(_OTHERS)} kinds as they were sent"
        return Finding("Metadata comes back", "; ".join(parts) or whole, meaning, fits=not broken)

    def _round_trip(self, values: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
        """Store values and read them back; what is refused is found by halving."""
        try:
            job = self._jobs.create(values)
        except BadRequestError:
            names = list(values)
            if len(names) == 1:
                return {}, names
            half = len(names) // 2
            halves = [
                self._round_trip({name: values[name] for name in part})
                for part in (names[:half], names[half:])
            ]
            return {**halves[0][0], **halves[1][0]}, halves[0][1] + halves[1][1]
        return dict(self._jobs.read(job["id"]).get("metadata") or {}), []

    def fields(self, job: dict[str, Any]) -> Finding:
        """Say whether a list can be asked for some fields only, as everything here does."""
        question = "A list asked for `fields[]` gives"
        wanted = {"id", "letters", "testmode"}
        try:
            rows = self._jobs.rows(job["reference"], "id", "letters.status", "testmode")
        except BadRequestError as error:
            return Finding(
                question,
                f"{error.status} {error.code or ''}".strip(),
                "sweeps cannot be read: tell us",
                fits=False,
            )
        if not rows:
            return Finding(question, "no row", "ask again later: the list lags", fits=False)
        more = sorted(set(rows[0]) - wanted)
        inner = sorted(
            {name for one in rows[0].get("letters") or [] for name in one} - {"id", "status", "object"}
        )
        if more or inner:
            shown = ", ".join([*more, *(f"letters.{name}" for name in inner)][:4])
            return Finding(
                question, f"more than was asked for: {shown}", "sweeps are larger, and carry addresses"
            )
        if not wanted <= set(rows[0]):
            lost = ", ".join(sorted(wanted - set(rows[0])))
            return Finding(
                question, f"less than was asked for: no {lost}", "sweeps are blind: tell us", fits=False
            )
        return Finding(question, "what was asked for", "a sweep of 1,000 jobs is small, and has no address")

    def confirmed_lag(self, job: dict[str, Any]) -> Finding:
        """Confirm a test job, and say how soon the list shows it as confirmed."""
        self._jobs.confirm(job["id"])
        begun = self._jobs.now()

        def seen() -> bool:
            return any(row.get("confirmed") for row in self._jobs.ours(job["reference"], "confirmed"))

        absent, at = self._jobs.until(seen, self._waits, since=begun)
        question = "A confirmation is in the list after"
        if at is None:
            meaning = "an audit right after a run sees too little: wait longer before it"
            return Finding(question, f"more than {absent:.1f} s", meaning, fits=False)
        found = f"at most {max(0.01, at):.2f} s" + (
            f", not yet after {absent:.2f} s" if absent else ", at the first look"
        )
        meaning = "found drafts are read again before they are confirmed, so this costs nothing"
        return Finding(question, found, meaning)

    def second_confirm(self, job_id: str) -> Finding:
        """Confirm a confirmed test job once more, and see whether anything has changed."""
        before = self._jobs.read(job_id)
        found = answered(lambda: self._jobs.confirm(job_id))
        after = self._jobs.read(job_id)
        alike = all(before.get(name) == after.get(name) for name in ("confirmed", "confirmed_at", "cost"))
        alike = alike and letter_ids(before) == letter_ids(after) and after.get("confirmed") is True
        question = "Confirming the same id again answers"
        if not alike:
            return Finding(
                question, f"{found}, and the job has CHANGED", "do not retry: tell us at once", fits=False
            )
        meaning = "harmless: nothing has changed"
        if not found.startswith("2"):
            meaning = "harmless: the job is asked after a refusal, and says that it is confirmed"
        return Finding(question, f"{found}; the job is the same", meaning)

    def delete_of_confirmed(self, job_id: str) -> Finding:
        """Delete a confirmed test job, and see what is left."""
        found = answered(lambda: self._jobs.delete(job_id))
        question = "DELETE of a confirmed job answers"
        try:
            left = ", ".join(sorted({str(one.get("status")) for one in self._jobs.read(job_id)["letters"]}))
        except NotFoundError:
            return Finding(
                question, f"{found}; it is gone", "cancelling works; a cancelled job cannot be read"
            )
        if left == "cancelled":
            return Finding(question, f"{found}; letters: {left}", "cancelling works, also for cancel_younger")
        return Finding(question, f"{found}; letters: {left}", "a test job cannot be cancelled", fits=False)

    def delete_of_draft(self, job_id: str) -> Finding:
        """Delete a draft, twice."""
        first = answered(lambda: self._jobs.delete(job_id))
        second = answered(lambda: self._jobs.delete(job_id))
        fits = first.startswith("2") and (second.startswith(("2", "404")))
        meaning = "deleting may be repeated" if fits else "deleting may not be repeated: tell us"
        return Finding("DELETE of a draft answers", f"{first}, then {second}", meaning, fits)
