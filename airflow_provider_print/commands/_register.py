"""Asks Airflow's database which drafts a register names, and which tasks may still go on.

The only module here that knows Airflow's tables. It reads and never writes. The register (the task state
store) is there since Airflow 3.3; before, there is none to ask, and runs and tasks alone decide.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Self

from airflow_provider_print.core.errors import NoAnswerError
from airflow_provider_print.nets.janitor import NO_TASK, Verdict

if TYPE_CHECKING:
    from airflow_provider_print.nets._rows import Maker
    from airflow_provider_print.nets.janitor import Draft

_GOING_ON = ("queued", "running")
_AT_WORK = ("scheduled", "queued", "running", "restarting", "up_for_retry", "up_for_reschedule", "deferred")


class RegisterJudge:
    """Says whether anybody is going to confirm a draft, from what is in Airflow's database."""

    def __init__(self, models: Any) -> None:
        self._models = models

    @classmethod
    def open(cls) -> Self | None:
        """Return a judge; None where there is no database of Airflow to ask."""
        try:
            models = _Models()
        except ImportError:
            return None
        judge = cls(models)
        try:
            with models.session() as session:
                session.execute(models.select(models.run.state).limit(1))
                if models.slot is not None:
                    session.execute(models.select(models.slot.key).limit(1))
        except (models.error, RuntimeError):  # no tables, no database, or none that may be used here
            return None
        return judge

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
        if draft.maker is None:
            return NO_TASK
        return self._maker(session, draft.maker)

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

    def _maker(self, session: Any, maker: Maker) -> Verdict:
        run, task = self._models.run, self._models.task
        state = session.scalar(
            self._models.select(run.state).where(run.dag_id == maker.dag_id, run.run_id == maker.run_id)
        )
        if state is None:
            known = session.scalar(self._models.select(run.id).where(run.dag_id == maker.dag_id).limit(1))
            if known is None:
                return Verdict(False, "its DAG is not known here")
            return Verdict(True, "its run no longer exists")
        if _name(state) in _GOING_ON:
            return Verdict(False, "its run is still going on")
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
        return Verdict(True, "its run has ended, and no register names it")


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


def _name(state: Any) -> str:
    return str(getattr(state, "value", state))
