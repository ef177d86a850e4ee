"""When the service prints: working days of England, and the cut-off at 15:00 in London.

Documented: what is submitted by 15:00 Europe/London on a working day is printed and shipped that day, else
on the next working day. Assumed: working days are Monday to Friday without the bank holidays of England,
and printing starts at 9:00.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

_LONDON = ZoneInfo("Europe/London")
_CUT_OFF = time(15)
_OPENS = time(9)
_DAY = timedelta(days=1)
_SATURDAY = 5

# Days that were moved or given once, by proclamation; all others follow from the rules.
_GIVEN = {
    2020: (date(2020, 5, 8),),
    2022: (date(2022, 6, 2), date(2022, 6, 3), date(2022, 9, 19)),
    2023: (date(2023, 5, 8),),
}
_TAKEN = {2020: (date(2020, 5, 4),), 2022: (date(2022, 5, 30),)}


@lru_cache(maxsize=20_000)
def printing_starts(submitted: float, mail_date: int | None) -> float:
    """Return from when a job is printed, in sandbox seconds.

    :param submitted: when it was confirmed.
    :param mail_date: the first second of the day from which it may be posted, if one was named.
    """
    moment = datetime.fromtimestamp(submitted, UTC).astimezone(_LONDON)
    if is_working_day(moment.date()) and moment.time() <= _CUT_OFF:
        start = max(moment, _opening(moment.date()))
    else:
        start = _opening(_next_working_day(moment.date() + _DAY))
    if mail_date is not None:
        # The day that was named, whatever the hour is in London when it begins in UTC.
        start = max(start, _opening(_next_working_day(datetime.fromtimestamp(mail_date, UTC).date())))
    return start.timestamp()


def day_of(moment: int) -> int:
    """Return the day in London that a moment is in, as the first second of that day in UTC.

    So midnight of a summer's day is of that day whether it was meant in London's time or in UTC (assumed).
    """
    day = datetime.fromtimestamp(moment, _LONDON).date()
    return int(datetime.combine(day, time(), UTC).timestamp())


def is_working_day(day: date) -> bool:
    """Whether letters are printed on a day."""
    return day.weekday() < _SATURDAY and day not in bank_holidays(day.year)


@lru_cache(maxsize=1000)
def bank_holidays(year: int) -> frozenset[date]:
    """Return the bank holidays of England in a year, by the rules in force since 1978."""
    easter = _easter(year)
    last_of_may, last_of_august = date(year, 5, 31), date(year, 8, 31)
    may = date(year, 5, 1)
    days = {
        easter - 2 * _DAY,
        easter + _DAY,
        may + _DAY * (-may.weekday() % 7),
        last_of_may - _DAY * last_of_may.weekday(),
        last_of_august - _DAY * last_of_august.weekday(),
        _on_a_weekday(date(year, 1, 1)),
        *_christmas(year),
    }
    return frozenset((days - {*_TAKEN.get(year, ())}) | {*_GIVEN.get(year, ())})


def _christmas(year: int) -> tuple[date, date]:
    """Return the days off for Christmas and Boxing Day; weekends give the next free weekdays."""
    first = date(year, 12, 25)
    if first.weekday() == _SATURDAY - 1:  # Friday: Boxing Day on Saturday moves to Monday
        return first, first + 3 * _DAY
    if first.weekday() == _SATURDAY:
        return first + 2 * _DAY, first + 3 * _DAY
    if first.weekday() == _SATURDAY + 1:
        return first + _DAY, first + 2 * _DAY
    return first, first + _DAY


def _on_a_weekday(day: date) -> date:
    return day + _DAY * (7 - day.weekday()) if day.weekday() >= _SATURDAY else day


def _next_working_day(day: date) -> date:
    while not is_working_day(day):
        day += _DAY
    return day


def _opening(day: date) -> datetime:
    return datetime.combine(day, _OPENS, _LONDON)


def _easter(year: int) -> date:
    """Return Easter Sunday of the Gregorian calendar (Gauss, as completed by Lichtenberg)."""
    century = year // 100
    moon = 15 + (3 * century + 3) // 4 - (8 * century + 13) // 25
    sun = 2 - (3 * century + 3) // 4
    golden = year % 19
    phase = (19 * golden + moon) % 30
    shift = (phase + golden // 11) // 29
    full_moon = 21 + phase - shift
    first_sunday = 7 - (year + year // 4 + sun) % 7
    day = full_moon + 7 - (full_moon - first_sunday) % 7  # the day in a March that goes on
    return date(year, 3, 1) + _DAY * (day - 1)
