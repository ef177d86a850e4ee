"""One error tree for both services.

Sorted by what a failure says about money, not by who noticed it: an error that the service sent
(`ApiError`), a question that could not be asked or whose answer was lost (`NoAnswerError`), input that was
wrong before any call (`InputError`), and a job that went wrong (`CheckError`, `LetterFailedError`,
`WaitTimeoutError`). "Could not ask" and "the letter failed" must never be mixed up: the first may be tried
again, the second may not.

The text of every error says what happened, the service's own words, the parameter, the request id and what
to do next; an API key, a recipient or content is never in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from collections.abc import Mapping


class PrintError(Exception):
    """Anything that this package raises on purpose.

    Every attribute is `None` where it is not known, so that a handler can read them without asking for the
    class.

    :param message: what happened, in one or two sentences
    :param status: HTTP status of the answer
    :param code: the service's own error code, e.g. `parameter_invalid`
    :param type: the service's own error type, e.g. `invalid_request_error`
    :param param: the parameter, connection field or operator argument at fault
    :param request_id: the service's id of the call, for its support
    :param letter_key: the letter key of the job that this is about, to search for what may exist
    :param retry_after: seconds until the service is willing to answer again
    :param advice: what to do next; the default is that of the class
    """

    default_advice: ClassVar[str] = ""

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        code: str | None = None,
        type: str | None = None,  # noqa: A002 - the service's own word
        param: str | None = None,
        request_id: str | None = None,
        letter_key: str | None = None,
        retry_after: float | None = None,
        advice: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.code = code
        self.type = type
        self.param = param
        self.request_id = request_id
        self.letter_key = letter_key
        self.retry_after = retry_after
        self.advice = self.default_advice if advice is None else advice
        #: An earlier attempt of the same write may have been carried out.
        self.unsure = False

    def __str__(self) -> str:
        known = {
            "status": self.status,
            "code": self.code,
            "param": self.param,
            "request-id": self.request_id,
            "letter-key": self.letter_key,
            "retry-after": None if self.retry_after is None else f"{self.retry_after:.0f} s",
        }
        details = ", ".join(f"{name}={value}" for name, value in known.items() if value is not None)
        text = self.message + (f" ({details})" if details else "")
        return f"{text} {self.advice}" if self.advice else text


class InputError(PrintError, ValueError):
    """Input that is wrong, found before any call; `.param` names the field."""


class ConfigurationError(InputError):
    """A connection that cannot work; `.param` names its field (`host`, `password`, `extra.rate`)."""

    default_advice = "Correct this field of the connection."


class ApiError(PrintError):
    """The service answered, and the answer is an error."""


class BadRequestError(ApiError):
    """400, 405, 413, 422, 430, 431 and other answers that will be the same next time."""

    default_advice = "Correct the request: the same one will be refused again."


class AuthenticationError(ApiError):
    """401: no API key, or one that the service does not know."""

    default_advice = "Check the API key in the password field of the connection."


class ForbiddenError(ApiError):
    """403: the API key is known, but may not do this."""

    default_advice = "Check what this API key is allowed to do."


class PaymentError(ApiError):
    """402, or the type or code `payment_error`: nothing is printed until the account can pay."""

    default_advice = "Top up the balance or raise the credit limit of the account, then run again."


class NotFoundError(ApiError):
    """404: no such object, or no such route."""

    default_advice = "Check the id, and that the object was made with this account."


class GoneError(ApiError):
    """410: the service has removed this."""


class RateLimitError(ApiError):
    """429, 419, 408, or 503 with `Retry-After`, until the budget of the call was used up."""

    default_advice = "Nothing was done: run again after the wait, or lower `rate` in the connection."


class ServerError(ApiError):
    """5xx in answer to a read, still there when the retries ended."""

    default_advice = "The service has a problem: try again later."


class UnexpectedAnswerError(ApiError):
    """A redirect, an HTML page or anything else that the API does not send."""

    default_advice = "Check the host of the connection, and any proxy in between."


class NoAnswerError(PrintError):
    """The service could not be asked, or its answer was lost."""


class NotDeliveredError(NoAnswerError):
    """The request never arrived: refused, no such host, connect time-out, TLS, proxy not reachable."""

    default_advice = "Nothing was done. Check host, network and proxy of the connection, then run again."


class UnknownOutcomeError(NoAnswerError):
    """A write whose fate is unknown: read time-out, dropped connection, 5xx, unreadable answer.

    It is never repeated by itself, for it may have been carried out.
    """

    default_advice = "It may have been carried out: look before doing it again."


class SupersededError(PrintError):
    """A newer attempt of this task owns the letter; this one has paid nothing and must not."""

    default_advice = "Nothing was paid by this attempt. The newer one goes on with the letter."


class RegisterError(PrintError):
    """Airflow's task state store could not be asked or written, so this attempt paid nothing."""

    default_advice = "Nothing was paid by this attempt. Run the task again when Airflow's API answers."


class CheckError(PrintError):
    """A check on the quote stopped the job before anything was paid; `.param` names the operator argument."""


class LetterFailedError(PrintError):
    """Letters came back, were cancelled or were refused."""


class OtherContentError(LetterFailedError):
    """A letter was decided or posted with something else in it than is asked for now.

    :param print_job_id: the job that it was decided to be
    :param metadata: what is stored beside that job
    """

    def __init__(
        self, message: str, *, print_job_id: str = "", metadata: Mapping[str, Any] | None = None, **known: Any
    ) -> None:
        super().__init__(message, **known)
        self.print_job_id = print_job_id
        self.metadata = dict(metadata or {})


class WaitTimeoutError(PrintError):
    """An absolute deadline passed before the awaited state was there."""
