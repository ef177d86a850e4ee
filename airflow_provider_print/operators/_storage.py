"""Files that operators leave behind: on a path, or in an object storage that Airflow knows."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, BinaryIO
from uuid import uuid4

from airflow_provider_print.core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow.sdk import ObjectStoragePath

_LOCAL = ("", "file")


def target_path(target: Any, *, param: str) -> ObjectStoragePath:
    """Return a path or a storage URL as something that can be opened.

    :param target: for example `/data/letters` or `s3://aws_default@bucket/letters`.
    :param param: the argument this came from, for the error.
    :raises InputError: when it is no path, or nothing is installed for its kind of storage.
    """
    from airflow.sdk import ObjectStoragePath

    text = str(target or "").strip()
    if not text or text == "None" or "\0" in text:
        raise InputError(f"{param} is empty: give a path or a storage URL.", param=param)
    try:
        path = ObjectStoragePath(text)
        path.fs  # noqa: B018 - looks for what speaks to this kind of storage
    except (ValueError, ImportError, TypeError):
        kind = text.split("://", 1)[0] if "://" in text else "this path"
        raise InputError(
            f"{param}: Airflow knows no storage of the kind {kind}.",
            param=param,
            advice="Install the provider for it, or give a path.",
        ) from None
    return path


def file_name(name: Any, *, param: str) -> str:
    """Return the bare name of a file: one that leads to no other folder.

    :param param: the argument this came from, for the error.
    :raises InputError: for anything else.
    """
    text = name.strip() if isinstance(name, str) else ""
    if text in ("", ".", "..", "None") or not text.isprintable() or any(sign in text for sign in "/\\:"):
        raise InputError(f"{param} is the bare name of a file, without a folder.", param=param)
    return text


def refuse_folder(path: ObjectStoragePath, *, param: str) -> None:
    """Refuse to write a file where a folder is.

    :param param: the argument this came from, for the error.
    :raises InputError: when there is one.
    """
    if path.is_dir():
        raise InputError(f"{param} is a folder: give the path of a file.", param=param)


def make_folder(folder: ObjectStoragePath, *, param: str) -> None:
    """Make a local folder; an object storage has none.

    :param param: the argument this came from, for the error.
    :raises InputError: when there is a file of that name.
    """
    if folder.protocol not in _LOCAL:
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise InputError(f"{param} leads through a file that is no folder.", param=param) from None


def write_whole(path: ObjectStoragePath, write: Callable[[BinaryIO], int]) -> int:
    """Write a file beside its place and move it there, so that what is there is whole, whoever looks when.

    On a local path the move is atomic; an object storage copies, and shows the copy when it is complete.

    :param path: where to.
    :param write: writes into the open file and returns the number of bytes.
    """
    begun = path.with_name(f".{path.name}.{uuid4().hex}.part")
    try:
        with begun.open("wb") as file:  # type: ignore[no-untyped-call]
            size = write(file)
        path.fs.mv(begun.path, path.path)
    except BaseException:
        with contextlib.suppress(Exception):
            begun.unlink(missing_ok=True)
        raise
    return size
