"""The print job sensor in each mode, in the real task runner, on a real socket."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from airflow.sdk import task

from airflow_provider_print.sensors.intelliprint import IntelliprintPrintJobSensor
from tests.airflow.fixtures import API_KEY, connect, draft, posted
from tests.airflow.harness import Ran, Supervisor, dag, run_task

if TYPE_CHECKING:
    from airflow_provider_print.hooks.intelliprint import IntelliprintHook
    from airflow_provider_print.sandbox import PrintSandbox

TWO_HOURS = 7200
MODES = {
    "poke": {"mode": "poke"},
    "reschedule": {"mode": "reschedule"},
    "deferrable": {"deferrable": True},
}
GOES_ON = {"reschedule": "up_for_reschedule", "deferrable": "deferred"}


def sense(print_job_id: Any, *, run: dict[str, Any] | None = None, **arguments: Any) -> Ran:
    with dag():
        op = IntelliprintPrintJobSensor(
            task_id="sent", print_job_id=print_job_id, **{"poke_interval": 0.05, **arguments}
        )
    return run_task(op, **(run or {}))


def returned(box: PrintSandbox, letter: Any, reason: str = "Gone away") -> None:
    from airflow_provider_print.sandbox.intelliprint.outbox import move_letter

    move_letter(box.sandbox, str(letter.id), status="returned", reason=reason)


@pytest.mark.parametrize("mode", MODES)
def test_letters_that_are_sent_end_the_wait_with_the_result_of_the_job(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox, mode: str
) -> None:
    job = posted(intelliprint, letters=2)
    print_sandbox.advance(TWO_HOURS)
    ran = sense(job.id, **MODES[mode])
    assert ran.state == "success"
    assert ran.result["id"] == job.id
    assert ran.result["letters"] == {"sent": 2}
    assert ran.supervisor.xcoms["_link_PrintJobLink"].endswith(job.id)


@pytest.mark.parametrize("mode", GOES_ON)
def test_letters_on_their_way_are_waited_for_without_a_worker(
    intelliprint: IntelliprintHook, mode: str
) -> None:
    job = posted(intelliprint)
    assert sense(job.id, **MODES[mode]).state == GOES_ON[mode]


def test_a_sensor_that_pokes_waits_until_the_letters_are_sent(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    job = posted(intelliprint)
    print_sandbox.freeze(False)
    print_sandbox.set_speed(20_000)
    assert sense(job.id).result["letters"] == {"sent": 1}


@pytest.mark.parametrize("mode", MODES)
def test_a_returned_letter_fails_the_sensor_with_its_id_and_the_reason(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox, mode: str
) -> None:
    job = posted(intelliprint, letters=2)
    print_sandbox.advance(TWO_HOURS)
    returned(print_sandbox, job.letters[0])
    ran = sense(job.id, retries=2, **MODES[mode])
    assert ran.state == "failed", "no retry can heal it"
    assert str(job.letters[0].id) in str(ran.error)
    assert "Gone away" in str(ran.error)
    assert sense(job.id, soft_fail=True, **MODES[mode]).state == "skipped"
    assert sense(job.id, tolerated_failures=0.5, **MODES[mode]).state == "success"


@pytest.mark.parametrize("mode", MODES)
def test_a_service_that_cannot_be_asked_never_ends_the_wait(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox, mode: str, caplog: pytest.LogCaptureFixture
) -> None:
    job = posted(intelliprint)
    told = {"error": {"message": "Pay first", "type": "payment_error", "code": "payment_error"}}
    print_sandbox.fault("GET", "/prints/{id}", status=402, times=1, content=told)
    print_sandbox.advance(TWO_HOURS)
    ran = sense(job.id, **MODES[mode])
    assert ran.state == GOES_ON.get(mode, "success")
    assert "the wait goes on" in caplog.text


@pytest.mark.parametrize("mode", MODES)
def test_an_unknown_job_ends_the_wait_at_once(intelliprint: IntelliprintHook, mode: str) -> None:
    ran = sense("print_nosuch", retries=2, **MODES[mode])
    assert ran.state == "failed"
    assert "print_nosuch" in str(ran.error)


@pytest.mark.parametrize("mode", MODES)
def test_a_refused_api_key_ends_the_wait_at_once(
    print_sandbox: PrintSandbox, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    connect(monkeypatch, "intelliprint_default", "intelliprint", print_sandbox.intelliprint_url, "key_wrong")
    ran = sense("print_1", retries=2, **MODES[mode])
    assert ran.state == "failed"
    assert "password field" in str(ran.error)


def test_the_wait_has_an_end_that_tells_how_things_stand(intelliprint: IntelliprintHook) -> None:
    job = posted(intelliprint)
    ran = sense(job.id, wait_timeout=0.1, retries=2)
    assert ran.state == "failed"
    assert type(ran.error).__name__ == "AirflowSensorTimeout"
    assert "1 waiting_to_print" in str(ran.error)


def test_in_reschedule_mode_the_end_is_counted_from_the_first_reschedule(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    job = posted(intelliprint)
    hour_ago = datetime.now(UTC) - timedelta(hours=1)

    def later(wait_timeout: float) -> Ran:
        supervisor = Supervisor(first_reschedule=hour_ago)
        run = {"supervisor": supervisor, "reschedules": 7}
        return sense(job.id, mode="reschedule", wait_timeout=wait_timeout, run=run)

    assert later(7200).state == "up_for_reschedule"
    assert later(1800).state == "failed"
    print_sandbox.advance(TWO_HOURS)
    assert later(1800).state == "success", "one last look"


def test_a_deferred_wait_carries_its_end_along(intelliprint: IntelliprintHook) -> None:
    job = posted(intelliprint)
    ran = sense(job.id, deferrable=True, wait_timeout=500, poke_interval=7, tolerated_failures=3)
    left = ran.trigger.deadline - datetime.now(UTC).timestamp()
    assert 480 < left <= 500
    assert ran.message.trigger_timeout is None
    kept = ran.trigger.serialize()[1]
    assert (kept["poll_interval"], kept["tolerated_failures"]) == (7, 3)
    assert API_KEY not in json.dumps(kept)


def resumed(ids: list[str], outcome: str, *, many: bool = False, **arguments: Any) -> Ran:
    event = {"outcome": outcome, "ids": ids, "deadline": 2e9, "message": "why", "carry": {"many": many}}
    return sense(ids if many else ids[0], deferrable=True, run={"event": event}, **arguments)


def test_a_resume_looks_itself(intelliprint: IntelliprintHook, print_sandbox: PrintSandbox) -> None:
    job = posted(intelliprint)
    assert resumed([job.id], "ready").state == "deferred"
    assert resumed([job.id], "timeout").state == "failed"
    assert resumed([job.id], "timeout", soft_fail=True).state == "skipped"
    assert resumed([job.id], "error").state == "deferred", "this worker can ask, so the wait goes on"
    print_sandbox.advance(TWO_HOURS)
    assert resumed([job.id], "error").result == sense(job.id).result


@pytest.mark.parametrize("mode", MODES)
def test_one_sensor_waits_for_many_jobs_and_returns_totals(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox, mode: str
) -> None:
    jobs = [posted(intelliprint, letters=2) for _ in range(6)]
    ids = [job.id for job in jobs]
    if mode in GOES_ON:
        assert sense(ids, **MODES[mode]).state == GOES_ON[mode]
    print_sandbox.advance(TWO_HOURS)
    returned(print_sandbox, jobs[3].letters[1])
    ran = sense(ids, tolerated_failures=1, **MODES[mode])
    assert ran.result == {"print_jobs": 6, "letters": {"sent": 11, "returned": 1}, "failed": 1}
    if mode == "deferrable":
        assert resumed(ids, "ready", many=True, tolerated_failures=1).result == ran.result


def test_ids_may_come_as_the_results_of_earlier_and_mapped_tasks(
    intelliprint: IntelliprintHook, print_sandbox: PrintSandbox
) -> None:
    jobs = [{"id": posted(intelliprint).id} for _ in range(4)]
    print_sandbox.advance(TWO_HOURS)
    with dag():

        @task
        def post(number: int) -> dict[str, str]:
            return jobs[number]

        many = IntelliprintPrintJobSensor(task_id="many", print_job_id=post.expand(number=[0, 1, 2, 3]))
        one = IntelliprintPrintJobSensor(task_id="one", print_job_id="{{ ti.xcom_pull('post')['id'] }}")
    assert run_task(many, supervisor=Supervisor({"post": jobs})).result["print_jobs"] == 4
    assert run_task(one, supervisor=Supervisor({"post": jobs[0]})).result["id"] == jobs[0]["id"]


def test_the_wait_for_a_test_job_ends_at_confirmed_and_says_so_unless_its_letters_move(
    intelliprint_in_testmode: IntelliprintHook,
    print_sandbox: PrintSandbox,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    job = posted(intelliprint_in_testmode)
    assert sense(job.id, deferrable=True).result["letters"] == {"waiting_to_print": 1}
    assert "the wait for them ends here" in caplog.text
    print_sandbox.world(test_letters_move=True)
    url = print_sandbox.intelliprint_url
    connect(monkeypatch, "intelliprint_default", "intelliprint", url, API_KEY, test_letters_move=True)
    assert sense(job.id, deferrable=True).state == "deferred"
    print_sandbox.advance(TWO_HOURS)
    assert sense(job.id, deferrable=True).result["letters"] == {"sent": 1}


def test_a_draft_is_waited_for(intelliprint: IntelliprintHook) -> None:
    assert sense(draft(intelliprint).id, mode="reschedule").state == "up_for_reschedule"


@pytest.mark.parametrize(
    ("arguments", "param"),
    [
        ({"print_job_id": ""}, "print_job_id"),
        ({"print_job_id": []}, "print_job_id"),
        ({"print_job_id": 7}, "print_job_id"),
        ({"print_job_id": "../prints"}, "print_job_id"),
        ({"print_job_id": "print_1", "target_statuses": []}, "target_statuses"),
        ({"print_job_id": "print_1", "tolerated_failures": 1.5}, "tolerated_failures"),
    ],
)
@pytest.mark.parametrize("mode", ["poke", "deferrable"])
def test_wrong_arguments_name_the_field(
    intelliprint: IntelliprintHook, arguments: dict[str, Any], param: str, mode: str
) -> None:
    ran = sense(**arguments, retries=2, **MODES[mode])
    assert ran.state == "failed"
    assert param.partition("print_job_")[2] in str(ran.error)


def test_the_wait_may_be_given_as_a_timedelta(intelliprint: IntelliprintHook) -> None:
    import time

    ran = sense(posted(intelliprint).id, deferrable=True, wait_timeout=timedelta(minutes=5))
    assert ran.state == "deferred"
    assert ran.trigger.deadline - time.time() == pytest.approx(300, abs=20)


@pytest.mark.parametrize(
    ("arguments", "param"),
    [
        ({"wait_timeout": "long"}, "wait_timeout"),
        ({"wait_timeout": None}, "wait_timeout"),
        ({"wait_timeout": -1}, "wait_timeout"),
        ({"deferrable": "False"}, "deferrable"),
        ({"target_statuses": None}, "target_statuses"),
        ({"target_statuses": 5}, "target_statuses"),
    ],
)
def test_a_wrong_argument_names_itself_and_is_not_tried_again(
    intelliprint: IntelliprintHook, arguments: dict[str, Any], param: str
) -> None:
    ran = sense("print_1", retries=2, **arguments)
    assert ran.state == "failed"
    assert f"param={param}" in str(ran.error)
