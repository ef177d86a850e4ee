"""How Intelliprint words its errors: `{"error": {"message", "type", "code", "param"}}` (documented).

Type and code decide before the HTTP status: the status of some errors is documented nowhere.
"""

from __future__ import annotations

from typing import Any

from airflow_provider_print.core.answers import Fault
from airflow_provider_print.core.errors import (
    ApiError,
    AuthenticationError,
    ForbiddenError,
    NotFoundError,
    PaymentError,
    RateLimitError,
)

_KINDS: dict[str, type[ApiError]] = {
    "payment_error": PaymentError,
    "rate_limited": RateLimitError,
    "no_api_key": AuthenticationError,
    "invalid_api_key": AuthenticationError,
    "logged_out": AuthenticationError,
    "forbidden": ForbiddenError,
    "not_found": NotFoundError,
}


class IntelliprintDialect:
    """Reads the errors of Intelliprint."""

    service = "Intelliprint"
    base_url_rule = "the base URL ends in /v1"

    def fault(self, status: int, body: Any) -> Fault | None:
        """Return the error in a body, `None` when there is none.

        :param status: of HTTP
        :param body: decoded JSON
        """
        error = body.get("error") if isinstance(body, dict) else None
        if status < 400 or not isinstance(error, dict):
            return None
        code, kind = _text(error.get("code")), _text(error.get("type"))
        return Fault(
            message=_text(error.get("message")) or "",
            status=status,
            code=code,
            type=kind,
            param=_text(error.get("param")),
            kind=_KINDS.get(code or "") or _KINDS.get(kind or ""),
        )

    def expected(self, body: Any) -> bool:
        """Whether this is an object of Intelliprint: each has an id, or is a list of such objects.

        :param body: decoded JSON
        """
        return isinstance(body, dict) and ("id" in body or isinstance(body.get("data"), list))


def _text(value: Any) -> str | None:
    return str(value) if isinstance(value, str | int) and value != "" else None
