"""Backgrounds: letterhead that lies under the pages of letters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow_provider_print.core.identifiers import check_id
from airflow_provider_print.operators._sealed import Private, is_private_file, unsealed
from airflow_provider_print.operators.intelliprint._base import IntelliprintOperator, names_field

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow.sdk import Context

    from airflow_provider_print.intelliprint.models import Background


class IntelliprintCreateBackgroundOperator(IntelliprintOperator):
    """Uploads a background. When the answer is lost, it is looked for before it is sent again.

    :param file: a PDF, Word or RTF file (documented): a path, a storage URL or bytes.
    :param name: shown in the dashboard; the file's own name by default.
    :param team: id of the team that may use it; everyone by default.
    :return: `id`, `name` and `size` in bytes.
    """

    template_fields: Sequence[str] = ("file", "name", "team", *IntelliprintOperator.template_fields)

    file = Private("bytes", only=is_private_file, urls=True)

    def __init__(self, *, file: Any, name: str | None = None, team: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.file = file
        self.name = name
        self.team = team

    def carry_out(self, context: Context) -> dict[str, Any]:  # noqa: ARG002 - Airflow's signature
        """Upload the file."""
        from airflow_provider_print.core.errors import InputError

        file = self.hook.open_file(unsealed(self.file), param="file")
        if getattr(file, "content_type", "").startswith("image/"):
            advice = "Put the picture on a page of a PDF."
            raise InputError("A background is a PDF, Word or RTF file.", param="file", advice=advice)
        made = self.hook.create_background(file, name=self.name or None, team=self.team or None)
        self.log.info("Background %s: %s", made.id, made.name)
        return _told(made)


class IntelliprintUpdateBackgroundOperator(IntelliprintOperator):
    """Renames a background, or gives it to a team. What is left out stays as it is.

    :param background_id: id of the background.
    :param name: the new name.
    :param team: id of the team that may use it; an empty text gives it to everyone.
    :return: `id`, `name` and `size` in bytes.
    """

    template_fields: Sequence[str] = ("background_id", "name", "team", *IntelliprintOperator.template_fields)

    def __init__(
        self, *, background_id: str, name: str | None = None, team: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.background_id = background_id
        self.name = name
        self.team = team

    def carry_out(self, context: Context) -> dict[str, Any]:  # noqa: ARG002 - Airflow's signature
        """Send what has changed."""
        changes: dict[str, Any] = {"name": self.name} if self.name else {}
        if self.team is not None:
            changes["team"] = self.team or None
        background_id = check_id(self.background_id, param="background_id")
        with names_field("background_id"):
            return _told(self.hook.update_background(background_id, **changes))


class IntelliprintDeleteBackgroundOperator(IntelliprintOperator):
    """Deletes a background, unless print jobs of the last 90 days use it (observed by others).

    One that does not exist (any more) counts as deleted, so the task may be repeated.

    :param background_id: id of the background.
    :return: `id` and `deleted`.
    """

    template_fields: Sequence[str] = ("background_id", *IntelliprintOperator.template_fields)

    def __init__(self, *, background_id: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.background_id = background_id

    def carry_out(self, context: Context) -> dict[str, Any]:  # noqa: ARG002 - Airflow's signature
        """Delete it."""
        from airflow_provider_print.core.errors import NotFoundError

        background_id = check_id(self.background_id, param="background_id")
        try:
            gone = self.hook.delete_background(background_id)
        except NotFoundError:
            self.log.warning("There is no background %s (any more).", background_id)
            return {"id": background_id, "deleted": True}
        return {"id": gone.id, "deleted": gone.deleted}


def _told(background: Background) -> dict[str, Any]:
    """Return what is worth keeping; the link to the PDF dies after an hour."""
    size = background.file.size if background.file else None
    return {"id": background.id, "name": background.name, "size": size}
