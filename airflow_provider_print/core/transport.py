"""HTTP for both services: every call is paced, bounded, sorted when it fails, and repeated when free.

The loop is short: ask the pace, make one attempt, look at what the failure says about money, wait or give
up. The body is frozen before the first attempt. Nothing below this level tries again by itself.
"""

from __future__ import annotations

import copy as copying
import logging
import random
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

import requests
import urllib3

from airflow_provider_print import __version__
from airflow_provider_print.core.answers import Answer, Failure, Judge, RawAnswer
from airflow_provider_print.core.errors import (
    InputError,
    NoAnswerError,
    NotDeliveredError,
    NotFoundError,
    PrintError,
    RateLimitError,
    UnexpectedAnswerError,
    UnknownOutcomeError,
)
from airflow_provider_print.core.identifiers import check_url, host_of
from airflow_provider_print.core.outcome import Outcome, outcome_of_exception
from airflow_provider_print.core.reasons import reason
from airflow_provider_print.core.redaction import Redactor
from airflow_provider_print.core.retry import NO_RETRY, Retrier, RetryPolicy
from airflow_provider_print.core.wire import TooLong, Undecodable, Watch, Wire, collect, copy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from requests.auth import AuthBase

    from airflow_provider_print.core.answers import Dialect
    from airflow_provider_print.core.multipart import Body
    from airflow_provider_print.core.pacing import Pace

log = logging.getLogger(__name__)

#: Most bytes of a JSON answer, decoded.
MAX_JSON = 32 * 1024 * 1024
#: Most bytes of a downloaded file.
MAX_DOWNLOAD = 256 * 1024 * 1024

#: Seconds that a call waits for its turn in any case, also one that asks only once.
_TURN = 60.0
_BROKEN = (requests.RequestException, urllib3.exceptions.HTTPError, OSError)


def user_agent(airflow_version: str | None = None) -> str:
    """Return who we are. The services turn the usual names of Python's libraries away (observed by others).

    :param airflow_version: handed in, because this level knows no Airflow
    """
    ours = f"airflow-provider-print/{__version__}"
    return f"{ours} apache-airflow/{airflow_version}" if airflow_version else ours


@dataclass(frozen=True, kw_only=True)
class Timeouts:
    """Time limits of one attempt, in seconds.

    :param connect: until the connection stands
    :param read: between two bytes of the answer; a file of hundreds of pages is split before the first one
    :param total: from the first byte of the request to the last one of the answer
    """

    connect: float = 5.0
    read: float = 120.0
    total: float = 600.0

    def __post_init__(self) -> None:
        if not all(0 < value < 86_400 for value in (self.connect, self.read, self.total)):
            raise ValueError("time limits are seconds, more than 0 and less than a day")


@dataclass(frozen=True, kw_only=True)
class Clock:
    """Time and chance, so that tests need neither.

    :param now: monotonic seconds
    :param sleep: waits that many seconds
    :param wall: seconds since the epoch
    """

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    wall: Callable[[], float] = time.time
    rng: random.Random = field(default_factory=random.SystemRandom)


@dataclass(frozen=True, kw_only=True)
class _Call:
    """What all attempts of one call have in common."""

    name: str
    method: str
    repeatable: bool
    attempt: Callable[[], Answer | Failure]


