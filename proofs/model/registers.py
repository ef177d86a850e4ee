"""Airflow's register of each run, and the fence before it.

A write of an attempt that has been replaced by a newer try is refused; its read finds nothing, and no error
(so a read can never be the fence). That check and the read or write itself are two statements: a newer try
may start in between.
"""

from __future__ import annotations

from proofs.model.calls import SUPERSEDED, WRITTEN, Answer, Call, Decide, Recall


class Registers:
    """Numbers the contents of a register; 0 is the empty one."""

    def __init__(self) -> None:
        self._contents: list[dict[str, str]] = [{}]
        self._numbers: dict[tuple[tuple[str, str], ...], int] = {(): 0}

    def carry_out(self, call: Call, number: int, *, allowed: bool) -> tuple[Answer, int]:
        """Return the answer to a call and the register that it leaves.

        :param allowed: the attempt is the newest of its run, or has passed the check when it was.
        """
        if isinstance(call, Recall):
            return (self._contents[number].get(call.slot) if allowed else None), number
        assert isinstance(call, Decide), call
        return (WRITTEN, self.written(number, call.slot, call.name)) if allowed else (SUPERSEDED, number)

    def written(self, number: int, slot: str, name: str) -> int:
        """Return the register with one slot written."""
        items = tuple(sorted({**self._contents[number], slot: name}.items()))
        known = self._numbers.get(items)
        if known is None:
            known = self._numbers[items] = len(self._contents)
            self._contents.append(dict(items))
        return known
