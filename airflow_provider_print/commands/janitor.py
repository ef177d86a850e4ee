"""The command `janitor`."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from airflow_provider_print.commands._told import FOUND, OK, Told

if TYPE_CHECKING:
    import argparse

    from airflow_provider_print.hooks.intelliprint import IntelliprintHook
    from airflow_provider_print.nets.janitor import Draft, Judge

log = logging.getLogger(__name__)


def run(options: argparse.Namespace) -> Told:
    """Look through the drafts, and tell what became of them."""
    from airflow_provider_print.commands._client import hook_of
    from airflow_provider_print.nets.janitor import check_age, clean_up

    check_age(options.older_than)
    hook = hook_of(options.conn_id)
    done = clean_up(
        hook,
        testmode=hook.settings.testmode,
        environment=hook.settings.environment or "",
        judge=_judge(hook),
        older_than=options.older_than,
        delete=options.delete,
    )
    lost = [f"- letter {key}: {job_id} was cancelled" for job_id, key in sorted(done.cancelled.items())]
    return Told(FOUND if done.cancelled else OK, done.as_dict(), "\n".join([done.summary, *lost]))


def _judge(hook: IntelliprintHook) -> Judge:
    """Return who says whether a draft may go: Airflow's database where it is, else what the service knows."""
    from airflow_provider_print.commands._register import RegisterJudge
    from airflow_provider_print.nets.janitor import NO_TASK, POSTED, Verdict, paid_elsewhere

    judge = RegisterJudge.open()
    if judge is not None:
        return judge
    log.warning(
        "Airflow's database cannot be read here, so nobody knows which drafts a register names: only drafts "
        "whose letter was posted by another job are deleted, and those that no task made."
    )

    def careful(draft: Draft) -> Verdict:
        if draft.maker is None:
            return NO_TASK
        if paid_elsewhere(hook, draft, testmode=hook.settings.testmode):
            return POSTED
        return Verdict(False, "a register may name it")

    return careful
