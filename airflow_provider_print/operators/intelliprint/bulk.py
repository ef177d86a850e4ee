"""One letter for each of many rows, in as few print jobs as possible."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from airflow_provider_print._compat import is_backfill
from airflow_provider_print.operators._backfill import BackfillGuard
from airflow_provider_print.operators._given import given_fields, switch, whole
from airflow_provider_print.operators._sealed import Private, is_private_file, unsealed
from airflow_provider_print.operators.intelliprint.print_jobs import IntelliprintSubmitPrintJobOperator

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from airflow.sdk import BaseOperatorLink, Context

    from airflow_provider_print.core.identity import LetterKey
    from airflow_provider_print.intelliprint.bulk.chunk import Hold
    from airflow_provider_print.intelliprint.bulk.posting import Posting
    from airflow_provider_print.intelliprint.checks import QuoteChecks
    from airflow_provider_print.intelliprint.holding import Held
    from airflow_provider_print.intelliprint.letter import OnAmbiguous, OnMismatch, OnMissing
    from airflow_provider_print.intelliprint.requests import PrintJobRequest
    from airflow_provider_print.triggers.waiting import JobWait

PRINT_JOB_IDS = "print_job_ids"


def _is_no_path(value: Any) -> bool:
    """Tell whether this is rows, or whatever makes them, and no path that may be shown."""
    return not isinstance(value, str | os.PathLike) or is_private_file(value)


class IntelliprintSubmitRowsOperator(IntelliprintSubmitPrintJobOperator):
    """Posts one letter for each row of a list or a file; a thousand rows are one print job, and two calls.

    It is called after what it takes, rows, and shares the verb and nearly all arguments with the operator for
    one print job. ("Bulk" or "many" would leave open what there are many of; a "merge" is something else to
    this service.)

    Rows are read on the worker, and checked before the first call. Nothing of them is in XCom, log, rendered
    field or error, where a row is called by its number and a chunk by its own. Each row has a *row key*, a
    name of your own for it such as the number of a customer, and is put into a chunk by that alone. So a
    retry with a row more or less, or in another order, is about the same letters; what is posted stays
    posted, and a row that comes late is posted by a print job of its own. All chunks are drafted, and the
    sum of their quotes held against `max_cost_after_tax`, before the first is paid. See `docs/bulk.md`.

    What comes back is a small dict: `rows`, `chunks`, `print_jobs`, `late` and `already_posted` (print
    jobs), `letters` by status, `pages`, `sheets`, `cost` in 1e-8 GBP, `testmode`, `confirmed`, and `ids` of
    the first 100 print jobs. All ids are in the XCom `print_job_ids`.

    All other arguments are those of `IntelliprintSubmitPrintJobOperator`, for all rows together;
    `idempotency_key` names the whole, `expected_letters` and `min_letters` count all rows, and
    `max_cost_after_tax` is for all print jobs, those that are paid already included. There are no
    `recipients`, no `mailing_list`, no `splitting`, no `remove_letters` and no `expected_pages`.

    :param rows: path or storage URL of a file (`.csv` with a header, or `.jsonl`), a list of dicts, or a
        function of `context` and `jinja_env` that returns dicts one by one.
    :param row_key: the field that holds the row key: text or a whole number, different in each row, and the
        same for the same letter in every run.
    :param address: for `name`, `line`, `postcode` and `country` the field that holds it, or a list of fields
        that become lines of their own. By default the fields of these names, or an object `address`.
    :param variables: fields for the variables of the letter, as a list or as a dict of variable and field.
        By default an object `variables`, if there is one.
    :param rows_per_chunk: at most so many rows are one print job (5,000 at most).
    """

    template_fields: Sequence[str] = (
        *IntelliprintSubmitPrintJobOperator.template_fields,
        "rows",
        "row_key",
        "address",
        "variables",
        "rows_per_chunk",
    )
    operator_extra_links: Collection[BaseOperatorLink] = ()

    rows = Private("rows", only=_is_no_path, urls=True)

    def __init__(
        self,
        *,
        rows: Any,
        row_key: str,
        address: Mapping[str, str | Sequence[str]] | None = None,
        variables: Mapping[str, str] | Sequence[str] | None = None,
        rows_per_chunk: int | str = 1000,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.rows = rows
        self.row_key = row_key
        self.address = address
        self.variables = variables
        self.rows_per_chunk = rows_per_chunk
        self.given = given_fields(self)
        self._posting: Posting | None = None

    def carry_out(self, context: Context) -> dict[str, Any]:
        """Quote all, pay for all, wait for all."""
        quote_only = bool(switch("quote_only", self.quote_only))
        self._check_wait()
        posting = self._posting = self._begin(context, quote_only=quote_only)
        budget = self.max_cost_after_tax
        quoted = posting.quote(None if budget is None else str(budget))
        self.log.info("Quote: %s", quoted.summary)
        told = posting.ids
        context["ti"].xcom_push(key=PRINT_JOB_IDS, value=told)
        if quote_only:
            return quoted.as_dict()
        try:
            result = posting.pay()
        finally:
            self._tell_ids(context, posting, told=told)
        self.log.info("%s", result.summary)
        if not self.wait_for_completion:
            return result.as_dict()
        carry = {"bulk": result.as_dict(), "may_cancel": self._may_cancel_all(context, posting)}
        return self._wait_for(posting.ids, carry)

    def _tell_ids(self, context: Context, posting: Posting, *, told: Sequence[str]) -> None:
        """Correct the ids where another draft than the one that was quoted is what was paid."""
        if posting.ids != told:
            context["ti"].xcom_push(key=PRINT_JOB_IDS, value=posting.ids)

    def on_kill(self) -> None:
        """Say what goes on by itself. Nothing is cancelled: a clear and a failure look the same from here."""
        posting = self._posting
        if posting is None or not posting.parts:
            self.log.warning("Killed before there was a print job: nothing was paid by this attempt.")
            return
        self.log.warning(
            "Killed when %d of %d print jobs were paid; one more may be just being paid. They go on and will "
            "be billed. Run the task again to go on with the others and to wait, or cancel the print jobs "
            "with IntelliprintCancelPrintJobOperator; their ids are in the XCom %s.",
            posting.paid,
            len(posting.parts),
            PRINT_JOB_IDS,
        )

    def _begin(self, context: Context, *, quote_only: bool) -> Posting:
        """Check everything that can be checked without a call, the rows among it."""
        from airflow_provider_print.intelliprint.bulk.chunk import Bulk
        from airflow_provider_print.intelliprint.bulk.posting import Posting
        from airflow_provider_print.intelliprint.bulk.rows import Columns, take_rows

        guard = BackfillGuard(self.on_backfill, is_backfill(context["dag_run"]))
        limits = self._checks()
        if limits.expected_pages is not None:
            raise _input_error("The pages of one letter are not those of the bulk.", "expected_pages")
        request = self._request(force_testmode=guard.forces_testmode)
        key = self._letter_key(context, request)
        columns = Columns(row_key=self.row_key, address=self.address, variables=self.variables)

        def may_pay() -> None:
            if not quote_only:
                guard.may_pay(testmode=bool(request.testmode))

        bulk = Bulk(
            key=key,
            request=request,
            most=whole(self.rows_per_chunk),
            max_pages_per_letter=limits.max_pages_per_letter,
            on_mismatch=cast("OnMismatch", self.on_mismatch),
            hold=self._hold(context, may_pay),
        )
        with _opened(unsealed(self.rows)) as source:
            rows = take_rows(source, columns, bulk=key.key)
        _check_number(len(rows), limits)
        return Posting(bulk.with_open_file(self.hook.open_file), rows)

    def _hold(self, context: Context, may_pay: Callable[[], None]) -> Hold:
        def hold(
            request: PrintJobRequest,
            key: LetterKey,
            *,
            checks: QuoteChecks,
            look_up: bool,
            on_mismatch: OnMismatch,
        ) -> Held:
            return self.hook.hold_print_job(
                request,
                letter_key=key,
                checks=checks,
                context=context,
                look_up="always" if look_up else str(self.look_up),
                on_mismatch=on_mismatch,
                on_missing=cast("OnMissing | None", self.on_missing),
                on_ambiguous=cast("OnAmbiguous", self.on_ambiguous),
                may_pay=may_pay,
            )

        return hold

    def _may_cancel_all(self, context: Context, posting: Posting) -> bool:
        """Tell whether a kill may cancel: only where no other run has made any of the print jobs."""
        from airflow_provider_print.hooks._attempt import made_in
        from airflow_provider_print.intelliprint.letter import same_task

        here = made_in(context)
        metadata = [part.held.job.metadata or {} for part in posting.parts]
        foreign = sum(not same_task(one.get("made_in"), here) for one in metadata)
        if self.cancel_on_kill and foreign:
            self.log.warning(
                "%d of the print jobs were made by another run: all go on even if this task is marked as "
                "failed.",
                foreign,
            )
        return self.cancel_on_kill and not foreign

    def _announce_again(self, context: Context, ids: Sequence[str]) -> None:
        """Tell Airflow nothing: the ids are in the XCom already."""

    def _result(self, wait: JobWait, carry: dict[str, Any]) -> dict[str, Any]:
        told = carry.get("bulk")
        totals = wait.totals()
        self.log.info("%d print jobs: %s", totals["print_jobs"], totals["letters"])
        return {**(told if isinstance(told, dict) else {}), "letters": totals["letters"]}


@contextmanager
def _opened(rows: Any) -> Iterator[Iterable[Any]]:
    """Give rows one by one: from a file that is open meanwhile, or from what gives them itself."""
    from airflow_provider_print.intelliprint.bulk.reading import read_rows

    if isinstance(rows, str | os.PathLike) or hasattr(rows, "storage_options"):
        stream, name = _file(rows)
        with stream:
            before = _state_of(stream)
            yield read_rows(stream, name)
            if _state_of(stream) != before:
                raise _changed()
    elif isinstance(rows, Mapping | bytes) or not hasattr(rows, "__iter__"):
        kind = type(rows).__name__
        raise _input_error(f"rows is a path, a storage URL or a list of dicts, not {kind}.", "rows")
    else:
        yield rows


def _changed() -> Exception:
    from airflow_provider_print.core.errors import PrintError

    message = "The file of rows has changed while it was read: is it still being written?"
    return PrintError(message, param="rows", advice="Nothing was sent. Run the task again.")


def _state_of(stream: BinaryIO) -> tuple[int, int] | None:
    """Return size and time of a local file: one that is still being written lacks rows."""
    try:
        found = os.fstat(stream.fileno())
    except (AttributeError, OSError):
        return None
    return found.st_size, found.st_mtime_ns


def _file(rows: Any) -> tuple[BinaryIO, str]:
    """Open a path or a storage URL; an error of a storage may hold a signed URL, so none is quoted."""
    from airflow_provider_print.core.errors import InputError, PrintError
    from airflow_provider_print.hooks._storage import storage_path

    path = storage_path(rows, "rows")
    try:
        if path is not None:
            return cast("BinaryIO", path.open("rb")), path.name  # type: ignore[no-untyped-call]
        local = os.fspath(rows)
        if not local or "\0" in local or "://" in local:
            raise _input_error("rows is no path, and no URL of a storage.", "rows")
        return Path(local).expanduser().open("rb"), local
    except InputError:
        raise
    except FileNotFoundError:
        why = "there is no such file"
    except ImportError as error:
        why = f"{error.name or 'the library of this storage'} is not installed"
    except Exception as error:  # noqa: BLE001 - each storage has errors of its own
        if path is not None:
            why = f"the storage raised {type(error).__name__}"
            raise PrintError(f"The rows cannot be opened: {why}.", advice="Nothing was sent.") from None
        why = getattr(error, "strerror", None) or type(error).__name__
    raise _input_error(f"The rows cannot be opened: {why}.", "rows")


def _check_number(number: int, limits: QuoteChecks) -> None:
    if limits.expected_letters is not None and number != limits.expected_letters:
        raise _input_error(
            f"There are {number:,} rows, not {limits.expected_letters:,}.", param="expected_letters"
        )
    if limits.min_letters is not None and number < limits.min_letters:
        raise _input_error(
            f"There are {number:,} rows, not {limits.min_letters:,} or more.", param="min_letters"
        )


def _input_error(message: str, param: str) -> Exception:
    from airflow_provider_print.core.errors import InputError

    return InputError(message, param=param, advice="Nothing was sent.")
