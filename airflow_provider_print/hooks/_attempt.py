"""What Airflow knows of an attempt: its number, its run, and the register that outlives it."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow_provider_print._compat import NEVER_EXPIRE, incr, map_index_of, run_kind, run_part
from airflow_provider_print.core.errors import InputError, RegisterError, SupersededError
from airflow_provider_print.core.identifiers import check_id
from airflow_provider_print.intelliprint.letter import Attempt, Notice

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from airflow_provider_print.core.identity import LetterKey

log = logging.getLogger(__name__)

LOOK_UP = ("auto", "always")
_SUPERSEDED = frozenset({404, 409, 410})
# A scheduled run that began later than this after it was due may be one that was deleted and made again. A
# script was seen to have one made again after 5 s, a human takes longer; an ordinary one begins within 3 s.
_LATE = timedelta(seconds=3)


class AirflowRegister:
    """The task state store of Airflow 3.3 as the paid step wants it: text, never rewritten, never expiring.

    A slot lasts as long as its run. A worker that has been given up reads "nothing" here (Airflow says "not
    found" for it), but its writes are refused; that is what makes them a fence.

    :param store: `context["task_state_store"]`.
    """

    def __init__(self, store: Any) -> None:
        self._store = store

    def get(self, slot: str) -> str | None:
        """Return what a slot holds.

        :raises RegisterError: when Airflow could not be asked, or somebody has edited it.
        """
        try:
            value = self._store.get(slot)
        except Exception as error:
            raise RegisterError(f"Airflow's task state store could not be read: {_told(error)}.") from error
        if value is None:
            return None
        try:
            return check_id(value, param="task_state_store")
        except InputError as error:
            raise RegisterError(
                f"The slot {slot} of Airflow's task state store holds no id of a print job.",
                advice="Nothing was paid by this attempt. Correct the slot in Airflow's UI, or delete it.",
            ) from error

    def set(self, slot: str, job_id: str) -> None:
        """Write a slot that is empty or holds this very id.

        :raises SupersededError: when a newer attempt owns the task.
        :raises RegisterError: when Airflow could not be reached, or the slot holds another id.
        """
        held = self.get(slot)
        if held not in (None, job_id):
            raise RegisterError(
                f"This try has decided for print job {held}, not {job_id}: was the slot {slot} edited?",
                advice="Nothing was paid by this attempt. Run the task again.",
            )
        try:
            self._store.set(slot, job_id, retention=NEVER_EXPIRE)
        except Exception as error:
            if _status(error) in _SUPERSEDED:
                message = "Airflow has given this attempt up: it no longer takes what it writes."
                raise SupersededError(message) from error
            raise RegisterError(
                f"Airflow's task state store could not be written: {_told(error)}."
            ) from error


def register_of(context: Mapping[str, Any] | None) -> AirflowRegister | None:
    """Return the register of the task that runs; None before Airflow 3.3 and outside a task."""
    store = context.get("task_state_store") if context is not None else None
    return None if store is None else AirflowRegister(store)


def attempt_of(context: Mapping[str, Any] | None, key: LetterKey, *, look_up: str, settle: float) -> Attempt:
    """Return which attempt of a letter runs here.

    The look-up before the first draft is left out only where nobody can have made one: on the first try of a
    scheduled run that was never cleared and that began on time. (When the newest scheduled run is deleted,
    the scheduler makes it again with the same name and an empty register, seen with 3.3.2; it begins late.)

    :param context: the template context; None outside a task.
    :param key: which letter.
    :param look_up: `auto`, or `always`.
    :param settle: seconds to settle where no register covers the letter key.
    :raises InputError: naming `look_up`.
    """
    if look_up not in LOOK_UP:
        raise InputError(f"look_up is {' or '.join(LOOK_UP)}, not {look_up!r}.", param="look_up")
    if context is None:
        return Attempt(settle=settle)
    task_instance, dag_run = context["ti"], context["dag_run"]
    number = int(task_instance.try_number)
    register = register_of(context)
    registered = register is not None
    bound = _is_of(key, context) and not _may_exist_twice(dag_run)
    first = number == 1 and not context.get("task_reschedule_count")
    if not (registered and bound):
        log.info(
            "Letter %s: %s. So the draft settles for %.1f s and is looked up before it is paid. That is "
            "the weaker promise: it needs a list that is not further behind, and nobody who deletes drafts.",
            key.key,
            "other runs may ask for it"
            if registered
            else "this Airflow has no task state store (3.3 has one)",
            settle,
        )
    attempt = Attempt(
        number=number,
        registered=registered,
        settle=0 if registered and bound else settle,
        look_up=look_up == "always" or not first or not bound or not _is_first_of_its_kind(dag_run),
        made_in=made_in(context),
    )
    return replace(attempt, known=_known(register, attempt, key))


def counter_of(context: Mapping[str, Any] | None) -> Callable[[Notice], None]:
    """Return what counts notices in Airflow's metrics, as `intelliprint.letters.<notice>`."""
    if context is None:
        return lambda _: None
    task_instance = context["ti"]
    tags = {"dag_id": task_instance.dag_id, "task_id": task_instance.task_id}
    return lambda notice: incr(f"intelliprint.letters.{notice.value}", tags)


def made_in(context: Mapping[str, Any]) -> str:
    """Return what names the task instance, its run, how often that was cleared, and the attempt.

    A try that was put off and runs again is another attempt: it may find a file of other bytes.
    """
    task_instance, dag_run = context["ti"], context["dag_run"]
    index = map_index_of(task_instance)
    task = f"{task_instance.dag_id} {task_instance.task_id}" + (f"[{index}]" if index >= 0 else "")
    put_off = context.get("task_reschedule_count")
    attempt = f"{task_instance.try_number}" + (f"+{put_off}" if put_off else "")
    return f"{task} {context['run_id']} clear {_cleared(dag_run)} try {attempt}"


def _cleared(dag_run: Any) -> int:
    return int(getattr(dag_run, "clear_number", None) or 0)


def _known(register: AirflowRegister | None, attempt: Attempt, key: LetterKey) -> str | None:
    """Return what this very try has decided already: somebody may send one letter twice in one task."""
    if register is None:
        return None
    slots = attempt.slots_of(key.key, attempt.number)
    return next((held for held in map(register.get, slots) if held is not None), None)


def _is_of(key: LetterKey, context: Mapping[str, Any]) -> bool:
    """Tell whether a letter key is that of this task instance, so that no other holds it."""
    task_instance, dag_run = context["ti"], context["dag_run"]
    wanted = {
        "dag_id": task_instance.dag_id,
        "run": run_part(dag_run, context),
        "task_id": task_instance.task_id,
        "map_index": str(map_index_of(task_instance)),
    }
    return all(key.parts.get(name) == value for name, value in wanted.items())


def _may_exist_twice(dag_run: Any) -> bool:
    """Tell whether two runs may name one letter: a backfill of a partitioned DAG runs beside the first."""
    return dag_run.logical_date is None and getattr(dag_run, "partition_key", None) is not None


def _is_first_of_its_kind(dag_run: Any) -> bool:
    if run_kind(dag_run) != "scheduled" or _cleared(dag_run):
        return False
    began = dag_run.start_date or datetime.now(UTC)
    return bool(began - dag_run.run_after < _LATE)


def _status(error: Any) -> int | None:
    detail = getattr(getattr(error, "error", None), "detail", None)
    status = detail.get("status_code") if isinstance(detail, dict) else None
    return status if isinstance(status, int) else None


def _told(error: Exception) -> str:
    """Return what went wrong without the text of an answer."""
    status = _status(error)
    return type(error).__name__ if status is None else f"{type(error).__name__} {status}"
