"""Working days of England and the cut-off at 15:00 in London."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from airflow_provider_print.sandbox.intelliprint.workdays import (
    bank_holidays,
    is_working_day,
    printing_starts,
)

if TYPE_CHECKING:
    from airflow_provider_print.sandbox import PrintSandbox
    from tests.sandbox.calls import Api

LONDON = ZoneInfo("Europe/London")


def status(api: Api, job: dict[str, Any]) -> str:
    """Where the first letter of a job is."""
    return str(api.get(f"/prints/{job['id']}").json()["letters"][0]["status"])


def starts(submitted: str, mail_day: str | None = None) -> str:
    """When printing starts, in London's time, for a moment of London's time and a day."""
    moment = datetime.fromisoformat(submitted).replace(tzinfo=LONDON).timestamp()
    day = None if mail_day is None else int(datetime.fromisoformat(mail_day).replace(tzinfo=UTC).timestamp())
    return datetime.fromtimestamp(printing_starts(moment, day), LONDON).strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("submitted", "printed"),
    [
        ("2026-07-01 10:30", "2026-07-01 10:30"),  # a Wednesday in summer
        ("2026-07-01 15:00", "2026-07-01 15:00"),
        ("2026-07-01 15:00:01", "2026-07-02 09:00"),
        ("2026-01-07 15:00", "2026-01-07 15:00"),  # a Wednesday in winter
        ("2026-01-07 15:01", "2026-01-08 09:00"),
        ("2026-07-01 03:00", "2026-07-01 09:00"),
        ("2026-07-03 15:01", "2026-07-06 09:00"),  # Friday to Monday
        ("2026-07-04 11:00", "2026-07-06 09:00"),
        ("2026-04-02 16:00", "2026-04-07 09:00"),  # over Easter
        ("2026-12-24 15:30", "2026-12-29 09:00"),  # Boxing Day is a Saturday: Monday is off
        ("2026-12-25 10:00", "2026-12-29 09:00"),
    ],
)
@pytest.mark.behaviour("intelliprint.life.cut-off", "intelliprint.life.working-days")
def test_what_comes_after_three_in_london_waits_for_the_next_working_day(
    submitted: str, printed: str
) -> None:
    assert starts(submitted) == printed


@pytest.mark.parametrize(
    ("mail_day", "printed"),
    [
        ("2026-07-01", "2026-07-01 10:30"),
        ("2026-06-01", "2026-07-01 10:30"),
        ("2026-07-09", "2026-07-09 09:00"),
        ("2026-07-11", "2026-07-13 09:00"),  # a Saturday
        ("2026-12-25", "2026-12-29 09:00"),
    ],
)
@pytest.mark.behaviour("intelliprint.life.mail-date", "intelliprint.life.working-days")
def test_a_mail_date_without_work_becomes_the_next_day_with_it(mail_day: str, printed: str) -> None:
    assert starts("2026-07-01 10:30", mail_day) == printed


@pytest.mark.parametrize(
    ("year", "days"),
    [
        (2020, "01-01 04-10 04-13 05-08 05-25 08-31 12-25 12-28"),
        (2021, "01-01 04-02 04-05 05-03 05-31 08-30 12-27 12-28"),
        (2022, "01-03 04-15 04-18 05-02 06-02 06-03 08-29 09-19 12-26 12-27"),
        (2023, "01-02 04-07 04-10 05-01 05-08 05-29 08-28 12-25 12-26"),
        (2024, "01-01 03-29 04-01 05-06 05-27 08-26 12-25 12-26"),
        (2026, "01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28"),
        (2027, "01-01 03-26 03-29 05-03 05-31 08-30 12-27 12-28"),
    ],
)
@pytest.mark.behaviour("intelliprint.life.working-days")
def test_the_bank_holidays_are_those_that_were_proclaimed(year: int, days: str) -> None:
    assert sorted(day.strftime("%m-%d") for day in bank_holidays(year)) == days.split()


def test_every_day_of_a_holiday_is_a_weekday_in_all_years_that_the_clock_can_reach() -> None:
    for year in range(1978, 5139):
        assert len(bank_holidays(year)) in (8, 9, 10)
        assert all(day.weekday() < 5 for day in bank_holidays(year))
    assert is_working_day(date(2026, 7, 1))
    assert not is_working_day(date(2026, 7, 5))


@pytest.mark.behaviour("intelliprint.life.cut-off")
def test_letters_wait_over_the_weekend_and_can_be_cancelled_meanwhile(
    print_sandbox: PrintSandbox, api: Api
) -> None:
    print_sandbox.world(working_days=True)
    print_sandbox.freeze()
    friday = datetime(2030, 6, 7, 15, 30, tzinfo=LONDON).timestamp()
    print_sandbox.sandbox.clock.set(friday)
    job = api.make(testmode=False, confirmed=True)

    print_sandbox.advance(2 * 86_400)
    assert status(api, job) == "waiting_to_print"
    print_sandbox.sandbox.clock.set(datetime(2030, 6, 10, 9, 9, tzinfo=LONDON).timestamp())
    assert status(api, job) == "waiting_to_print"
    print_sandbox.advance(60)
    assert status(api, job) == "printing"
    print_sandbox.advance(3600)
    assert status(api, job) == "sent"


@pytest.mark.parametrize("rules", [{"working_days": True}, {"first_status": "printing"}])
def test_what_was_posted_stays_posted_and_paid_under_other_rules(
    print_sandbox: PrintSandbox, api: Api, rules: dict[str, Any]
) -> None:
    print_sandbox.freeze()
    print_sandbox.sandbox.clock.set(1_907_236_800)  # a Sunday
    sent, waiting = (api.make(testmode=False, confirmed=True, reference=name) for name in ("a", "b"))
    print_sandbox.advance(5 * 60)
    print_sandbox.world(**rules)
    assert status(api, waiting) == "waiting_to_print"
    assert api.delete(f"/prints/{waiting['id']}").status_code == 200
    print_sandbox.advance(3600)
    assert status(api, sent) == "sent"
    print_sandbox.world(working_days=not print_sandbox.sandbox.world.working_days)
    assert status(api, sent) == "sent"
    assert api.delete(f"/prints/{sent['id']}").status_code == 400
