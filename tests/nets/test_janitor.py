"""The janitor on the sandbox."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from airflow_provider_print.core.errors import InputError
from airflow_provider_print.nets._rows import Maker
from airflow_provider_print.nets.janitor import (
    A_WEEK,
    CleanUp,
    Draft,
    JanitorError,
    Verdict,
    clean_up,
    paid_elsewhere,
)
from tests.support.letters import calls, copies, drafted, own_key, paid, task_key

if TYPE_CHECKING:
    from airflow_provider_print.intelliprint.client import IntelliprintClient
    from airflow_provider_print.sandbox import PrintSandbox

EIGHT_DAYS = 8 * 86400.0


def anything_goes(_: Draft) -> Verdict:
    return Verdict(True, "nobody wants it")


def sweep(client: IntelliprintClient, **arguments: Any) -> CleanUp:
    given: dict[str, Any] = {
        "testmode": False,
        "environment": "",
        "judge": anything_goes,
        "delete": True,
        "now": lambda: time.time() + EIGHT_DAYS,
        **arguments,
    }
    return clean_up(client, **given)


def drafts_left(box: PrintSandbox) -> int:
    return int(box.invariants()["drafts"])


def test_old_drafts_of_ours_are_only_listed_by_default(
    client: IntelliprintClient, print_sandbox: PrintSandbox, caplog: pytest.LogCaptureFixture
) -> None:
    draft = drafted(client, task_key())
    done = sweep(client, delete=False)
    assert done.deleted == [draft.id]
    assert done.dry
    assert drafts_left(print_sandbox) == 1
    assert calls(print_sandbox, "DELETE", "{id}") == 0
    assert f"Draft {draft.id} of letter {task_key().key} would be deleted" in caplog.text


def test_old_drafts_of_ours_are_deleted_when_told_to(
    client: IntelliprintClient, print_sandbox: PrintSandbox, caplog: pytest.LogCaptureFixture
) -> None:
    draft = drafted(client, task_key())
    done = sweep(client)
    assert done.deleted == [draft.id]
    assert drafts_left(print_sandbox) == 0
    assert draft.id in caplog.text
    assert task_key().key in caplog.text
    assert "Any Road" not in caplog.text


def test_younger_drafts_are_left_alone(client: IntelliprintClient, print_sandbox: PrintSandbox) -> None:
    drafted(client, task_key())
    done = sweep(client, now=lambda: time.time() + A_WEEK - 60)
    assert done.found == 0
    assert drafts_left(print_sandbox) == 1


@pytest.mark.parametrize("age", [0, 3599, -1, float("nan"), float("inf"), True, "7d", None])
def test_an_age_below_an_hour_and_nonsense_are_refused_before_any_call(
    client: IntelliprintClient, print_sandbox: PrintSandbox, age: Any
) -> None:
    with pytest.raises(InputError, match="older_than"):
        sweep(client, older_than=age)
    assert print_sandbox.journal() == []


def test_drafts_of_others_are_never_touched(client: IntelliprintClient, print_sandbox: PrintSandbox) -> None:
    key = task_key()
    drafted(client, key, letter_key=task_key("another").key)  # names another letter
    drafted(client, task_key(environment="staging"))
    drafted(client, task_key(testmode=True))
    paid(client, task_key("paid"))
    stored = print_sandbox.sandbox.store
    for changes in ({"metadata": None}, {"reference": "Batch 7"}, {"reference": f"{key.reference} and more"}):
        one = drafted(client, key)
        document = stored.get("print", one.id)
        assert document is not None
        stored.put("print", one.id, document | changes)
    done = sweep(client)
    assert done.found == 0
    assert drafts_left(print_sandbox) == 6


def test_an_environment_has_its_own_drafts(client: IntelliprintClient) -> None:
    draft = drafted(client, task_key(environment="staging"))
    drafted(client, task_key())
    assert sweep(client, environment="staging").deleted == [draft.id]


def test_what_may_not_go_is_kept_and_counted_by_reason(
    client: IntelliprintClient, print_sandbox: PrintSandbox
) -> None:
    for n in range(3):
        drafted(client, task_key(f"task{n}"))

    def only_the_last(draft: Draft) -> Verdict:
        return Verdict(draft.metadata["task_id"] == "task2", "a register names it")

    done = sweep(client, judge=only_the_last)
    assert len(done.deleted) == 1
    assert done.kept == {"a register names it": 2}
    assert "2 a register names it" in done.summary
    assert drafts_left(print_sandbox) == 2


def test_no_row_is_skipped_while_drafts_are_deleted(
    client: IntelliprintClient, print_sandbox: PrintSandbox
) -> None:
    first = drafted(client, task_key())
    copies(print_sandbox, first.id, 45)
    done = sweep(client, page_size=10)
    assert len(done.deleted) == 46
    assert drafts_left(print_sandbox) == 0


def test_a_draft_that_is_gone_already_counts_as_deleted(
    client: IntelliprintClient, print_sandbox: PrintSandbox
) -> None:
    draft = drafted(client, task_key())

    def somebody_else_deletes_it(_: Draft) -> Verdict:
        client.delete_print_job(draft.id)
        return Verdict(True, "nobody wants it")

    done = sweep(client, judge=somebody_else_deletes_it)
    assert done.deleted == [draft.id]
    assert calls(print_sandbox, "DELETE", "{id}") == 1


def test_a_draft_that_is_confirmed_before_its_turn_stays_paid(
    client: IntelliprintClient, print_sandbox: PrintSandbox
) -> None:
    key = task_key()
    draft = drafted(client, key)

    def a_try_confirms_it(_: Draft) -> Verdict:
        client.confirm_print_job(draft.id)
        return Verdict(True, "nobody wants it")

    done = sweep(client, judge=a_try_confirms_it)
    assert done.deleted == []
    assert done.kept == {"confirmed or changed meanwhile": 1}
    assert calls(print_sandbox, "DELETE", "{id}") == 0
    done.raise_for_findings()
    print_sandbox.advance(30 * 86400)
    assert print_sandbox.invariants()["letters_mailed"] == {key.reference: 1}


def test_a_list_that_lags_cannot_make_it_delete_a_paid_job(
    client: IntelliprintClient, print_sandbox: PrintSandbox
) -> None:
    draft = drafted(client, task_key())
    print_sandbox.world(list_lag_s=0.3)
    time.sleep(0.35)
    client.confirm_print_job(draft.id)
    done = sweep(client)
    assert done.found == 1
    assert done.kept == {"confirmed or changed meanwhile": 1}
    assert calls(print_sandbox, "DELETE", "{id}") == 0


def test_a_job_that_is_confirmed_in_the_very_moment_is_told_loudly_and_refunded(
    client: IntelliprintClient, print_sandbox: PrintSandbox
) -> None:
    key = task_key()
    draft = drafted(client, key)
    read = client.get_print_job

    def read_and_then_somebody_confirms(print_job_id: str, **more: Any) -> Any:
        job = read(print_job_id, **more)
        client.confirm_print_job(print_job_id)
        return job

    client.get_print_job = read_and_then_somebody_confirms  # type: ignore[method-assign]
    done = sweep(client)
    assert done.deleted == []
    with pytest.raises(JanitorError, match="resend") as caught:
        done.raise_for_findings()
    assert key.key in str(caught.value)
    assert draft.id in str(caught.value)
    assert print_sandbox.invariants()["charges"]["after_tax"] == 0


def test_a_job_that_is_confirmed_in_the_very_moment_and_is_being_printed_stays(
    client: IntelliprintClient, print_sandbox: PrintSandbox
) -> None:
    draft = drafted(client, task_key())
    read = client.get_print_job

    def read_and_then_somebody_confirms(print_job_id: str, **more: Any) -> Any:
        job = read(print_job_id, **more)
        if not job.confirmed:
            client.confirm_print_job(print_job_id)
            print_sandbox.advance(30 * 86400)
        return job

    client.get_print_job = read_and_then_somebody_confirms  # type: ignore[method-assign]
    done = sweep(client)
    assert done.kept == {"confirmed or changed meanwhile": 1}
    done.raise_for_findings()
    assert read(draft.id).letters_by_status() == {"sent": 1}


def test_a_lost_answer_to_a_deletion_is_no_fault(
    client: IntelliprintClient, print_sandbox: PrintSandbox
) -> None:
    draft = drafted(client, task_key())
    print_sandbox.fault("DELETE", "/prints/{id}", phase="after", kind="close")
    assert sweep(client).deleted == [draft.id]
    assert drafts_left(print_sandbox) == 0


def test_a_letter_is_paid_elsewhere_only_by_another_job_in_the_post(client: IntelliprintClient) -> None:
    key = task_key()
    draft = drafted(client, key)
    ours = Draft(id=draft.id, letter_key=key.key, reference=key.reference, created=1, maker=None, metadata={})
    assert not paid_elsewhere(client, ours, testmode=False)
    other = paid(client, key)
    assert paid_elsewhere(client, ours, testmode=False)
    client.delete_print_job(other.id)
    assert not paid_elsewhere(client, ours, testmode=False)


@pytest.mark.parametrize(
    ("metadata", "one_run"),
    [
        (task_key().metadata(), True),
        (task_key(run="manual__1").metadata(), True),
        (task_key(run="a partition").metadata(), False),
        (own_key("invoice-77").metadata(), False),
    ],
)
def test_a_letter_key_belongs_to_one_run_only_when_its_date_or_its_id_is_in_it(
    metadata: dict[str, str], one_run: bool
) -> None:
    maker = Maker("unit", "send", -1, "manual__1")
    draft = Draft(id="print_1", letter_key="", reference="", created=1, maker=maker, metadata=metadata)
    assert draft.one_run_only is one_run
