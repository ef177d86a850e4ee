"""What all parts of the client share: sending, reading models, going through pages, opening files."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar

from airflow_provider_print.core.answer_model import AnswerModel
from airflow_provider_print.core.documents import Document, RemoteFile, open_document
from airflow_provider_print.core.errors import InputError, UnexpectedAnswerError, UnknownOutcomeError
from airflow_provider_print.intelliprint.models import Deleted, Page
from airflow_provider_print.intelliprint.wire import body_of, query_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from airflow_provider_print.core.answers import Answer
    from airflow_provider_print.core.transport import Transport

M = TypeVar("M", bound=AnswerModel)
SortOrder = Literal["asc", "desc"]

#: Rows of a page when going through all of them; the service allows 1,000 (documented).
PAGE_SIZE = 100
_MOST = 1000


class Unset(Enum):
    """Stands for an argument that was not given, where `None` clears something."""

    UNSET = "unset"

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Final = Unset.UNSET


class ClientBase:
    """A client over a transport.

    :param transport: to `https://api.intelliprint.net/v1` or to another service that speaks the same
    """

    transport: Transport

    def __init__(self, transport: Transport) -> None:
        self.transport = transport

    def open_file(
        self, source: Any, name: str | None = None, *, param: str = "file"
    ) -> Document | RemoteFile:
        """Turn what a caller has into something that can be sent; a hook adds storage URLs here.

        :param source: path, bytes, http(s) URL, or an opened document
        :param name: file name for the service
        :param param: the field it came from, for errors
        """
        return open_document(source, name, param=param)

    def _get(self, model: type[M], path: str, id_from: str) -> M:
        """Read one object, whole: that `fields` works here, as it does in lists, is written nowhere."""
        answer = self.transport.request("GET", path, id_from=id_from)
        return model.read(answer.data, request_id=answer.request_id)

    def _post(
        self,
        model: type[M],
        path: str,
        tree: Mapping[str, Any],
        *,
        id_from: str | None = None,
        repeatable: bool = False,
    ) -> M:
        body = body_of(tree)
        answer = self.transport.request("POST", path, body=body, repeatable=repeatable, id_from=id_from)
        try:
            return model.read(answer.data, request_id=answer.request_id)
        except UnexpectedAnswerError as error:
            unreadable = error
        # It was carried out, but nobody can say how: the same as no answer.
        raise UnknownOutcomeError(unreadable.message, status=answer.status, request_id=answer.request_id)

    def _delete(self, object_id: str, kind: str, path: str, id_from: str) -> Deleted:
        """Delete; after a lost answer "not found" means that it worked."""
        answer = self.transport.request("DELETE", path, repeatable=True, id_from=id_from)
        return _deleted(object_id, kind, answer)

    def _page(
        self,
        model: type[M],
        path: str,
        filters: Mapping[str, Any],
        fields: Sequence[str] | None,
        *,
        id_from: str | None = None,
    ) -> Page[M]:
        checked = {
            **filters,
            "limit": _whole(filters.get("limit"), "limit", 1, _MOST),
            "skip": _whole(filters.get("skip"), "skip", 0, None),
        }
        private = [value for value in filters.values() if isinstance(value, str)]
        query = query_of(checked, fields)
        answer = self.transport.request("GET", path, params=query, private=private, id_from=id_from)
        page: Page[M] = Page[model].read(answer.data, request_id=answer.request_id)  # type: ignore[valid-type]
        return page


def every(page: Callable[..., Page[M]], *, page_size: int = PAGE_SIZE) -> Iterator[M]:
    """Go through all pages of a list, each object once.

    Paging is by offset, so an object that is made or deleted meanwhile moves the others: one may come
    twice, which is caught here, or be missed, which is not.

    :param page: called with `skip` and `limit`
    """
    seen: set[str] = set()
    skip = 0
    while True:
        found = page(skip=skip, limit=page_size)
        for one in found.data:
            identity = str(getattr(one, "id", ""))
            if identity not in seen:
                seen.add(identity)
                yield one
        skip += len(found.data)
        if not found.has_more or not found.data:
            return


def changes(**given: Any) -> dict[str, Any]:
    """Return what was given, for an update; raise `InputError` when that is nothing."""
    found = {name: value for name, value in given.items() if value is not UNSET}
    if not found:
        raise InputError("There is nothing to change.", param=next(iter(given)))
    return found


def check_line(value: Any, param: str) -> None:
    """Check a name that is sent as it is: one line of text, or not given.

    :param param: the argument it came from, for the error
    """
    if value is None or value is UNSET:
        return
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        raise InputError(f"{param} must be one line of text.", param=param)


def _deleted(object_id: str, kind: str, answer: Answer) -> Deleted:
    if answer.gone or answer.data is None:
        return Deleted(id=object_id, object=kind, deleted=True)
    return Deleted.read(answer.data, request_id=answer.request_id)


def _whole(value: Any, name: str, least: int, most: int | None) -> int | None:
    if value is None:
        return None
    fits = isinstance(value, int) and not isinstance(value, bool)
    if not fits or value < least or (most is not None and value > most):
        bounds = f"from {least} to {most}" if most is not None else f"of {least} or more"
        raise InputError(f"{name} must be a whole number {bounds}.", param=name)
    return int(value)
