"""The worlds in which the promise is put to the test: what may happen, and how often."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from proofs.model.calls import Attempt


class Budget(NamedTuple):
    """How many faults one history may contain.

    :param crash: attempts that are killed.
    :param lost: requests or answers that are lost.
    :param copies: requests of which a second copy stays on the wire.
    """

    crash: int
    lost: int
    copies: int

    def __str__(self) -> str:
        return f"({self.crash},{self.lost},{self.copies})"


@dataclass(frozen=True, kw_only=True)
class Environment:
    """One world.

    :param name: a letter, as in the tables.
    :param about: the same in words.
    :param tries: how many attempts each run has.
    :param late: requests may be carried out long after their sender stopped waiting, or twice.
    :param zombies: a try may start while the one before still runs.
    :param stale: a list may show any earlier state, back to the last settle of the attempt that asks.
    :param order: how `(created, id)` of the jobs sort: as they were made, by whole seconds, or anyhow.
    :param fence: between the check of the register that an attempt is current, and its read or write, a
        newer try may start ("racy"); may not ("atomic"); or there is no check ("none").
    :param reconfirm: what a second confirm is answered: the job, or 400.
    :param wiped: how often the register is lost.
    :param deleted: how many drafts a human deletes.
    :param settle: a settle is longer than the lag of lists and a tick of the clock together ("whole"), or
        than each of them only ("short").
    :param files: each try finds another file.
    """

    name: str
    about: str
    tries: tuple[int, ...] = (3,)
    late: bool = True
    zombies: bool = True
    stale: bool = False
    order: Literal["rising", "ties", "any"] = "rising"
    fence: Literal["atomic", "racy", "none"] = "atomic"
    reconfirm: Literal["ok", "refused"] = "ok"
    wiped: int = 0
    deleted: int = 0
    settle: Literal["whole", "short"] = "whole"
    files: bool = False

    def attempts(self) -> tuple[Attempt, ...]:
        """Return all attempts, run by run."""
        return tuple(
            Attempt(run, number, number if self.files else 0, number == count)
            for run, count in enumerate(self.tries)
            for number in range(1, count + 1)
        )


_F: dict[str, Any] = {"stale": True, "order": "any"}
_H: dict[str, Any] = {**_F, "fence": "racy"}
_ALL = (
    Environment(
        name="A", about="one try at a time; requests die with their sender", late=False, zombies=False
    ),
    Environment(name="B", about="A + late and duplicated requests", zombies=False),
    Environment(name="C", about="B + zombies: a try beside the next one"),
    Environment(name="D", about="C + lists that show any earlier state", stale=True),
    Environment(name="E", about="C + ids and created in any order", order="any"),
    Environment(name="F", about="D + E", **_F),
    Environment(name="T", about="C + ties inside a tick of the clock", order="ties"),
    Environment(name="G", about="F + a register without a fence", **_F, fence="none"),
    Environment(name="H", about="F + a gap between the fence's check and its write", **_H),
    Environment(name="H4", about="H with four tries", tries=(4,), **_H),
    Environment(name="I", about="F + the register is lost", **_F, wiped=1),
    Environment(name="J2", about="A + late requests, and the register is lost", zombies=False, wiped=1),
    Environment(name="J3", about="A + the register is lost", late=False, zombies=False, wiped=1),
    Environment(name="K", about="C + a second confirm is answered 400", reconfirm="refused"),
    Environment(name="HK", about="H + K", **_H, reconfirm="refused"),
    Environment(name="L", about="C + a human deletes a draft", deleted=1),
    Environment(name="HL", about="H + L", **_H, deleted=1),
    Environment(
        name="M",
        about="two runs with a register each and one letter key; D + T + H's gap",
        tries=(2, 2),
        stale=True,
        order="ties",
        fence="racy",
    ),
    Environment(
        name="DT", about="D + T, the settle longer than lag and tick together", stale=True, order="ties"
    ),
    Environment(
        name="DT-",
        about="D + T, the settle longer than either, but not than both together",
        stale=True,
        order="ties",
        settle="short",
    ),
    Environment(name="N", about="H + each try finds another file", **_H, files=True),
    Environment(name="CN", about="C + each try finds another file", files=True),
    Environment(name="NT", about="DT + each try finds another file", stale=True, order="ties", files=True),
    Environment(
        name="MN",
        about="M + each try finds another file",
        tries=(2, 2),
        stale=True,
        order="ties",
        fence="racy",
        files=True,
    ),
)
ENVIRONMENTS = {environment.name: environment for environment in _ALL}
