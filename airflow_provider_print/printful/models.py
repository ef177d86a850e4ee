"""What the Printful File Library answers.

The fifteen fields are those that the library has always had; later ones (`is_temporary`, `options`) may be
missing, and an unknown one is kept. Times are integers of UNIX seconds, sizes bytes, measures pixels
(documented).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from airflow_provider_print.core.answer_model import AnswerModel
from airflow_provider_print.core.errors import UnexpectedAnswerError


class FileStatus(StrEnum):
    """States of a library file (documented)."""

    WAITING = "waiting"
    OK = "ok"
    FAILED = "failed"


class LibraryFile(AnswerModel):
    """A file of the library.

    A fresh one is `waiting`, with size 0 and no hash; later it is `ok` or `failed`. The service gives no
    reason for a failure (documented).
    """

    shown = ("id", "status", "filename")

    id: int
    type: str | None = None
    hash: str | None = None
    url: str | None = None
    filename: str | None = None
    mime_type: str | None = None
    size: int | None = None
    width: int | None = None
    height: int | None = None
    dpi: int | None = None
    status: str
    created: int | None = None
    thumbnail_url: str | None = None
    preview_url: str | None = None
    visible: bool | None = None
    is_temporary: bool | None = None
    options: list[dict[str, Any]] | None = None
    message: str | None = None

    @property
    def known_status(self) -> FileStatus:
        """The status as a known one; `UnexpectedAnswerError` that names a status nobody knows."""
        try:
            return FileStatus(self.status)
        except ValueError:
            raise UnexpectedAnswerError(
                f"File {self.id} has the status {self.status[:60]!r}, which this version does not know.",
                param="status",
                advice="Look at the file in the library, and update this package.",
            ) from None


class FilePage(AnswerModel):
    """One page of the library, newest first.

    :param total: how many files there are altogether, regardless of paging
    """

    shown = ("total", "offset", "limit")

    files: list[LibraryFile]
    total: int
    offset: int
    limit: int
