"""Errors in the service's shape: `{"error": {"message", "type", "code", "param"}}` (documented).

A message never repeats what was sent in a recipient or as content; only names of parameters, ids and
allowed values.
"""

from __future__ import annotations

from typing import Any

from airflow_provider_print.sandbox.core import Answer

LONGEST_NAME = 100
"""Characters of a name out of a request that an error repeats."""


class ServiceError(Exception):
    """An error that the service answers with.

    :param status: HTTP status.
    :param code: what went wrong, such as `parameter_invalid`.
    :param message: for people.
    :param kind: the class of error; most are `invalid_request_error`.
    :param param: the parameter at fault, dotted (`postage.service`) as in the documentation's example; a
        position in a list is written in brackets (`recipients[0].address.line`), which is assumed.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        kind: str = "invalid_request_error",
        param: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.kind, self.param, self.message = status, code, kind, param, message

    def answer(self, *, brackets: bool = False) -> Answer:
        """Return the answer; `param` is left out where none is at fault (documented: absent or null).

        :param brackets: whether to name the parameter as a form would: `recipients[0][address][line]`.
        """
        error: dict[str, Any] = {"message": self.message, "type": self.kind, "code": self.code}
        if self.param is not None:
            error["param"] = _in_brackets(self.param) if brackets else self.param
        return Answer(self.status, {"error": error})


def _in_brackets(param: str) -> str:
    """Write `a[0].b.c` as `a[0][b][c]`, as a fixture of others has it (not seen live)."""
    head, *rest = param.split(".")
    return head + "".join(f"[{name}{rank}" if rank else f"[{name}]" for name, rank in map(_ranked, rest))


def _ranked(step: str) -> tuple[str, str]:
    name, bracket, rank = step.partition("[")
    return name, f"]{bracket}{rank}" if bracket else ""


def invalid(param: str, message: str) -> ServiceError:
    """Make the error for a parameter with a bad value (400, documented)."""
    return ServiceError(400, "parameter_invalid", message, param=param)


def missing(param: str, message: str | None = None) -> ServiceError:
    """Make the error for a parameter that is needed (400, documented)."""
    return ServiceError(400, "parameter_missing", message or f"Missing parameter: {param}", param=param)


def unknown(param: str, closest: str | None) -> ServiceError:
    """Make the error for an unknown parameter; the text is the service's own (documented, seen live)."""
    hint = f" (Did you mean {closest}?)" if closest else ""
    return ServiceError(400, "parameter_unknown", f"Received unknown parameter: {param}{hint}", param=param)


def no_such(what: str, name: str) -> ServiceError:
    """Make the error for an id that is not there, or not any more (assumed, as for unknown routes)."""
    return ServiceError(404, "not_found", f"No such {what}: {name[:64]}")


def body_format(message: str) -> ServiceError:
    """Make the error for a body that is neither JSON nor a form (code documented, status assumed)."""
    return ServiceError(400, "body_incorrect_format", f"The body could not be read: {message}")


def body_too_large() -> ServiceError:
    """Make the error for a body over 100 MiB (limit and code documented, status assumed)."""
    return ServiceError(413, "body_too_large", "The body is larger than 100 MiB")


def no_api_key() -> ServiceError:
    """No Authorization header (documented)."""
    return ServiceError(
        401, "no_api_key", "No API key was sent in the Authorization header", kind="authentication_error"
    )


def invalid_api_key() -> ServiceError:
    """Make the error for an API key that the account does not have (documented)."""
    return ServiceError(401, "invalid_api_key", "The API key is not valid", kind="authentication_error")


def logged_out() -> ServiceError:
    """Make the error for an ended session of the dashboard (code observed by others, the rest assumed)."""
    return ServiceError(401, "logged_out", "The session has ended", kind="authentication_error")


def forbidden() -> ServiceError:
    """Make the error for an API key that is valid and not allowed to do this (documented)."""
    return ServiceError(
        403, "forbidden", "The API key is not allowed to do this", kind="authentication_error"
    )


def refused() -> ServiceError:
    """Make the error for an account that has reached a limit (code observed by others, the rest assumed)."""
    return ServiceError(400, "refused", "The account has reached its limit for this action")


def payment() -> ServiceError:
    """Make the error for an account that cannot pay (type documented, status assumed)."""
    return ServiceError(
        402, "payment_error", "The balance of the account does not cover this print job", kind="payment_error"
    )


def rate_limited(wait: float) -> ServiceError:
    """Too many calls (documented)."""
    return ServiceError(
        429,
        "rate_limited",
        f"Too many requests. Try again in {wait:.0f} seconds",
        kind="rate_limited",
    )


def internal() -> ServiceError:
    """Make the error for a fault of the service itself (documented)."""
    return ServiceError(500, "internal_error", "An internal error occurred", kind="internal_error")
