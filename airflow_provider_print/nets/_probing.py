"""Test jobs for the probe: made, confirmed and removed, and never a live one.

Every write of the probe goes through here. A job is created with `testmode: true` and without `confirmed`,
and its answer must say that it is a test job; before one is confirmed it is read again and must say so once
more. Whatever was made is removed at the end, also when the probe breaks off.
"""

from __future__ import annotations

import logging
import secrets
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from airflow_provider_print.core.errors import (
    AuthenticationError,
    BadRequestError,
    ForbiddenError,
    NotDeliveredError,
    NotFoundError,
    PaymentError,
    PrintError,
    RateLimitError,
)
from airflow_provider_print.core.identifiers import check_id
from airflow_provider_print.intelliprint.wire import body_of
from airflow_provider_print.nets._findings import reason_of
from airflow_provider_print.nets._listening import Listener

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from airflow_provider_print.core.answers import Answer
    from airflow_provider_print.core.transport import Transport
    from airflow_provider_print.intelliprint.client import IntelliprintClient

log = logging.getLogger(__name__)

_LETTER = {
    "content": "This page finds out how the service behaves. It is in test mode and is never posted.",
    "recipients": [
        {"address": {"name": "Nobody", "line": "1 Nowhere Street\nNOWHERE", "postcode": "AB1 2CD"}}
    ],
}
_TELLING = ("ratelimit", "rate-limit", "retry-after")
_ID = "print_job_id"
_NOT_MADE = (
    BadRequestError,
    AuthenticationError,
    ForbiddenError,
    PaymentError,
    NotFoundError,
    RateLimitError,
    NotDeliveredError,
)
#: Seconds before each look for a draft whose id nobody was told.
SEARCH = (0.0, 0.5, 1.5, 4.0)


class ProbeError(PrintError):
    """The probe had to stop: the service made, or the caller asked for, something that is no test job."""

    default_advice = "Nothing was confirmed. Look at the job in the dashboard, and tell the service."


