"""The client of the Printful File Library: add a file by URL, look at it, list the library.

A file is added by its URL and fetched later by the service. The URL is its identity: adding the same one
again gives the same record, whatever the content has become (documented). So a repeated call does no harm,
and changed artwork needs a changed URL, for which there is `with_version`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote_plus, urlsplit

from airflow_provider_print.core.errors import GoneError, InputError
from airflow_provider_print.core.identifiers import check_id, check_url
from airflow_provider_print.core.multipart import Body
from airflow_provider_print.printful.models import FilePage, FileStatus, LibraryFile

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from airflow_provider_print.core.transport import Transport

_MOST = 100


class PrintfulClient:
    """A client over a transport.

    :param transport: to `https://api.printful.com` or to another service that speaks the same
    """

    transport: Transport

    def __init__(self, transport: Transport) -> None:
        self.transport = transport

    def add_file(
        self,
        url: str,
        *,
        type: str | None = None,  # noqa: A002 - the service's own word
        filename: str | None = None,
        visible: bool | None = None,
        options: Sequence[Mapping[str, Any]] | None = None,
    ) -> LibraryFile:
        """Add a file to the library.

        Its status may be any: `waiting` when new, that of the old record otherwise.

        Repeated freely: the same URL gives the same record (documented). A record that has `failed` stays
        so; only a changed URL makes a new one.

        :param url: http or https, which the service must be able to reach
        :param type: where it is to be printed; `default` by default
        :param filename: by default the service takes it from the URL
        :param visible: shown in the library on the web, true by default
        :param options: `{"id", "value"}` each; a later addition of the service
        """
        given = {
            "url": check_url(url, allow_http=True, param="url"),
            "type": type,
            "filename": filename,
            "visible": visible,
            "options": [dict(option) for option in options] if options is not None else None,
        }
        tree = {name: value for name, value in given.items() if value is not None}
        body = Body.of_json(tree, private=(url,))
        answer = self.transport.request("POST", "/files", body=body, repeatable=True)
        return LibraryFile.read(answer.data["result"], request_id=answer.request_id)

    def get_file(self, file_id: int | str) -> LibraryFile:
        """Read a file; polling is the only way to learn that it is ready (documented).

        :param file_id: the service's id, a number
        """
        answer = self.transport.request("GET", f"/files/{_number(file_id)}", id_from="file_id")
        return LibraryFile.read(answer.data["result"], request_id=answer.request_id)

    def list_files(
        self, status: str | None = None, offset: int | None = None, limit: int | None = None
    ) -> FilePage:
        """Read one page of the library, newest first.

        Raises `GoneError` where the service has removed the list, as the public one has (documented): keep
        the ids of your files then.

        :param status: `waiting`, `ok` or `failed`
        :param offset: rows to leave out at the start
        :param limit: 1 to 100, 20 by default
        """
        if status is not None and status not in list(FileStatus):
            known = ", ".join(FileStatus)
            raise InputError(f"{str(status)[:60]!r} is not a status of a file ({known}).", param="status")
        _check_whole(offset, "offset", 0, None)
        _check_whole(limit, "limit", 1, _MOST)
        given = {"status": status, "offset": offset, "limit": limit}
        query = [(name, str(value)) for name, value in given.items() if value is not None]
        gone: GoneError | None = None
        try:
            answer = self.transport.request("GET", "/files", params=query)
        except GoneError as error:
            gone = error
        if gone is not None:
            raise GoneError(
                "The list of files was removed by the service.",
                status=gone.status,
                code=gone.code,
                request_id=gone.request_id,
                advice="Keep the ids that add_file gives you, and read them with get_file.",
            )
        rows = answer.data["result"]
        paging = answer.data.get("paging") or {}
        page = {
            "files": rows,
            "total": paging.get("total", len(rows)),
            "offset": paging.get("offset", offset or 0),
            "limit": paging.get("limit", limit or 20),
        }
        return FilePage.read(page, request_id=answer.request_id)

    def iterate_files(self, status: str | None = None, *, page_size: int = _MOST) -> Iterator[LibraryFile]:
        """Go through the whole library, newest first, each file once.

        Files that are added meanwhile move the others back, so a row that comes twice is left out.

        :param status: `waiting`, `ok` or `failed`
        :param page_size: rows of each page, 1 to 100
        """
        seen: set[int] = set()
        offset = 0
        while True:
            page = self.list_files(status, offset, page_size)
            for file in page.files:
                if file.id not in seen:
                    seen.add(file.id)
                    yield file
            offset += len(page.files)
            if not page.files or offset >= page.total:
                return

    @staticmethod
    def with_version(url: str, version: str) -> str:
        """Return the URL with a version in its query, so that changed artwork is fetched again.

        The rest of the query stays byte by byte as it is, for it may be signed. A version that is there is
        replaced.

        :param url: of the artwork
        :param version: a hash, a date or a number
        """
        check_url(url, allow_http=True, param="url")
        if not version or not version.isprintable():
            raise InputError("A version is a short text.", param="version")
        parts = urlsplit(url)
        kept = [piece for piece in parts.query.split("&") if piece and not _is_version(piece)]
        query = "&".join([*kept, f"v={quote_plus(version)}"])
        return parts._replace(query=query).geturl()


def _is_version(piece: str) -> bool:
    pairs = parse_qsl(piece, keep_blank_values=True)
    return bool(pairs) and pairs[0][0] == "v"


def _number(value: int | str) -> str:
    text = check_id(value, param="file_id")
    if not text.isdecimal():
        raise InputError("The id of a file is a number.", param="file_id")
    return text


def _check_whole(value: Any, name: str, least: int, most: int | None) -> None:
    if value is None:
        return
    fits = isinstance(value, int) and not isinstance(value, bool)
    if not fits or value < least or (most is not None and value > most):
        bounds = f"from {least} to {most}" if most is not None else f"of {least} or more"
        raise InputError(f"{name} must be a whole number {bounds}.", param=name)
