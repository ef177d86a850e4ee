"""What Airflow's own database says about a draft."""

from __future__ import annotations

import json
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from airflow_provider_print._compat import NEVER_EXPIRE
from airflow_provider_print.core.errors import NoAnswerError
from airflow_provider_print.nets._rows import Maker
from airflow_provider_print.nets.janitor import Draft
from tests.support.letters import RUN_ID, own_key, task_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from airflow_provider_print.commands._register import RegisterJudge
    from airflow_provider_print.core.identity import LetterKey

pytestmark = pytest.mark.usefixtures("airflow_db")
NOW = datetime(2026, 11, 1, 7, tzinfo=UTC)
KEY = task_key()


@contextmanager
def session() -> Iterator[Any]:
    from airflow.utils.session import create_session

    with create_session() as one:
        yield one


@pytest.fixture(autouse=True)
def empty_tables() -> Iterator[None]:
    yield
    from airflow.models.dagrun import DagRun
    from airflow.models.taskinstance import TaskInstance
    from sqlalchemy import delete

    with session() as one:
        if NEVER_EXPIRE is not None:
            one.execute(delete(slot_model()).where(slot_model().dag_id == "unit"))
        one.execute(delete(TaskInstance).where(TaskInstance.dag_id == "unit"))
        one.execute(delete(DagRun).where(DagRun.dag_id == "unit"))


def slot_model() -> Any:
    from airflow.models.task_state_store import TaskStateStoreModel

    return TaskStateStoreModel


@pytest.fixture
def judge() -> RegisterJudge:
    from airflow_provider_print.commands._register import RegisterJudge

    found = RegisterJudge.open()
    assert found is not None
    return found


def add_run(run_id: str = RUN_ID, state: str = "success", date: datetime | None = NOW) -> int:
    from airflow.models.dagrun import DagRun
    from sqlalchemy import insert, select

    values = {"dag_id": "unit", "run_id": run_id, "run_type": "manual", "state": state, "run_after": NOW}
    values |= {"log_template_id": None, "clear_number": 0, "queued_at": NOW, "logical_date": date}
    with session() as one:
        one.execute(insert(DagRun.__table__).values(**values))
        return int(one.scalar(select(DagRun.id).where(DagRun.dag_id == "unit", DagRun.run_id == run_id)))


def add_task(state: str, run_id: str = RUN_ID, index: int = -1) -> None:
    from airflow.models.taskinstance import TaskInstance
    from sqlalchemy import insert

    kind = TaskInstance.__table__.c.id.type.python_type  # text or UUID, as the version has it
    values = {
        "id": kind(str(uuid4())),
        "dag_id": "unit",
        "task_id": "send",
        "run_id": run_id,
        "map_index": index,
    }
    values |= {"state": state, "pool": "default_pool", "pool_slots": 1, "try_number": 1, "max_tries": 0}
    with session() as one:
        one.execute(insert(TaskInstance.__table__).values(**values))


def add_slot(run: int, value: str, *, key: str = f"{KEY.key}.1.0") -> None:
    slot = slot_model()
    row = slot(
        dag_run_id=run, task_id="send", map_index=-1, key=key, dag_id="unit", run_id=RUN_ID, value=value
    )
    with session() as one:
        one.add(row)


def draft(**more: Any) -> Draft:
    maker = Maker("unit", "send", -1, RUN_ID)
    known = {"id": "print_1", "letter_key": KEY.key, "reference": KEY.reference, "created": 1}
    return Draft(**{**known, "maker": maker, "metadata": KEY.metadata(), **more})


if NEVER_EXPIRE is not None:  # since Airflow 3.3 there is a register

    def test_a_draft_that_a_register_names_is_kept_whatever_became_of_its_task(judge: RegisterJudge) -> None:
        run = add_run()
        add_task("success")
        add_slot(run, json.dumps("print_1"))
        verdict = judge(draft())
        assert (verdict.delete, verdict.why) == (False, "a register names it")
        assert judge(draft(id="print_2")).delete
        assert judge(draft(maker=None)).why == "a register names it"

    def test_a_register_of_another_letter_says_nothing_about_this_one(judge: RegisterJudge) -> None:
        run = add_run()
        add_slot(run, json.dumps("print_1"), key=f"{task_key('other').key}.1.0")
        assert judge(draft()).delete

    @pytest.mark.parametrize("value", ['{"__ref": "s3://x"}', "no json"])
    def test_a_register_that_cannot_be_read_here_keeps_the_draft(judge: RegisterJudge, value: str) -> None:
        add_slot(add_run(), value)
        assert judge(draft()).why == "a register of its letter cannot be read here"


