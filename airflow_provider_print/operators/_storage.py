"""Files that operators leave behind: on a path, or in an object storage that Airflow knows."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow.sdk import ObjectStoragePath

_LOCAL = ("", "file")


def target_path(target: Any, *, param: str) -> ObjectStoragePath:
    """Return a path or a storage URL as something that can be opened.

    :param target: for example `/data/letters` or `s3://aws_default@bucket/letters`.
    :param param: the argument this came from, for the error.
    :raises InputError: when it is empty.
    """
    from airflow.sdk import ObjectStoragePath

    from airflow_provider_print.core.errors import InputError

    if not str(target or "").strip():
        raise InputError(f"{param} is empty: give a path or a storage URL.", param=param)
    return ObjectStoragePath(str(target))


def make_folder(folder: ObjectStoragePath) -> None:
    """Make a local folder; an object storage has none."""
    if folder.protocol in _LOCAL:
        folder.mkdir(parents=True, exist_ok=True)


def write_whole(path: ObjectStoragePath, write: Callable[[BinaryIO], int]) -> int:
    """Write a file; what was begun and not finished is removed, so that what is there is whole.

    :param path: where to.
    :param write: writes into the open file and returns the number of bytes.
    """
    try:
        with path.open("wb") as file:  # type: ignore[no-untyped-call]
            return write(file)
    except BaseException:
        with contextlib.suppress(Exception):
            path.unlink(missing_ok=True)
        raise
