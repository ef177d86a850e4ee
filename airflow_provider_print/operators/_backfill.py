"""A backfill over past dates asks for the letters of the past. Whether to post them is a question."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow_provider_print._compat import AirflowSkipException

if TYPE_CHECKING:
    from collections.abc import Collection

ON_BACKFILL = ("fail", "run", "skip", "testmode")


class BackfillGuard:
    """Stands before the paid step of a backfill.

    A letter that is in the post already is no question: a backfill that repeats completed runs finds their
    letters and posts nothing. Only one that would be paid now is.

    :param choice: `fail`, `run`, `skip` or `testmode`; None fails when live, and lets test jobs through.
    :param backfill: whether the run belongs to a backfill.
    :param allowed: the choices that make sense.
    :raises InputError: naming `on_backfill`.
    """

    def __init__(self, choice: Any, backfill: bool, allowed: Collection[str] = ON_BACKFILL) -> None:
        from airflow_provider_print.core.errors import InputError

        if choice is not None and choice not in allowed:
            raise InputError(
                f"on_backfill is one of {', '.join(allowed)}, not {choice!r}.", param="on_backfill"
            )
        self._choice = choice
        self._backfill = backfill

    @property
    def forces_testmode(self) -> bool:
        """Whether the job of this run is a test job, whatever else is said."""
        return self._backfill and self._choice == "testmode"

    def may_pay(self, *, testmode: bool) -> None:
        """Stop before money moves for a letter of the past.

        :param testmode: whether the job is a test job.
        :raises InputError: naming `on_backfill`.
        :raises AirflowSkipException: when such letters are to be skipped.
        """
        from airflow_provider_print.core.errors import InputError

        choice = self._choice or ("run" if testmode else "fail")
        if not self._backfill or choice in ("run", "testmode"):
            return
        if choice == "skip":
            raise AirflowSkipException("This run is a backfill and its letter was never posted: skipped.")
        raise InputError(
            "This run is a backfill, and its letter was never posted: the letters of past dates would be "
            "printed, paid and posted now.",
            param="on_backfill",
            advice=(
                'Nothing was sent. If that is wanted, set on_backfill="run"; "skip" leaves such letters out, '
                'and "testmode" rehearses them free of charge.'
            ),
        )
