"""Backgrounds: letterhead that lies under the pages of letters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow_provider_print.operators._sealed import Private, has_bytes, unsealed
from airflow_provider_print.operators.intelliprint._base import IntelliprintOperator

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow.sdk import Context

    from airflow_provider_print.intelliprint.models import Background


class IntelliprintCreateBackgroundOperator(IntelliprintOperator):
    """Uploads a background. When the answer is lost, it is looked for before it is sent again.

    :param file: a PDF or picture: a path, a storage URL or bytes.
    :param name: shown in the dashboard; the file's own name by default.
    :param team: id of the team that may use it; everyone by default.
    :return: `id`, `name` and `size` in bytes.
    """

    template_fields: Sequence[str] = ("file", "name", "team", *IntelliprintOperator.template_fields)

    file = Private("bytes", only=has_bytes)

    def __init__(self, *, file: Any, name: str | None = None, team: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.file = file
        self.name = name
        self.team = team

    def carry_out(self, context: Context) -> dict[str, Any]:  # noqa: ARG002 - Airflow's signature
        """Upload the file."""
        made = self.hook.create_background(
            unsealed(self.file), name=self.name or None, team=self.team or None
        )
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
        return _told(self.hook.update_background(self.background_id, **changes))


class IntelliprintDeleteBackgroundOperator(IntelliprintOperator):
    """Deletes a background, unless print jobs of the last 90 days use it (observed by others).

    :param background_id: id of the background.
    :return: `id` and `deleted`.
    """

    template_fields: Sequence[str] = ("background_id", *IntelliprintOperator.template_fields)

    def __init__(self, *, background_id: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.background_id = background_id

    def carry_out(self, context: Context) -> dict[str, Any]:  # noqa: ARG002 - Airflow's signature
        """Delete it."""
        gone = self.hook.delete_background(self.background_id)
        return {"id": gone.id, "deleted": gone.deleted}


def _told(background: Background) -> dict[str, Any]:
    """Return what is worth keeping; the link to the PDF dies after an hour."""
    size = background.file.size if background.file else None
    return {"id": background.id, "name": background.name, "size": size}
