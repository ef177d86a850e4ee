"""How long a wait bears with a service that will not be asked.

An API key is changed at the service minutes before it is changed in Airflow, a proxy answers 403 while it is
being set up, a host is moved. None of that is news of a letter, and a wait of ten days must not end by it.
So an error that looks as if asking again could not help ends a wait only when nothing else came for a while.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from airflow_provider_print.triggers.failures import ends_waiting

if TYPE_CHECKING:
    from collections.abc import Callable

#: Seconds that such errors have to last, and how many there have to be.
PATIENCE = 900.0
LEAST = 3


class Patience:
    """Counts errors that look final.

    :param now: monotonic clock, seconds.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._since: float | None = None
        self._seen = 0

    def ends_with(self, error: Exception) -> bool:
        """Tell whether this error is one too many.

        :param error: why the service could not be asked just now.
        """
        if not ends_waiting(error):
            return False
        now = self._now()
        self._since = now if self._since is None else self._since
        self._seen += 1
        return self._seen >= LEAST and now - self._since >= PATIENCE

    def renew(self) -> None:
        """Begin anew: the service has answered."""
        self._since, self._seen = None, 0
