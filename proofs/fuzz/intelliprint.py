"""What makes sense to ask Intelliprint for: a stock of objects, and values that go together."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any, ClassVar

from hypothesis import strategies as st

from proofs.fuzz import drawing, files
from proofs.fuzz.calls import FORM, JSON, MULTIPART, Call, dressed

if TYPE_CHECKING:
    from airflow_provider_print.sandbox import PrintSandbox
    from proofs.fuzz.contract import Operation, Reply
    from proofs.fuzz.drawing import Draw

_ADDRESS = {"name": "A Reader", "line": "7 Any Road\nANYTOWN", "postcode": "AB1 2CD", "country": "GB"}
_RECIPIENT = {"address": _ADDRESS, "variables": {"first": "Al"}}
_CONTENTS = (
    "Hello",
    "Dear {{first}},\n\nhello.\n",
    "<html><body><h1>Dear reader</h1><p>Hello.</p></body></html>",
    "<p>one</p><div style='page-break-before:always'>two</div>",
)
_FIELDS = (
    "id",
    "letters.status",
    "cost.amount,id",
    "name",
    "created",
    "letters",
    "postage.service",
    "address",
)


class Intelliprint:
    """Draws calls, and remembers the ids in the answers.

    :param box: the sandbox.
    """

    NAME = "intelliprint"
    WORLD: ClassVar[dict[str, Any]] = {"rate_limit": 0, "templates": True}
    """Rules under which every endpoint can succeed."""
    AUTHORIZATION: ClassVar[dict[str, str]] = {"Authorization": "Bearer key_sandbox"}

    def __init__(self, box: PrintSandbox) -> None:
        self._box = box
        self.ids: dict[str, list[str]] = defaultdict(list)
        self._links: list[str] = []
        self._hints = {
            "file": _file,
            "files": lambda draw: [_file(draw) for _ in range(draw(st.integers(1, 2)))],
            "document": lambda _draw: {"content": files.in_base64(files.letters(1)), "name": "terms.pdf"},
            "content": lambda draw: draw(st.sampled_from(_CONTENTS)),
            "template": lambda draw: self._one(draw, "templates"),
            "recipients": lambda draw: [_RECIPIENT] * draw(st.integers(1, 3)),
            "address": _address,
            "mailing_list": lambda draw: self._one(draw, "mailing_lists"),
            "first_page": lambda draw: self._one(draw, "backgrounds"),
            "other_pages": lambda draw: self._one(draw, "backgrounds"),
            "splitting": _splitting,
            "testmode": lambda draw: drawing.chance(draw, 60),
            "fields": lambda draw: draw(st.sampled_from(_FIELDS)),
            "mail_date": lambda draw: int(box.now()) + draw(st.integers(0, 9)) * 86_400,
        }

    def stock(self, send: Any) -> None:
        """Make something of each kind.

        :param send: posts a body to a path and returns the answer's object.
        """
        self.ids.clear()
        self._links.clear()
        self.ids["templates"].append(self._box.add_template("Dear {{first}}", "Letter"))
        background = {
            "file": {"content": files.in_base64(files.letters(1)), "name": "head.pdf"},
            "name": "Head",
        }
        text = {"content": "Hello", "recipients": [_RECIPIENT], "reference": "a"}
        file = {"file": {"content": files.in_base64(files.letters()), "name": "run.pdf"}, "testmode": True}
        self._keep("/backgrounds", send("/backgrounds", background))
        made = send("/mailing_lists", {"name": "a", "recipients": [_RECIPIENT]})
        self._keep("/mailing_lists", made)
        recipients = f"/mailing_lists/{made['id']}/recipients"
        for _ in range(2):
            self._keep(recipients, send(recipients, _RECIPIENT))
        for body in (text, {**text, "confirmed": True}, file):
            self._keep("/prints", send("/prints", body))

    def draw(self, draw: Draw, operation: Operation) -> Call:
        """Return a call of an operation that should succeed more often than not."""
        if operation.name == "download":
            return self._download(draw, operation)
        path = self._path(draw, operation)
        call = Call(operation, operation.base + path, dict(self.AUTHORIZATION))
        for name, schema in operation.query.items():
            if drawing.chance(draw, 25):
                value = drawing.value(draw, schema, self._hints, name)
                call.query += [(name, item) for item in _texts(value)]
        if operation.body is not None:
            call.body = self._body(draw, operation)
            call.media = draw(st.sampled_from([JSON, JSON, FORM, MULTIPART]))
        return dressed(call)

    def learn(self, call: Call, reply: Reply) -> None:
        """Remember what a call has made, and forget what it has deleted."""
        if reply.status not in (200, 201, 202) or reply.media != "application/json":
            return
        found = json.loads(reply.body)
        method, path = call.operation.method, call.url.removeprefix(call.operation.base)
        if method == "DELETE" and found.get("deleted") and "letters" not in found:
            self._forget(path)
        elif method == "POST" and "id" in found and not call.operation.path.endswith("}"):
            self._keep(path, found)
        self._links += [
            link for link in (found.get("pdf"), found.get("download_link"), _letter_link(found)) if link
        ]
        del self._links[:-20]

    def _keep(self, path: str, found: dict[str, Any]) -> None:
        self.ids[path.strip("/")].append(found["id"])
        self._links += [link for link in (found.get("pdf"), _letter_link(found)) if link]

    def _forget(self, path: str) -> None:
        kind, _, name = path.strip("/").rpartition("/")
        if name in self.ids[kind] and len(self.ids[kind]) > 1:
            self.ids[kind].remove(name)
        self.ids.pop(f"{kind}/{name}/recipients", None)

    def _one(self, draw: Draw, kind: str) -> str:
        return draw(st.sampled_from(self.ids[kind])) if self.ids.get(kind) else "none"

    def _path(self, draw: Draw, operation: Operation) -> str:
        path = operation.path
        if path.startswith("/mailing_lists/{id}/recipients"):
            lists = [
                kind.split("/")[1] for kind, ids in self.ids.items() if kind.endswith("/recipients") and ids
            ]
            owner = draw(st.sampled_from(lists)) if lists else "none"
            recipient = self._one(draw, f"mailing_lists/{owner}/recipients")
            return path.replace("{id}", owner).replace("{recipient}", recipient)
        return path.replace("{id}", self._one(draw, path.split("/")[1]))

    def _body(self, draw: Draw, operation: Operation) -> dict[str, Any]:
        body = drawing.members(draw, operation.body or {}, self._hints)
        if operation.name == "createPrint":
            _harmonize(draw, body)
        return body

    def _download(self, draw: Draw, operation: Operation) -> Call:
        if not self._links:
            return Call(operation, f"{operation.base}/files/letters/none.pdf", {})
        url, _, query = draw(st.sampled_from(self._links)).partition("?")
        pairs = [pair.partition("=") for pair in query.split("&")]
        return Call(operation, url, {}, [(name, text) for name, _, text in pairs])


def _harmonize(draw: Draw, body: dict[str, Any]) -> None:
    """Take away what contradicts the rest, most of the time."""
    if drawing.chance(draw, 10):
        return
    body.pop("template", None)
    if "file" in body:
        body.pop("content", None)
    body.setdefault("content", "Hello") if "file" not in body else None
    if "mailing_list" in body:
        body.pop("recipients", None)
    elif "content" in body:
        body.setdefault("recipients", [_RECIPIENT])
    if {"mailing_list", "recipients"} & body.keys():
        body.pop("splitting", None)
        body.pop("remove_letters", None)
    if body.get("type") == "postcard":
        for name in ("splitting", "background", "extra_documents", "address_window", "printing", "postage"):
            body.pop(name, None)


def _file(draw: Draw) -> Any:
    data = draw(st.sampled_from([files.letters(1), files.letters(2), files.letters(3), files.picture("PNG")]))
    if drawing.chance(draw, 5):
        data = draw(st.sampled_from([b"", b"%PDF-1.4", data[:200], b"hello"]))
    return {"content": files.in_base64(data), "name": "run.pdf"}


def _address(draw: Draw) -> dict[str, Any]:
    return {**_ADDRESS, "name": draw(st.sampled_from(["A Reader", None, "Zoë"]))}


def _splitting(draw: Draw) -> dict[str, Any]:
    return draw(
        st.sampled_from(
            [
                {"method": "none"},
                {"method": "split_on_phrase", "phrase": "Dear"},
                {"method": "split_on_pages", "pages": 1},
                {"method": "split_on_phrase"},
            ]
        )
    )


def _letter_link(found: dict[str, Any]) -> str | None:
    letters = found.get("letters")
    return letters[0].get("pdf") if letters else None


def _texts(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [str(item).lower() if isinstance(item, bool) else str(item) for item in values]