@pytest.mark.parametrize("state", ["queued", "running"])
def test_a_draft_of_a_run_that_is_still_going_on_is_kept(judge: RegisterJudge, state: str) -> None:
    add_run(state=state)
    add_task("success")
    assert judge(draft()).why == "its run is still going on"


@pytest.mark.parametrize("state", ["running", "up_for_retry", "deferred", "scheduled"])
def test_a_draft_of_a_task_that_is_still_at_work_is_kept(judge: RegisterJudge, state: str) -> None:
    add_run(state="failed")
    add_task(state)
    assert judge(draft()).why == "its task is still at work"

    @pytest.mark.parametrize("state", ["failed", "success", "skipped", "removed", "upstream_failed"])
    def test_a_draft_that_no_register_names_goes_when_its_run_has_ended(
        judge: RegisterJudge, state: str
    ) -> None:
        add_run(state="failed")
        add_task(state)
        assert judge(draft()).delete

    def test_registers_that_are_kept_elsewhere_cannot_be_asked(monkeypatch: pytest.MonkeyPatch) -> None:
        from airflow_provider_print.commands._register import RegisterJudge

        monkeypatch.setenv("AIRFLOW__STATE_STORE__BACKEND", "ours.state.Store")
        assert RegisterJudge.open() is None


@pytest.mark.parametrize(
    ("state", "goes"), [("success", True), ("failed", False), ("upstream_failed", False)]
)
def test_before_there_were_registers_only_the_draft_of_a_task_that_is_over_goes(
    judge: RegisterJudge, state: str, goes: bool
) -> None:
    judge._models.slot = None
    add_run(state="failed")
    add_task(state)
    verdict = judge(draft())
    assert verdict.delete is goes
    assert "names" not in verdict.why


def test_a_database_that_does_not_answer_is_not_taken_for_none(monkeypatch: pytest.MonkeyPatch) -> None:
    from airflow_provider_print.commands import _register

    class Broken(_register._Models):
        def tables_are_there(self, session: Any) -> bool:
            raise self.error(f"{session} is down")

    monkeypatch.setattr(_register, "_Models", Broken)
    with pytest.raises(NoAnswerError):
        _register.RegisterJudge.open()


@pytest.mark.parametrize("key", [own_key("invoice-77"), task_key(run="2026-11-01T07:00:00")])
def test_a_letter_key_that_another_run_may_hold_keeps_the_draft(judge: RegisterJudge, key: LetterKey) -> None:
    add_run(date=None)
    add_task("success")
    verdict = judge(draft(letter_key=key.key, metadata=key.metadata()))
    assert (verdict.delete, verdict.in_doubt) == (False, True)
    assert verdict.why == "its letter key may be in use in another run"


def test_a_partition_key_that_looks_like_a_date_is_not_the_date_of_its_run(judge: RegisterJudge) -> None:
    add_run(date=None)
    add_task("success")
    assert judge(draft()).why == "its letter key may be in use in another run"


def test_the_letter_key_of_a_run_without_a_date_is_its_own(judge: RegisterJudge) -> None:
    key = task_key(run=RUN_ID)
    add_run(date=None)
    add_task("success")
    assert judge(draft(letter_key=key.key, metadata=key.metadata())).delete


def test_a_mapped_task_is_told_from_its_neighbours(judge: RegisterJudge) -> None:
    add_run(state="failed")
    add_task("running", index=0)
    add_task("success", index=1)
    assert not judge(draft(maker=Maker("unit", "send", 0, RUN_ID))).delete
    assert judge(draft(maker=Maker("unit", "send", 1, RUN_ID))).delete


def test_a_run_that_was_deleted_is_told_from_a_dag_that_nobody_knows(judge: RegisterJudge) -> None:
    assert judge(draft()).why == "its DAG is not known here"
    add_run(run_id="another")
    assert judge(draft()).why == "its run is not known any more, and may be made again"


def test_a_draft_that_no_task_made_stays_for_one_may_hold_it(judge: RegisterJudge) -> None:
    verdict = judge(draft(maker=None))
    assert (verdict.delete, verdict.in_doubt) == (False, True)
