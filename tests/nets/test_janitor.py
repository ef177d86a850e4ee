"""The janitor on the sandbox."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from airflow_provider_print.core.errors import ForbiddenError, InputError
from airflow_provider_print.core.pacing import Pace
from airflow_provider_print.core.transport import Transport
from airflow_provider_print.intelliprint.client.print_jobs import PrintJobs
from airflow_provider_print.nets import _deleting
from airflow_provider_print.nets._rows import Maker
from airflow_provider_print.nets.janitor import (
    A_WEEK,
    CleanUp,
    Draft,
    JanitorError,
    Lost,
    Verdict,
    clean_up,
    paid_elsewhere,
)
from tests.support.letters import RUN, calls, copies, drafted, own_key, paid, task_key

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

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


def confirm_after_a_look(
    client: IntelliprintClient, monkeypatch: pytest.MonkeyPatch, *, then: Callable[[], object] = lambda: None
) -> None:
    """Let somebody confirm each draft right after it was looked at."""
    read = PrintJobs.get_print_job

    def read_and_then_somebody_confirms(self: Any, print_job_id: str, **more: Any) -> Any:
        job = read(self, print_job_id, **more)
        if job.confirmed is False:
            client.confirm_print_job(print_job_id)
            then()
        return job

    monkeypatch.setattr(PrintJobs, "get_print_job", read_and_then_somebody_confirms)


def test_a_job_that_is_confirmed_in_the_very_moment_is_told_loudly_and_refunded(
    client: IntelliprintClient, print_sandbox: PrintSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = task_key()
    draft = drafted(client, key)
    confirm_after_a_look(client, monkeypatch)
    done = sweep(client)
    assert done.deleted == []
    with pytest.raises(JanitorError, match="resend") as caught:
        done.raise_for_findings()
    assert key.key in str(caught.value)
    assert draft.id in str(caught.value)
    assert print_sandbox.invariants()["charges"]["after_tax"] == 0


def test_a_job_that_is_confirmed_in_the_very_moment_and_is_being_printed_stays(
    client: IntelliprintClient, print_sandbox: PrintSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = drafted(client, task_key())
    confirm_after_a_look(client, monkeypatch, then=lambda: print_sandbox.advance(30 * 86400))
    done = sweep(client)
    assert done.kept == {"confirmed or changed meanwhile": 1}
    done.raise_for_findings()
    assert client.get_print_job(draft.id).letters_by_status() == {"sent": 1}


def test_letters_that_go_on_are_not_to_be_posted_again(client: IntelliprintClient) -> None:
    assert "run its task again with resend" in str(Lost("af1-x", 2, 2))
    assert "resend would post those again" in str(Lost("af1-x", 1, 2))


def test_a_paid_job_that_is_said_to_be_deleted_is_told_as_cancelled(
    client: IntelliprintClient, print_sandbox: PrintSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = drafted(client, task_key())
    confirm_after_a_look(client, monkeypatch)
    said = {"id": draft.id, "object": "print", "deleted": True}
    print_sandbox.fault("DELETE", "/prints/{id}", phase="after", status=200, content=said)
    done = sweep(client)
    assert done.deleted == []
    assert list(done.cancelled) == [draft.id]


def test_a_paid_job_whose_answer_was_lost_is_told_as_cancelled(
    client: IntelliprintClient, print_sandbox: PrintSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = drafted(client, task_key())
    confirm_after_a_look(client, monkeypatch)
    print_sandbox.fault("DELETE", "/prints/{id}", phase="after", kind="close")
    assert list(sweep(client).cancelled) == [draft.id]
    assert calls(print_sandbox, "DELETE", "{id}") == 1


def test_a_deletion_that_was_refused_for_now_is_not_sent_again_without_a_look(
    client: IntelliprintClient, print_sandbox: PrintSandbox
) -> None:
    draft = drafted(client, task_key())
    print_sandbox.fault("DELETE", "/prints/{id}", status=429, headers={"Retry-After": "9"})
    sleep = client.transport.clock.sleep

    def a_try_confirms_it_meanwhile(seconds: float) -> None:
        client.confirm_print_job(draft.id)
        sleep(seconds)

    object.__setattr__(client.transport.clock, "sleep", a_try_confirms_it_meanwhile)
    done = sweep(client)
    assert done.cancelled == {}
    assert done.kept == {"confirmed or changed meanwhile": 1}
    assert client.get_print_job(draft.id).letters_by_status() == {"waiting_to_print": 1}


def test_the_turns_of_look_and_deletion_are_taken_before_the_look(
    client: IntelliprintClient, print_sandbox: PrintSandbox, tmp_path: Path
) -> None:
    drafts_made = [drafted(client, task_key(f"task{n}")) for n in range(3)]
    happened: list[str] = []
    client.transport.pace = Pace("test", rate=60, burst=1, root=tmp_path)
    plain_sleep, plain_attempt = client.transport.clock.sleep, Transport._attempt

    def sleep(seconds: float) -> None:
        happened.append("wait")
        plain_sleep(seconds)

    def attempt(self: Any, judge: Any, method: str, *rest: Any) -> Any:
        happened.append(method)
        return plain_attempt(self, judge, method, *rest)

    object.__setattr__(client.transport.clock, "sleep", sleep)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Transport, "_attempt", attempt)
        assert len(sweep(client).deleted) == len(drafts_made)
    sent = [n for n, one in enumerate(happened) if one == "DELETE"]
    assert len(sent) == len(drafts_made)
    assert all(happened[n - 2 : n] == ["wait", "GET"] for n in sent)


def test_a_look_that_is_too_old_is_not_deleted_by(
    client: IntelliprintClient, print_sandbox: PrintSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = drafted(client, task_key())
    read, clock = PrintJobs.get_print_job, client.transport.clock
    looks: list[str] = []

    def read_slowly(self: Any, print_job_id: str, **more: Any) -> Any:
        job = read(self, print_job_id, **more)
        looks.append(print_job_id)
        if len(looks) == 1:
            clock.sleep(_deleting.FRESH + 0.1)
            client.confirm_print_job(draft.id)
        return job

    monkeypatch.setattr(PrintJobs, "get_print_job", read_slowly)
    assert sweep(client).kept == {"confirmed or changed meanwhile": 1}
    assert calls(print_sandbox, "DELETE", "{id}") == 0


def test_what_was_lost_is_told_although_a_later_call_fails(
    client: IntelliprintClient, print_sandbox: PrintSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = drafted(client, task_key("first"))
    print_sandbox.advance(5)
    drafted(client, task_key("second"))
    confirm_after_a_look(client, monkeypatch)
    print_sandbox.fault("DELETE", "/prints/{id}", status=403, nth=2)
    done = sweep(client)
    with pytest.raises(JanitorError, match=r"not everything could be asked: .*403") as caught:
        done.raise_for_findings()
    assert first.id in str(caught.value)


def test_where_nothing_was_lost_a_call_that_fails_fails_the_whole(
    client: IntelliprintClient, print_sandbox: PrintSandbox
) -> None:
    drafted(client, task_key())
    print_sandbox.fault("DELETE", "/prints/{id}", status=403)
    with pytest.raises(ForbiddenError):
        sweep(client)


def test_a_draft_that_the_service_refuses_to_delete_does_not_stop_the_others(
    client: IntelliprintClient, print_sandbox: PrintSandbox
) -> None:
    drafted(client, task_key("one"))
    drafted(client, task_key("two"))
    print_sandbox.fault("DELETE", "/prints/{id}", status=400)
    done = sweep(client)
    assert len(done.deleted) == 1
    assert done.kept == {"the service refuses to delete it": 1}


def test_a_list_that_ignores_the_test_mode_cannot_make_it_delete_live_drafts(
    client: IntelliprintClient, print_sandbox: PrintSandbox
) -> None:
    drafted(client, task_key())
    listed = client.list_print_jobs
    client.list_print_jobs = (  # type: ignore[method-assign]
        lambda **filters: listed(**{**filters, "testmode": False})
    )
    assert sweep(client, testmode=True).found == 0
    assert drafts_left(print_sandbox) == 1


def test_what_is_in_doubt_goes_only_where_another_job_has_posted_the_letter(
    client: IntelliprintClient, print_sandbox: PrintSandbox
) -> None:
    drafted(client, task_key())
    posted = drafted(client, task_key("posted"))
    paid(client, task_key("posted"))
    done = sweep(client, judge=lambda _: Verdict(False, "nobody knows", in_doubt=True))
    assert done.deleted == [posted.id]
    assert done.kept == {"nobody knows": 1}
    drafted(client, task_key("posted"))
    assert sweep(client, judge=lambda _: Verdict(False, "a register names it")).deleted == []


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
    ("run", "of_its_run", "dated"),
    [
        (RUN, False, True),
        ("manual__1", True, False),
        ("a partition", False, False),
        ("2026-11-01T00:00:00", False, False),  # the usual form of a partition key
        ("2026-11-01", False, False),
        ("20261101", False, False),
    ],
)
def test_a_letter_key_of_a_run_is_told_from_that_of_a_partition(
    run: str, of_its_run: bool, dated: bool
) -> None:
    maker = Maker("unit", "send", -1, "manual__1")
    metadata = task_key(run=run).metadata()
    draft = Draft(id="print_1", letter_key="", reference="", created=1, maker=maker, metadata=metadata)
    assert draft.of_its_run is of_its_run
    assert (draft.logical_date is not None) is dated


def test_a_letter_key_of_the_users_own_has_no_date() -> None:
    metadata = own_key("invoice-77").metadata()
    draft = Draft(id="print_1", letter_key="", reference="", created=1, maker=None, metadata=metadata)
    assert not draft.of_its_run
    assert draft.logical_date is None
