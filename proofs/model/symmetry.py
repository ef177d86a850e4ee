"""Two runs that do the same differ in their names only, so of each two mirrored states one is enough."""

from __future__ import annotations

from typing import TYPE_CHECKING

from proofs.model.calls import Decide

if TYPE_CHECKING:
    from proofs.model.environments import Environment
    from proofs.model.wire import Wire


class Mirror:
    """Swaps the two runs of a state where that leads to a state that is sorted first.

    :param environment: in which world; with one run, or with files of its own for each attempt, nothing is
        swapped.
    :param wire: knows which requests belong to a run.
    """

    def __init__(self, environment: Environment, wire: Wire) -> None:
        self._wire = wire
        self._tries = environment.tries[0]
        self._twins = is_mirrored(environment)
        self._others: dict[int, int] = {}

    def sorted_first(self, state: tuple[int, ...]) -> tuple[tuple[int, ...], bool]:
        """Return a state or its mirror image, and whether it is the image."""
        if not self._twins:
            return state, False
        n = self._tries
        service, first, second, budget, *wire = state[2 * n :]
        image = (*state[n : 2 * n], *state[:n], service, second, first, budget)
        if wire:
            image = (*image, *sorted(self._other(number) for number in wire))
        return (image, True) if image < state else (state, False)

    def _other(self, number: int) -> int:
        """Return the number of the same request of the other run."""
        known = self._others.get(number)
        if known is None:
            late = self._wire.requests[number]
            known = number
            if isinstance(late.call, Decide):
                turned = (late.unchecked + self._tries) % (2 * self._tries) if late.unchecked >= 0 else -1
                known = self._wire.number(late._replace(run=1 - late.run, unchecked=turned))
            self._others[number] = known
        return known


def is_mirrored(environment: Environment) -> bool:
    """Tell whether the runs of an environment are two, and alike but for their names."""
    first, *others = environment.tries
    return others == [first] and not environment.files
