"""A plain HTTP caller of the Intelliprint service, which knows nothing of our clients."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import requests

if TYPE_CHECKING:
    from airflow_provider_print.sandbox import PrintSandbox

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


def plain_job(box: PrintSandbox, *, testmode: bool) -> dict[str, Any]:
    """Return a draft of one page of text with every field at its default, but for id, letters and cost."""
    return {
        "object": "print",
        "account": "acc_sandbox",
        "user": None,
        "team": None,
        "type": "letter",
        "testmode": testmode,
        "confirmed": False,
        "confirmed_at": None,
        "created": int(box.now()),
        "reference": None,
        "metadata": None,
        "file": None,
        "template": None,
        "mailing_list": None,
        "splitting": {"method": "none", "phrase": None, "pages": None},
        "remove_letters": {"with_phrase": None, "series": []},
        "printing": {
            "double_sided": "no",
            "double_sided_specific_pages": None,
            "premium_quality": False,
            "black_and_white": False,
            "matt_finish": False,
        },
        "postage": {"service": "uk_second_class", "ideal_envelope": "c5", "mail_date": None},
        "background": {"first_page": None, "other_pages": None},
        "confidential": False,
        "confirmation_email": False,
        "nudge": {"x": None, "y": None},
        "address_window": "left",
        "add_address_sheet": False,
        "extra_documents": [],
        "pages": 1,
        "sheets": 1,
    }
