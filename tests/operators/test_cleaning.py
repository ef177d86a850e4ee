"""The janitor as a task, which can ask Airflow about other tasks, but not about their registers."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from airflow.sdk.execution_time import comms

from airflow_provider_print.nets import janitor
from airflow_provider_print.operators.intelliprint import IntelliprintCleanUpDraftsOperator
from tests.airflow.harness import Ran, Supervisor, dag, run_task
from tests.support.letters import RUN, RUN_ID, calls, drafted, own_key, paid, task_key

if TYPE_CHECKING:
    from airflow_provider_print.hooks.intelliprint import IntelliprintHook
    from airflow_provider_print.sandbox import PrintSandbox


class Airflow(Supervisor):
    """Answers what a worker may ask about runs and tasks.

    :param runs: states of runs by their ids.
    :param tasks: states of the tasks of any run by their names.
    :param dates: logical dates of runs by their ids; the usual one by default.
    """

    def __init__(
        self,
        runs: dict[str, str] | None = None,
        tasks: dict[str, str | None] | None = None,
        *,
        dates: dict[str, str] | None = None,
    ) -> None:
        super().__init__({"send": {"id": "print_1"}})
        self.runs = {"older": "success"} if runs is None else runs
        self.tasks = tasks or {}
        self.dates = dates or {}

    def _GetDRCount(self, msg: Any) -> Any:  # noqa: N802 - Airflow's message
        found = {i: s for i, s in self.runs.items() if msg.run_ids is None or i in msg.run_ids}
        if msg.logical_dates is not None:
            wanted = [date.isoformat() for date in msg.logical_dates]
            found = {i: s for i, s in found.items() if self.dates.get(i, RUN) in wanted}
        count = sum(msg.states is None or state in msg.states for state in found.values())
        return comms.DRCount(count=count if msg.dag_id == "unit" else 0)

    def _GetTaskStates(self, msg: Any) -> Any:  # noqa: N802 - Airflow's message
        assert (msg.dag_id, msg.task_ids) == ("unit", None)
        (run_id,) = msg.run_ids
        return comms.TaskStatesResult(task_states={run_id: self.tasks} if self.tasks else {})


@pytest.fixture(autouse=True)
def eight_days_later(monkeypatch: pytest.MonkeyPatch) -> None:
    later = time.time() + 8 * 86400
    plain = janitor.clean_up

    def in_eight_days(*args: Any, **kwargs: Any) -> Any:
        return plain(*args, **kwargs, now=lambda: later)

    monkeypatch.setattr(janitor, "clean_up", in_eight_days)


def clean(airflow: Airflow | None = None, **arguments: Any) -> Ran:
    with dag():
        op = IntelliprintCleanUpDraftsOperator(task_id="clean", **{"delete": True, **arguments})
    return run_task(op, supervisor=airflow or Airflow())


def test_drafts_are_only_listed_by_default(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    drafted(intelliprint, task_key())
    ran = clean(Airflow({RUN_ID: "success"}, {"send": "success"}), delete=False)
    assert ran.state == "success"
    assert ran.result["would_delete"] == 1
    assert ran.result["deleted"] == 0
    assert ran.result["dry_run"] is True
    assert calls(print_sandbox, "DELETE", "{id}") == 0


def test_the_draft_of_a_task_that_has_succeeded_is_deleted(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    drafted(intelliprint, task_key())
    ran = clean(Airflow({RUN_ID: "success"}, {"send": "success", "other": "skipped"}))
    assert ran.result["deleted"] == 1
    assert print_sandbox.invariants()["drafts"] == 0


@pytest.mark.parametrize(
    "state", [None, "failed", "skipped", "removed", "up_for_retry", "running", "deferred"]
)
def test_the_draft_of_a_task_that_may_go_on_is_kept(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox, state: str | None
) -> None:
    drafted(intelliprint, task_key())
    ran = clean(Airflow({RUN_ID: "failed"}, {"send": state}))
    assert ran.result["kept"] == {"its task has not succeeded and may go on with it": 1}
    assert print_sandbox.invariants()["drafts"] == 1


@pytest.mark.parametrize("state", ["running", "queued"])
def test_the_quote_of_a_run_that_is_still_going_on_waits_for_its_human(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox, state: str
) -> None:
    drafted(intelliprint, task_key())
    paid(intelliprint, task_key())
    ran = clean(Airflow({RUN_ID: state}, {"send": "success"}))
    assert ran.result["kept"] == {"its run is still going on": 1}
    assert print_sandbox.invariants()["drafts"] == 1


def test_a_draft_whose_letter_another_job_has_posted_is_deleted(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    drafted(intelliprint, task_key())
    posted = paid(intelliprint, task_key())
    ran = clean(Airflow({RUN_ID: "failed"}, {"send": "failed"}))
    assert ran.result["deleted"] == 1
    assert intelliprint.get_print_job(posted.id).letters_by_status() == {"waiting_to_print": 1}


def test_the_draft_of_a_run_that_was_deleted_stays_for_its_date_may_be_run_again(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    drafted(intelliprint, task_key())
    drafted(intelliprint, task_key(dag_id="of_another_airflow"))
    backfill = Airflow({"backfill": "running"}, {"send": "running"})
    why = {"its run is not known any more, and may be made again": 1, "its DAG is not known here": 1}
    assert clean(backfill).result["kept"] == why
    paid(intelliprint, task_key())
    assert clean(backfill).result["deleted"] == 1


def test_the_draft_of_a_partition_stays_for_another_run_may_hold_it(intelliprint: IntelliprintHook) -> None:
    drafted(intelliprint, task_key(run="2026-11-01T00:00:00"))
    drafted(intelliprint, task_key(run="2026-11-01T00:00:00+00:00"))  # is not the date of the run
    airflow = Airflow({RUN_ID: "success"}, {"send": "success"})
    assert clean(airflow).result["kept"] == {"its letter key may be in use in another run": 2}


def test_the_quote_of_a_run_in_which_another_task_has_failed_is_kept(intelliprint: IntelliprintHook) -> None:
    drafted(intelliprint, task_key())
    ran = clean(Airflow({RUN_ID: "failed"}, {"send": "success", "confirm": "failed"}))
    assert ran.result["kept"] == {"a task of its run may go on with it": 1}


def test_the_draft_of_a_task_that_was_marked_as_a_success_is_kept(intelliprint: IntelliprintHook) -> None:
    drafted(intelliprint, task_key())
    airflow = Airflow({RUN_ID: "success"}, {"send": "success"})
    airflow.earlier = {"send": None}
    assert clean(airflow).result["kept"] == {"its task has no result and may go on with it": 1}


def test_a_run_that_goes_on_meanwhile_is_seen_for_each_draft(intelliprint: IntelliprintHook) -> None:
    class Cleared(Airflow):
        def _GetTaskStates(self, msg: Any) -> Any:  # noqa: N802 - Airflow's message
            self.runs[RUN_ID] = "running"
            return super()._GetTaskStates(msg)

    for resend in (None, "again"):
        drafted(intelliprint, task_key(resend=resend))
    ran = clean(Cleared({RUN_ID: "success"}, {"send": "success"}))
    assert ran.result["deleted"] == 1
    assert ran.result["kept"] == {"its run is still going on": 1}


def test_a_mapped_task_is_asked_for_by_its_index(intelliprint: IntelliprintHook) -> None:
    for index in range(3):
        drafted(intelliprint, task_key(index=index))
    states: dict[str, str | None] = {"send_0": "success", "send_1": "skipped"}
    ran = clean(Airflow({RUN_ID: "success"}, states))
    assert ran.result["deleted"] == 1
    assert ran.result["kept"] == {"its task has not succeeded and may go on with it": 2}


def test_a_letter_key_of_the_users_own_may_be_in_use_elsewhere(intelliprint: IntelliprintHook) -> None:
    key = own_key("invoice-77")
    drafted(intelliprint, key)
    airflow = Airflow({RUN_ID: "success"}, {"send": "success"})
    assert clean(airflow).result["kept"] == {"its letter key may be in use in another run": 1}
    paid(intelliprint, key)
    assert clean(airflow).result["deleted"] == 1


def test_a_draft_that_no_task_made_is_kept_until_another_job_has_posted_its_letter(
    intelliprint: IntelliprintHook,
) -> None:
    key = own_key("from-a-script")
    drafted(intelliprint, key, made_in="")
    assert clean().result["kept"] == {"no task made it, and one with its letter key may hold it": 1}
    paid(intelliprint, key)
    assert clean().result["deleted"] == 1


def test_only_drafts_of_the_mode_of_the_connection_are_looked_at(
    intelliprint_in_testmode: IntelliprintHook,
) -> None:
    drafted(intelliprint_in_testmode, own_key("live"), made_in="")
    drafted(intelliprint_in_testmode, own_key("test", testmode=True), made_in="")
    ran = clean()
    assert ran.result["found"] == 1
    assert ran.result["testmode"] is True


@pytest.mark.parametrize(
    ("arguments", "param"),
    [({"older_than": 60}, "older_than"), ({"older_than": "soon"}, "older_than"), ({"delete": "x"}, "delete")],
)
def test_nonsense_fails_at_once_and_names_the_argument(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox, arguments: dict[str, Any], param: str
) -> None:
    ran = clean(**arguments)
    assert ran.state == "failed"
    assert f"param={param}" in str(ran.error)
    assert print_sandbox.journal() == []


def test_an_age_may_come_out_of_a_template(intelliprint: IntelliprintHook) -> None:
    drafted(intelliprint, own_key("from-a-script"), made_in="")
    assert clean(older_than="{{ 3600 * 24 }}").result["found"] == 1
