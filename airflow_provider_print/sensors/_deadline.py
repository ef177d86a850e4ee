"""What both sensors have in common: absolute deadlines, and what soft failing means when they defer."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseSensorOperator

from airflow_provider_print._compat import AirflowFailException, AirflowSensorTimeout, AirflowSkipException
from airflow_provider_print.triggers.failures import airflow_errors
from airflow_provider_print.triggers.seconds import check_seconds, check_switches, in_seconds

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import timedelta

    from airflow.sdk import Context


_LATER = 24 * 3600.0


class DeadlineSensor(BaseSensorOperator):
    """A sensor whose wait ends at one moment, whatever the mode.

    The moment is counted from the first look. A deferred wait carries it along as wall-clock time. In
    reschedule mode each look is a new process, and the one thing that survives there on every Airflow
    version is what Airflow counts its own `timeout` from: the date of the first reschedule, which also
    survives retries. (XComs of a sensor are deleted at each look, and the state store exists from 3.3 only.)
    In poke mode each try begins anew, but not one that was put off by a rate limit.

    :param wait_timeout: seconds to wait, or a `timedelta`. A shorter `timeout`, Airflow's own name
        for it, is respected.
    :param deferrable: wait in the triggerer instead of in a worker slot.
    """

    def __init__(self, *, wait_timeout: float | timedelta, deferrable: bool, **kwargs: Any) -> None:
        # Airflow's own limit would end the wait after seven days; and if it were ours to the second, it would
        # now and then come before the last look, with a text that names no letter.
        self.wait_timeout = in_seconds(wait_timeout)
        if isinstance(self.wait_timeout, int | float):
            kwargs.setdefault("timeout", max(self.wait_timeout, 0) + _LATER)
        super().__init__(**kwargs)
        self.deferrable = deferrable
        self._deadline: float | None = None
        self._looked = False

    def execute(self, context: Context) -> Any:
        """Wait in the mode that was asked for."""
        with self._softly(), airflow_errors():
            check_switches(deferrable=self.deferrable)
            check_seconds(wait_timeout=self.wait_timeout)
        if not self.deferrable:
            return super().execute(context)
        with self._softly():
            return self.begin(context)

    def begin(self, context: Context) -> Any:
        """Look once, then hand over to the triggerer."""
        raise NotImplementedError

    def deadline(self, context: Context) -> float:
        """Return the end of the wait, in UNIX seconds.

        :param context: the template context.
        """
        if self._deadline is None:
            first = context["ti"].get_first_reschedule_date(context)
            begun = first.timestamp() if first is not None else time.time()
            self._deadline = begun + min(self.wait_timeout, self.timeout)
        return self._deadline

    def looked_before(self, context: Context) -> bool:
        """Tell whether this is not the first look, though maybe the first one of this process.

        :param context: the template context.
        """
        looked, self._looked = self._looked, True
        return looked or bool(self.reschedule and context.get("task_reschedule_count"))

    @contextmanager
    def _softly(self) -> Iterator[None]:
        """Skip instead of failing, as Airflow itself does when a sensor pokes or resumes."""
        try:
            yield
        except (AirflowFailException, AirflowSensorTimeout) as error:
            if self.soft_fail or self.never_fail:
                which = "soft_fail" if self.soft_fail else "never_fail"
                raise AirflowSkipException(f"Skipping due to {which}.") from error
            raise
