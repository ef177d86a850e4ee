"""Protocols that look right and are not, in the explorer's own words. Each must fall somewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from proofs.model.calls import (
    GONE,
    LOST,
    REFUSED,
    SUPERSEDED,
    Answer,
    Attempt,
    Call,
    Confirm,
    Create,
    Decide,
    Delete,
    FailedError,
    Find,
    Play,
    Protocol,
    Read,
    Recall,
    Seen,
    Settle,
)

if TYPE_CHECKING:
    from collections.abc import Generator


def _ask(call: Call) -> Generator[Call, Answer, Answer]:
    """Ask, and give up without an answer; the driver has repeated a read by then."""
    answer = yield call
    if answer is LOST:
        raise FailedError(f"no answer to {call}")
    return answer


def _list() -> Generator[Call, Answer, tuple[list[str], list[str]]]:
    """Return the ids of the paid jobs and of the drafts, the lowest `(created, id)` first."""
    rows = yield from _ask(Find())
    assert isinstance(rows, tuple)
    seen = [row for row in rows if isinstance(row, Seen)]
    ordered = sorted((row.job.created, row.job.name, row.status) for row in seen)
    return [n for _, n, status in ordered if status == "c"], [n for _, n, status in ordered if status == "d"]


def _draft(who: Attempt) -> Generator[Call, Answer, str]:
    seen = yield from _ask(Create(who.content, who.run))
    assert isinstance(seen, Seen)
    return seen.job.name


def _pay(name: str) -> Generator[Call, Answer, str]:
    """Confirm one id; after any doubt, ask the job and confirm it again."""
    for _ in range(2):
        answer = yield Confirm(name)
        if isinstance(answer, Seen):
            return name
        looked = yield from _ask(Read(name))
        if isinstance(looked, Seen) and looked.status == "c":
            return name
        if looked is GONE or answer is REFUSED:
            raise FailedError(f"{name} cannot be confirmed")
    raise FailedError("nobody knows")


def post_paid(who: Attempt) -> Play:
    """V0: create a paid job; when it fails, Airflow tries again."""
    seen = yield from _ask(Create(who.content, who.run, paid=True))
    assert isinstance(seen, Seen)
    return seen.job.name


def look_then_post_paid(who: Attempt) -> Play:
    """V1: look the reference up, and create a paid job when there is none."""
    paid, _ = yield from _list()
    return paid[0] if paid else (yield from post_paid(who))


def draft_then_confirm(who: Attempt) -> Play:
    """V2: draft, confirm, never look."""
    return (yield from _pay((yield from _draft(who))))


def adopt_or_create(who: Attempt) -> Play:
    """V3: look up, adopt what is there or draft, confirm it (as other providers' reattach options do)."""
    paid, drafts = yield from _list()
    if paid:
        return paid[0]
    mine = drafts[0] if drafts else (yield from _draft(who))
    return (yield from _pay(mine))


def _lowest(who: Attempt, *, settles: bool, first_list: bool, second_list: bool = True) -> Play:
    mine = None
    if first_list:
        paid, drafts = yield from _list()
        if paid:
            return paid[0]
        mine = drafts[0] if drafts else None
    if mine is None:
        mine = yield from _draft(who)
    if second_list:
        if settles:
            yield Settle()
        paid, drafts = yield from _list()
        if paid:
            return paid[0]
        mine = drafts[0] if drafts else mine
    return (yield from _pay(mine))


def look_again(who: Attempt) -> Play:
    """V4: look up, draft, look again, confirm the lowest `(created, id)`."""
    return (yield from _lowest(who, settles=False, first_list=True))


def look_again_and_delete(who: Attempt) -> Play:
    """V4d: V4, and delete the drafts that lost (the obvious plan)."""
    winner = yield from look_again(who)
    _, drafts = yield from _list()
    for loser in drafts:
        if loser != winner:
            yield from _ask(Delete(loser))
    return winner


def fast_first_try(who: Attempt) -> Play:
    """V4f: settle and look again, but the first try trusts that it is alone."""
    later = who.number > 1
    return (yield from _lowest(who, settles=True, first_list=later, second_list=later))


def _decide(slot: str, name: str) -> Generator[Call, Answer, None]:
    if (yield from _ask(Decide(slot, name))) is SUPERSEDED:
        raise FailedError("superseded")


def _recall(slot: str) -> Generator[Call, Answer, str | None]:
    told = yield from _ask(Recall(slot))
    assert told is None or isinstance(told, str)
    return told


def _earlier(who: Attempt) -> Generator[Call, Answer, str | None]:
    """Return what the newest of the earlier tries decided."""
    for number in range(who.number - 1, 0, -1):
        known = yield from _recall(f"decided.{number}")
        if known is not None:
            return known
    return None


def submit_then_store(who: Attempt) -> Play:
    """M0: as Airflow's `ResumableJobMixin`: create a paid job, then store its id."""
    known = yield from _recall("job")
    if known is None:
        known = yield from post_paid(who)
        yield from _decide("job", known)
    return known


def fence_by_reading(who: Attempt) -> Play:
    """RF: store the draft and read it back, but take the failure of the write for a hiccup."""
    known = yield from _recall("job")
    if known is None:
        known = yield from _draft(who)
        yield Decide("job", known)
        other = yield from _recall("job")
        if other is not None and other != known:
            raise FailedError("superseded")
    return (yield from _pay(known))


def one_slot(who: Attempt) -> Play:
    """R1: draft, store its id in one slot for all tries, read nothing back, confirm."""
    known = yield from _recall("job")
    if known is None:
        known = yield from _draft(who)
        yield from _decide("job", known)
    return (yield from _pay(known))


def no_read_back(who: Attempt) -> Play:
    """R2n: a slot for each try, but what was written is not read back."""
    known = (yield from _earlier(who)) or (yield from _draft(who))
    yield from _decide(f"decided.{who.number}", known)
    return (yield from _pay(known))


def slot_used_again(who: Attempt) -> Play:
    """R6r: a slot for each try, read back; when the draft is gone, another one goes into the same slot."""
    known = yield from _earlier(who)
    for _ in range(2):
        if known is None:
            known = yield from _draft(who)
        slot = f"decided.{who.number}"
        yield from _decide(slot, known)
        if (yield from _recall(slot)) != known:
            raise FailedError("superseded")
        answer = yield Confirm(known)
        looked = (yield from _ask(Read(known))) if answer is LOST or answer is REFUSED else answer
        if isinstance(looked, Seen) and looked.status == "c":
            return known
        if looked is not GONE:
            raise FailedError("nobody knows")
        known = None
    raise FailedError("the draft is gone again")


_STARTS = {
    "V0": post_paid,
    "V1": look_then_post_paid,
    "V2": draft_then_confirm,
    "V3": adopt_or_create,
    "V4": look_again,
    "V4d": look_again_and_delete,
    "V4f": fast_first_try,
    "M0": submit_then_store,
    "RF": fence_by_reading,
    "R1": one_slot,
    "R2n": no_read_back,
    "R6r": slot_used_again,
}
NAIVE = tuple(
    Protocol(name, (start.__doc__ or "").partition(": ")[2], start) for name, start in _STARTS.items()
)
