"""The command `janitor`."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from airflow_provider_print.commands._told import FOUND, OK, Told

if TYPE_CHECKING:
    import argparse

    from airflow_provider_print.nets.janitor import Judge

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
        judge=_judge(),
        older_than=options.older_than,
        delete=options.delete,
    )
    text = "\n".join([done.summary, *(f"- {finding}" for finding in done.findings)])
    data = {**done.as_dict(), "findings": done.findings}
    return Told(FOUND if done.findings else OK, data, text)


def _judge() -> Judge:
    """Return who says whether a draft may go: Airflow's database, where it is and has the registers."""
    from airflow_provider_print.commands._register import RegisterJudge
    from airflow_provider_print.nets.janitor import Verdict

    judge = RegisterJudge.open()
    if judge is not None:
        return judge
    log.warning(
        "Airflow's database, or the registers of its tasks, cannot be read here, so nobody knows which "
        "drafts a register names: only drafts whose letter was posted by another job are deleted."
    )
    return lambda _: Verdict(False, "a register may name it", in_doubt=True)
