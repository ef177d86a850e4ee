"""Merging files into one PDF, and fetching what the service makes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO

from airflow_provider_print.core.documents import Document
from airflow_provider_print.core.errors import InputError
from airflow_provider_print.core.transport import MAX_DOWNLOAD
from airflow_provider_print.intelliprint.client.base import ClientBase
from airflow_provider_print.intelliprint.models import MergedFile

if TYPE_CHECKING:
    from collections.abc import Sequence


class Merging(ClientBase):
    """The part of the client that merges and fetches files."""

    def merge_files(self, files: Sequence[Any]) -> MergedFile:
        """Make one PDF of several files, in their order. Repeated freely: at most an unused file comes of it.

        Local files are uploaded as one form (documented), URLs are sent as JSON (observed by others); the
        two cannot be mixed, because no source says that the service can do it.

        :param files: paths, bytes, storage URLs, or all of them http(s) URLs
        """
        if isinstance(files, str | bytes) or not files:
            raise InputError("Give a list of files to merge.", param="files")
        opened = [self.open_file(file, param=f"files[{index}]") for index, file in enumerate(files)]
        if len({isinstance(one, Document) for one in opened}) > 1:
            raise InputError("Files and URLs cannot be merged in one call.", param="files")
        return self._post(MergedFile, "/tools/merge", {"files": opened}, repeatable=True)

    def download(self, url: str, target: BinaryIO, *, max_bytes: int = MAX_DOWNLOAD) -> int:
        """Fetch a file by a signed link of the service; return its size in bytes. The API key is not sent.

        Such links live for an hour (observed by others).

        :param url: from a letter, a background or a merge
        :param target: written from its present position
        :param max_bytes: most bytes that are taken
        """
        return self.transport.download(url, target, max_bytes=max_bytes)
