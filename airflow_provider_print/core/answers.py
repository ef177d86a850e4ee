"""What an answer means: the data that was asked for, or a failure with its class, its text and its outcome.

The service's own type and code decide before the HTTP status does, because some statuses are not
documented. An HTML page is recognised, for it is never the API: it comes from a proxy, from Cloudflare, or
from a wrong host.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from airflow_provider_print.core.errors import (
    ApiError,
    AuthenticationError,
    BadRequestError,
    ForbiddenError,
    GoneError,
    NotFoundError,
    PaymentError,
    PrintError,
    RateLimitError,
    ServerError,
    UnexpectedAnswerError,
    UnknownOutcomeError,
)
from airflow_provider_print.core.identifiers import host_of
from airflow_provider_print.core.outcome import Outcome, outcome_of_status
from airflow_provider_print.core.retry import named_wait

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_BY_STATUS: dict[int, type[ApiError]] = {
    401: AuthenticationError,
    402: PaymentError,
    403: ForbiddenError,
    404: NotFoundError,
    410: GoneError,
}


@dataclass(frozen=True, kw_only=True)
class Fault:
    """An error as the service words it.

    :param message: for people
    :param status: the one in the body where it has one, else that of HTTP
    :param kind: the error class that the service's own type or code stands for, if it stands for one
    """

    message: str
    status: int
    code: str | None = None
    param: str | None = None
    kind: type[ApiError] | None = None
    type: str | None = None  # last, because it hides the word that the line above needs


class Dialect(Protocol):
    """How one service words its errors."""

    #: Name of the service, for texts.
    service: str
    #: What its base URL looks like, for whoever wrote another one.
    base_url_rule: str

    def fault(self, status: int, body: Any) -> Fault | None:
        """Return the error in a decoded body, `None` when it holds none in the shape of this service."""

    def expected(self, body: Any) -> bool:
        """Whether a decoded body of a success has the shape of this service."""


@dataclass(frozen=True, kw_only=True)
class RawAnswer:
    """What came over the wire.

    :param body: decoded, at most as long as the cap
    :param flaw: why the body is not whole or not readable, if it is not
    :param host: who answered
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    host: str
    flaw: str | None = None

    def header(self, *names: str) -> str | None:
        """Return the first of these headers that is there."""
        lower = {name.lower(): value for name, value in self.headers.items()}
        return next((lower[name] for name in names if lower.get(name)), None)

    @property
    def request_id(self) -> str | None:
        """The service's id of the call, else Cloudflare's."""
        found = self.header("request-id", "x-request-id", "cf-ray")
        return re.sub(r"[^\w.:-]", "", found)[:80] if found else None

    @property
    def is_html(self) -> bool:
        """Whether this is a web page."""
        head = self.body[:200].lstrip().lower()
        return "text/html" in (self.header("content-type") or "") or head.startswith((b"<!doctype", b"<html"))


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A success.

    :param data: the decoded JSON; `None` for an empty body, and when `gone`
    :param request_id: the service's id of the call
    :param gone: the object was not there any more, after an earlier attempt whose answer was lost
    """

    status: int
    data: Any = None
    request_id: str | None = None
    gone: bool = False


@dataclass(frozen=True, kw_only=True)
class Failure:
    """An attempt that failed.

    :param error: raised when there is no further attempt
    :param wait: seconds that the service asked for
    """

    outcome: Outcome
    error: PrintError
    wait: float | None = None


@dataclass(frozen=True, kw_only=True)
class Judge:
    """Turns answers to one call into data or failures.

    :param call: method and path, for texts
    :param is_write: the call changes something
    :param clean: masks secrets in texts from outside
    :param wall: seconds since the epoch
    :param id_from: the argument that an id in the path came from
    """

    call: str
    is_write: bool
    dialect: Dialect
    clean: Callable[[str], str]
    wall: Callable[[], float]
    id_from: str | None = None

    def judge(self, raw: RawAnswer) -> Answer | Failure:
        """Say what an answer means."""
        if 300 <= raw.status < 400:
            return self._redirect(raw)
        data, flaw = self._decode(raw)
        fault = None if flaw else self.dialect.fault(raw.status, data)
        if raw.status < 300 and fault is None:
            return self._success(raw, data, flaw)
        return self._error(raw, fault)

    def _decode(self, raw: RawAnswer) -> tuple[Any, str | None]:
        if raw.flaw:
            return None, raw.flaw
        if raw.is_html:
            return None, f"an HTML page{self._page(raw)}"
        if not raw.body.strip():
            return None, None
        try:
            return json.loads(raw.body), None
        except (ValueError, RecursionError):
            return None, "something that is not JSON"

    def _page(self, raw: RawAnswer) -> str:
        """Describe a page: its title, and who probably sent it."""
        title = re.search(rb"<title[^>]*>(.*?)</title>", raw.body[:20_000], re.IGNORECASE | re.DOTALL)
        text = self.clean(title.group(1).decode("utf-8", "replace"))[:80] if title else ""
        words = f' titled "{text}"' if text else ""
        if "cloudflare" in (raw.header("server") or "").lower() or b"cloudflare" in raw.body[:20_000].lower():
            words += " from Cloudflare, which stands in front of the service"
        return words

    def _redirect(self, raw: RawAnswer) -> Failure:
        target = raw.header("location")
        where = f" to {host_of(target)}" if target and "//" in target else ""
        error = UnexpectedAnswerError(
            f"{self.call}: {raw.host} answered with a redirect{where}. Redirects are not followed, because "
            "the request would be sent there too.",
            status=raw.status,
            request_id=raw.request_id,
            advice="Write the final base URL into the host of the connection.",
        )
        return Failure(outcome=Outcome.DEFINITIVE, error=error)

    def _success(self, raw: RawAnswer, data: Any, flaw: str | None) -> Answer | Failure:
        if flaw is None and self.dialect.expected(data):
            return Answer(status=raw.status, data=data, request_id=raw.request_id)
        what = flaw or f"JSON that is not from {self.dialect.service}"
        message = f"{self.call}: {raw.host} answered with {what}."
        if self.is_write:
            unknown = UnknownOutcomeError(message, status=raw.status, request_id=raw.request_id)
            return Failure(outcome=Outcome.UNKNOWN, error=unknown)
        garbled = not raw.is_html and flaw is not None
        error = UnexpectedAnswerError(message, status=raw.status, request_id=raw.request_id)
        return Failure(outcome=Outcome.UNKNOWN if garbled else Outcome.DEFINITIVE, error=error)

    def _error(self, raw: RawAnswer, fault: Fault | None) -> Failure:
        status = fault.status if fault else raw.status
        after = raw.header("retry-after")
        outcome = outcome_of_status(status, wait_named=after is not None)
        kind = fault.kind if fault else None
        if kind is RateLimitError:
            outcome = Outcome.REFUSED
        elif kind is not None:
            outcome = Outcome.DEFINITIVE
        wait = None
        if outcome is Outcome.REFUSED:
            wait = named_wait(raw.headers, fault.message if fault else None, self.wall())
        elif after is not None:
            wait = named_wait({"retry-after": after}, None, self.wall())
        make = kind or self._kind(status, outcome, fault)
        error = make(
            self._words(raw, fault, make),
            status=status,
            code=self._word(fault.code) if fault else None,
            type=self._word(fault.type) if fault else None,
            param=self._word(fault.param) if fault else None,
            request_id=raw.request_id,
            retry_after=wait,
        )
        if status == 404 and error.param is None:
            self._not_found(error, raw, fault)
        return Failure(outcome=outcome, error=error, wait=wait)

    def _not_found(self, error: PrintError, raw: RawAnswer, fault: Fault | None) -> None:
        """Name the id that was not found; where the path has none, it is the call itself that is unknown."""
        if self.id_from is not None:
            error.param = self.id_from
            return
        rule = f"the host of the connection: {self.dialect.base_url_rule}."
        error.advice = f"Check {rule}"
        if self.is_write:
            error.advice = f"Check the ids in the request, and {rule}"
        elif fault is not None:
            said = self.clean(fault.message) or "nothing more"
            error.message = (
                f"{self.call}: {raw.host} answers, but this is not the {self.dialect.service} API. "
                f'It says "{said}".'
            )

    def _word(self, text: str | None) -> str | None:
        return self.clean(text)[:100] if text else None

    def _kind(self, status: int, outcome: Outcome, fault: Fault | None) -> type[PrintError]:
        if outcome is Outcome.REFUSED:
            return RateLimitError
        if outcome is Outcome.UNKNOWN:
            return UnknownOutcomeError if self.is_write else ServerError
        if fault is None:
            return UnexpectedAnswerError
        return _BY_STATUS.get(status, BadRequestError)

    def _words(self, raw: RawAnswer, fault: Fault | None, make: type[PrintError]) -> str:
        verb = (
            "did not say what became of the request" if make is UnknownOutcomeError else "refused the request"
        )
        if make is ServerError:
            verb = "has a problem"
        if fault is not None:
            said = self.clean(fault.message) or "no message"
            return f"{self.call}: {self.dialect.service} {verb}: {said.rstrip('.')}."
        _, flaw = self._decode(raw)
        what = flaw or f"an error that {self.dialect.service} does not send"
        return f"{self.call}: {raw.host} answered {raw.status} with {what}."
