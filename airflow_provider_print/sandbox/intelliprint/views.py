"""Print jobs and letters as the service shows them; only what was asked for is worked out."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from airflow_provider_print.sandbox.intelliprint import files, lifecycle, pricing
from airflow_provider_print.sandbox.intelliprint.listing import Fields, project

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow_provider_print.sandbox.core import Sandbox
    from airflow_provider_print.sandbox.intelliprint.letters import Job, Letter
    from airflow_provider_print.sandbox.intelliprint.lifecycle import Position

_AS_KEPT = (
    "id",
    "type",
    "testmode",
    "confirmed",
    "confirmed_at",
    "created",
    "reference",
    "metadata",
    "mailing_list",
    "splitting",
    "remove_letters",
    "printing",
    "postage",
    "background",
    "confidential",
    "confirmation_email",
    "nudge",
    "pages",
    "sheets",
)


class JobView:
    """One job at one moment.

    :param job: the job as it is kept.
    :param origin: what links start with.
    :param now: the sandbox time at which the letters are looked at.
    """

    def __init__(self, sandbox: Sandbox, job: Job, *, origin: str, now: float) -> None:
        self.job = job
        self._sandbox, self._origin, self._now = sandbox, origin, now

    @cached_property
    def positions(self) -> list[Position]:
        """Where each letter is."""
        return [
            lifecycle.position(self.job, index, self._now, self._sandbox.world)
            for index in range(len(self.job["letters"]))
        ]

    def cost(self) -> dict[str, Any]:
        """Return the sum over the letters that were not cancelled (assumed; a rule of the world)."""
        letters = self.job["letters"]
        if self._sandbox.world.cancelled_cost == "left_out":
            letters = [
                letter
                for letter, position in zip(letters, self.positions, strict=True)
                if position.status != "cancelled"
            ]
        return pricing.cost(sum(letter["amount"] for letter in letters), self.job["tax_percent"])

    def file(self) -> dict[str, Any] | None:
        """Return what was uploaded; whether its pages are those that were kept is a rule of the world."""
        found: dict[str, Any] | None = self.job["file"]
        if found is None or self._sandbox.world.file_pages == "uploaded" or self.job["recipients"]:
            return found
        return {**found, "pages": sum(letter["count"] for letter in self.job["letters"])}

    def show(self, fields: Fields | None = None) -> dict[str, Any]:
        """Return the job, or only the wanted fields of it."""
        makers = MAKERS if fields is None else {name: MAKERS[name] for name in fields}
        made = {name: maker(self, (fields or {}).get(name)) for name, maker in makers.items()}
        return project(made, fields)  # type: ignore[no-any-return]

    def letters(self, fields: Fields | None) -> list[dict[str, Any]]:
        """Return the letters; links are signed only when they are wanted."""
        link = not fields or "pdf" in fields
        return [
            self._letter(letter, position, link=link)
            for letter, position in zip(self.job["letters"], self.positions, strict=True)
        ]

    def _letter(self, letter: Letter, position: Position, *, link: bool) -> dict[str, Any]:
        kept = lifecycle.pdf_is_kept(position, self._now, self._sandbox.world)
        link = link and kept
        return {
            "id": letter["id"],
            "object": "letter",
            "status": position.status,
            "address": letter["address"],
            "pages": letter["pages"],
            "sheets": letter["sheets"],
            "envelope": letter["envelope"],
            "postage_service": self.job["postage"]["service"],
            "cost": pricing.cost(letter["amount"], self.job["tax_percent"]),
            "pdf": files.link(self._sandbox, self._origin, "letters", letter["id"]) if link else None,
            "pdf_status": "built" if kept else "deleted",
            "print_stream": f"stream_{self.job['id'][-8:]}",
            "tracking_number": position.tracking_number,
            "shipped_date": position.shipped_date,
            "returned": position.returned,
        }


def _extra_documents(view: JobView, _fields: Fields | None) -> list[dict[str, Any]]:
    return [
        {name: value for name, value in extra.items() if name != "sha"}
        for extra in view.job["extra_documents"]
    ]


def _kept(name: str) -> Callable[[JobView, Fields | None], Any]:
    return lambda view, _fields: view.job[name]


MAKERS: dict[str, Callable[[JobView, Fields | None], Any]] = {
    "object": lambda _view, _fields: "print",
    **{name: _kept(name) for name in _AS_KEPT},
    "account": lambda view, _fields: view.job["account"],
    "user": lambda _view, _fields: None,
    "team": lambda _view, _fields: None,
    "template": _kept("template"),
    "address_window": lambda view, _fields: (
        view.job["address_window"] if view.job["type"] == "letter" else None
    ),
    "file": lambda view, _fields: view.file(),
    "add_address_sheet": _kept("add_address_sheet"),
    "extra_documents": _extra_documents,
    "letters": lambda view, fields: view.letters(fields),
    "cost": lambda view, _fields: view.cost(),
}
