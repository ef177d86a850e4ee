"""Waiting for a library file: one look, one judgement, one result, whoever waits."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any

from airflow_provider_print.core.errors import (
    AuthenticationError,
    BadRequestError,
    GoneError,
    InputError,
    NotFoundError,
    PrintError,
    WaitTimeoutError,
)
from airflow_provider_print.printful.models import FileStatus
from airflow_provider_print.triggers.connecting import changed
from airflow_provider_print.triggers.events import Outcome
from airflow_provider_print.triggers.failures import FileFailedError, is_final
from airflow_provider_print.triggers.polling import polling

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow_provider_print.hooks.printful import PrintfulHook
    from airflow_provider_print.printful.models import LibraryFile
    from airflow_provider_print.triggers.events import WaitEvent

log = logging.getLogger(__name__)

_SHOWN = (
    "id",
    "status",
    "type",
    "filename",
    "mime_type",
    "hash",
    "size",
    "width",
    "height",
    "dpi",
    "thumbnail_url",
    "preview_url",
)


def file_number(value: Any) -> int:
    """Return the id in what a template field holds: a number, digits, or the result of a task with a file.

    :raises InputError: naming `file_id`, for anything else.
    """
    if isinstance(value, dict):
        return file_number(value.get("id"))
    if isinstance(value, str) and value.strip().isdecimal():
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    raise InputError(
        f"The id of a library file is a number; {type(value).__name__} was given.", param="file_id"
    )


def result_of(file: LibraryFile) -> dict[str, Any]:
    """Return what is worth keeping of a file: not its source URL, which may be a signed one."""
    return {name: getattr(file, name) for name in _SHOWN}


def settled(file: LibraryFile) -> bool:
    """Tell whether a file is ready.

    :raises FileFailedError: when the library could not use it.
    :raises UnexpectedAnswerError: naming a status that nobody knows.
    """
    status = file.known_status
    if status is FileStatus.FAILED:
        raise FileFailedError(
            f"The library could not fetch or read file {file.id}; the service gives no reason.",
            param="url",
            advice=(
                "Check that the URL can be reached from the internet and is a PNG, JPEG or PDF. Then change "
                "the URL (for example with `version`): the same one gives this failed record for ever."
            ),
        )
    return status is FileStatus.OK


def look_patiently(hook: PrintfulHook, file_id: int, *, begun: bool = False) -> LibraryFile | None:
    """Ask once; return None, and say so in the log, when the service could not be asked.

    At the very first look, a refused token and the like are raised at once: somebody has just set this up.
    Later they are borne with until the deadline, which is near.

    :param begun: there was a look before this one.
    :raises PrintError: when asking again cannot help.
    """
    try:
        return _ask(hook, file_id)
    except PrintError as error:
        about_the_file = isinstance(error, BadRequestError | GoneError | NotFoundError)
        if is_final(error) and (about_the_file or not begun):
            raise
        log.warning("Could not ask for file %s; the wait goes on. %s", file_id, error)
        return None


def _ask(hook: PrintfulHook, file_id: int) -> LibraryFile:
    """Look once. A 401 may mean that the token was changed: the connection is read again."""
    try:
        return polling(hook).get_file(file_id)
    except AuthenticationError:
        other = changed(hook, hook.printful_conn_id)
        if other is None:
            raise
    return polling(other).get_file(file_id)


def too_late(file_id: int) -> WaitTimeoutError:
    """Return the error of a wait whose deadline has passed."""
    return WaitTimeoutError(
        f"File {file_id} is still not ready at the end of wait_timeout.",
        advice="The library goes on with it. To wait longer, raise wait_timeout and clear this task.",
    )


def wait_for_file(
    hook: PrintfulHook,
    file_id: int,
    *,
    deadline: float,
    poll_interval: float,
    clock: Callable[[], float] = time.time,
    sleep: Callable[[float], None] = time.sleep,
) -> LibraryFile:
    """Ask again and again until the file is ready; the last look is at the deadline, not before it.

    :param deadline: UNIX seconds.
    :param poll_interval: seconds between two looks.
    :raises WaitTimeoutError: when the deadline has passed.
    :raises PrintError: when asking again cannot help, or the library could not use the file.
    """
    begun = False
    while True:
        last = clock() >= deadline
        file = look_patiently(hook, file_id, begun=begun)
        begun = begun or file is not None
        if file is not None and settled(file):
            return file
        if last:
            raise too_late(file_id)
        sleep(max(0.0, min(poll_interval, deadline - clock())))


def after_event(hook: PrintfulHook, event: WaitEvent) -> LibraryFile | None:
    """Look once more after a trigger has woken the task; None means that the wait is not over.

    :raises WaitTimeoutError: when the deadline has passed and this, the last look, shows no end.
    :raises PrintError: when asking again cannot help, or the library could not use the file.
    """
    file_id = file_number(event.ids[0])
    failed = event.outcome is Outcome.ERROR
    file = look_patiently(hook, file_id, begun=not failed)
    if file is not None and settled(file):
        return file
    if event.outcome is Outcome.TIMEOUT or time.time() >= event.deadline:
        raise too_late(file_id)
    if failed:
        log.warning("The triggerer could not go on waiting; it is asked to try again. %s", event.message)
    return None
