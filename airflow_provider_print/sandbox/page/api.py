"""What the page asks, under `/_sandbox/page`: everything in pieces, nothing that a service would count."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from airflow_provider_print.sandbox.core import Answer
from airflow_provider_print.sandbox.intelliprint.fields import STATUSES
from airflow_provider_print.sandbox.page import files
from airflow_provider_print.sandbox.page.jobs import MODES, Jobs, Wanted
from airflow_provider_print.sandbox.page.live import events
from airflow_provider_print.sandbox.page.rules import rules
from airflow_provider_print.sandbox.printful import library

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow_provider_print.sandbox.core import SandboxRequest
    from airflow_provider_print.sandbox.server import PrintSandbox

    Action = Callable[[SandboxRequest], Answer]

_LIMIT = 100
_MOST = 500
_WORDS = 8
_LONGEST = 200


def actions(server: PrintSandbox) -> list[tuple[str, str, Action]]:
    """Return the endpoints: method, path and what answers; a ValueError is a 400, a LookupError a 404."""
    api = _Api(server)
    return [
        ("GET", "/page/status", api.status),
        ("GET", "/page/events", api.events),
        ("GET", "/page/jobs", api.jobs),
        ("GET", "/page/jobs/{id}", api.job),
        ("GET", "/page/jobs/{id}/letters", api.letters),
        ("GET", "/page/files", api.files),
        ("GET", "/page/files/{id:int}/{size}.png", api.picture),
        ("GET", "/page/journal", api.journal),
        ("GET", "/page/world", api.world),
    ]


class _Api:
    """The actions behind the endpoints.

    :param server: whose sandbox is shown; its sandbox is another one after a restart.
    """

    def __init__(self, server: PrintSandbox) -> None:
        self._server, self._sandbox = server, server.sandbox
        self._jobs = Jobs(self._sandbox)

    def status(self, _request: SandboxRequest) -> Answer:
        """Answer with what the frame of the page shows: the clock, and how much of everything there is."""
        sandbox = self._sandbox
        faults = sandbox.faults.as_dicts()
        return Answer(
            body={
                "clock": sandbox.clock.state(),
                **self._jobs.counts(),
                "files": sandbox.store.count(library.KIND),
                "requests": len(sandbox.journal.entries()),
                "faults": {"rules": len(faults), "fired": sum(rule["fired"] for rule in faults)},
            }
        )

    def events(self, _request: SandboxRequest) -> Answer:
        """Answer with a stream that says when something has changed."""
        return events(self._sandbox, self._server.webhooks)

    def jobs(self, request: SandboxRequest) -> Answer:
        """Answer with a piece of the outbox."""
        query = _query(request, "q", "status", "mode")
        return Answer(body=self._jobs.listing(_wanted(query), **_piece(query)))

    def job(self, request: SandboxRequest) -> Answer:
        """Answer with one print job, without its letters."""
        return Answer(body=self._jobs.one(request.path_params["id"], request.origin))

    def letters(self, request: SandboxRequest) -> Answer:
        """Answer with a piece of the letters of a job."""
        query = _query(request, "q", "status")
        return Answer(body=self._jobs.letters(request.path_params["id"], _wanted(query), **_piece(query)))

    def files(self, request: SandboxRequest) -> Answer:
        """Answer with a piece of the file library."""
        query = _query(request, "q", "status")
        status = _one_of("status", query.get("status", ""), files.STATUSES)
        words = _words(query)
        return Answer(body=files.listing(self._sandbox, words=words, status=status, **_piece(query)))

    def picture(self, request: SandboxRequest) -> Answer:
        """Answer with the picture of a file: `thumb` or `preview`."""
        number, size = request.path_params["id"], request.path_params["size"]
        return lasting(Answer(body=files.picture(self._sandbox, number, size), content_type="image/png"))

    def journal(self, request: SandboxRequest) -> Answer:
        """Answer with a piece of the journal, newest first."""
        query = _query(request, "q", "trouble")
        words = _words(query)
        entries = self._sandbox.journal.entries()[::-1]
        if query.get("trouble") == "1":
            entries = [entry for entry in entries if entry.rule is not None or (entry.status or 500) >= 400]
        if words:
            entries = [entry for entry in entries if _entry_holds(vars(entry), words)]
        piece = _piece(query)
        shown = entries[piece["skip"] : piece["skip"] + piece["limit"]]
        return Answer(
            body={
                "real_now": self._sandbox.clock.real(),
                "total": len(entries),
                "skip": piece["skip"],
                "requests": [asdict(entry) for entry in shown],
            }
        )

    def world(self, _request: SandboxRequest) -> Answer:
        """Answer with every rule of the world, and what can be chosen."""
        return Answer(body={"rules": rules(self._sandbox.world)})


def lasting(answer: Answer) -> Answer:
    """Let the browser keep an answer whose address changes with its content."""
    answer.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    return answer


def _query(request: SandboxRequest, *names: str) -> dict[str, str]:
    query = dict(request.query)
    for name in query:
        if name not in (*names, "skip", "limit"):
            raise ValueError(f"there is no {name[:40]!r} here; there is: {', '.join(names)}, skip, limit")
    return query


def _piece(query: dict[str, str]) -> dict[str, int]:
    return {
        "skip": _whole("skip", query.get("skip", "0"), 0, 10**9),
        "limit": _whole("limit", query.get("limit", str(_LIMIT)), 1, _MOST),
    }


def _whole(name: str, text: str, least: int, most: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 12) or not least <= int(text) <= most:
        raise ValueError(f"{name} is a number from {least} to {most}")
    return int(text)


def _wanted(query: dict[str, str]) -> Wanted:
    return Wanted(
        words=_words(query),
        status=_one_of("status", query.get("status", ""), STATUSES),
        mode=_one_of("mode", query.get("mode", ""), MODES),
    )


def _words(query: dict[str, str]) -> tuple[str, ...]:
    return tuple(query.get("q", "")[:_LONGEST].casefold().split()[:_WORDS])


def _one_of(name: str, value: str, choices: tuple[str, ...]) -> str:
    if value and value not in choices:
        raise ValueError(f"{name} is one of: {', '.join(choices)}")
    return value


def _entry_holds(entry: dict[str, Any], words: tuple[str, ...]) -> bool:
    named = ("method", "path", "route", "service", "reference", "user_agent", "status", "true_status")
    text = "\n".join(str(entry[name]) for name in named if entry[name] is not None).casefold()
    return all(word in text for word in words)
