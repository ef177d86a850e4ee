"""A connection becomes a client of Intelliprint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from airflow_provider_print.core.errors import InputError, PrintError
from airflow_provider_print.core.identifiers import host_of
from airflow_provider_print.core.identity import LetterKey
from airflow_provider_print.core.retry import NO_RETRY
from airflow_provider_print.core.transport import Timeouts, Transport
from airflow_provider_print.hooks._attempt import attempt_of, counter_of, register_of
from airflow_provider_print.hooks._connection import make_transport
from airflow_provider_print.hooks._hook import ServiceHook
from airflow_provider_print.hooks._storage import open_storage, storage_path
from airflow_provider_print.intelliprint.client import IntelliprintClient
from airflow_provider_print.intelliprint.dialect import IntelliprintDialect
from airflow_provider_print.intelliprint.letter import Policy
from airflow_provider_print.intelliprint.requests import PrintJobRequest
from airflow_provider_print.intelliprint.sending import Care, hold, send

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow_provider_print.core.documents import Document, RemoteFile
    from airflow_provider_print.core.retry import RetryPolicy
    from airflow_provider_print.intelliprint.checks import QuoteChecks
    from airflow_provider_print.intelliprint.holding import Held
    from airflow_provider_print.intelliprint.letter import OnAmbiguous, OnMismatch, OnMissing
    from airflow_provider_print.intelliprint.result import PrintJobResult


class IntelliprintHook(IntelliprintClient, ServiceHook):
    """A client of Intelliprint whose API key and settings come from a connection.

    Nothing is looked up before the first call. All methods are those of `IntelliprintClient`; files may
    also be given as object-storage URLs or as `ObjectStoragePath`.

    :param intelliprint_conn_id: id of a connection of the type `intelliprint`
    """

    conn_name_attr = "intelliprint_conn_id"
    default_conn_name = "intelliprint_default"
    conn_type = "intelliprint"
    hook_name = "Intelliprint"
    default_url = "https://api.intelliprint.net/v1"
    default_path = "/v1"
    own_extras = frozenset(
        {"testmode", "environment", "settle", "test_letters_move", "job_link", "webhook_secret"}
    )

    def __init__(self, intelliprint_conn_id: str = default_conn_name) -> None:
        ServiceHook.__init__(self, intelliprint_conn_id)
        self.intelliprint_conn_id = intelliprint_conn_id

    def open_file(
        self, source: Any, name: str | None = None, *, param: str = "file"
    ) -> Document | RemoteFile:
        """Turn what a caller has into something that can be sent.

        :param source: path, bytes, http(s) URL, object-storage URL or path, or an opened document
        :param name: file name for the service
        :param param: the field it came from, for errors
        """
        path = storage_path(source, param)
        if path is None:
            return super().open_file(source, name, param=param)
        return open_storage(path, name, param)

    def test_connection(self) -> tuple[bool, str]:
        """Ask once for one test job: `(True, what was found)` or `(False, what is wrong)`."""
        try:
            asking = IntelliprintClient(
                self._make_transport(NO_RETRY, Timeouts(connect=5, read=15, total=20))
            )
            asking.list_print_jobs(limit=1, testmode=True, fields=["id"])
        except PrintError as error:
            return False, str(error)
        mode = (
            "Test mode: nothing is charged or posted."
            if self.settings.testmode
            else "LIVE: letters are paid for."
        )
        return True, f"{host_of(self.settings.base_url)} accepts the API key. {mode}"

    def send_print_job(
        self,
        request: PrintJobRequest | Mapping[str, Any],
        *,
        letter_key: LetterKey | str,
        resend: str | None = None,
        checks: QuoteChecks | None = None,
        quote_only: bool = False,
        context: Mapping[str, Any] | None = None,
        look_up: str = "auto",
        on_mismatch: OnMismatch = "fail",
        on_missing: OnMissing | None = None,
        on_ambiguous: OnAmbiguous = "oldest",
        on_id: Callable[[str], None] = lambda _: None,
        may_pay: Callable[[], None] = lambda: None,
    ) -> PrintJobResult:
        """Post a letter once: look it up, draft it, hold the draft against limits, confirm it.

        Call it again with the same letter key, from a retry or another process, and it goes on with what
        is there. In a `@task`, hand over the context, and it gives the care that
        `IntelliprintSubmitPrintJobOperator` gives.

        :param request: a `PrintJobRequest`, or its fields as a mapping; `reference` is made from the letter
            key, free words belong into `metadata`
        :param letter_key: a name of your own such as `invoice-77` (no personal data), or a `LetterKey`
        :param resend: a word of your own, to post the same letter again on purpose
        :param checks: limits that the draft must keep before it is paid
        :param quote_only: stop at the draft, which is the quote; a later call goes on with it
        :param context: the template context of the task (`airflow.sdk.get_current_context()`); with it, what
            was decided is written into the task state store of Airflow 3.3. Without it, the draft settles
            and is looked up again before it is paid, which is the weaker promise
        :param look_up: `always` asks for the reference before the first draft; `auto` leaves that out where
            nobody can have made one
        :param on_mismatch: the letter was decided or posted with other recipients, options or bytes: `fail`,
            or `adopt` the job as it is
        :param on_missing: the draft that was decided for is gone: `fail`, or `recreate` it; None fails when
            live and makes a test draft anew, because the service deletes test jobs after a week (documented)
        :param on_ambiguous: several jobs carry the letter key: take the `oldest`, or `fail`
        :param on_id: told the job's id as soon as there is one
        :param may_pay: called once it is clear that money would move; raises to stop before that
        :raises PrintError: with `letter_key` set; `CheckError` when a limit is not kept, and nothing is paid
        """
        asked = self._settled(request)
        key = self._key_of(letter_key, bool(asked.testmode), resend)
        care = self._care(asked, key, context, look_up, on_mismatch, on_missing, on_ambiguous)
        care = replace(care, checks=checks, on_id=on_id, may_pay=may_pay, quote_only=quote_only)
        return send(self, asked, key, care)

    def hold_print_job(
        self,
        request: PrintJobRequest | Mapping[str, Any],
        *,
        letter_key: LetterKey | str,
        checks: QuoteChecks | None = None,
        context: Mapping[str, Any] | None = None,
        look_up: str = "auto",
        on_mismatch: OnMismatch = "fail",
        on_missing: OnMissing | None = None,
        on_ambiguous: OnAmbiguous = "oldest",
        may_pay: Callable[[], None] = lambda: None,
    ) -> Held:
        """Go the way of `send_print_job` up to the quote; what comes back is paid by its `finish()`.

        For many letters whose quotes are to be known together before the first of them is paid. The
        arguments are those of `send_print_job`.
        """
        asked = self._settled(request)
        key = self._key_of(letter_key, bool(asked.testmode), None)
        care = self._care(asked, key, context, look_up, on_mismatch, on_missing, on_ambiguous)
        return hold(self, asked, key, replace(care, checks=checks, may_pay=may_pay))

    def _care(
        self,
        asked: PrintJobRequest,
        key: LetterKey,
        context: Mapping[str, Any] | None,
        look_up: str,
        on_mismatch: OnMismatch,
        on_missing: OnMissing | None,
        on_ambiguous: OnAmbiguous,
    ) -> Care:
        missing: OnMissing = "recreate" if asked.testmode else "fail"
        return Care(
            attempt=attempt_of(context, key, look_up=look_up, settle=self.settings.settle),
            policy=Policy(
                on_mismatch=on_mismatch, on_missing=on_missing or missing, on_ambiguous=on_ambiguous
            ),
            register=register_of(context),
            tell=counter_of(context),
        )

    def _key_of(self, letter_key: LetterKey | str, testmode: bool, resend: str | None) -> LetterKey:
        if isinstance(letter_key, str):
            return LetterKey.for_user(
                base_url=self.settings.base_url,
                testmode=testmode,
                environment=self.settings.environment or "",
                idempotency_key=letter_key,
                resend=resend,
            )
        if not isinstance(letter_key, LetterKey):
            raise InputError("A letter key is a text or a LetterKey.", param="letter_key")
        if resend is not None:
            raise InputError("A LetterKey already holds its own resend.", param="resend")
        return letter_key

    def _settled(self, request: PrintJobRequest | Mapping[str, Any]) -> PrintJobRequest:
        """Return a request whose test mode is settled; live only where the connection says so."""
        if not isinstance(request, PrintJobRequest | Mapping):
            raise InputError("A request is a PrintJobRequest, or a mapping of its fields.", param="request")
        asked = request if isinstance(request, PrintJobRequest) else PrintJobRequest.build(**request)
        for name, advice in (
            ("confirmed", "Use quote_only=True to stop before it is paid."),
            ("reference", "Give a letter_key, and free words as metadata."),
        ):
            if getattr(asked, name) is not None:
                raise InputError(f"{name} is settled by sending.", param=name, advice=advice)
        if asked.testmode is False and self.settings.testmode:
            raise InputError(
                f"The request is live, but the connection {self.intelliprint_conn_id} is in test mode.",
                param="testmode",
                advice="Say `testmode: false` in the connection.",
            )
        return asked.model_copy(update={"testmode": bool(asked.testmode) or self.settings.testmode})

    def _make_transport(
        self, policy: RetryPolicy | None = None, timeouts: Timeouts | None = None
    ) -> Transport:
        return make_transport(
            self.settings,
            dialect=IntelliprintDialect(),
            authorization=f"Bearer {self.settings.api_key}",
            policy=policy,
            timeouts=timeouts,
        )
