"""Backgrounds: letterhead that is laid under pages."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING, Any

from airflow_provider_print.core.documents import Document
from airflow_provider_print.core.errors import InputError, UnknownOutcomeError
from airflow_provider_print.core.identifiers import check_id
from airflow_provider_print.intelliprint.client.base import (
    UNSET,
    ClientBase,
    SortOrder,
    Unset,
    changes,
    check_line,
    every,
)
from airflow_provider_print.intelliprint.models import Background, Deleted, Page

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

log = logging.getLogger(__name__)

_ID = "background_id"

#: Seconds by which the service's clock may be behind ours. An older background is not the one whose answer
#: was lost, but that of an earlier upload, which may have had other bytes.
_BEHIND = 300.0


class Backgrounds(ClientBase):
    """The part of the client that keeps backgrounds."""

    def create_background(self, file: Any, *, name: str | None = None, team: str | None = None) -> Background:
        """Upload a background (PDF, Word or RTF, documented).

        When the answer is lost, the backgrounds of the last minutes are looked through for one of the same
        name, team and size. If there is none it is uploaded once more; so it is if there are several, for
        their bytes may differ. At worst there is one that nobody uses. Give different backgrounds different
        names: of those that are uploaded at the same time, name and size are all that tells them apart.

        :param file: path, bytes or storage URL; the service takes no remote URL here
        :param name: shown in the dashboard; the file's name by default
        :param team: id of a team; available to everyone by default
        """
        check_line(name, "name")
        check_line(team, "team")
        document = self.open_file(file, param="file")
        if not isinstance(document, Document):
            raise InputError("A background cannot be a URL: the service takes the file itself.", param="file")
        name = name or document.name
        known = {"name": name, "team": team}
        tree = {"file": document, **{field: value for field, value in known.items() if value is not None}}
        since = self.transport.clock.wall() - _BEHIND
        try:
            return self._post(Background, "/backgrounds", tree)
        except UnknownOutcomeError as error:
            log.warning("The answer about a new background was lost (%s); looking for it.", error)
        mine = self._made(since, name=name, size=document.size, team=team)
        if len(mine) == 1:
            return self.get_background(mine[0].id)
        log.warning("There are %d such backgrounds: it is uploaded once more.", len(mine))
        return self._post(Background, "/backgrounds", tree)

    def _made(self, since: float, *, name: str, size: int, team: str | None) -> list[Background]:
        """Return the backgrounds that may be one whose answer was lost."""
        found = []
        for one in self.iterate_backgrounds(team=team, sort_order="desc"):
            if one.created is None or one.created < since:
                break  # the newest come first
            if one.name == name and _team(one) == team and one.file is not None and one.file.size == size:
                found.append(one)
        return found

    def get_background(self, background_id: str) -> Background:
        """Read a background; its link to the PDF is fresh each time.

        :param background_id: the service's id
        """
        return self._get(Background, _path(background_id), _ID)

    def update_background(
        self, background_id: str, *, name: str | Unset = UNSET, team: str | Unset | None = UNSET
    ) -> Background:
        """Rename a background or give it to a team.

        :param background_id: the service's id
        :param name: new name
        :param team: id of a team, `None` for everyone
        """
        check_line(name, "name")
        check_line(team, "team")
        change = changes(name=name, team=team)
        return self._post(Background, _path(background_id), change, id_from=_ID, repeatable=True)

    def delete_background(self, background_id: str) -> Deleted:
        """Delete a background; refused if a print job used it in the last 90 days (observed by others).

        :param background_id: the service's id
        """
        return self._delete(background_id, "background", _path(background_id), _ID)

    def list_backgrounds(
        self,
        *,
        limit: int | None = None,
        skip: int | None = None,
        team: str | None = None,
        sort_field: str | None = None,
        sort_order: SortOrder | None = None,
        fields: Sequence[str] | None = None,
    ) -> Page[Background]:
        """Read one page of the list of backgrounds.

        :param limit: 1 to 1000, 10 by default
        :param skip: rows to leave out at the start
        :param team: id of a team
        :param sort_field: `created` or `name`
        :param fields: dotted names of what is wanted
        """
        filters = {
            "limit": limit,
            "skip": skip,
            "team": team,
            "sort_field": sort_field,
            "sort_order": sort_order,
        }
        return self._page(Background, "/backgrounds", filters, fields)

    def iterate_backgrounds(
        self,
        *,
        team: str | None = None,
        sort_field: str | None = "created",
        sort_order: SortOrder | None = "asc",
        fields: Sequence[str] | None = None,
        page_size: int = 100,
    ) -> Iterator[Background]:
        """Go through all backgrounds, each once; takes the filters of `list_backgrounds`.

        :param page_size: rows of each page, 1 to 1000
        """
        page = partial(
            self.list_backgrounds, team=team, sort_field=sort_field, sort_order=sort_order, fields=fields
        )
        yield from every(page, page_size=page_size)


def _team(background: Background) -> Any:
    """Return the id of the team, which older answers wrap into an object (observed by others)."""
    team = background.team
    return team.get("id") if isinstance(team, dict) else team


def _path(background_id: str) -> str:
    return f"/backgrounds/{check_id(background_id, param=_ID)}"
