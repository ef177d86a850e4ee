"""The receiver of webhooks: `POST /intelliprint/CONNECTION_ID`, for anybody who can sign.

The route is open to the internet, so it does as little as it can before it believes: headers first, then a
body of limited size, then one hash. A connection that does not exist, one without a secret and a wrong
signature get the same answer. Nothing of a body is ever logged.

Whatever cannot be done now is answered with 503: the sender comes again, over a day and a half (documented by
Svix). So nothing is kept here that could be lost.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse
from starlette.routing import Route

from airflow_provider_print.assets import LETTER_STATUSES, asset_uri
from airflow_provider_print.core.errors import PrintError, UnexpectedAnswerError
from airflow_provider_print.core.signature import TOLERANCE, Claim, SignatureError
from airflow_provider_print.intelliprint.events import (
    LETTER,
    OUTCOMES,
    PRINT_JOB,
    PrintEvent,
    concludes,
    ours,
    outcomes,
    rank,
)
from airflow_provider_print.intelliprint.webhooks import LetterUpdate, parse
from airflow_provider_print.plugins._accounts import Account, Accounts
from airflow_provider_print.plugins._database import known_assets, tell
from airflow_provider_print.plugins._jobs import UnknownYetError

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

log = logging.getLogger(__name__)

#: Bytes of a body; one of `letter.updated` has about 400 (documented).
LARGEST_BODY = 1024 * 1024
#: Seconds that a message is remembered: longer than its signature is taken for new, on either side of now.
REMEMBERED_S = 2.0 * TOLERANCE
_BODY_WITHIN_S = 10.0
_WORK_WITHIN_S = 12.0


def receiver_app(accounts: Accounts | None = None) -> Starlette:
    """Return the web app.

    :param accounts: the connections; those of Airflow by default.
    """
    receiver = Receiver(accounts or Accounts())
    # A connection id may have a slash in it.
    return Starlette(routes=[Route("/intelliprint/{conn_id:path}", receiver.take, methods=["POST"])])


class Receiver:
    """Takes webhooks and tells Airflow's assets of them.

    :param accounts: the connections.
    :param clock: UNIX seconds.
    """

    def __init__(self, accounts: Accounts, clock: Callable[[], float] = time.time) -> None:
        self._accounts, self._clock = accounts, clock
        self._seen = Seen()

    async def take(self, request: Request) -> JSONResponse:
        """Answer one request.

        :param request: from anybody.
        """
        account: Account | None = None
        body: bytes | None = None
        try:
            claim = Claim.read(request.headers, now=self._clock())
            body = await _body(request)
            if body is None:
                return _refused("The body is too large.", 413)
            account = await self._account(request.path_params["conn_id"])
            claim.check(account.keys if account else (b"nobody's",), body)
        except TimeoutError:
            return _refused("The body did not come.", 408)
        except UnknownYetError as error:
            log.warning("A webhook has to come again: %s", error)
            return _later()
        except SignatureError as error:
            log.info("A webhook was refused: %s.", error)
            account = None
        if account is None or body is None:
            return _refused("The signature was not accepted.", 401)
        return await self._believed(request.path_params["conn_id"], account, claim, body)

    async def _account(self, conn_id: str) -> Account | None:
        try:
            return await run_in_threadpool(self._accounts.get, conn_id)
        except Exception as error:  # noqa: BLE001 - whatever keeps connections, and however it fails
            what = type(error).__name__
        raise UnknownYetError(f"The connection could not be read: {what}.")

    async def _believed(self, conn_id: str, account: Account, claim: Claim, body: bytes) -> JSONResponse:
        """Answer a request whose signature fits."""
        if self._seen.has((conn_id, claim.id), self._clock()):
            return _done([], "repeated")
        try:
            update = parse(body)
        except UnexpectedAnswerError as error:
            log.warning("A webhook for %s was not understood: %s", conn_id, error)
            return JSONResponse({"detail": str(error)}, 422)
        if update is None or update.testmode is not account.testmode:
            return _done([], "ignored")
        try:
            async with asyncio.timeout(_WORK_WITHIN_S):
                told = await _tell(conn_id, account, update)
        except Exception as error:  # noqa: BLE001 - the sender comes again, whatever it was
            why = error if isinstance(error, PrintError) else type(error).__name__
            log.warning("A webhook of print job %s has to come again: %s", update.print_job, why)
            return _later()
        self._seen.add((conn_id, claim.id), self._clock())
        return _done(told, "taken")


async def _tell(conn_id: str, account: Account, update: LetterUpdate) -> list[str]:
    """Tell the assets, first that of the letter, then those of its print job; return which there were."""
    if rank(update.status) < 0:
        log.warning("Letter %s has a status that this version does not know.", update.letter)
        return []
    job_uris = {name: asset_uri(PRINT_JOB, name, conn_id) for name in OUTCOMES}
    letter_uris = {status: asset_uri(LETTER, status, conn_id) for status in LETTER_STATUSES}
    used = await run_in_threadpool(known_assets, [*job_uris.values(), *letter_uris.values()])
    told = []
    if (uri := letter_uris.get(update.status)) in used:
        # A letter that is further on was told of, or nobody had asked to be.
        later = [other for status, other in letter_uris.items() if rank(status) >= rank(update.status)]
        extra = _event(conn_id, update, LETTER, update.status, letter=update.letter).payload()
        if await run_in_threadpool(tell, uri, extra, subject=LETTER, unless=later):
            told.append(uri)
    if concludes(update.status) and used & set(job_uris.values()):
        statuses = await account.jobs.after(update)
        for name in outcomes(statuses):
            uri = job_uris[name]
            extra = _event(conn_id, update, PRINT_JOB, name, letters=dict(Counter(statuses))).payload()
            if uri in used and await run_in_threadpool(tell, uri, extra, subject=PRINT_JOB, unless=[uri]):
                told.append(uri)
    return told


def _event(conn_id: str, update: LetterUpdate, kind: str, status: str, **more: Any) -> PrintEvent:
    return PrintEvent(
        kind=kind,
        status=status,
        conn_id=conn_id,
        print_job=update.print_job,
        testmode=update.testmode,
        source="webhook",
        **ours(update.reference),
        **more,
    )


def _done(told: list[str], what: str) -> JSONResponse:
    return JSONResponse({"status": what, "told": told})


def _refused(why: str, status: int) -> JSONResponse:
    # The server would read a body to its end, however long, to keep the connection for another request.
    return JSONResponse({"detail": why}, status, {"Connection": "close"})


def _later() -> JSONResponse:
    return JSONResponse({"detail": "Not now."}, 503, {"Retry-After": "60"})


async def _body(request: Request) -> bytes | None:
    """Return the body, byte for byte; None when it is too large, however it is sent.

    :raises TimeoutError: when it does not come.
    """
    length = request.headers.get("content-length", "0")
    if not length.isdecimal() or len(length) > 12 or int(length) > LARGEST_BODY:
        return None
    body = bytearray()
    async with asyncio.timeout(_BODY_WITHIN_S):
        async for piece in request.stream():
            body += piece
            if len(body) > LARGEST_BODY:
                return None
    return bytes(body)


class Seen:
    """The messages that were taken, for as long as a replay could be believed.

    A message goes to all endpoints of an account under one id, and each connection may be one of them.
    """

    def __init__(self) -> None:
        self._until: dict[tuple[str, str], float] = {}

    def has(self, message: tuple[str, str], now: float) -> bool:
        """Tell whether a message was taken.

        :param message: the connection that it came for, and its id.
        :param now: UNIX seconds.
        """
        return self._until.get(message, now) > now

    def add(self, message: tuple[str, str], now: float) -> None:
        """Remember a message that was taken.

        :param message: the connection that it came for, and its id.
        :param now: UNIX seconds.
        """
        while self._until and next(iter(self._until.values())) <= now:
            del self._until[next(iter(self._until))]
        self._until[message] = now + REMEMBERED_S
