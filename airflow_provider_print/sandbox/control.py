"""The tester's side of the sandbox, under `/_sandbox`: clock, faults, rules, journal, outbox, assets."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from airflow_provider_print.sandbox import assets, page, presets
from airflow_provider_print.sandbox.bodies import BodyFormatError
from airflow_provider_print.sandbox.core import Answer, Sandbox, SandboxRequest
from airflow_provider_print.sandbox.coverage import coverage
from airflow_provider_print.sandbox.pdf.errors import UnreadableFile
from airflow_provider_print.sandbox.routing import ALL_METHODS, endpoint
from airflow_provider_print.sandbox.webhooks.actions import actions as webhook_actions

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

    from airflow_provider_print.sandbox.server import PrintSandbox

_HARMLESS = (".png", ".jpg", ".jpeg", ".pdf")
"""Endings of assets that no browser takes for a page."""

Action = Callable[[SandboxRequest], Answer]


def routes(server: PrintSandbox) -> list[BaseRoute]:
    """Return the control endpoints of a server."""
    control = _Control(server)
    table: list[tuple[str, str, Action]] = [
        ("GET", "/health", control.health),
        ("GET", "/openapi/{name}.json", control.openapi),
        ("POST", "/reset", control.reset),
        ("GET", "/clock", control.clock),
        ("POST", "/clock", control.set_clock),
        ("GET", "/faults", control.faults),
        ("POST", "/faults", control.add_faults),
        ("DELETE", "/faults", control.clear_faults),
        ("GET", "/presets", control.presets),
        ("GET", "/world", control.world),
        ("POST", "/world", control.set_world),
        ("GET", "/journal", control.journal),
        ("POST", "/journal", control.set_journal),
        ("DELETE", "/journal", control.clear_journal),
        ("GET", "/journal/{id:int}", control.journal_entry),
        ("GET", "/invariants", control.invariants),
        ("GET", "/coverage", control.coverage),
        ("GET", "/outbox", control.outbox),
        ("GET", "/outbox/letters/{id}/pages/{page:int}.png", control.letter_page),
        ("GET", "/outbox/letters/{id}.pdf", control.letter_pdf),
        ("POST", "/letters/{id}", control.move_letter),
        ("DELETE", "/printful/files/{id}", control.delete_file),
        ("GET", "/assets", control.assets),
        ("GET", "/assets/{name}", control.asset),
        ("PUT", "/assets/{name}", control.add_asset),
        ("POST", "/templates", control.add_template),
        *page.actions(server),
        *webhook_actions(server),
        ("POST", "/settle", control.settle),
    ]
    known: list[BaseRoute] = [endpoint(path, _guarded(action), [method]) for method, path, action in table]
    return [*known, endpoint("/{rest:path}", _unknown, ALL_METHODS)]


def page_routes() -> list[BaseRoute]:
    """Return the page to look at."""
    return [*page.static_routes(), endpoint("/{rest:path}", _unknown, ALL_METHODS)]


def _guarded(action: Action) -> Callable[[Sandbox, SandboxRequest], Answer]:
    """Say in words what is wrong with a control call."""

    def handler(_sandbox: Sandbox, request: SandboxRequest) -> Answer:
        try:
            return action(request)
        except BodyFormatError:
            return _error(400, "send a JSON object with Content-Type: application/json")
        except UnreadableFile as error:
            return _error(409, str(error))
        except ValueError as error:
            return _error(400, str(error))
        except LookupError as error:
            return _error(404, str(error.args[0]) if error.args else "not found")

    return handler


def _unknown(_sandbox: Sandbox, request: SandboxRequest) -> Answer:
    return _error(404, f"nothing answers to {request.method} {request.path[:100]} here")


def _error(status: int, message: str) -> Answer:
    return Answer(status, {"error": message})


class _Control:
    """The actions behind the endpoints."""

    def __init__(self, server: PrintSandbox) -> None:
        self._server = server

    @property
    def _sandbox(self) -> Sandbox:
        return self._server.sandbox

    def health(self, _request: SandboxRequest) -> Answer:
        return Answer(body={"status": "ok", "time": self._sandbox.clock.now()})

    def openapi(self, request: SandboxRequest) -> Answer:
        from airflow_provider_print.sandbox.openapi import document

        return Answer(body=document(request.path_params["name"], request.origin))

    def reset(self, request: SandboxRequest) -> Answer:
        wanted = _fields(request, "frozen")
        self._server.reset(frozen=_flag("frozen", wanted.get("frozen", False)))
        return Answer(body={"status": "ok"})

    def clock(self, _request: SandboxRequest) -> Answer:
        return Answer(body=self._sandbox.clock.state())

    def set_clock(self, request: SandboxRequest) -> Answer:
        moves: dict[str, Callable[[Any], object]] = {
            "speed": lambda value: self._server.set_speed(_number("speed", value)),
            "freeze": lambda value: self._server.freeze(_flag("freeze", value)),
            "set": lambda value: self._sandbox.clock.set(_number("set", value)),
            "advance": lambda value: self._server.advance(_number("advance", value)),
        }
        wanted = _fields(request, *moves)
        if not wanted:
            raise ValueError(f"say what to do with the clock: {', '.join(moves)}")
        for name, move in moves.items():
            if name in wanted:
                move(wanted[name])
        self._sandbox.work.run_due()
        return self.clock(request)

    def settle(self, request: SandboxRequest) -> Answer:
        seconds = _number("seconds", _fields(request, "seconds").get("seconds", 10.0))
        try:
            self._server.settle(min(seconds, 60.0))
        except TimeoutError as error:
            return _error(504, str(error))
        return Answer(body={"status": "ok"})

    def faults(self, _request: SandboxRequest) -> Answer:
        return Answer(body={"faults": self._sandbox.faults.as_dicts()})

    def add_faults(self, request: SandboxRequest) -> Answer:
        body = request.json_or_form()
        if "preset" in body:
            return Answer(201, presets.use(self._sandbox, _fields(request, "preset")["preset"]))
        rules = body["faults"] if isinstance(body.get("faults"), list) else [body]
        added = self._sandbox.faults.add_data(rules)
        ids = {rule.id for rule in added}
        return Answer(
            201, {"faults": [rule for rule in self._sandbox.faults.as_dicts() if rule["id"] in ids]}
        )

    def clear_faults(self, _request: SandboxRequest) -> Answer:
        return Answer(body={"unfired": self._server.clear_faults()})

    def world(self, _request: SandboxRequest) -> Answer:
        return Answer(body=self._sandbox.world.as_dict())

    def set_world(self, request: SandboxRequest) -> Answer:
        self._sandbox.set_rules(request.json_or_form())
        return self.world(request)

    def presets(self, _request: SandboxRequest) -> Answer:
        return Answer(body={"presets": presets.listing()})

    def journal(self, request: SandboxRequest) -> Answer:
        return Answer(body={"requests": self._server.journal(**_filters(dict(request.query)))})

    def set_journal(self, request: SandboxRequest) -> Answer:
        wanted = _fields(request, "keep_bodies")
        if wanted:
            self._server.keep_bodies(_flag("keep_bodies", wanted["keep_bodies"]))
        return Answer(body={"keep_bodies": self._sandbox.journal.keep_bodies})

    def journal_entry(self, request: SandboxRequest) -> Answer:
        entry, kept = self._sandbox.journal.request(int(request.path_params["id"]))
        return Answer(body=entry | ({} if kept is None else kept.as_dict()))

    def clear_journal(self, _request: SandboxRequest) -> Answer:
        self._sandbox.journal.clear()
        return Answer(body={"status": "ok"})

    def invariants(self, _request: SandboxRequest) -> Answer:
        return Answer(body=self._server.invariants())

    def coverage(self, request: SandboxRequest) -> Answer:
        wanted = dict(request.query)
        if unknown := sorted(wanted.keys() - {"service", "evidence"}):
            raise ValueError(f"there is no {unknown[0][:40]!r} here; there is: service, evidence")
        return Answer(body=coverage(service=wanted.get("service"), evidence=wanted.get("evidence")))

    def outbox(self, request: SandboxRequest) -> Answer:
        from airflow_provider_print.sandbox.intelliprint.outbox import outbox

        return Answer(body=outbox(self._sandbox, request.origin))

    def letter_page(self, request: SandboxRequest) -> Answer:
        from airflow_provider_print.sandbox.intelliprint.outbox import letter_page

        query = dict(request.query)
        dots = query.get("dpi", "60")
        if not re.fullmatch("[0-9]{2,3}", dots) or not 10 <= int(dots) <= 300:
            raise ValueError("dpi is a number from 10 to 300")
        data = letter_page(
            self._sandbox,
            request.path_params["id"],
            int(request.path_params["page"]),
            dpi=int(dots),
            window=query.get("window") == "1",
        )
        answer = Answer(body=data, content_type="image/png")
        # The page names the version of a letter in the address, and the browser may keep the picture.
        return page.lasting(answer) if "v" in query else answer

    def letter_pdf(self, request: SandboxRequest) -> Answer:
        from airflow_provider_print.sandbox.intelliprint.outbox import letter_pdf

        return Answer(
            body=letter_pdf(self._sandbox, request.path_params["id"]), content_type="application/pdf"
        )

    def move_letter(self, request: SandboxRequest) -> Answer:
        from airflow_provider_print.sandbox.intelliprint.outbox import acknowledge, move_letter

        wanted = _fields(request, "status", "after", "reason", "acknowledged")
        if wanted.keys() == {"acknowledged"}:
            noted = _flag("acknowledged", wanted["acknowledged"])
            return Answer(body=acknowledge(self._sandbox, request.path_params["id"], noted))
        if "acknowledged" in wanted:
            raise ValueError("say acknowledged by itself, of a letter that has come back")
        if "status" not in wanted:
            raise ValueError("say which status the letter gets")
        if not isinstance(wanted.get("reason"), str | None):
            raise ValueError("reason is text")
        return Answer(body=move_letter(self._sandbox, request.path_params["id"], **wanted))

    def delete_file(self, request: SandboxRequest) -> Answer:
        from airflow_provider_print.sandbox.printful import library

        return Answer(body={"id": library.delete(self._sandbox, request.path_params["id"])["id"]})

    def assets(self, request: SandboxRequest) -> Answer:
        return Answer(
            body={
                "assets": [
                    {"name": name, "size": size, "url": f"{request.origin}/_sandbox/assets/{name}"}
                    for name, size in assets.names(self._sandbox).items()
                ]
            }
        )

    def asset(self, request: SandboxRequest) -> Answer:
        name = request.path_params["name"]
        data = assets.read(self._sandbox, name)
        if data is None:
            raise LookupError("there is no such asset")
        # Whatever a test has added, it must not act on the page as a part of it.
        headers = {"X-Content-Type-Options": "nosniff"}
        if not name.lower().endswith(_HARMLESS):
            headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
        return Answer(body=data, headers=headers, content_type=assets.content_type(name))

    def add_asset(self, request: SandboxRequest) -> Answer:
        name = request.path_params["name"]
        if request.body_too_large:
            return _error(413, "the file is too large")
        assets.add(self._sandbox, name, request.raw)
        return Answer(201, {"name": name, "size": len(request.raw), "url": f"{request.origin}{_own(name)}"})

    def add_template(self, request: SandboxRequest) -> Answer:
        wanted = _fields(request, "content", "name")
        content, name = wanted.get("content"), wanted.get("name")
        if not isinstance(content, str) or not isinstance(name, str | None):
            raise ValueError("content is text or HTML, name is text")
        return Answer(201, {"id": self._server.add_template(content, name)})


def _own(name: str) -> str:
    return f"/_sandbox/assets/{name}"


def _fields(request: SandboxRequest, *names: str) -> dict[str, Any]:
    fields = request.json_or_form()
    unknown = sorted(fields.keys() - set(names))
    if unknown:
        raise ValueError(f"there is no {unknown[0][:40]!r} here; there is: {', '.join(names)}")
    return fields


def _filters(query: dict[str, str]) -> dict[str, Any]:
    """Read the filters of the journal; numbers and `true` are text in a query."""
    wanted: dict[str, Any] = dict(query)
    for name in ("limit", "after", "status", "rule"):
        if name in query:
            if not re.fullmatch("[0-9]{1,9}", query[name]):
                raise ValueError(f"{name} is a number")
            wanted[name] = int(query[name])
    if "committed" in query:
        if query["committed"] not in ("true", "false"):
            raise ValueError("committed is true or false")
        wanted["committed"] = query["committed"] == "true"
    return wanted


def _number(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= 1e300:
        raise ValueError(f"{name} is a number")
    return float(value)


def _flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"{name} is true or false")
    return value
