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

    from airflow_provider_print.nets._rows import Maker
    from airflow_provider_print.nets.janitor import Draft, Verdict

_GOING_ON = ["queued", "running"]
_OVER = ("success", "skipped", "removed")
_A_WEEK = 7 * 24 * 3600.0


class IntelliprintCleanUpDraftsOperator(IntelliprintOperator):
    """Lists our old drafts, and deletes those that nobody is going to confirm, when told to.

    A draft costs nothing, but it holds a customer's letter, and the service keeps it for 30 days. A draft is
    ours when its reference and its metadata carry the same letter key, and the environment is that of the
    connection. Drafts that other programs or people made are never touched.

    A worker cannot read the register of another task (Airflow's task state store), so this is careful. It
    deletes a draft whose letter was posted by another job; and one whose task has succeeded with a result,
    in a run that has ended and in which no task has failed. All others are kept and counted, with the
    reason: also those that no task made, those with a letter key of your own or of a partition, and those
    whose run is not known (any more), for somebody may have decided for them. `airflow-print janitor`, on a
    machine with Airflow's database, reads the registers and can tell more. Where several Airflows share an
    account, give each connection its `environment`: a draft of another environment is not touched.

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
            judge=WorkerJudge(context["ti"]),
            older_than=whole(in_seconds(self.older_than)),
            delete=bool(switch("delete", self.delete)),
        )
        self.log.info("%s", done.summary)
        done.raise_for_findings()
        return done.as_dict()


class WorkerJudge:
    """Says whether anybody is going to confirm a draft, as far as a worker can ask Airflow.

    :param task_instance: the one that runs here; it can ask about others.
    """

    def __init__(self, task_instance: Any) -> None:
        self._ti = task_instance
        self._known: dict[str, bool] = {}

    def __call__(self, draft: Draft) -> Verdict:
        """Judge one draft; everything that may change is asked for anew."""
        from airflow_provider_print.nets.janitor import GOING_ON, NO_DAG, NO_MAKER, NO_RUN, SHARED

        maker = draft.maker
        if maker is None:
            return NO_MAKER
        if not self._is_known(maker.dag_id):
            return NO_DAG
        if self._runs(maker.dag_id, run_ids=[maker.run_id], states=_GOING_ON):
            return GOING_ON
        if not self._runs(maker.dag_id, run_ids=[maker.run_id]):
            return NO_RUN
        return self._ended(maker) if self._alone(draft, maker) else SHARED

    def _alone(self, draft: Draft, maker: Maker) -> bool:
        """Tell whether the letter key is that of one run: a run has its date for itself, as long as it is."""
        if draft.of_its_run:
            return True
        date = draft.logical_date
        if date is None:
            return False
        return self._runs(maker.dag_id, run_ids=[maker.run_id], logical_dates=[date]) > 0

    def _ended(self, maker: Maker) -> Verdict:
        from airflow_provider_print.nets.janitor import Verdict

        states = self._ti.get_task_states(dag_id=maker.dag_id, run_ids=[maker.run_id])
        found = {
            name: str(getattr(state, "value", state)) for name, state in states.get(maker.run_id, {}).items()
        }
        mapped = maker.map_index >= 0
        name = f"{maker.task_id}_{maker.map_index}" if mapped else maker.task_id
        if found.get(name) != "success":
            return Verdict(False, "its task has not succeeded and may go on with it", in_doubt=True)
        if not set(found.values()) <= set(_OVER):
            return Verdict(False, "a task of its run may go on with it", in_doubt=True)
        result = self._ti.xcom_pull(
            task_ids=maker.task_id,
            dag_id=maker.dag_id,
            run_id=maker.run_id,
            map_indexes=maker.map_index,
        )
        # Without a result somebody has marked the task as a success: then its register may name the draft.
        if not result:
            return Verdict(False, "its task has no result and may go on with it", in_doubt=True)
        return Verdict(True, "its task is over (success)")

    def _is_known(self, dag_id: str) -> bool:
        if dag_id not in self._known:
            self._known[dag_id] = self._runs(dag_id) > 0
        return self._known[dag_id]

    def _runs(self, dag_id: str, **which: Any) -> int:
        return int(self._ti.get_dr_count(dag_id=dag_id, **which))
