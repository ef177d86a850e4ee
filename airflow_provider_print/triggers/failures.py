"""What an error of this package means to Airflow: whether the task may be tried again."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from airflow_provider_print._compat import AirflowFailException, AirflowSensorTimeout
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
    UnexpectedAnswerError,
    WaitTimeoutError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator


class FileFailedError(PrintError):
    """The file library could not use a file."""


@contextmanager
def airflow_errors() -> Iterator[None]:
    """Turn errors that no retry can heal into those that Airflow does not retry.

    These are wrong input, a wrong connection, a refusal by the service (400, 401, 403, 404), a check that
    stopped the job, and letters that will not arrive; and the end of a wait, whose deadline is absolute: a
    retry would only begin to wait anew. Everything else goes through as it is and follows `retries`: an
    account that cannot pay (402), limits, a service in trouble, calls whose outcome is unknown. The text
    names status, code, parameter and request id in either case, and the original error is chained.

    :raises AirflowFailException: in place of an error that no retry can heal.
    :raises AirflowSensorTimeout: in place of a `WaitTimeoutError`.
    """
    try:
        yield
    except WaitTimeoutError as error:
        raise AirflowSensorTimeout(str(error)) from error
    except PrintError as error:
        if is_final(error):
            raise AirflowFailException(str(error)) from error
        raise


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
