"""Looking once more at what was paid, after everything else has run."""

from __future__ import annotations

import ast
import time
from typing import TYPE_CHECKING, Any

from airflow_provider_print._compat import run_part
from airflow_provider_print.operators._given import given_fields, switch, whole, word
from airflow_provider_print.operators.intelliprint._base import IntelliprintOperator
from airflow_provider_print.triggers.seconds import check_seconds, in_seconds

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta

    from airflow.sdk import Context

    from airflow_provider_print.nets._rows import RunScope


class IntelliprintAuditOperator(IntelliprintOperator):
    """Fails when a letter of this run is paid twice, or when the run has posted less than it should have.

    The last task of a DAG that posts letters, with `trigger_rule="all_done"`, so that it looks in any case.
    It takes one call for 1,000 jobs of the window, and reads the jobs behind a finding once more before it
    believes it. A job whose letters were all cancelled or refused is no letter in the post. The two lists of
    the service are separate: a connection in test mode audits test jobs, any other one live jobs.

    Letters of other runs and DAGs that are paid twice are logged as warnings and counted in `elsewhere`;
    `whole_account` makes them fail, too.

    :param expected: how many letters must be paid by now (one that was posted again on purpose counts once);
        or the results or ids of earlier tasks, such as `submit.output`, also of a mapped task. Each of those
        jobs must be paid, whenever that was. Where such a task has failed and has no result, the audit looks
        all the same, and fails. Without it a run must have at least one letter; 0 allows none.
    :param since: how far to look back, in seconds or as a `timedelta`. By default to the moment at which the
        run was due, and a day at least: nothing of this run can have been posted before. (Jobs that
        `expected` names are found however old they are.)
    :param cancel_younger: of two paid jobs of one letter, stop the one that was confirmed later, as far as
        its letters are still waiting to be printed. When all of it could be stopped, the task succeeds.
    :param whole_account: judge every letter of the account, for an audit in a DAG of its own.
    :return: `jobs` in the window, `letters`, `paid_twice`, `missing`, `elsewhere`, `cancelled` (ids), `since`
        (UNIX seconds) and `testmode`.
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
        from airflow_provider_print.nets.audit import audit

        whole_account = bool(switch("whole_account", self.whole_account))
        expected = _expected(self.expected)
        settings = self.hook.settings
        report = audit(
            self.hook,
            testmode=settings.testmode,
            since=self._since(context),
            run=None if whole_account else _scope(context, settings.environment or ""),
            expected=expected,
            cancel_younger=bool(switch("cancel_younger", self.cancel_younger)),
        )
        if expected is None and self._asks_for_some:
            report.missing.append(
                "There is nothing in `expected` after rendering: the task that it comes from has no result. "
                "Look whether that task has failed or was skipped; it may have posted letters all the same."
            )
        self.log.info("%s", report.summary)
        report.raise_for_findings()
        return report.as_dict()

    def _since(self, context: Context) -> float:
        from airflow_provider_print.nets.audit import A_DAY

        now = time.time()
        if self.since is not None:
            seconds = whole(in_seconds(self.since))
            check_seconds(since=seconds)
            return now - float(seconds)
        run = context["dag_run"]
        kind = getattr(run.run_type, "value", run.run_type)
        # Somebody who runs a date by hand may mean letters that were posted at that date.
        times = [run.run_after, run.logical_date if kind == "manual" else None]
        return min(now - A_DAY, *(one.timestamp() for one in times if one is not None))


def _scope(context: Context, environment: str) -> RunScope:
    from airflow_provider_print.nets._rows import RunScope

    return RunScope(
        dag_id=context["ti"].dag_id,
        run=run_part(context["dag_run"], context),
        run_id=context["run_id"],
        environment=environment,
    )


def _expected(value: Any) -> int | list[str] | None:
    """Return a number of letters or a list of ids, out of whatever was rendered.

    A Jinja template makes text of everything: of a number, of one id, of a list of results.
    """
    from airflow_provider_print.core.errors import InputError
    from airflow_provider_print.triggers.waiting import job_ids

    value = whole(value)
    if word(value) is None:
        return None
    if isinstance(value, str) and value.strip().startswith(("[", "{", "(")):
        try:
            value = ast.literal_eval(value.strip())
        except (ValueError, SyntaxError):
            raise InputError(
                "This is neither a number nor results of earlier tasks.", param="expected"
            ) from None
    if isinstance(value, bool | int | float):
        return value  # type: ignore[return-value]  # the audit refuses what is no number of letters
    try:
        if isinstance(value, str | dict):
            return job_ids(value)
        return job_ids([one for one in value if one is not None])
    except (InputError, TypeError):
        pass
    raise InputError(
        "A number of letters, or results or ids of earlier tasks are expected.", param="expected"
    )
