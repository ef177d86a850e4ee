"""Moves in words, for a trace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from proofs.model.calls import Confirm, Create, Decide, Delete, Find, Read, Recall, Seen, Settle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from proofs.model.calls import Attempt


_STATUS = {"d": "draft", "c": "paid", "x": "deleted", "k": "cancelled"}


def of_move(what: tuple[object, ...], attempts: Sequence[Attempt]) -> str:
    """Return a move in words.

    :param what: its parts: the kind of move, which attempt (-1: none), and what more there is to say.
    :param attempts: all attempts of the environment.
    """
    kind, who = what[0], what[1]
    if kind == "human":
        return f"a human deletes {who}"
    name = "" if who == -1 else f"try {attempts[int(str(who))]}"
    if kind == "start":
        return f"{name} starts" + (", beside the one before" if what[2] else "")
    if kind == "wiped":
        return f"the register is lost; {name} starts"
    if kind == "late":
        return f"late: {_shown(what[2])} arrives"
    call, answer = _shown(what[2]), f" -> {_shown(what[3])}" if len(what) > 3 else ""
    kind = {"told": "", "killed": ": killed meanwhile", "no answer": ": no answer"}.get(
        str(kind), f" [{kind}]"
    )
    return f"{name} {call}{answer}{kind}"


def _shown(part: object) -> str:
    """Return a call or an answer, short."""
    if isinstance(part, Seen):
        return f"{part.job.name} ({_STATUS[part.status]})"
    if isinstance(part, tuple):
        return f"[{', '.join(_shown(row) for row in part)}]"
    if isinstance(part, Decide):
        return f"writes {part.name} into slot {_slot(part.slot)}"
    if isinstance(part, Recall):
        return f"reads slot {_slot(part.slot)}"
    if isinstance(part, Create):
        return ("creates a paid job" if part.paid else "creates a draft") + f" of file {part.content}"
    if isinstance(part, Find | Settle):
        return "lists" if isinstance(part, Find) else "settles"
    if isinstance(part, Read | Confirm | Delete):
        return f"{type(part).__name__.lower()}s {part.name}"
    return "nothing" if part is None else str(part)


def _slot(name: str) -> str:
    """Return the last parts of a slot's name: the letter key is the same for all."""
    return ".".join(name.split(".")[-2:])
