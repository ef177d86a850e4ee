"""What an error of this package means to Airflow: whether the task may be tried again."""

from __future__ import annotations

import logging
import random
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from airflow_provider_print._compat import (
    AirflowFailException,
    AirflowRescheduleException,
    AirflowSensorTimeout,
)
from airflow_provider_print.core.errors import (
    AuthenticationError,
    BadRequestError,
    CheckError,
    ForbiddenError,
    GoneError,
    InputError,
    LetterFailedError,
    NotFoundError,
    PrintError,
    RateLimitError,
    RegisterError,
    SupersededError,
    UnexpectedAnswerError,
    WaitTimeoutError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

log = logging.getLogger(__name__)

_DAY = timedelta(days=1)
_SPREAD = 60.0
# A task that was put off n times and is back before n times this was not put off at all.
_SHORTEST = 60.0


class FileFailedError(PrintError):
    """The file library could not use a file."""


@contextmanager
def airflow_errors() -> Iterator[None]:
    """Turn errors into what Airflow understands: try no more, come back later, or try again.

    No retry can heal wrong input, a wrong connection, a refusal by the service (400, 401, 403, 404), a check
    that stopped the job, and letters that will not arrive; nor the end of a wait, whose deadline is absolute:
    a retry would only begin to wait anew.

    A rate limit heals by itself at a moment that the service has named. That is no failure, so it costs no
    retry: the task gives its slot up, and Airflow runs it again then, under the same try number. It does so
    for a day at most; what is refused longer than that follows `retries`. Every task may ask for that, not
    only a sensor: seen with the schedulers of 3.1.8, 3.2.2 and 3.3.2. In the sources of 3.1.0 an ordinary
    task runs again at once; one that notices it follows `retries`, too.

    Posting bears it because whoever asks for it has ended, so two runs of one try never overlap, and because
    the second finds in the register what the first has decided. It must therefore not follow a write to the
    register that stayed unanswered, which may still land and would then bring another decision: that is a
    matter of `retries`, and the next try writes elsewhere.

    So does everything else: an account that cannot pay (402), a service in trouble, calls whose outcome is
    unknown. The text names status, code, parameter and request id in any case, and the error is chained.

    :raises AirflowFailException: in place of an error that no retry can heal.
    :raises AirflowSensorTimeout: in place of a `WaitTimeoutError`.
    :raises AirflowRescheduleException: in place of a rate limit that names its wait.
    """
    try:
        yield
    except WaitTimeoutError as error:
        raise AirflowSensorTimeout(str(error)) from error
    except PrintError as error:
        if is_final(error):
            raise AirflowFailException(str(error)) from error
        moment = _when_to_come_back(error)
        if moment is None:
            raise
        log.warning("%s Airflow runs this task again at %s.", error, moment.isoformat(timespec="seconds"))
        raise AirflowRescheduleException(moment) from error  # type: ignore[no-untyped-call]


def _when_to_come_back(error: PrintError) -> datetime | None:
    """Return when a task is to run again; None when that is for `retries` to say."""
    limited = isinstance(error, RateLimitError) or isinstance(error.__cause__, RateLimitError)
    if not limited or isinstance(error, RegisterError | SupersededError):
        return None
    if error.retry_after is None or error.retry_after > _DAY.total_seconds():
        return None
    now = datetime.now(UTC)
    begun = _began(now)
    # Not all at once: on some servers calls that come too early count too.
    wait = max(error.retry_after, _SHORTEST) + random.uniform(0, _SPREAD)  # noqa: S311
    moment = now + timedelta(seconds=wait)
    return moment if begun is not None and moment - begun <= _DAY else None


def _began(now: datetime) -> datetime | None:
    """Return when the running task was first put off, or now; None where it cannot be put off.

    That is outside a task, where nobody can tell, and where Airflow runs it again before its time: it would
    ask a service for hours, as fast as it can, that has just refused to be asked.
    """
    from airflow.sdk import get_current_context

    try:
        context = get_current_context()
    except RuntimeError:
        return None
    count = context.get("task_reschedule_count") or 0
    if not count:
        return now
    try:
        first = context["ti"].get_first_reschedule_date(context)
    except Exception as error:  # noqa: BLE001 - the error that is being told is worth more than this one
        log.warning("Airflow could not be asked when this task was first put off: %s.", type(error).__name__)
        return None
    kept = first is not None and (now - first).total_seconds() >= count * _SHORTEST
    return first if kept else None


def is_final(error: Exception) -> bool:
    """Tell whether an error stays the same however often the task runs."""
    if isinstance(error, CheckError):
        return error.param != "file"  # cut short on its way: the next upload may be whole
    return isinstance(error, LetterFailedError | FileFailedError) or ends_waiting(error)


def ends_waiting(error: Exception) -> bool:
    """Tell whether asking again can never help; other errors are "could not ask", no news of a letter."""
    if isinstance(error, UnexpectedAnswerError):
        return error.param is not None  # a status that nobody knows; without a name it may be a proxy's page
    permanent = (
        InputError,
        BadRequestError,
        AuthenticationError,
        ForbiddenError,
        NotFoundError,
        GoneError,
    )
    return isinstance(error, permanent)