class TestJobs:
    """Makes test jobs and remembers them, to remove them.

    :param client: speaks to the service.
    :param sleep: passes time.
    :param now: seconds that never go back.
    """

    __test__ = False  # no class of tests, whatever its name says

    def __init__(
        self,
        client: IntelliprintClient,
        *,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.client = client
        self.sleep = sleep
        self.now = now
        self.watch = HeaderWatch(client.transport)
        self.token = secrets.token_hex(6)
        self.left: list[str] = []
        self._number = 0
        self._made: dict[str, str | None] = {}

    def create(self, metadata: dict[str, Any] | None = None, *, testmode: bool = True) -> dict[str, Any]:
        """Make a test draft, and return the answer as it came.

        :param metadata: stored beside it.
        :param testmode: nothing but True is taken.
        :raises ProbeError: when it is not, or the answer does not say that it is a test draft.
        """
        if testmode is not True:
            raise ProbeError("The probe makes test jobs only.", param="testmode", advice="")
        self._number += 1
        reference = f"print-probe {self.token} {self._number}"
        tree = {**_LETTER, "testmode": True, "reference": reference}
        if metadata is not None:
            tree["metadata"] = metadata
        self._made[reference] = None
        try:
            job = self._request("POST", "/prints", tree).data
        except _NOT_MADE:
            del self._made[reference]
            raise
        self._made[reference] = check_id(job.get("id"), param=_ID)
        if job.get("testmode") is not True or job.get("confirmed") is True:
            raise ProbeError(
                f"The service made {job['id']}, which is no test draft, though one was asked for."
            )
        return dict(job)

    def confirm(self, job_id: str) -> Answer:
        """Confirm a test job; it is read first, and refused unless it says that it is one.

        :raises ProbeError: when it is none.
        :raises PrintError: when the service refuses.
        """
        if self.read(job_id).get("testmode") is not True:
            raise ProbeError(f"Print job {job_id} is no test job: it is not confirmed.")
        return self._request("POST", f"/prints/{check_id(job_id, param=_ID)}", {"confirmed": True})

    def delete(self, job_id: str) -> Answer:
        """Delete or cancel, once."""
        return self._request("DELETE", f"/prints/{check_id(job_id, param=_ID)}")

    def read(self, job_id: str) -> dict[str, Any]:
        """Read a job as it comes."""
        return dict(self._request("GET", f"/prints/{check_id(job_id, param=_ID)}").data)

    def rows(self, reference: str, *fields: str) -> list[dict[str, Any]]:
        """Ask the list for a reference, and return its rows as they come."""
        query = [("reference", reference), ("testmode", "true"), ("limit", "10")]
        query += [("fields[]", name) for name in fields]
        return list(self.client.transport.request("GET", "/prints", params=query).data["data"])

    def ours(self, reference: str, *fields: str) -> list[dict[str, Any]]:
        """Ask the list for a reference, and return only the test jobs that have it: filters may fail."""
        rows = self.rows(reference, "id", "reference", "testmode", *fields)
        return [row for row in rows if row.get("reference") == reference and row.get("testmode") is True]

    def until(
        self, seen: Callable[[], bool], waits: tuple[float, ...], *, since: float | None = None
    ) -> tuple[float, float | None]:
        """Look until something is seen, with growing waits.

        :param seen: looks once.
        :param waits: seconds before each look.
        :param since: when it happened; now by default.
        :return: when it was last not seen (0 for never), and when it was seen; None when it never was.
        """
        begun, absent = self.now() if since is None else since, 0.0
        for wait in waits:
            self.sleep(wait)
            asked = self.now() - begun
            if seen():
                return absent, self.now() - begun
            absent = asked
        return absent, None

    @contextmanager
    def removed_at_the_end(self) -> Iterator[TestJobs]:
        """Remove every job that was made here, however the block ends."""
        try:
            with self.watch:
                try:
                    yield self
                finally:
                    for reference, job_id in self._made.items():
                        self._remove(reference, job_id)
        finally:
            if self.left:
                log.warning("NOT removed by the probe, so look for it: %s.", ", ".join(self.left))

    def _remove(self, reference: str, job_id: str | None) -> None:
        """Remove one; what fails is named in `left`, so that the others are removed all the same."""
        try:
            ids = [job_id] if job_id else self._search(reference)
            for one in ids:
                self._delete_safely(one)
            if not ids:
                self.left.append(reference)
                log.warning("The answer to a create was lost: a draft %r may exist.", reference)
        except Exception as error:  # noqa: BLE001 - the others are to be removed whatever came up
            self.left.append(job_id or reference)
            log.warning("Test job %s could not be removed: %s", job_id or reference, reason_of(error))

    def _search(self, reference: str) -> list[str]:
        """Look for a draft whose id nobody was told, with waits, for lists may lag."""
        for wait in SEARCH:
            self.sleep(wait)
            found = [str(row["id"]) for row in self.ours(reference)]
            if found:
                return found
        return []

    def _delete_safely(self, job_id: str) -> None:
        try:
            self.client.delete_print_job(job_id)
        except NotFoundError:
            return
        except BadRequestError:
            job = self.client.get_print_job(job_id)
            if not job.confirmed or set(job.letters_by_status()) - {"cancelled"}:
                raise

    def _request(self, method: str, path: str, tree: dict[str, Any] | None = None) -> Answer:
        body = None if tree is None else body_of(tree)
        id_from = None if path == "/prints" else _ID
        return self.client.transport.request(method, path, body=body, id_from=id_from)


class HeaderWatch(Listener):
    """Notes what answers say about the rate limit: the names of headers, and how often the answer was 429.

    :param transport: whose answers.
    """

    def __init__(self, transport: Transport) -> None:
        self.calls = 0
        self.refused = 0
        self.names: set[str] = set()
        self.names_of_429: set[str] = set()
        super().__init__(transport)

    def _note(self, status: int, headers: Mapping[str, str]) -> None:
        self.calls += 1
        told = {name for name in headers if any(word in name for word in _TELLING)}
        self.names |= told
        if status == 429:
            self.refused += 1
            self.names_of_429 |= told
