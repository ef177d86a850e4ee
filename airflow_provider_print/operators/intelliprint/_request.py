"""From the arguments of an operator to a checked request, its letter key and its limits."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from airflow_provider_print._compat import is_backfill, map_index_of, run_part
from airflow_provider_print.operators._backfill import BackfillGuard
from airflow_provider_print.operators._given import given_fields, mapped_fields, switch, whole, word
from airflow_provider_print.operators._sealed import Private, is_private_file, unsealed
from airflow_provider_print.operators.intelliprint._base import PrintJobOperator

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow.sdk import Context

    from airflow_provider_print.core.identity import LetterKey
    from airflow_provider_print.intelliprint.checks import QuoteChecks
    from airflow_provider_print.intelliprint.letter import OnAmbiguous, OnMismatch, OnMissing
    from airflow_provider_print.intelliprint.requests import PrintJobRequest
    from airflow_provider_print.intelliprint.result import PrintJobResult

_SENT = (
    "file",
    "content",
    "template",
    "recipients",
    "mailing_list",
    "type",
    "splitting",
    "remove_letters",
    "printing",
    "postage",
    "background",
    "extra_documents",
    "nudge",
    "address_window",
    "confidential",
    "confirmation_email",
)
_LIMITS = ("expected_letters", "min_letters", "max_pages_per_letter", "expected_pages")


class PrintJobRequestOperator(PrintJobOperator):
    """An operator that asks for a print job. The names of what is sent are the service's own.

    All of this may be templates; one that renders to nothing (an empty text or `None`) stops the task, for an
    argument that was given must not be without effect. `content` and
    `recipients` are never shown: not in the rendered fields, not in the log. (What is
    written into the DAG file itself is in the DAG file, and Airflow stores that.)

    :param file: a PDF, DOCX, RTF, PNG or JPEG: a path, a storage URL, an http(s) URL or bytes.
    :param content: plain text or HTML instead of a file; a single line that ends in `.html` or `.txt` is the
        name of a template file in the folder of the DAG.
    :param template: id of a template that was made in the dashboard, instead of a file.
    :param recipients: list of `{"address": {"name", "line", "postcode", "country"}, "variables": {...}}`; or
        JSON text of one. Without it and `mailing_list` the addresses are read from the file.
    :param mailing_list: id of a mailing list.
    :param type: `letter` (default) or `postcard`.
    :param splitting: for example `{"method": "split_on_phrase", "phrase": "Page 1"}`.
    :param remove_letters: `{"with_phrase": ...}`: leaves out letters that contain a phrase.
    :param printing: `double_sided`, `premium_quality`, `black_and_white`, `matt_finish`.
    :param postage: `service`, `ideal_envelope`, `mail_date` (UNIX seconds).
    :param background: `first_page` and `other_pages`, ids of backgrounds.
    :param extra_documents: list of `{"document": path or URL, "apply_background": bool}`, enclosed with each
        letter.
    :param nudge: `{"x": mm, "y": mm}`: moves the pages right and down.
    :param address_window: `left` (default) or `right`.
    :param confidential: hides the content from other users of the dashboard.
    :param confirmation_email: a mail to the owner of the account when the job is confirmed.
    :param metadata: texts of your own, stored beside the job; anybody who sees the account sees them.
    :param label: free words, stored as `metadata.label`.
    :param testmode: True forces test mode. Live is never forced from here: the connection must say so.
    :param idempotency_key: your own name for this letter, such as `invoice-{{ params.number }}`: whatever
        run or task asks for it, it is sent once. Without it, one letter per DAG, run and task. A mapped task
        needs it, unless its recipients or mailing list are mapped.
    :param resend: a word of your own, to post a letter again on purpose.
    :param look_up: `auto` (default) or `always`: ask the service for this letter before the first draft.
        `auto` leaves that out only on the first try of a scheduled run that began on time (within 3 s)
        and was never cleared. `always` is for DAGs whose runs a script deletes to have them made again.
    :param on_mismatch: the letter was decided or posted with other recipients or options, or, in another run
        or before a clear, with other bytes. `fail` (default), because somebody may believe that the new
        version is in the post; `adopt` is for those who clear tasks whose PDF never has the same bytes twice.
    :param on_missing: the draft that an earlier try decided for is gone. `fail`, because somebody may have
        deleted it to stop the letter; `recreate` makes it anew, for drafts that have expired (30 days,
        documented). The default fails when live and makes test drafts anew.
    :param on_ambiguous: several jobs carry this letter key and no try has decided. `oldest` (default) goes on
        with the first of them; `fail` stops and names them, for those who edit jobs in the dashboard.
    :param max_cost_after_tax: the most that the job may cost with VAT, such as `"25.00 GBP"`.
    :param expected_letters: exactly so many letters.
    :param min_letters: at least so many; 2 when splitting, because one letter means that nothing was split.
    :param max_pages_per_letter: no letter longer than this: a phrase missed once puts two customers in one
        envelope.
    :param expected_pages: pages of the file as it was uploaded.
    """

    template_fields: Sequence[str] = (
        *_SENT,
        "metadata",
        "job_label",
        "testmode",
        "idempotency_key",
        "resend",
        "look_up",
        "on_mismatch",
        "on_missing",
        "on_ambiguous",
        "max_cost_after_tax",
        *_LIMITS,
        *PrintJobOperator.template_fields,
    )

    content = Private("characters", files=True)
    recipients = Private("recipients")
    file = Private("bytes", only=is_private_file, urls=True)
    extra_documents = Private("documents", only=is_private_file)

    def __init__(
        self,
        *,
        file: Any = None,
        content: Any = None,
        template: str | None = None,
        recipients: Any = None,
        mailing_list: str | None = None,
        type: str | None = None,  # noqa: A002 - the service's own word
        splitting: Mapping[str, Any] | None = None,
        remove_letters: Mapping[str, Any] | None = None,
        printing: Mapping[str, Any] | None = None,
        postage: Mapping[str, Any] | None = None,
        background: Mapping[str, Any] | None = None,
        extra_documents: Sequence[Mapping[str, Any]] | None = None,
        nudge: Mapping[str, Any] | None = None,
        address_window: str | None = None,
        confidential: bool | str | None = None,
        confirmation_email: bool | str | None = None,
        metadata: Mapping[str, str] | None = None,
        label: str | None = None,
        testmode: bool | str | None = None,
        idempotency_key: str | None = None,
        resend: str | None = None,
        look_up: str = "auto",
        on_mismatch: str = "fail",
        on_missing: str | None = None,
        on_ambiguous: str = "oldest",
        max_cost_after_tax: str | None = None,
        expected_letters: int | str | None = None,
        min_letters: int | str | None = None,
        max_pages_per_letter: int | str | None = None,
        expected_pages: int | str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.file = file
        self.content = content
        self.template = template
        self.recipients = recipients
        self.mailing_list = mailing_list
        self.type = type
        self.splitting = splitting
        self.remove_letters = remove_letters
        self.printing = printing
        self.postage = postage
        self.background = background
        self.extra_documents = extra_documents
        self.nudge = nudge
        self.address_window = address_window
        self.confidential = confidential
        self.confirmation_email = confirmation_email
        self.metadata = metadata
        self.job_label = label  # `label` of an operator is Airflow's own: the words in its graph
        self.testmode = testmode
        self.idempotency_key = idempotency_key
        self.resend = resend
        self.look_up = look_up
        self.on_mismatch = on_mismatch
        self.on_missing = on_missing
        self.on_ambiguous = on_ambiguous
        self.max_cost_after_tax = max_cost_after_tax
        self.expected_letters = expected_letters
        self.min_letters = min_letters
        self.max_pages_per_letter = max_pages_per_letter
        self.expected_pages = expected_pages
        self.given = given_fields(self)

    def send(self, context: Context, *, quote_only: bool, on_backfill: Any = None) -> PrintJobResult:
        """Check everything, make the draft, hold it against the limits, and confirm it unless told otherwise.

        :param context: the template context.
        :param quote_only: stop at the draft.
        :param on_backfill: what a backfill does.
        :raises PrintError: see `IntelliprintHook.send_print_job`.
        """
        guard = BackfillGuard(on_backfill, is_backfill(context["dag_run"]))
        checks = self._checks()
        request = self._request(force_testmode=guard.forces_testmode)
        return self.hook.send_print_job(
            request,
            letter_key=self._letter_key(context, request),
            checks=checks,
            quote_only=quote_only,
            context=context,
            look_up=str(self.look_up),
            on_mismatch=cast("OnMismatch", self.on_mismatch),
            on_missing=cast("OnMissing | None", self.on_missing),
            on_ambiguous=cast("OnAmbiguous", self.on_ambiguous),
            on_id=lambda print_job_id: self.announce(context, print_job_id),
            may_pay=lambda: guard.may_pay(testmode=bool(request.testmode)),
        )

    def _request(self, *, force_testmode: bool) -> PrintJobRequest:
        from airflow_provider_print.intelliprint.requests import PrintJobRequest

        raw = {name: unsealed(getattr(self, name)) for name in _SENT}
        raw["recipients"] = _rows(raw["recipients"])
        raw["metadata"] = self._metadata()
        raw["testmode"] = force_testmode or self._in_testmode()
        return PrintJobRequest.build(**{name: value for name, value in raw.items() if value is not None})

    def _metadata(self) -> dict[str, Any] | None:
        """Return the texts that are stored beside the job, the label among them."""
        from airflow_provider_print.core.errors import InputError

        if self.metadata is not None and not isinstance(self.metadata, Mapping):
            kind = type(self.metadata).__name__
            raise InputError(f"metadata is a dict of texts, not {kind}.", param="metadata")
        label_word = word(self.job_label)
        label = {} if label_word is None else {"label": label_word}
        return {**(self.metadata or {}), **label} or None

    def _in_testmode(self) -> bool:
        """Return whether this is a test: live only where the connection says so and nobody objects."""
        from airflow_provider_print.core.errors import InputError

        forced = switch("testmode", self.testmode)
        if forced is False and self.hook.settings.testmode:
            conn_id = self.intelliprint_conn_id
            message = f"testmode=False asks for a live job, but the connection {conn_id} is in test mode."
            advice = "Say `testmode: false` in the connection; an operator can only force test mode."
            raise InputError(message, param="testmode", advice=advice)
        return bool(forced) or self.hook.settings.testmode

    def _letter_key(self, context: Context, request: PrintJobRequest) -> LetterKey:
        from airflow_provider_print.core.identity import LetterKey

        settings = self.hook.settings
        place: dict[str, Any] = {
            "base_url": settings.base_url,
            "testmode": request.testmode,
            "environment": settings.environment or "",
            "resend": word(self.resend),
        }
        if self.idempotency_key is not None:
            return LetterKey.for_user(idempotency_key=str(self.idempotency_key), **place)
        map_index = map_index_of(context["ti"])
        if map_index >= 0 and not {"recipients", "mailing_list"} & mapped_fields(self):
            raise _position_is_no_name()
        if map_index >= 0:
            self.log.warning(
                "A mapped letter without an idempotency_key is known by its place in the list, %d: that must "
                "not change between a run and its clear.",
                map_index,
            )
        return LetterKey.for_task(
            dag_id=self.dag_id,
            run_part=run_part(context["dag_run"], context),
            task_id=self.task_id,
            map_index=map_index,
            **place,
        )

    def _checks(self) -> QuoteChecks:
        from airflow_provider_print.intelliprint.checks import QuoteChecks

        limits = {name: whole(getattr(self, name)) for name in _LIMITS}
        budget = self.max_cost_after_tax
        return QuoteChecks(max_cost_after_tax=None if budget is None else str(budget), **limits)


def _position_is_no_name() -> Exception:
    """Return the error of a mapped task whose letters nobody can tell apart.

    A map index is a place in a list, not a customer. Where recipients are mapped, a list that has changed is
    noticed by them; where only files or texts are, nothing would notice that place 3 is somebody else now.
    """
    from airflow_provider_print.core.errors import InputError

    return InputError(
        "A mapped task without an idempotency_key: its place in the list does not say which letter it is.",
        param="idempotency_key",
        advice="Give each a key of its own, such as the number of the invoice, or map its recipients.",
    )


def _rows(recipients: Any) -> Any:
    """Return recipients as a list where they are one in disguise: JSON text, or results of mapped tasks."""
    if isinstance(recipients, str):
        try:
            return json.loads(recipients)
        except ValueError:
            return recipients
    if recipients is None or isinstance(recipients, dict | bytes) or not hasattr(recipients, "__iter__"):
        return recipients
    return list(recipients)
