"""Whose letter a job is."""

from __future__ import annotations

import pytest

from airflow_provider_print.intelliprint.models import PrintJob
from airflow_provider_print.nets._rows import Maker, RunScope, in_the_post, letter_key_in, letter_key_of
from tests.support.letters import RUN, RUN_ID, made_in, own_key, task_key

KEY = task_key()
OTHER = task_key("other")


@pytest.mark.parametrize(
    "reference",
    [KEY.reference, KEY.key, f"{KEY.reference} ", f"words {OTHER.key} more {KEY.key}"],
)
def test_the_letter_key_is_what_a_reference_ends_with(reference: str) -> None:
    assert letter_key_in(reference) == KEY.key


@pytest.mark.parametrize(
    "reference",
    [None, "", "Batch 7", f"{KEY.key} and more", f"x{KEY.key}", KEY.key[:-1], KEY.key.upper(), f"{KEY.key}a"],
)
def test_anything_else_has_no_letter_key(reference: str | None) -> None:
    assert letter_key_in(reference) is None


def test_metadata_goes_before_the_reference_and_either_is_enough() -> None:
    both = PrintJob(id="print_1", reference=KEY.reference, metadata={"letter_key": OTHER.key})
    assert letter_key_of(both) == OTHER.key
    assert letter_key_of(PrintJob(id="print_1", reference="renamed", metadata=KEY.metadata())) == KEY.key
    assert letter_key_of(PrintJob(id="print_1", reference=KEY.reference)) == KEY.key
    nonsense = PrintJob(id="print_1", reference=KEY.reference, metadata={"letter_key": "mine"})
    assert letter_key_of(nonsense) == KEY.key
    assert letter_key_of(PrintJob(id="print_1", reference="Batch 7")) is None


@pytest.mark.parametrize(
    ("text", "maker"),
    [
        ("unit send scheduled__x clear 0 try 1", Maker("unit", "send", -1, "scheduled__x")),
        ("unit group.send[12] a run clear 3 try 9", Maker("unit", "group.send", 12, "a run")),
        ("unit send manual clear up clear 1 try 2", Maker("unit", "send", -1, "manual clear up")),
        ("unit send manual", Maker("unit", "send", -1, "manual")),
    ],
)
def test_the_maker_of_a_job_is_read_from_its_metadata(text: str, maker: Maker) -> None:
    assert Maker.of({"made_in": text}) == maker


@pytest.mark.parametrize("metadata", [None, {}, {"made_in": "unit send"}, {"made_in": 7}])
def test_a_job_that_no_task_made_has_no_maker(metadata: dict[str, object] | None) -> None:
    assert Maker.of(metadata) is None


def test_a_run_has_the_letters_of_its_tasks_and_those_that_it_made_with_own_keys() -> None:
    scope = RunScope(dag_id="unit", run=RUN, run_id=RUN_ID)
    own = own_key("invoice-77")

    def has(**metadata: str) -> bool:
        return scope.has(PrintJob(id="print_1", metadata=metadata))

    assert has(**KEY.metadata())
    assert has(**own.metadata(), made_in=made_in(own))
    assert not has(**own.metadata())
    assert not has(**own.metadata(), made_in=made_in(own, run_id=RUN_ID + "0"))
    assert not has(**own.metadata(), made_in=made_in(own, task=f"other {RUN_ID}"))
    assert not has(**task_key(dag_id="other").metadata())
    assert not has(**task_key(run="2026-12-01T07:00:00+00:00").metadata())
    assert not has(**task_key(environment="staging").metadata())


@pytest.mark.parametrize(
    ("statuses", "posted"),
    [
        (["waiting_to_print"], True),
        (["cancelled", "sent"], True),
        (["returned"], True),
        ([], True),
        (["cancelled", "cancelled"], False),
        (["cancelled", "invalid_address"], False),
    ],
)
def test_a_job_is_in_the_post_unless_all_its_letters_were_taken_back(
    statuses: list[str], posted: bool
) -> None:
    job = PrintJob.model_validate({"id": "print_1", "letters": [{"status": one} for one in statuses]})
    assert in_the_post(job) is posted
