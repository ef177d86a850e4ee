"""Deleting our old drafts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow_provider_print.operators._given import given_fields, switch, whole
from airflow_provider_print.operators.intelliprint._base import IntelliprintOperator
from airflow_provider_print.triggers.seconds import in_seconds

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta

    from airflow.sdk import Context

    from airflow_provider_print.hooks.intelliprint import IntelliprintHook
    from airflow_provider_print.nets._rows import Maker
    from airflow_provider_print.nets.janitor import Draft, Verdict

_GOING_ON = ["queued", "running"]
_ENDED = ("success", "skipped", "removed")
_A_WEEK = 7 * 24 * 3600.0


class IntelliprintCleanUpDraftsOperator(IntelliprintOperator):
    """Lists our old drafts, and deletes those that nobody is going to confirm, when told to.

    A draft costs nothing, but it holds a customer's letter, and the service keeps it for 30 days. A draft is
    ours when its reference and its metadata carry the same letter key, and the environment is that of the
    connection. Drafts that other programs or people made are never touched.

    A worker cannot read the register of another task (Airflow's task state store), so this is careful. It
    deletes a draft whose letter was posted by another job; one whose task has succeeded, or was skipped or
    removed, in a run that has ended; one whose run was deleted; and one that no task made (plain Python). All
    others are kept and counted, with the reason. `python -m airflow_provider_print janitor`, on a machine
    with Airflow's database, reads the registers and can tell more.

    What stays open, and how little that is, is in `nets.janitor`.

    :param older_than: age of a draft, in seconds or as a `timedelta`; at least an hour, by default 7 days.
        Leave quotes that wait for a human the time that they need.
    :param delete: do it. By default this only says what it would do.
    :return: `found`, `deleted`, `would_delete`, `kept` (by reason), `cancelled`, `dry_run`, `testmode`.
    """

    template_fields: Sequence[str] = ("older_than", "delete", *IntelliprintOperator.template_fields)

    def __init__(
        self,
        *,
        older_than: float | str | timedelta = _A_WEEK,
        delete: bool | str = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.older_than = older_than
        self.delete = delete
        self.given = given_fields(self)

    def carry_out(self, context: Context) -> dict[str, Any]:
        """Look through the drafts."""
        from airflow_provider_print.nets.janitor import clean_up

        settings = self.hook.settings
        done = clean_up(
            self.hook,
            testmode=settings.testmode,
            environment=settings.environment or "",
            judge=WorkerJudge(context["ti"], self.hook),
            older_than=whole(in_seconds(self.older_than)),
            delete=bool(switch("delete", self.delete)),
        )
        self.log.info("%s", done.summary)
        done.raise_for_findings()
        return done.as_dict()


class WorkerJudge:
    """Says whether anybody is going to confirm a draft, as far as a worker can ask Airflow.

    :param task_instance: the one that runs here; it can ask about others.
    :param hook: asks whether another job has posted the letter.
    """

    def __init__(self, task_instance: Any, hook: IntelliprintHook) -> None:
        self._ti = task_instance
        self._hook = hook
        self._counted: dict[tuple[str, ...], int] = {}

    def __call__(self, draft: Draft) -> Verdict:
        """Judge one draft."""
        from airflow_provider_print.nets.janitor import NO_TASK, POSTED, Verdict, paid_elsewhere

        if draft.maker is None:
            return NO_TASK
        if self._runs(draft.maker.dag_id) == 0:
            return Verdict(False, "its DAG is not known here")
        if self._runs(draft.maker.dag_id, draft.maker.run_id, *_GOING_ON):
            return Verdict(False, "its run is still going on")
        ended = self._ended(draft.maker) if draft.one_run_only else None
        if ended is not None:
            return Verdict(True, ended)
        if paid_elsewhere(self._hook, draft, testmode=self._hook.settings.testmode):
            return POSTED
        if not draft.one_run_only:
            return Verdict(False, "its letter key may be in use in another run")
        return Verdict(False, "its task has not succeeded and may go on with it")

    def _ended(self, maker: Maker) -> str | None:
        """Say why no try of a task will go on with its draft; None where one may."""
        if not self._runs(maker.dag_id, maker.run_id):
            return "its run no longer exists"
        index = maker.map_index if maker.map_index >= 0 else None
        states = self._ti.get_task_states(
            dag_id=maker.dag_id, task_ids=[maker.task_id], run_ids=[maker.run_id], map_index=index
        )
        name = maker.task_id if index is None else f"{maker.task_id}_{index}"
        state = states.get(maker.run_id, {}).get(name)
        state = str(getattr(state, "value", state))
        return f"its task is over ({state})" if state in _ENDED else None

    def _runs(self, dag_id: str, run_id: str | None = None, *states: str) -> int:
        asked = (dag_id, run_id or "", *states)
        if asked not in self._counted:
            self._counted[asked] = self._ti.get_dr_count(
                dag_id=dag_id, run_ids=[run_id] if run_id else None, states=list(states) or None
            )
        return self._counted[asked]
