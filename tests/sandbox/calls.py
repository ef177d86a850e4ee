"""A plain HTTP caller of the Intelliprint service, which knows nothing of our clients."""

from __future__ import annotations

from typing import Any

import requests

ADDRESSED = {"address": {"name": "A Reader", "line": "7 Any Road\nANYTOWN", "postcode": "AB1 2CD"}}


class Api(requests.Session):
    """Calls to the Intelliprint service by path."""

    def __init__(self, base: str) -> None:
        super().__init__()
        self.trust_env = False
        self.base = base
        self.headers["Authorization"] = "Bearer key_sandbox"

    def request(self, method: str, url: str, **kwargs: Any) -> requests.Response:  # type: ignore[override]
        kwargs.setdefault("timeout", 20)
        return super().request(method, url if "://" in url else self.base + url, **kwargs)

    def make(self, **params: Any) -> dict[str, Any]:
        """A print job from JSON, of plain text to one recipient unless told otherwise."""
        if not {"file", "content", "template"} & params.keys():
            params["content"] = "Hello"
            params.setdefault("recipients", [ADDRESSED])
        answer = self.post("/prints", json={"testmode": True, **params})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def upload(self, data: bytes, **fields: Any) -> requests.Response:
        """A print job from a file part and form fields."""
        return self.post(
            "/prints",
            files={"file": ("run.pdf", data, "application/pdf")},
            data={"testmode": "true", **fields},
        )

    def refused(self, **params: Any) -> tuple[int, str, str | None]:
        """Status, code and parameter of a create that is refused."""
        return fault(self.post("/prints", json={"testmode": True, **params}))


def fault(answer: requests.Response) -> tuple[int, str, str | None]:
    error = answer.json()["error"]
    return answer.status_code, error["code"], error.get("param")
