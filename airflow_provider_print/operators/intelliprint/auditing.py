"""Looking once more at what was paid, after everything else has run."""

from __future__ import annotations

import ast
import time
from typing import TYPE_CHECKING, Any

from airflow_provider_print._compat import run_kind, run_part
from airflow_provider_print.operators._given import given_fields, switch, whole, word
from airflow_provider_print.operators.intelliprint._base import IntelliprintOperator
from airflow_provider_print.triggers.seconds import check_seconds, in_seconds

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta

    from airflow.sdk import Context

    from airflow_provider_print.nets._rows import RunScope

_FAILED = ("failed", "upstream_failed")
_SHOWN = 20
_LOOK = "Look whether a task that posts has failed or was skipped; it may have posted letters all the same."


class IntelliprintAuditOperator(IntelliprintOperator):
    """Fails when a letter of this run is paid twice, or when the run has posted less than it should have.

    The last task of a DAG that posts letters, with `trigger_rule="all_done"`, so that it looks in any case.
    But then it alone may decide whether the run is a success: a task that has failed before it fails the run
    no more. So this asks for the states of the run's other tasks of this package, and fails where one of
    them has failed, unless `expected` is a number, which is held exactly. A failed task that it does not
    know, such as a `@task` with a hook, it cannot blame: give `expected` the number of letters, or let a
    second last task keep the failure in sight: `[all, that_post] >> EmptyOperator(task_id="posted")`.

    It takes one call for 1,000 jobs of the window, and reads the jobs behind a finding once more before it
    believes it. A job whose letters were all cancelled or refused is no letter in the post. The two lists of
    the service are separate: a connection in test mode audits test jobs, any other one live jobs.

    Letters of other runs and DAGs that are paid twice are logged as warnings and counted in `elsewhere`;
    `whole_account` makes them fail, too.

    :param expected: how many letters must be paid by now (one that was posted again on purpose counts once);
        or the results or ids of earlier tasks, such as `submit.output`, also of a mapped task. Each of those
        jobs must be paid, in the mode of the connection, whenever that was. Where a task has no result, or
        the list is empty, the audit looks all the same, and fails. A mapped task that has failed here and
        there just has fewer results, so its state is asked for; with a `@task`, give a number. Without
        `expected` a run must have at least one letter; 0 allows none.
    :param since: how far to look back, in seconds or as a `timedelta`. By default to the moment at which the
        run was due, and a day at least: nothing of this run can have been posted before. (Jobs that
        `expected` names are found however old they are.)
    :param cancel_younger: of two paid jobs of one letter, stop the one that was confirmed later, as far as
        its letters are still waiting to be printed. Only where the older one is in the post as a whole, and
        reference and metadata of both say that they are one letter. When all of it could be stopped, the
        task succeeds.
    :param whole_account: judge every letter of the account, for an audit in a DAG of its own.
    :return: `jobs` in the window, `letters`, `paid_twice`, `settled`, `missing`, `elsewhere`, `cancelled`
        (ids), `since` (UNIX seconds) and `testmode`.
    """

    template_fields: Sequence[str] = (
        "expected",
        "since",
        "cancel_younger",
        "whole_account",
        *IntelliprintOperator.template_fields,
    )

    def __init__(
        self,
        *,
        expected: Any = None,
        since: float | str | timedelta | None = None,
        cancel_younger: bool | str = False,
        whole_account: bool | str = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.expected = expected
        self.since = since
        self.cancel_younger = cancel_younger
        self.whole_account = whole_account
        # Where the task that posts has failed, there is no result; just then it is worth looking.
        self.given = given_fields(self) - {"expected"}
        self._asks_for_some = expected is not None

    def carry_out(self, context: Context) -> dict[str, Any]:
        """Read the account, and fail where something is wrong."""
        from airflow_provider_print.nets.audit import SECOND_LOOK, audit

        whole_account = bool(switch("whole_account", self.whole_account))
        expected, lacking = _expected(self.expected)
        if expected is None and lacking is None and self._asks_for_some:
            lacking = (
                "There is nothing in `expected` after rendering: the task that it comes from has no result."
            )
        settings = self.hook.settings
        report = audit(
            self.hook,
            testmode=settings.testmode,
            since=self._since(context),
            run=None if whole_account else _scope(context, settings.environment or ""),
            expected=expected,
            cancel_younger=bool(switch("cancel_younger", self.cancel_younger)),
            environment=settings.environment or "",
            second_look=max(SECOND_LOOK, 2 * settings.settle),
        )
        if lacking is not None:
            report.missing.append(f"{lacking} {_LOOK}")
        if not whole_account and not isinstance(expected, int):
            report.missing.extend(self._failed(context))
        self.log.info("%s", report.summary)
        report.raise_for_findings()
        return report.as_dict()

    def _failed(self, context: Context) -> list[str]:
        """Say which other tasks of this package have failed in this run."""
        ours = [task for task in context["dag"].tasks if task.task_id != self.task_id and _is_ours(task)]
        if not ours:
            return []
        run_id = context["run_id"]
        states = context["ti"].get_task_states(
            dag_id=context["ti"].dag_id, task_ids=[task.task_id for task in ours], run_ids=[run_id]
        )
        failed = sorted(
            name
            for name, state in states.get(run_id, {}).items()
            if str(getattr(state, "value", state)) in _FAILED
        )
        if not failed:
            return []
        shown = ", ".join(failed[:_SHOWN]) + (f" and {len(failed) - _SHOWN} more" if failed[_SHOWN:] else "")
        advice = "If that is as it should be, give the number of letters in `expected`."
        return [f"Tasks of this run have failed: {shown}. {_LOOK} {advice}"]

    def _since(self, context: Context) -> float:
        from airflow_provider_print.nets.audit import A_DAY

        now = time.time()
        if self.since is not None:
            seconds = whole(in_seconds(self.since))
            check_seconds(since=seconds)
            return now - float(seconds)
        run = context["dag_run"]
        # Somebody who runs a date by hand may mean letters that were posted at that date.
        times = [run.run_after, run.logical_date if run_kind(run) == "manual" else None]
        return min(now - A_DAY, *(one.timestamp() for one in times if one is not None))


def _scope(context: Context, environment: str) -> RunScope:
    from airflow_provider_print.nets._rows import RunScope

    return RunScope(
        dag_id=context["ti"].dag_id,
        run=run_part(context["dag_run"], context),
        run_id=context["run_id"],
        environment=environment,
    )


def _is_ours(task: Any) -> bool:
    """Tell whether a task, mapped or not, is of a class of this package."""
    kind = getattr(task, "operator_class", type(task))
    bases = kind.__mro__ if isinstance(kind, type) else ()
    return any(base.__module__.startswith("airflow_provider_print.") for base in bases)


def _expected(value: Any) -> tuple[int | list[str] | None, str | None]:
    """Return a number of letters or a list of ids, out of whatever was rendered, and what is lacking in it.

    A Jinja template makes text of everything: of a number, of one id, of a list of results.
    """
    from airflow_provider_print.core.errors import InputError
    from airflow_provider_print.triggers.waiting import job_ids

    value = _unfolded(value)
    if value is None:
        return None, None
    if isinstance(value, bool | int | float):
        return value, None  # type: ignore[return-value]  # the audit refuses what is no number of letters
    try:
        if isinstance(value, str | dict):
            return job_ids(value), None
        results = list(value)
        there = [one for one in results if one is not None]
        if not results:
            return None, "`expected` is an empty list: no task has a result. To expect no letter, say 0."
        lost = len(results) - len(there)
        lacking = f"{lost} of {len(results)} results in `expected` are missing." if lost else None
        return (job_ids(there) if there else None), lacking
    except (InputError, TypeError):
        pass
    raise InputError(
        "A number of letters, or results or ids of earlier tasks are expected.", param="expected"
    )


def _unfolded(value: Any) -> Any:
    """Return what a template has made text of."""
    from airflow_provider_print.core.errors import InputError

    value = whole(value)
    if word(value) is None:
        return None
    if isinstance(value, str) and value.strip().startswith(("[", "{", "(")):
        try:
            return ast.literal_eval(value.strip())
        except (ValueError, SyntaxError):
            raise InputError(
                "This is neither a number nor results of earlier tasks.", param="expected"
            ) from None
    return value
