"""What makes sense to ask Printful for: files whose sources are there, and values that go together."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, ClassVar

from hypothesis import strategies as st

from proofs.fuzz import drawing, files
from proofs.fuzz.calls import FORM, JSON, Call, dressed

if TYPE_CHECKING:
    from airflow_provider_print.sandbox import PrintSandbox
    from proofs.fuzz.contract import Operation, Reply
    from proofs.fuzz.drawing import Draw

_SOURCES = {
    "art.png": files.picture("PNG"),
    "photo.jpg": files.picture("JPEG"),
    "sheet.pdf": files.letters(1),
    "words.txt": b"no artwork",
}
_APP = {"client_id": "printful-sandbox-app", "client_secret": "printful-sandbox-secret"}


class Printful:
    """Draws calls, and remembers the ids in the answers.

    :param box: the sandbox.
    """

    NAME = "printful"
    WORLD: ClassVar[dict[str, Any]] = {"rate_limit": 0, "printful_profile": "modern"}
    """Rules under which every endpoint can succeed."""
    AUTHORIZATION: ClassVar[dict[str, str]] = {"Authorization": "Bearer printful_sandbox"}

    def __init__(self, box: PrintSandbox) -> None:
        self._box = box
        self._ids: list[int] = []
        self._pictures: list[str] = []
        self._refresh: list[str] = []
        self._assets: list[str] = []
        self._hints = {
            "url": self._url,
            "file_url": self._url,
            "options": lambda _draw: [{"id": "full_color", "value": True}],
            "visible": lambda draw: draw(st.sampled_from([True, False, 0, 1, None, True, False, "1", "no"])),
            "type": lambda draw: draw(st.sampled_from(["default", "front", "label", "fuzz", None])),
            "role": lambda draw: draw(
                st.sampled_from(["printfile", "label", "preview", "printfile", None, "fuzz"])
            ),
            "store_id": lambda draw: draw(st.sampled_from(["11001", "11001", "", "11001", "11002"])),
            "data": lambda _draw: files.in_base64(files.picture("PNG")),
            "client_id": lambda _draw: _APP["client_id"],
            "client_secret": lambda _draw: _APP["client_secret"],
            "code": lambda _draw: "printful-sandbox-code",
        }

    def stock(self, send: Any) -> None:
        """Add sources and files, some of which are processed by the time it ends.

        :param send: posts a body to a path and returns the answer's object.
        """
        self._assets = [self._box.add_asset(name, data) for name, data in _SOURCES.items()]
        self._ids, self._pictures, self._refresh = [], [], []
        for url in (self._assets[0], self._assets[3]):
            self._ids.append(send("/files", {"url": url})["result"]["id"])
        self._box.advance(60)
        # Known by its URL: this shows the file as it has become, with its pictures.
        self._remember(send("/files", {"url": self._assets[0]})["result"])
        self._ids.append(send("/files", {"url": self._assets[1]})["result"]["id"])

    def draw(self, draw: Draw, operation: Operation) -> Call:
        """Return a call of an operation that should succeed more often than not."""
        if operation.name in ("getPicture", "getModernPicture"):
            return self._picture(draw, operation)
        path = operation.path.replace("{id}", str(draw(st.sampled_from(self._ids))))
        call = Call(operation, operation.base + path, dict(self.AUTHORIZATION))
        if drawing.chance(draw, 10):
            call.headers["X-PF-Store-Id"] = "11001"
        for name, schema in operation.query.items():
            if drawing.chance(draw, 25):
                call.query.append((name, str(drawing.value(draw, schema, self._hints, name))))
        if operation.name == "giveToken":
            call.body, call.media = self._grant(draw), draw(st.sampled_from([JSON, FORM]))
        elif operation.body is not None:
            call.body = drawing.members(draw, operation.body, self._hints)
            if operation.name != "readThreadColors":
                call.body.setdefault("url", self._url(draw))
            if drawing.chance(draw, 20):
                call.headers["Content-Type"] = draw(st.sampled_from([FORM, "text/plain;charset=UTF-8"]))
        return dressed(call)

    def learn(self, _call: Call, reply: Reply) -> None:
        """Remember what a call has made."""
        if reply.status != 200 or reply.media != "application/json":
            return
        found = json.loads(reply.body)
        if "refresh_token" in found:
            self._refresh.append(found["refresh_token"])
        shown = found.get("result", found.get("data"))
        if isinstance(shown, dict) and "id" in shown:
            self._remember(shown)
            if shown["id"] not in self._ids:
                self._ids.append(shown["id"])

    def _remember(self, file: dict[str, Any]) -> None:
        self._pictures += [url for url in (file["thumbnail_url"], file["preview_url"]) if url]
        del self._pictures[:-10]

    def _url(self, draw: Draw) -> str:
        base = draw(st.sampled_from([*self._assets[:3], *self._assets]))
        if drawing.chance(draw, 10):
            return str(
                draw(
                    st.sampled_from(
                        ["http://127.0.0.1:1/none.png", "ftp://x/a.png", "", "http://[", "http://é/"]
                    )
                )
            )
        return f"{base}?v={draw(st.integers(0, 30))}"

    def _grant(self, draw: Draw) -> dict[str, Any]:
        if self._refresh and drawing.chance(draw, 40):
            return {
                **_APP,
                "grant_type": "refresh_token",
                "refresh_token": draw(st.sampled_from(self._refresh)),
            }
        return {**_APP, "grant_type": "authorization_code", "code": "printful-sandbox-code"}

    def _picture(self, draw: Draw, operation: Operation) -> Call:
        """Return a call for a picture: the paths of both profiles lead to all of them."""
        name = draw(st.sampled_from(self._pictures)).rsplit("/", 1)[-1] if self._pictures else "none.png"
        path = (
            operation.path.replace("{store}", "11001").replace("{folder}", name[:3]).replace("{name}", name)
        )
        return Call(operation, operation.base + path, {})
