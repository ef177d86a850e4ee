"""Asks Airflow's database which drafts a register names, and which tasks may still go on.

The only module here that knows Airflow's tables. It reads and never writes. The register (the task state
store) is there since Airflow 3.3; before, there is none to ask, and runs and tasks alone decide. Where the
registers are kept elsewhere than in this database, nobody can be asked here.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Self

from airflow_provider_print.core.errors import NoAnswerError
from airflow_provider_print.nets.janitor import GOING_ON, NO_DAG, NO_MAKER, NO_RUN, SHARED, Verdict

if TYPE_CHECKING:
    from airflow_provider_print.nets._rows import Maker
    from airflow_provider_print.nets.janitor import Draft

_GOING_ON = ("queued", "running")
_OVER = ("success", "skipped", "removed")
_OWN_BACKEND = "airflow.state.metastore.MetastoreBackend"
_AT_WORK = ("scheduled", "queued", "running", "restarting", "up_for_retry", "up_for_reschedule", "deferred")


class RegisterJudge:
    """Says whether anybody is going to confirm a draft, from what is in Airflow's database."""

    def __init__(self, models: Any) -> None:
        self._models = models

    @classmethod
    def open(cls) -> Self | None:
        """Return a judge; None where there is no database of Airflow, or none that has the registers.

        :raises NoAnswerError: when there is one and it does not answer.
        """
        try:
            models = _Models()
        except ImportError:
            return None
        if models.slot is not None and not _keeps_registers():
            return None
        try:
            with models.session() as session:
                return cls(models) if models.tables_are_there(session) else None
        except RuntimeError:  # none that may be used here
            return None
        except models.error as error:
            told = f"Airflow's database could not be asked: {type(error).__name__}."
        raise NoAnswerError(told, advice="Nothing was looked at.")

    def __call__(self, draft: Draft) -> Verdict:
        """Judge one draft.

        :raises NoAnswerError: when the database could not be asked.
        """
        try:
            with self._models.session() as session:
                return self._judge(session, draft)
        except self._models.error as error:
            told = f"Airflow's database could not be asked: {type(error).__name__}."
            failed = NoAnswerError(told, letter_key=draft.letter_key, advice="What was not deleted is kept.")
        raise failed

    def _judge(self, session: Any, draft: Draft) -> Verdict:
        named = self._named(session, draft)
        if named is not None:
            return Verdict(False, named)
        return NO_MAKER if draft.maker is None else self._maker(session, draft, draft.maker)

    def _named(self, session: Any, draft: Draft) -> str | None:
        """Return why a register speaks for a draft; its slots are `<letter key>.<try>.<generation>`."""
        slot = self._models.slot
        if slot is None:
            return None
        prefix = f"{draft.letter_key}."
        values = session.scalars(
            self._models.select(slot.value).where(slot.key.startswith(prefix, autoescape=True))
        )
        for value in values:
            try:
                held = json.loads(value)
            except (TypeError, ValueError):
                held = None
            if held == draft.id:
                return "a register names it"
            if not isinstance(held, str):
                return "a register of its letter cannot be read here"
        return None

    def _maker(self, session: Any, draft: Draft, maker: Maker) -> Verdict:
        run, task = self._models.run, self._models.task
        found = session.execute(
            self._models.select(run.state, run.logical_date).where(
                run.dag_id == maker.dag_id, run.run_id == maker.run_id
            )
        ).first()
        if found is None:
            known = session.scalar(self._models.select(run.id).where(run.dag_id == maker.dag_id).limit(1))
            return NO_DAG if known is None else NO_RUN
        state, date = found
        if _name(state) in _GOING_ON:
            return GOING_ON
        # A date belongs to one run at a time; a key of the user's own and a partition to any number.
        if not draft.of_its_run and (date is None or date != draft.logical_date):
            return SHARED
        at_work = session.scalar(
            self._models.select(task.state).where(
                task.dag_id == maker.dag_id,
                task.run_id == maker.run_id,
                task.task_id == maker.task_id,
                task.map_index == maker.map_index,
            )
        )
        if _name(at_work) in _AT_WORK:
            return Verdict(False, "its task is still at work")
        if self._models.slot is not None:
            return Verdict(True, "its run has ended, and no register names it")
        if _name(at_work) not in _OVER:
            return Verdict(False, "its task has not succeeded, and there is no register", in_doubt=True)
        return Verdict(True, "its task is over (this Airflow has no registers)")


class _Models:
    """Airflow's tables, as far as they are asked."""

    def __init__(self) -> None:
        from airflow.models.dagrun import DagRun
        from airflow.models.taskinstance import TaskInstance
        from airflow.utils.session import create_session
        from sqlalchemy import select
        from sqlalchemy.exc import SQLAlchemyError

        try:
            from airflow.models.task_state_store import TaskStateStoreModel
        except ImportError:  # before 3.3
            self.slot: Any = None
        else:
            self.slot = TaskStateStoreModel
        self.run: Any = DagRun
        self.task: Any = TaskInstance
        self.session: Any = create_session
        self.select: Any = select
        self.error: type[Exception] = SQLAlchemyError

    def tables_are_there(self, session: Any) -> bool:
        """Tell whether this is a database of Airflow."""
        from sqlalchemy import inspect

        there = inspect(session.get_bind())
        tables = [one.__tablename__ for one in (self.run, self.task, self.slot) if one is not None]
        return all(there.has_table(name) for name in tables)


def _keeps_registers() -> bool:
    """Tell whether Airflow keeps the registers in its own database."""
    from airflow.configuration import conf

    return str(conf.get("state_store", "backend", fallback=_OWN_BACKEND)) == _OWN_BACKEND


def _name(state: Any) -> str:
    return str(getattr(state, "value", state))