class Transport:
    """Calls to one service with one API key.

    :param base_url: without a slash at the end
    :param dialect: how the service words its errors
    :param auth: puts the API key on requests
    :param secrets: the API key, to be masked in every text
    :param agent: see `user_agent`
    :param pace: the shared rate limit; `None` for none
    :param proxy: URL of a proxy
    :param ca_bundle: path of the certificates to trust instead of the usual ones
    :param allow_http: plain http is fine off this machine
    """

    def __init__(
        self,
        base_url: str,
        *,
        dialect: Dialect,
        auth: AuthBase | None = None,
        secrets: Iterable[str] = (),
        agent: str | None = None,
        timeouts: Timeouts | None = None,
        policy: RetryPolicy | None = None,
        pace: Pace | None = None,
        proxy: str | None = None,
        ca_bundle: str | None = None,
        allow_http: bool = False,
        clock: Clock | None = None,
    ) -> None:
        self.base_url = check_url(base_url, allow_http=allow_http, param="host").rstrip("/")
        self.host = host_of(base_url)
        self.dialect = dialect
        self.timeouts = timeouts or Timeouts()
        self.policy = policy or RetryPolicy()
        self.pace = pace
        self.clock = clock or Clock()
        self._allow_http = allow_http
        self._steps_back = False
        self._listeners: list[Callable[[int, Mapping[str, str]], None]] = []
        self._redactor = Redactor(secrets)
        agent = agent or user_agent()
        self._wire = Wire(user_agent=agent, auth=auth, proxy=proxy, ca_bundle=ca_bundle)
        self._stranger = Wire(user_agent=agent, proxy=proxy, ca_bundle=ca_bundle)

    def __repr__(self) -> str:
        return f"Transport({self.host})"

    def stepping_back(self) -> Transport:
        """Return this transport for polling: its calls let those of others go first."""
        other = self._copy()
        other._steps_back = True
        return other

    def without_waiting(self) -> Transport:
        """Return this transport for who takes turns from `pace` beforehand: calls go out at once, once."""
        other = self._copy()
        other.policy = NO_RETRY
        other.pace = None
        return other

    def _copy(self) -> Transport:
        other = copying.copy(self)
        other._listeners = list(self._listeners)
        return other

    @contextmanager
    def on_answer(self, listener: Callable[[int, Mapping[str, str]], None]) -> Iterator[None]:
        """Tell somebody of every answer as long as the block lasts; never the body, which holds addresses.

        :param listener: called with the status, and the headers with their names in lower case
        """
        self._listeners.append(listener)
        try:
            yield
        finally:
            self._listeners.remove(listener)

    def close(self) -> None:
        """Close idle connections; the transport can be used again."""
        self._wire.close()
        self._stranger.close()

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Sequence[tuple[str, str]] = (),
        body: Body | None = None,
        repeatable: bool | None = None,
        private: Sequence[str] = (),
        id_from: str | None = None,
    ) -> Answer:
        """Make a call and return its answer.

        Raises an `ApiError` for an answer that is an error, `NotDeliveredError` when nothing arrived, and
        for a write whose fate is unknown `UnknownOutcomeError`.

        :param method: of HTTP; everything but GET is a write
        :param path: begins with a slash; ids in it have been checked
        :param params: query
        :param body: sent from its start on each attempt, closed at the end
        :param repeatable: making the call twice does no harm; by default that is so for GET only
        :param private: texts of the query that must not come back in an error
        :param id_from: the argument that an id in the path came from; it is named when that is not found
        """
        is_write = method != "GET"
        hidden = (*private, *(body.private if body is not None else ()))
        judge = Judge(
            call=f"{method} {path}",
            is_write=is_write,
            dialect=self.dialect,
            clean=lambda text: self._redactor.clean(text, hidden),
            wall=self.clock.wall,
            id_from=id_from,
        )
        call = _Call(
            name=judge.call,
            method=method,
            repeatable=not is_write if repeatable is None else repeatable,
            attempt=lambda: self._attempt(judge, method, path, list(params), body),
        )
        try:
            return self._repeat(call, self.pace)
        finally:
            if body is not None:
                body.close()

    def download(self, url: str, target: BinaryIO, *, max_bytes: int = MAX_DOWNLOAD) -> int:
        """Copy a file to a target; return its size in bytes. The API key is never sent.

        Raises what `request` raises for a read; the URL is in no error, because its query is a permission.

        :param url: a signed link
        :param target: written from its present position; an attempt after a broken one begins there again
        :param max_bytes: most bytes that are taken
        """
        check_url(url, allow_http=self._allow_http, param="url")
        start = target.tell() if target.seekable() else None
        call = _Call(
            name=f"GET (file from {host_of(url)})",
            method="GET",
            repeatable=start is not None,
            attempt=lambda: self._fetch(url, target, start, max_bytes),
        )
        size: int = self._repeat(call, None).data
        return size

    def _repeat(self, call: _Call, pace: Pace | None) -> Answer:
        retrier = Retrier(self.policy, self.clock.now, self.clock.rng)
        lost = False
        while True:
            self._take_turn(call, pace, retrier)
            result = call.attempt()
            if isinstance(result, Answer):
                return result
            if lost and call.method == "DELETE" and isinstance(result.error, NotFoundError):
                return Answer(status=404, gone=True, request_id=result.error.request_id)
            lost = lost or result.outcome is Outcome.UNKNOWN
            wait = retrier.wait_after(result.outcome, result.wait, not call.repeatable)
            if pace is not None and result.outcome is Outcome.REFUSED:
                pace.hold(self.policy.unnamed if result.wait is None else result.wait)
            if wait is None:
                result.error.unsure = lost and call.method != "GET"
                raise result.error
            log.warning("%s was %s; trying again in %.1f s.", call.name, result.outcome, wait)
            self.clock.sleep(wait)

    def _take_turn(self, call: _Call, pace: Pace | None, retrier: Retrier) -> None:
        if pace is None:
            return
        if self._steps_back:
            self._wait_for(pace.step_back, call, retrier)
        self._wait_for(pace.reserve, call, retrier)

    def _wait_for(self, moment: Callable[[float], tuple[bool, float]], call: _Call, retrier: Retrier) -> None:
        free, wait = moment(max(_TURN, self.policy.budget - retrier.elapsed))
        if not free:
            raise RateLimitError(
                f"{call.name}: {self.host} asked everybody on this machine to wait.", retry_after=wait
            )
        if wait > 0:
            log.debug("%s waits %.1f s for its turn.", call.name, wait)
            retrier.excuse(wait)
            self.clock.sleep(wait)

    def _attempt(
        self, judge: Judge, method: str, path: str, params: list[tuple[str, str]], body: Body | None
    ) -> Answer | Failure:
        headers = {"Accept": "application/json", "Accept-Encoding": "gzip"}
        if body is not None:
            body.rewind()
            headers["Content-Type"] = body.content_type
        watch = Watch(self.timeouts.total)
        try:
            with (
                watch,
                self._wire.sent(
                    method,
                    self.base_url + path,
                    timeouts=(self.timeouts.connect, self.timeouts.read),
                    headers=headers,
                    params=params,
                    data=body,
                ) as response,
            ):
                for listener in self._listeners:
                    listener(response.status_code, {n.lower(): v for n, v in response.headers.items()})
                content, flaw = collect(response, most=MAX_JSON)
                if not watch.expired:
                    log.debug("%s: %s answered %d.", judge.call, self.host, response.status_code)
                    raw = RawAnswer(
                        status=response.status_code,
                        headers=dict(response.headers),
                        body=content,
                        host=self.host,
                        flaw=flaw,
                    )
                    return judge.judge(raw)
                broken: BaseException = TimeoutError("total")
        except _BROKEN as error:
            broken = error
        started = None if body is None else body.started
        return self._broken(judge.call, broken, watch, judge.is_write, started)

    def _fetch(self, url: str, target: BinaryIO, start: int | None, most: int) -> Answer | Failure:
        if start is not None:
            target.seek(start)
            target.truncate()
        name, host = f"GET (file from {host_of(url)})", host_of(url)
        watch = Watch(self.timeouts.total)
        try:
            with (
                watch,
                self._stranger.sent(
                    "GET",
                    url,
                    timeouts=(self.timeouts.connect, self.timeouts.read),
                    headers={"Accept": "*/*", "Accept-Encoding": "identity"},
                ) as response,
            ):
                if response.status_code != 200:
                    return self._no_file(name, host, response)
                size = copy(response, target.write, most=most)
                if not watch.expired:
                    return Answer(status=200, data=size)
                broken: BaseException = TimeoutError("total")
        except (TooLong, Undecodable):
            error = UnexpectedAnswerError(
                f"{name}: the file is longer than {most} bytes or cannot be unpacked."
            )
            return Failure(outcome=Outcome.DEFINITIVE, error=error)
        except _BROKEN as error:
            broken = error
        return self._broken(name, broken, watch, False, None)

    def _no_file(self, name: str, host: str, response: requests.Response) -> Failure:
        """Sort a failed download by the rules for reads; what such a host writes is of no use."""
        judge = Judge(
            call=name, is_write=False, dialect=self.dialect, clean=self._redactor.clean, wall=self.clock.wall
        )
        raw = RawAnswer(status=response.status_code, headers=dict(response.headers), body=b"", host=host)
        failure = judge.judge(raw)
        if isinstance(failure, Answer):
            error = UnexpectedAnswerError(f"{name}: {host} answered {raw.status} without a file.")
            return Failure(outcome=Outcome.DEFINITIVE, error=error)
        failure.error.message = f"{name}: {host} answered {raw.status} instead of a file."
        failure.error.advice = "Signed links live for an hour: read the object again for a fresh one."
        return failure

    def _broken(
        self, name: str, error: BaseException, watch: Watch, is_write: bool, started: bool | None
    ) -> Failure:
        """Sort a failure without an answer. The exception itself is dropped: it holds the whole request."""
        if isinstance(error, requests.exceptions.InvalidHeader | requests.exceptions.InvalidURL):
            wrong = InputError(f"{name}: the request has a header or a URL that cannot be sent.")
            return Failure(outcome=Outcome.DEFINITIVE, error=wrong)
        outcome = outcome_of_exception(error, body_started=started)
        expired = f"no complete answer within {self.timeouts.total:g} s"
        why = expired if watch.expired else self._redactor.clean(reason(error, self.timeouts))
        made: type[PrintError] = NoAnswerError
        if outcome is Outcome.NOT_DELIVERED:
            made = NotDeliveredError
        elif is_write:
            made = UnknownOutcomeError
        text = f"{name}: no answer from {self.host}: {why}."
        return Failure(outcome=outcome, error=made(text))
