"""How Printful words its answers: a code and a result, and beside a result that is text an error.

The body has a code of its own, which official clients believe before the HTTP status (observed by others);
both are looked at. Newer parts of the service use other shapes (`detail`, `title`, `data`), so several
places are searched for the message.
"""

from __future__ import annotations

from typing import Any

from airflow_provider_print.core.answers import Fault


class PrintfulDialect:
    """Reads the errors of Printful."""

    service = "Printful"
    base_url_rule = "the public base URL is https://api.printful.com, without a path"

    def fault(self, status: int, body: Any) -> Fault | None:
        """Return the error in a body, `None` when there is none.

        :param status: of HTTP
        :param body: decoded JSON
        """
        if not isinstance(body, dict):
            return None
        code = body.get("code")
        inner = code if isinstance(code, int) and not isinstance(code, bool) and 400 <= code < 600 else None
        if status < 400 and inner is None:
            return None
        inside = body.get("error")
        error: dict[str, Any] = inside if isinstance(inside, dict) else {}
        places = (
            error.get("message"),
            *(body.get(name) for name in ("detail", "details", "title", "result", "data")),
        )
        message = next((place for place in places if isinstance(place, str) and place), None)
        if message is None and inner is None:
            return None
        reason = error.get("reason")
        return Fault(
            message=message or "",
            status=status if status >= 400 else inner or status,
            code=str(reason) if isinstance(reason, str | int) else None,
        )

    def expected(self, body: Any) -> bool:
        """Whether this is a success of Printful: a code, and a result that is no text.

        :param body: decoded JSON
        """
        return isinstance(body, dict) and "code" in body and isinstance(body.get("result"), dict | list)
